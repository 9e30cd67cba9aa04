package matching

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/channelledger/channelledger/domain"
)

// keys are what a party is known by.
func (p Party) keys() (all []string) {
	if account := Normal(p.Account); account != "" {
		all = append(all, "account "+account)
	}
	if name := Normal(p.Name); name != "" {
		all = append(all, "name "+name)
	}
	return all
}

func (i *Item) keys() (all []string) {
	for _, p := range i.Parties {
		all = append(all, p.keys()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// near reports whether the line is booked within the days of the policy around the item's day; what may come on any day only
// has to be there by then.
func (f *finder) near(l *Line, i *Item) bool {
	if i.AnyDay {
		return l.On.Compare(i.On) >= 0
	}
	return l.On.Compare(i.On.AddDays(-f.rules.DateDays)) >= 0 && l.On.Compare(i.On.AddDays(f.rules.DateDays)) <= 0
}

// maxPairs bounds how many lines and items of one partner and amount are held against each other.
const maxPairs = 10_000

// byPartner suggests the payment of that partner with that amount at that time, where there is one such line and one such
// payment.
func (f *finder) byPartner() {
	named := map[string]group{}
	f.eachItem(func(i int, key string) {
		key += " " + strconv.FormatInt(f.items[i].Side.Amount.Minor(), 10)
		g := named[key]
		g.items = append(g.items, i)
		named[key] = g
	})
	f.eachLine(func(l int, key string) {
		key += " " + strconv.FormatInt(f.lines[l].Amount.Minor(), 10)
		if g, ok := named[key]; ok {
			g.lines = append(g.lines, l)
			named[key] = g
		}
	})
	near := map[string]group{}
	for key, g := range named {
		if len(g.lines)*len(g.items) > maxPairs {
			near[key] = g
			continue
		}
		for _, l := range g.lines {
			for _, i := range g.items {
				if f.near(&f.lines[l], &f.items[i]) {
					near[strconv.Itoa(l)+" "+strconv.Itoa(i)] = group{[]int{l}, []int{i}}
				}
			}
		}
	}
	for _, g := range f.components(near) {
		if len(g.lines) == 1 && len(g.items) == 1 {
			f.take(g, f.match(Partner, g), false)
		} else {
			f.leave(Partner, g)
		}
	}
}

// eachItem goes through what is left of the items, by direction and partner.
func (f *finder) eachItem(do func(item int, key string)) {
	for i := range f.items {
		if f.itemDone[i] {
			continue
		}
		for _, key := range f.items[i].keys() {
			do(i, direction(f.items[i].Outgoing)+key)
		}
	}
}

func (f *finder) eachLine(do func(line int, key string)) {
	for l := range f.lines {
		if f.lineDone[l] {
			continue
		}
		for _, key := range f.lines[l].Party.keys() {
			do(l, direction(f.lines[l].Outgoing)+key)
		}
	}
}

// partners are what is left of lines and items, by direction and partner, where both are there; in a fixed order.
func (f *finder) partners() []group {
	named := map[string]group{}
	f.eachItem(func(i int, key string) {
		g := named[key]
		g.items = append(g.items, i)
		named[key] = g
	})
	f.eachLine(func(l int, key string) {
		if g, ok := named[key]; ok {
			g.lines = append(g.lines, l)
			named[key] = g
		}
	})
	return f.components(named)
}

// byTotal suggests one line for all payments of a partner around its day, or one payment for all lines, where no other line
// or payment of the partner comes to the same.
func (f *finder) byTotal() {
	for _, g := range f.partners() {
		if len(g.lines) == 1 && len(g.items) > 1 {
			g.items = slices.DeleteFunc(g.items, func(i int) bool { return !f.near(&f.lines[g.lines[0]], &f.items[i]) })
		} else if len(g.lines) > 1 && len(g.items) == 1 {
			g.lines = slices.DeleteFunc(g.lines, func(l int) bool { return !f.near(&f.lines[l], &f.items[g.items[0]]) })
		} else {
			continue
		}
		if len(g.lines)+len(g.items) < 3 || len(g.lines)+len(g.items) > maxTogether {
			continue
		}
		if lines, items := f.sums(g); lines == items {
			f.take(g, f.match(Together, g), false)
		}
	}
}

// maxTogether bounds a suggestion that rests on a sum alone.
const maxTogether = 500

// withinTolerance suggests the one payment of the partner whose amount is nearly that of the line.
func (f *finder) withinTolerance() {
	if f.tolerance.Under.Sign() == 0 && f.tolerance.Over.Sign() == 0 {
		return
	}
	near := map[string]group{}
	for _, g := range f.partners() {
		slices.SortStableFunc(g.items, func(a, b int) int {
			return cmp.Compare(f.items[a].Side.Amount.Minor(), f.items[b].Side.Amount.Minor())
		})
		for _, l := range g.lines {
			for _, i := range f.around(g.items, f.lines[l].Amount) {
				if f.near(&f.lines[l], &f.items[i]) && f.sharePartner(l, i) {
					near[strconv.Itoa(l)+" "+strconv.Itoa(i)] = group{[]int{l}, []int{i}}
				}
			}
		}
	}
	for _, g := range f.components(near) {
		if len(g.lines) == 1 && len(g.items) == 1 {
			lines, items := f.sums(g)
			f.differ(Tolerance, g, lines, items)
		} else {
			f.leave(Tolerance, g)
		}
	}
}

// around are the items, sorted by amount, that a line of the amount may be within tolerance; at most MaxChoice.
func (f *finder) around(items []int, amount domain.Money) []int {
	low, high := amount.Minor()-f.tolerance.Over.Minor(), amount.Minor()+f.tolerance.Under.Minor()
	from, _ := slices.BinarySearchFunc(items, low, func(i int, low int64) int {
		return cmp.Compare(f.items[i].Side.Amount.Minor(), low)
	})
	to := from
	for to < len(items) && to < from+MaxChoice && f.items[items[to]].Side.Amount.Minor() <= high {
		to++
	}
	return items[from:to]
}

func (f *finder) sharePartner(l, i int) bool {
	ours := f.items[i].keys()
	return slices.ContainsFunc(f.lines[l].Party.keys(), func(key string) bool { return slices.Contains(ours, key) })
}
