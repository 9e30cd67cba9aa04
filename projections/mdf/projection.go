package mdf

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "mdf"

// Projection is the read model of market development funds.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 2,
		Types:   listing.TypeNames(slices.Concat(mdf.BudgetTypes(), mdf.FundTypes()), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case mdf.BudgetEvent:
		return t.budgets.Update(id.String(), func(b *BudgetWithMoney) { b.apply(e, env) })
	case mdf.FundEvent:
		return t.applyFund(id, e, env)
	default:
		return fmt.Errorf("%T is no event of a budget or fund", e)
	}
}

func (t *tables) applyFund(id uuid.UUID, e mdf.FundEvent, env domain.Envelope) error {
	var before, after mdf.Fund
	if err := t.funds.Update(id.String(), func(f *mdf.Fund) {
		before = *f
		f.Apply(e, env)
		after = *f
	}); err != nil {
		return err
	}
	if before.Balance != after.Balance && after.BudgetID != uuid.Nil {
		move := func(b *BudgetWithMoney) { b.move(before.Balance, after.Balance) }
		if err := t.budgets.Update(after.BudgetID.String(), move); err != nil {
			return err
		}
	}
	if e, ok := e.(mdf.RequestEvent); ok {
		if err := t.requests.Update(e.Request().String(), func(r *mdf.Request) { r.Apply(e, env) }); err != nil {
			return err
		}
	}
	if e, ok := e.(mdf.ClaimEvent); ok {
		return t.claims.Update(e.Claim().String(), func(c *mdf.Claim) { c.Apply(e, env) })
	}
	return nil
}
