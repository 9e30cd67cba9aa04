package matching

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// names are the references that a rule goes by.
type names struct {
	line func(*Line) []string
	item func(*Item) []string
}

func ends() names {
	return names{func(l *Line) []string { return some(l.EndToEnd) }, func(i *Item) []string { return some(i.EndToEnd) }}
}

func references() names {
	return names{
		func(l *Line) []string { return append(some(l.EndToEnd), l.Refs...) },
		func(i *Item) []string { return append(some(i.EndToEnd), i.Refs...) },
	}
}

// byReference puts together what names the same, and looks at each such group by itself.
func (f *finder) byReference(rule string, by names) {
	named := map[string]group{}
	for i := range f.items {
		if f.itemDone[i] {
			continue
		}
		for _, ref := range by.item(&f.items[i]) {
			key := direction(f.items[i].Outgoing) + ref
			g := named[key]
			g.items = append(g.items, i)
			named[key] = g
		}
	}
	for l := range f.lines {
		if f.lineDone[l] {
			continue
		}
		for _, ref := range by.line(&f.lines[l]) {
			key := direction(f.lines[l].Outgoing) + ref
			if g, ok := named[key]; ok {
				g.lines = append(g.lines, l)
				named[key] = g
			}
		}
	}
	for _, g := range f.components(named) {
		f.settle(rule, by, g)
	}
}

func direction(outgoing bool) string {
	if outgoing {
		return "out "
	}
	return "in "
}

// settle looks at a group: each line by itself where its amount is there once, or else all of it.
func (f *finder) settle(rule string, by names, g group) {
	lines, items := f.sums(g)
	several := len(g.lines) > 1 && len(g.items) > 1
	switch fits := len(g.lines)+len(g.items) <= statement.MaxSides; {
	case several && f.pairsOff(by, g):
		f.pairOff(rule, by, g)
	case lines == items && fits:
		f.take(g, f.match(rule, g), f.allNamed(by, g))
	case several:
		f.pairOff(rule, by, g)
	case len(g.lines) > 1 && lines > items:
		f.oneOf(rule, g, items)
	case len(g.lines) == 1 && len(g.items) > 1 && lines < items && f.part(rule, g, lines):
	case fits:
		f.differ(rule, g, lines, items)
	default:
		f.leave(rule, g)
	}
}

// named reports whether the line names the item.
func (f *finder) named(by names, l, i int) bool {
	ours := by.item(&f.items[i])
	return slices.ContainsFunc(by.line(&f.lines[l]), func(ref string) bool { return slices.Contains(ours, ref) })
}

// allNamed reports whether the group is about one thing, and not only linked through others.
func (f *finder) allNamed(by names, g group) bool {
	return !slices.ContainsFunc(g.lines, func(l int) bool { return !f.named(by, l, g.items[0]) }) &&
		!slices.ContainsFunc(g.items, func(i int) bool { return !f.named(by, g.lines[0], i) })
}

// oneOf finds the one line that is all of the item, where others name it too: a payment that was carried out twice, say.
func (f *finder) oneOf(rule string, g group, amount int64) {
	var exact []int
	for _, l := range g.lines {
		if f.lines[l].Amount.Minor() == amount {
			exact = append(exact, l)
		}
	}
	if len(exact) != 1 {
		f.leave(rule, g)
		return
	}
	one := group{exact, g.items}
	f.take(one, f.match(rule, one), false)
}

// part finds the one item that the line is all of, where it names others too.
func (f *finder) part(rule string, g group, amount int64) bool {
	var exact []int
	for _, i := range g.items {
		if f.items[i].Side.Amount.Minor() == amount {
			exact = append(exact, i)
		}
	}
	if len(exact) != 1 {
		return false
	}
	one := group{g.lines, exact}
	f.take(one, f.match(rule, one), true)
	return true
}

// pairs are the lines and items of the group of each amount.
func (f *finder) pairs(g group) map[int64]group {
	byAmount := map[int64]group{}
	for _, l := range g.lines {
		x := byAmount[f.lines[l].Amount.Minor()]
		x.lines = append(x.lines, l)
		byAmount[f.lines[l].Amount.Minor()] = x
	}
	for _, i := range g.items {
		x := byAmount[f.items[i].Side.Amount.Minor()]
		x.items = append(x.items, i)
		byAmount[f.items[i].Side.Amount.Minor()] = x
	}
	return byAmount
}

func (f *finder) isPair(by names, g group) bool {
	return len(g.lines) == 1 && len(g.items) == 1 && f.named(by, g.lines[0], g.items[0])
}

// pairsOff reports whether each line of the group has its item, and none is left.
func (f *finder) pairsOff(by names, g group) bool {
	for _, x := range f.pairs(g) {
		if !f.isPair(by, x) {
			return false
		}
	}
	return true
}

// pairOff takes lines and items of the group whose amount is there once on either side; what is left may be anything.
func (f *finder) pairOff(rule string, by names, g group) {
	byAmount := f.pairs(g)
	var rest group
	for _, l := range g.lines {
		if x := byAmount[f.lines[l].Amount.Minor()]; f.isPair(by, x) {
			f.take(x, f.match(rule, x), true)
		} else {
			rest.lines = append(rest.lines, l)
		}
	}
	for _, i := range g.items {
		if !f.itemDone[i] {
			rest.items = append(rest.items, i)
		}
	}
	if len(rest.lines) > 0 && len(rest.items) > 0 {
		f.leave(rule, rest)
	}
}

// differ suggests what a difference is: within tolerance a variance, beyond it too little or too much. Money that comes in may
// always be a part, and more than was sent can't come back.
func (f *finder) differ(rule string, g group, lines, items int64) {
	m, difference := f.match(rule, g), f.money(lines-items)
	one := len(g.items) == 1
	switch {
	case f.within(difference):
		m.Variance, m.Reason = difference, reasonOf(difference)
	case difference.Sign() < 0 && one && m.Outgoing:
		m.To[0].Amount, m.To[0].Short, m.Reason = m.Amount, difference.Neg(), statement.ShortPaid
	case difference.Sign() < 0 && one:
		m.To[0].Amount = m.Amount
	case difference.Sign() > 0 && f.onePartner(g) && (m.Outgoing || f.debts(g)):
		m.Overpaid, m.Reason = difference, statement.Overpaid
	default:
		f.leave(rule, g)
		return
	}
	f.take(g, m, false)
}

// debts reports whether the items are what partners owe, and nothing else.
func (f *finder) debts(g group) bool {
	return !slices.ContainsFunc(g.items, func(i int) bool { return f.items[i].Side.ClawbackID == uuid.Nil })
}

func (f *finder) within(difference domain.Money) bool {
	return difference.Minor() <= f.tolerance.Over.Minor() && -difference.Minor() <= f.tolerance.Under.Minor()
}

func reasonOf(difference domain.Money) statement.VarianceReason {
	if difference.Abs().Minor() <= 5 {
		return statement.Rounding
	}
	return statement.BankCharge
}

func (f *finder) onePartner(g group) bool {
	return !slices.ContainsFunc(g.items, func(i int) bool {
		return f.items[i].Side.PartnerID != f.items[g.items[0]].Side.PartnerID
	})
}
