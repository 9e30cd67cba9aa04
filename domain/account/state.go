package account

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// State is an account as its decisions need it: the customer, each deal, and indexes that keep a decision from going
// through the whole history.
type State struct {
	Account Account
	Deals   map[uuid.UUID]*Deal

	lines map[string]*line      // by keyOf(product line)
	crm   map[CRMLink]uuid.UUID // deal by record of another system
}

// line is what stands on one product line of the account.
type line struct {
	pending       []*Deal        // by place in the order of submission
	granted       []*Deal        // ever approved, by the end of their protection
	opportunities []*Opportunity // the vendor's own, open, as they were recorded
}

func newState() *State {
	return &State{Deals: map[uuid.UUID]*Deal{}, lines: map[string]*line{}, crm: map[CRMLink]uuid.UUID{}}
}

// keyOf is what product lines are compared by.
func keyOf(productLine string) string { return policy.Key(productLine) }

// line is what stands on a product line, for decisions: an unknown line is empty and stays unknown.
func (s *State) line(key string) *line {
	if l := s.lines[key]; l != nil {
		return l
	}
	return &line{}
}

// addLine is the same for folds.
func (s *State) addLine(key string) *line {
	if s.lines[key] == nil {
		s.lines[key] = &line{}
	}
	return s.lines[key]
}

// waiting are the registrations that wait on some lines, or on any without keys, by place in the order of submission.
func (s *State) waiting(keys ...string) (deals []*Deal) {
	if len(keys) == 0 {
		keys = slices.Collect(maps.Keys(s.lines))
	}
	for _, key := range keys {
		deals = append(deals, s.line(key).pending...)
	}
	slices.SortFunc(deals, byPlace)
	return slices.Compact(deals)
}

// applyDeal takes the deal out of the indexes, changes it, and puts it where it now belongs.
func (s *State) applyDeal(e DealEvent, env domain.Envelope) {
	d := s.Deals[e.Deal()]
	if d == nil {
		d = &Deal{}
	}
	s.unindex(d)
	d.Apply(e, env)
	if d.ID == uuid.Nil {
		return // its registration took effect later than what this fold is bounded by
	}
	s.Deals[d.ID] = d
	s.index(d)
	if linked, ok := e.(CRMLinked); ok {
		s.crm[linked.link()] = d.ID
	}
}

func (s *State) index(d *Deal) {
	for _, key := range d.lineKeys() {
		l := s.addLine(key)
		switch {
		case d.Pending():
			at, _ := slices.BinarySearchFunc(l.pending, d, byPlace)
			l.pending = slices.Insert(l.pending, at, d)
		case d.Approved.Taken():
			at, _ := slices.BinarySearchFunc(l.granted, d, byEnd)
			l.granted = slices.Insert(l.granted, at, d)
		}
	}
}

func (s *State) unindex(d *Deal) {
	for _, key := range d.lineKeys() {
		l := s.addLine(key)
		switch {
		case d.Pending():
			l.pending = remove(l.pending, d, byPlace)
		case d.Approved.Taken():
			l.granted = remove(l.granted, d, byEnd)
		}
	}
}

func remove(deals []*Deal, d *Deal, order func(a, b *Deal) int) []*Deal {
	if at, found := slices.BinarySearchFunc(deals, d, order); found {
		return slices.Delete(deals, at, at+1)
	}
	return deals
}

func byPlace(a, b *Deal) int { return cmp.Compare(a.Place, b.Place) }

func byEnd(a, b *Deal) int {
	_, endA := a.Protection()
	_, endB := b.Protection()
	return cmp.Or(endA.Compare(endB), bytes.Compare(a.ID[:], b.ID[:]))
}

// protectedAfter goes through the deals whose protection lasts beyond a moment, the last to end first.
func (l *line) protectedAfter(at time.Time) func(yield func(*Deal) bool) {
	return func(yield func(*Deal) bool) {
		for _, d := range slices.Backward(l.granted) {
			if _, until := d.Protection(); !until.After(at) || !yield(d) {
				return
			}
		}
	}
}

// deal finds a deal of the account.
func (s *State) deal(id uuid.UUID) (*Deal, error) {
	if d, ok := s.Deals[id]; ok {
		return d, nil
	}
	return nil, domain.NotFound("deal_unknown", "deal_id", "the account has no deal %s", id)
}
