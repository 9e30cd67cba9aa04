package rebates

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "rebates"

// Projection is the read model of rebate agreements.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 2,
		Types:   listing.TypeNames(rebate.Types(), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	event, ok := e.(rebate.Event)
	if !ok {
		return fmt.Errorf("%T is no event of a rebate agreement", e)
	}
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	a, err := t.agreements.Get(id.String())
	if err != nil {
		return err
	}
	if a == nil {
		a = &rebate.Agreement{}
	}
	a.Apply(event, env)
	if a.ID == uuid.Nil {
		return nil // its opening took effect later than what is asked for
	}
	t.agreements.Put(id.String(), a)
	return t.applyPart(a, e, env)
}

// applyPart keeps the sale or SPIFF that an event is about.
func (t *tables) applyPart(a *rebate.Agreement, e domain.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case rebate.SaleRecorded:
		t.sales.Put(within(a, e.SaleID), saleOf(a, e, env))
	case rebate.SaleReversed:
		return update(t.sales, within(a, e.SaleID), func(s *Sale) { s.reverse(e, env) })
	case rebate.Accrued:
		return update(t.sales, within(a, e.SaleID), func(s *Sale) { s.Earned = add(s.Earned, e.Delta) })
	case rebate.Adjusted:
		return update(t.sales, within(a, e.SaleID), func(s *Sale) { s.Earned = add(s.Earned, e.Delta) })
	case rebate.SpiffEarned:
		t.spiffs.Put(within(a, e.SpiffID), spiffOf(a, e, env))
	case rebate.SpiffReversed:
		return update(t.spiffs, within(a, e.SpiffID), func(s *Spiff) {
			s.Reversed = add(s.Reversed, e.Amount)
			s.Revision, s.EventID = env.Revision, env.EventID
		})
	}
	return nil
}

// within is the key of a part of an agreement.
func within(a *rebate.Agreement, id uuid.UUID) string { return a.ID.String() + "/" + id.String() }

// update changes a row that is there; one that took effect later than what is asked for isn't.
func update[R any](t *projections.Table[R], key string, change func(*R)) error {
	row, err := t.Get(key)
	if row == nil || err != nil {
		return err
	}
	change(row)
	t.Put(key, row)
	return nil
}

// add is a sum within one agreement, which the domain keeps far from the end of the range.
func add(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }
