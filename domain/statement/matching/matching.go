// Package matching finds out which payments the lines of a bank statement show. It is pure: the same lines and items lead to
// the same answer, in whatever order they are given. What it is certain of may be taken as it is, anything else is a
// suggestion, and what could be several things is told as such and never picked.
package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/statement"
)

// The rules, in the order that they are tried in. A line that one of them explains, even in several ways, is none of the next.
const (
	EndToEnd  = "end_to_end"     // the payer's own reference: of one payment
	Reference = "reference"      // another reference, as that of a batch, or one in the text
	Partner   = "partner_amount" // the partner's name or account, the exact amount, and the date
	Together  = "partner_total"  // the same, of all payments of the partner together
	Tolerance = "tolerance"      // the partner, the date, and the amount within the tolerance
)

// Line is a line of a statement that nothing explains yet.
type Line struct {
	Number   int
	Outgoing bool
	Amount   domain.Money // above 0
	On       domain.Date  // booked
	EndToEnd string       // empty: none
	Refs     []string     // other references that it names
	Party    Party        // on the other side
}

// Item is something of ours that a line may show: a payment that is still to be seen, or a debt.
type Item struct {
	Side     statement.Side // its amount: all that is still to be seen
	Outgoing bool
	On       domain.Date // since when it may be seen
	AnyDay   bool        // also long behind that day: a debt
	EndToEnd string      // empty: none
	Refs     []string
	Parties  []Party // whom it went to, or is to come from
}

// Party is who is on the other side of a payment, as far as it is known.
type Party struct{ Name, Account string }

// Found is a match that a rule suggests, or is certain of.
type Found struct {
	statement.Match      // without an id and who confirmed it
	Certain         bool // reference and amount are exact
}

// Choice is lines that may be several things: somebody has to look.
type Choice struct {
	Rule  string
	Lines []int
	To    []statement.Side // at most MaxChoice
}

// MaxChoice is how many lines and payments of a choice are told.
const MaxChoice = 50

// Result is what the rules say: each line is in at most one of the three.
type Result struct {
	Found     []Found
	Choices   []Choice
	Unmatched []int
}

// Find explains lines of one currency by items of the same. No line and no item is used twice.
func Find(lines []Line, items []Item, rules policy.Reconciliation) Result {
	f := &finder{lines: slices.Clone(lines), items: slices.Clone(items), rules: rules}
	slices.SortFunc(f.lines, func(a, b Line) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(f.items, func(a, b Item) int { return strings.Compare(a.key(), b.key()) })
	f.lineDone, f.itemDone = make([]bool, len(lines)), make([]bool, len(items))
	if len(f.lines) > 0 {
		f.tolerance = rules.Tolerance(f.lines[0].Amount.Currency())
	}
	f.byReference(EndToEnd, ends())
	f.byReference(Reference, references())
	f.byPartner()
	f.byTotal()
	f.withinTolerance()
	for i, l := range f.lines {
		if !f.lineDone[i] {
			f.result.Unmatched = append(f.result.Unmatched, l.Number)
		}
	}
	slices.SortFunc(f.result.Found, func(a, b Found) int { return cmp.Compare(a.Lines[0], b.Lines[0]) })
	slices.SortFunc(f.result.Choices, func(a, b Choice) int { return cmp.Compare(a.Lines[0], b.Lines[0]) })
	return f.result
}

// Normal is a text as references, names and accounts are compared: letters and digits alone, in capitals.
func Normal(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, text)
}

func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// key tells items apart.
func (i *Item) key() string {
	if i.Side.ClawbackID != uuid.Nil {
		return i.Side.ClawbackID.String()
	}
	return i.Side.PayableID.String() + i.Side.PayoutID.String()
}

type finder struct {
	lines              []Line // by number
	items              []Item // by key
	lineDone, itemDone []bool
	rules              policy.Reconciliation
	tolerance          policy.Tolerance
	result             Result
}

// group is lines and items that have something in common, by their places, in order.
type group struct{ lines, items []int }

func (f *finder) sums(g group) (lines, items int64) {
	for _, l := range g.lines {
		lines += f.lines[l].Amount.Minor()
	}
	for _, i := range g.items {
		items += f.items[i].Side.Amount.Minor()
	}
	return lines, items
}

func (f *finder) done(g group) {
	for _, l := range g.lines {
		f.lineDone[l] = true
	}
	for _, i := range g.items {
		f.itemDone[i] = true
	}
}

func (f *finder) money(minor int64) domain.Money {
	return domain.Must(domain.NewMoney(minor, f.lines[0].Amount.Currency()))
}

// match is the group as a match of all of its lines with all of its items in full.
func (f *finder) match(rule string, g group) statement.Match {
	total, _ := f.sums(g)
	m := statement.Match{Rule: rule, Outgoing: f.lines[g.lines[0]].Outgoing, Amount: f.money(total)}
	for _, l := range g.lines {
		m.Lines = append(m.Lines, f.lines[l].Number)
	}
	for _, i := range g.items {
		m.To = append(m.To, f.items[i].Side)
	}
	return m
}

func (f *finder) take(g group, m statement.Match, certain bool) {
	f.done(g)
	f.result.Found = append(f.result.Found, Found{Match: m, Certain: certain})
}

// leave says that the group may be several things; none of it is looked at again.
func (f *finder) leave(rule string, g group) {
	f.done(g)
	for lines := range slices.Chunk(g.lines, MaxChoice) {
		c := Choice{Rule: rule}
		for _, l := range lines {
			c.Lines = append(c.Lines, f.lines[l].Number)
		}
		for _, i := range g.items[:min(len(g.items), MaxChoice)] {
			c.To = append(c.To, f.items[i].Side)
		}
		f.result.Choices = append(f.result.Choices, c)
	}
}
