package reconcile

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
)

// Outcome is what became of a statement of the file.
type Outcome string

// The outcomes.
const (
	Imported Outcome = "imported"
	Known    Outcome = "known"   // it was in the books already, from this file
	Parked   Outcome = "parked"  // its balances don't fit
	Refused  Outcome = "refused" // see the reason
)

// MaxTold is how many lines and refusals a report tells; what is beyond is counted.
const MaxTold = 1000

// Report is what a run came to.
type Report struct {
	SHA256     string            `json:"sha256"`
	Statements []StatementReport `json:"statements"`
}

// StatementReport is what a run came to with one statement.
type StatementReport struct {
	ID          uuid.UUID          `json:"id"`
	BankAccount string             `json:"bank_account"`
	Number      string             `json:"number"`
	Currency    string             `json:"currency"`
	Outcome     Outcome            `json:"outcome"`
	Reason      string             `json:"reason,omitempty"` // of a refusal
	Parked      *statement.Parking `json:"parked,omitempty"`

	Lines      int         `json:"lines"`
	Skipped    int         `json:"skipped"`        // an earlier statement has them
	Before     int         `json:"settled_before"` // this run
	Matched    []RuleCount `json:"matched"`        // by this run, by rule
	Suggested  []RuleCount `json:"suggested"`      // waits for somebody to confirm it, by rule
	Ambiguous  int         `json:"ambiguous"`      // lines that could be several things
	Unmatched  int         `json:"unmatched"`      // lines that nothing explains
	Left       []Left      `json:"left"`           // lines that aren't settled, at most 1000
	Refusals   []Refusal   `json:"refused"`        // matches that somebody was faster with, at most 1000
	Reconciled bool        `json:"reconciled"`     // every line is settled
}

// RuleCount is how much a rule found.
type RuleCount struct {
	Rule    string       `json:"rule"`
	Matches int          `json:"matches"`
	Lines   int          `json:"lines"`
	Amount  domain.Money `json:"amount"`
}

// Left is a line that isn't settled, and why.
type Left struct {
	Line     int          `json:"line"`
	Outgoing bool         `json:"outgoing"`
	BookedOn domain.Date  `json:"booked_on"`
	Amount   domain.Money `json:"amount"`
	Why      LeftReason   `json:"why"`
	Rule     string       `json:"rule,omitempty"` // that suggests something
}

// LeftReason is why a line isn't settled.
type LeftReason string

// The reasons.
const (
	IsSuggested LeftReason = "suggested"
	IsAmbiguous LeftReason = "ambiguous"
	IsUnknown   LeftReason = "unknown"
	IsRefused   LeftReason = "refused" // at its payable
)

// Refusal is a match that a payable or the statement refused.
type Refusal struct {
	Lines  []int  `json:"lines"`
	Rule   string `json:"rule"` // that was broken
	Reason string `json:"reason"`
}

// counts adds matches up by rule.
func counts(matches []statement.Match) (all []RuleCount) {
	all = []RuleCount{}
	for _, m := range matches {
		at := slices.IndexFunc(all, func(c RuleCount) bool { return c.Rule == m.Rule })
		if at < 0 {
			at = len(all)
			all = append(all, RuleCount{Rule: m.Rule})
		}
		c := &all[at]
		c.Matches++
		c.Lines += len(m.Lines)
		c.Amount = domain.Must(c.Amount.Add(m.Amount))
	}
	return all
}

// tell says what is left behind a run.
func (r *StatementReport) tell(s *source, result matching.Result, refused []Refusal) {
	var suggested []statement.Match
	r.Left, r.Refusals = []Left{}, refused[:min(len(refused), MaxTold)]
	add := func(numbers []int, why LeftReason, rule string) {
		for _, n := range numbers {
			l := s.lines[n-1]
			r.Left = append(r.Left, Left{Line: n, Outgoing: l.Outgoing, BookedOn: l.BookedOn, Amount: l.Amount, Why: why, Rule: rule})
		}
	}
	for _, f := range result.Found {
		if !f.Certain {
			suggested = append(suggested, f.Match)
			add(f.Lines, IsSuggested, f.Rule)
		}
	}
	for _, c := range result.Choices {
		r.Ambiguous += len(c.Lines)
		add(c.Lines, IsAmbiguous, c.Rule)
	}
	r.Unmatched = len(result.Unmatched)
	add(result.Unmatched, IsUnknown, "")
	for _, x := range refused {
		add(x.Lines, IsRefused, "")
	}
	r.Suggested = counts(suggested)
	slices.SortFunc(r.Left, func(a, b Left) int { return cmp.Compare(a.Line, b.Line) })
	r.Left = r.Left[:min(len(r.Left), MaxTold)]
}
