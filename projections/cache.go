package projections

// generations is a cache of rows that forgets those not asked for lately, at the price of two map look-ups: what is used
// moves to the young generation, and once that is full the old one is dropped. A nil row is known not to be there.
type generations[R any] struct {
	young, old map[string]*R
}

func (g *generations[R]) get(key string) (*R, bool) {
	if row, ok := g.young[key]; ok {
		return row, true
	}
	row, ok := g.old[key]
	if ok {
		g.put(key, row)
	}
	return row, ok
}

func (g *generations[R]) put(key string, row *R) {
	if g.young == nil {
		g.young = map[string]*R{}
	}
	g.young[key] = row
}

// trim keeps at most about 2 × rows in memory. It reports whether any row was dropped.
func (g *generations[R]) trim(rows int) (dropped bool) {
	if len(g.young) <= rows {
		return false
	}
	dropped = len(g.old) > 0
	g.old, g.young = g.young, nil
	if len(g.old) > 2*rows { // a bulk load: far more than the cache is for
		g.old, dropped = nil, true
	}
	return dropped
}
