package matching

import (
	"maps"
	"slices"
)

// components are the groups, with those that share a line or an item taken together, that have both; in the order of their
// first lines.
func (f *finder) components(named map[string]group) (all []group) {
	at := func(line int) int { return line }
	of := func(item int) int { return len(f.lines) + item }
	sets := newSets(len(f.lines) + len(f.items))
	lines := map[int]struct{}{}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		g := named[name]
		if len(g.lines) == 0 || len(g.items) == 0 {
			continue
		}
		first := at(g.lines[0])
		for _, l := range g.lines {
			sets.join(first, at(l))
			lines[l] = struct{}{}
		}
		for _, i := range g.items {
			sets.join(first, of(i))
		}
	}
	place := map[int]int{} // of a component in all, by its root
	for _, l := range slices.Sorted(maps.Keys(lines)) {
		root := sets.root(at(l))
		if _, known := place[root]; !known {
			place[root] = len(all)
			all = append(all, group{})
		}
		all[place[root]].lines = append(all[place[root]].lines, l)
	}
	for i := range f.items {
		if p, ok := place[sets.root(of(i))]; ok {
			all[p].items = append(all[p].items, i)
		}
	}
	return all
}

// sets are disjoint sets of places (Tarjan's union-find with path halving).
type sets []int32

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}

func (s sets) root(i int) int {
	for int(s[i]) != i {
		s[i] = s[s[i]]
		i = int(s[i])
	}
	return i
}

func (s sets) join(a, b int) { s[s.root(b)] = int32(s.root(a)) }
