package intake

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// Summary is what became of the files' rows. Imported deals are counted as the ledger has them now, whoever recorded what;
// Appended is what this run added.
type Summary struct {
	System      string        `json:"system"`
	Rows        int           `json:"rows"`
	Imported    int           `json:"imported"`
	Won         int           `json:"won"`
	WonAmount   domain.Totals `json:"won_amount,omitempty"` // net of reversals
	Lost        int           `json:"lost"`
	Open        int           `json:"open"`
	Expired     int           `json:"expired,omitempty"` // of the open ones: their protection's end is recorded
	Ended       int           `json:"ended,omitempty"`   // rejected or withdrawn since
	Quarantined int           `json:"quarantined"`
	Counts      []Count       `json:"counts,omitempty"` // the quarantined by reason
	Remaining   int           `json:"remaining,omitempty"`
	Partners    int           `json:"partners"`
	Sellers     int           `json:"sellers"`
	Findings    int           `json:"findings"`   // on the imported deals
	Overridden  int           `json:"overridden"` // of the findings
	Appended    int           `json:"appended"`   // events
	Warnings    []string      `json:"warnings,omitempty"`
}

// summary counts the rows as the ledger has them now.
func (i *importer) summary(ctx context.Context) (Summary, error) {
	rejects := i.rejects()
	s := Summary{
		System: i.mapping.System, Rows: len(i.rows), Quarantined: len(rejects), Counts: countRejects(rejects), Appended: i.appended,
		Warnings: slices.Concat(i.export.warnings, i.warnings),
	}
	slices.Sort(s.Warnings)
	s.Warnings = slices.Compact(s.Warnings)
	i.countMembers(&s)
	accounts, order := map[uuid.UUID][]*row{}, []uuid.UUID(nil)
	for _, r := range i.rows {
		if r.rejected != nil {
			continue
		}
		if accounts[r.account] == nil {
			order = append(order, r.account)
		}
		accounts[r.account] = append(accounts[r.account], r)
	}
	for _, id := range order {
		err := i.ledger.Accounts.View(ctx, id, func(state *account.State, _ domain.Source) error {
			for _, r := range accounts[id] {
				if err := s.add(state.Deals[r.deal]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

func (i *importer) countMembers(s *Summary) {
	var last string
	for _, m := range i.everybody() {
		if s.Sellers++; m.partner != last {
			s.Partners, last = s.Partners+1, m.partner
		}
	}
}

// add counts one row's deal; nil is one that isn't there yet.
func (s *Summary) add(d *account.Deal) error {
	if d == nil {
		s.Remaining++
		return nil
	}
	s.Imported++
	s.Findings += len(d.Findings)
	for _, f := range d.Findings {
		if taken(f.Override) {
			s.Overridden++
		}
	}
	switch d.Status {
	case account.StatusWon:
		s.Won++
		return s.WonAmount.Add(d.Win.Net())
	case account.StatusLost:
		s.Lost++
	case account.StatusRejected, account.StatusWithdrawn:
		s.Ended++
	case account.StatusExpired:
		s.Open, s.Expired = s.Open+1, s.Expired+1
	default:
		s.Open++
	}
	return nil
}

// String is the summary as people read it.
func (s Summary) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s read", plural(s.Rows, "row"))
	line("%s imported", plural(s.Imported, "deal"))
	line("  %s won%s", grouped(s.Won), worth(s.WonAmount))
	line("  %s lost", grouped(s.Lost))
	line("  %s open%s", grouped(s.Open), ifAny(s.Expired, ", %s of them with their protection expired"))
	if s.Ended > 0 {
		line("  %s rejected or withdrawn since", grouped(s.Ended))
	}
	line("%s quarantined", grouped(s.Quarantined))
	for _, c := range s.Counts {
		line("  %s", c)
	}
	if s.Remaining > 0 {
		line("%s not reached: start the import again", grouped(s.Remaining))
	}
	line("%s with %s", plural(s.Partners, "partner"), plural(s.Sellers, "seller"))
	line("%s of conflict, %s overridden", plural(s.Findings, "finding"), grouped(s.Overridden))
	line("%s appended", plural(s.Appended, "event"))
	for _, w := range s.Warnings {
		line("warning: %s", w)
	}
	return b.String()
}

// worth is what something adds up to, in each currency.
func worth(totals domain.Totals) string {
	amounts := make([]string, len(totals))
	for n, m := range totals {
		whole, decimals, _ := strings.Cut(m.Decimal(), ".")
		amounts[n] = m.Currency() + " " + groupedText(whole)
		if decimals != "" {
			amounts[n] += "." + decimals
		}
	}
	if len(amounts) == 0 {
		return ""
	}
	return ", worth " + strings.Join(amounts, " and ")
}

// String is how many rows, and why.
func (c Count) String() string {
	switch {
	case c.Reason == Missing:
		return fmt.Sprintf("%s without %s", grouped(c.Rows), c.Column)
	case c.Column == "":
		return fmt.Sprintf("%s %s", grouped(c.Rows), c.Reason)
	}
	return fmt.Sprintf("%s %s: %s", grouped(c.Rows), c.Reason, c.Column)
}

func ifAny(n int, format string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(format, grouped(n))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// grouped writes a number in groups of three digits, as in 10 005 534.
func grouped(n int) string { return groupedText(strconv.Itoa(n)) }

func groupedText(digits string) string {
	first := len(digits) % 3
	groups := []string{}
	if first > 0 {
		groups = append(groups, digits[:first])
	}
	for at := first; at < len(digits); at += 3 {
		groups = append(groups, digits[at:at+3])
	}
	return strings.Join(groups, " ")
}
