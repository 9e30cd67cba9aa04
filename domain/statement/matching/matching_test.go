package matching_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
)

var (
	north = domain.DeriveID("north")
	south = domain.DeriveID("south")
	batch = domain.DeriveID("batch")
	day   = domain.Date{Year: 2026, Month: time.May, Day: 4}
	rules = policy.DefaultReconciliation()
)

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func hex(id uuid.UUID) string { return strings.ToUpper(strings.ReplaceAll(id.String(), "-", "")) }

func payableID(n int) uuid.UUID { return domain.DeriveID("payable", fmt.Sprint(n)) }

// item is payment n, of a batch to a partner.
func item(n int, amount string, partner uuid.UUID) matching.Item {
	return matching.Item{
		Side:     statement.Side{PayableID: payableID(n), PayoutID: batch, PartnerID: partner, Amount: eur(amount)},
		Outgoing: true, On: day, EndToEnd: hex(payableID(n)), Refs: []string{hex(batch)},
		Parties: []matching.Party{{Name: "Party " + partner.String(), Account: "DE" + partner.String()}},
	}
}

// line is a line out that says nothing else.
func line(number int, amount string, more ...func(*matching.Line)) matching.Line {
	l := matching.Line{Number: number, Outgoing: true, Amount: eur(amount), On: day.AddDays(1)}
	for _, change := range more {
		change(&l)
	}
	return l
}

func pays(n int) func(*matching.Line) {
	return func(l *matching.Line) { l.EndToEnd = hex(payableID(n)) }
}

func ofBatch(l *matching.Line) { l.Refs = []string{hex(batch)} }

func to(partner uuid.UUID) func(*matching.Line) {
	return func(l *matching.Line) { l.Party.Name = "party-" + partner.String() }
}

func incoming(l *matching.Line) { l.Outgoing = false }

func owes(l *matching.Line) { l.EndToEnd = clawback("50").EndToEnd }

func back(i matching.Item) matching.Item {
	i.Outgoing = false
	return i
}

func clawback(amount string) matching.Item {
	return matching.Item{
		Side: statement.Side{ClawbackID: domain.DeriveID("clawback"), PartnerID: north, Amount: eur(amount)},
		On:   day, AnyDay: true, EndToEnd: hex(domain.DeriveID("clawback")), Parties: []matching.Party{{Name: "Party " + north.String()}},
	}
}

// told is a result in a line each: what, by which rule, and how sure.
func told(r matching.Result) (all []string) {
	for _, f := range r.Found {
		text := fmt.Sprint(f.Rule, " ", f.Lines, " to")
		for _, side := range f.To {
			text += " " + side.Amount.Decimal()
			if side.Short.Sign() > 0 {
				text += " short " + side.Short.Decimal()
			}
		}
		if f.Variance.Sign() != 0 {
			text += " variance " + f.Variance.Decimal()
		}
		if f.Overpaid.Sign() != 0 {
			text += " over " + f.Overpaid.Decimal()
		}
		if f.Certain {
			text += " certain"
		}
		all = append(all, text)
	}
	for _, c := range r.Choices {
		all = append(all, fmt.Sprint(c.Rule, " ", c.Lines, " of ", len(c.To)))
	}
	if len(r.Unmatched) > 0 {
		all = append(all, fmt.Sprint("unmatched ", r.Unmatched))
	}
	return all
}

func TestFind(t *testing.T) {
	t.Parallel()
	type lines = []matching.Line
	type items = []matching.Item
	for name, c := range map[string]struct {
		lines lines
		items items
		want  []string
	}{
		"one to one": {
			lines{line(1, "100", pays(1))}, items{item(1, "100", north), item(2, "100", north)},
			[]string{"end_to_end [1] to 100.00 certain"},
		},
		"a batch booked as one": {
			lines{line(1, "60", ofBatch)}, items{item(1, "10", north), item(2, "20", north), item(3, "30", south)},
			[]string{"reference [1] to 30.00 10.00 20.00 certain"},
		},
		"a batch booked one by one": {
			lines{line(1, "10", ofBatch), line(2, "20", ofBatch)}, items{item(1, "10", north), item(2, "20", south)},
			[]string{"reference [1] to 10.00 certain", "reference [2] to 20.00 certain"},
		},
		"some of a batch": {
			lines{line(1, "10", ofBatch)}, items{item(1, "10", north), item(2, "20", south)}, []string{"reference [1] to 10.00 certain"},
		},
		"a payment in parts": {
			lines{line(1, "60", pays(1)), line(2, "40", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1 2] to 100.00 certain"},
		},
		"paid twice": {
			lines{line(1, "100", pays(1)), line(2, "100", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1 2] of 1"},
		},
		"paid, and a bit": {
			lines{line(1, "100", pays(1)), line(2, "7", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1] to 100.00", "unmatched [2]"},
		},
		"many to many": {
			lines{line(1, "15", ofBatch), line(2, "15", ofBatch)}, items{item(1, "10", north), item(2, "20", south)},
			[]string{"reference [1 2] to 10.00 20.00 certain"},
		},
		"short within tolerance": {
			lines{line(1, "99", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1] to 100.00 variance -1.00"},
		},
		"over within tolerance": {
			lines{line(1, "101", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1] to 100.00 variance 1.00"},
		},
		"short": {
			lines{line(1, "98.99", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1] to 98.99 short 1.01"},
		},
		"over": {
			lines{line(1, "101.01", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [1] to 100.00 over 1.01"},
		},
		"a batch, too little": {
			lines{line(1, "25", ofBatch)}, items{item(1, "10", north), item(2, "20", south)},
			[]string{"reference [1] of 2"},
		},
		"came back": {
			lines{line(1, "100", pays(1), incoming)}, items{item(1, "100", north), back(item(1, "100", north))},
			[]string{"end_to_end [1] to 100.00 certain"},
		},
		"came back in part": {
			lines{line(1, "40", pays(1), incoming)}, items{back(item(1, "100", north))},
			[]string{"end_to_end [1] to 40.00"},
		},
		"came back less a charge": {
			lines{line(1, "99.50", pays(1), incoming)}, items{back(item(1, "100", north))}, []string{"end_to_end [1] to 100.00 variance -0.50"},
		},
		"a claw-back is paid": {
			lines{line(1, "50", to(north), incoming)}, items{clawback("50")},
			[]string{"partner_amount [1] to 50.00"},
		},
		"more than a claw-back": {
			lines{line(1, "60", incoming, func(l *matching.Line) { l.Refs = []string{clawback("50").EndToEnd} })}, items{clawback("50")},
			[]string{"reference [1] to 50.00 over 10.00"},
		},
		"a claw-back by its reference": {
			lines{line(1, "50", incoming, owes)}, items{clawback("50")}, []string{"end_to_end [1] to 50.00 certain"},
		},
		"a part of a claw-back": {
			lines{line(1, "20", incoming, owes)}, items{clawback("50")}, []string{"end_to_end [1] to 20.00"},
		},
		"a claw-back less a charge": {
			lines{line(1, "49.50", incoming, owes)}, items{clawback("50")}, []string{"end_to_end [1] to 50.00 variance -0.50"},
		},
		"a claw-back, months later": {
			lines{line(1, "50", to(north), incoming, func(l *matching.Line) { l.On = day.AddDays(90) })}, items{clawback("50")},
			[]string{"partner_amount [1] to 50.00"},
		},
		"before the claw-back": {
			lines{line(1, "50", to(north), incoming, func(l *matching.Line) { l.On = day.AddDays(-1) })}, items{clawback("50")},
			[]string{"unmatched [1]"},
		},
		"a claw-back, or a payment that came back": {
			lines{line(1, "50", to(north), incoming)}, items{clawback("50"), back(item(1, "50", north))},
			[]string{"partner_amount [1] of 2"},
		},
		"more came back than was sent": {
			lines{line(1, "60", pays(1), incoming)}, items{back(item(1, "50", north))}, []string{"end_to_end [1] of 1"},
		},
		"by partner": {
			lines{line(1, "100", to(north))}, items{item(1, "100", north), item(2, "100", south)},
			[]string{"partner_amount [1] to 100.00"},
		},
		"by partner, twice": {
			lines{line(1, "100", to(north))}, items{item(1, "100", north), item(2, "100", north)},
			[]string{"partner_amount [1] of 2"},
		},
		"by partner, too late": {
			lines{line(1, "100", to(north), func(l *matching.Line) { l.On = day.AddDays(6) })}, items{item(1, "100", north)},
			[]string{"unmatched [1]"},
		},
		"all of a partner": {
			lines{line(1, "30", to(north))}, items{item(1, "10", north), item(2, "20", north)},
			[]string{"partner_total [1] to 10.00 20.00"},
		},
		"in parts, by partner": {
			lines{line(1, "30", to(north)), line(2, "20", to(north))}, items{item(1, "50", north)},
			[]string{"partner_total [1 2] to 50.00"},
		},
		"by partner, nearly": {
			lines{line(1, "99.50", to(north))}, items{item(1, "100", north)},
			[]string{"tolerance [1] to 100.00 variance -0.50"},
		},
		"nearly two": {
			lines{line(1, "99.50", to(north))}, items{item(1, "100", north), item(2, "99", north)},
			[]string{"tolerance [1] of 2"},
		},
		"not nearly": {lines{line(1, "98", to(north))}, items{item(1, "100", north)}, []string{"unmatched [1]"}},
		"unknown":    {lines{line(1, "5")}, items{item(1, "5", north)}, []string{"unmatched [1]"}},
		"nothing":    {nil, items{item(1, "5", north)}, nil},
		"what a reference names is not given to another": {
			lines{line(1, "100", to(north)), line(2, "100", pays(1))}, items{item(1, "100", north)},
			[]string{"end_to_end [2] to 100.00 certain", "unmatched [1]"},
		},
	} {
		require.ElementsMatch(t, normal(c.want), normal(told(matching.Find(c.lines, c.items, rules))), name)
	}
}

// normal leaves the order of a match's payments aside: it is that of their ids.
func normal(all []string) (out []string) {
	for _, text := range all {
		words := strings.Fields(text)
		counts := map[string]int{}
		for _, w := range words {
			counts[w]++
		}
		out = append(out, fmt.Sprint(counts))
	}
	return out
}

// A currency without a tolerance has none, and a partner with very many equal payments is no work.
func TestBounds(t *testing.T) {
	t.Parallel()
	var lines []matching.Line
	var items []matching.Item
	for n := range 300 {
		lines = append(lines, line(n+1, "10", to(north)))
		items = append(items, item(n, "10", north))
	}
	r := matching.Find(lines, items, rules)
	require.Empty(t, r.Found)
	require.Len(t, r.Choices, 6)
	require.Len(t, r.Choices[0].Lines, matching.MaxChoice)
	require.Len(t, r.Choices[5].To, matching.MaxChoice)
	none := policy.Reconciliation{DateDays: 5}
	require.Equal(t, []int{1}, matching.Find([]matching.Line{line(1, "9.99", to(north))}, items[:1], none).Unmatched)
}
