package projections

import "slices"

func (t *Table[R]) attach(b Backing, empty bool) { t.backing, t.whole, t.dropped = b, empty, nil }

func (t *Table[R]) inBulk(on bool) {
	t.bulk = on
	t.whole = t.whole && t.dropped == nil
	t.dropped = nil
}

func (t *Table[R]) begin() { t.before = t.before[:0] }

func (t *Table[R]) undo() {
	for _, step := range slices.Backward(t.before) {
		if step.had {
			t.pending[step.key] = step.row
		} else {
			delete(t.pending, step.key)
		}
	}
	t.before = t.before[:0]
}

func (t *Table[R]) handOver() {
	t.leaving, t.pending = t.pending, map[string]*R{}
	t.before = nil
}

func (t *Table[R]) settle(cacheRows int) {
	t.cache.take(t.leaving)
	t.leaving = nil
	t.trim(cacheRows)
}

func (t *Table[R]) takeBack() {
	for key, row := range t.leaving {
		if _, again := t.pending[key]; !again {
			t.pending[key] = row
		}
	}
	t.leaving = nil
}

func (t *Table[R]) trim(cacheRows int) {
	for _, rows := range t.cache.trim(cacheRows) {
		switch {
		case !t.bulk:
			t.whole = false
		case t.whole:
			t.remember(rows)
		}
	}
}

// remember notes which of the rows the view has: all but those that were deleted.
func (t *Table[R]) remember(rows map[string]*R) {
	if t.dropped == nil {
		t.dropped = newDropped()
	}
	for key, row := range rows {
		if row != nil {
			t.dropped.add(key)
		}
	}
}

func (t *Table[R]) discard() {
	t.pending, t.leaving = map[string]*R{}, nil
	t.before = nil
}
