package projections

import "maps"

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

// take puts many rows at once, which are the cache's from then on.
func (g *generations[R]) take(rows map[string]*R) {
	if len(rows) < len(g.young) {
		maps.Copy(g.young, rows)
		return
	}
	for key, row := range g.young {
		if _, newer := rows[key]; !newer {
			rows[key] = row
		}
	}
	g.young = rows
}

// trim keeps at most about 2 × rows in memory, and returns what it dropped.
func (g *generations[R]) trim(rows int) (dropped []map[string]*R) {
	if len(g.young) <= rows {
		return nil
	}
	if len(g.old) > 0 {
		dropped = append(dropped, g.old)
	}
	g.old, g.young = g.young, nil
	if len(g.old) > 2*rows { // a bulk load: far more than the cache is for
		dropped = append(dropped, g.old)
		g.old = nil
	}
	return dropped
}
