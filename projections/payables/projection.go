package payables

import (
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "payables"

// Projection is the read model of payables.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 2,
		Types:   listing.TypeNames(payable.Types(), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	event, ok := e.(payable.Event)
	if !ok {
		return fmt.Errorf("%T is no event of a payable", e)
	}
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	p, err := t.payables.Get(id.String())
	if err != nil {
		return err
	}
	if p == nil {
		p = &payable.Payable{}
	}
	if p.Apply(event, env); p.Exists() { // else it was raised later than what is asked for
		t.payables.Put(id.String(), p)
	}
	return nil
}

type tables struct {
	payables *projections.Table[payable.Payable]
}

func open(s *projections.Schema) *tables {
	text := projections.Text[payable.Payable]
	return &tables{payables: projections.NewTable(s, "payables",
		text("partner", func(p *payable.Payable) string { return p.PartnerID.String() }),
		text("kind", func(p *payable.Payable) string { return string(p.Source.Kind) }),
		text("source", func(p *payable.Payable) string { return p.Source.ID.String() }),
		text("status", func(p *payable.Payable) string { return string(p.Status) }),
		text("currency", (*payable.Payable).Currency),
		text("due", func(p *payable.Payable) string { return p.Due.String() }),
		text("payout", func(p *payable.Payable) string { return p.ClaimedBy.String() }),
		projections.Flag("held", (*payable.Payable).Held),
		projections.Int("open", func(p *payable.Payable) int64 { return p.Open.Amount.Minor() }),
		projections.Int("raised_at", func(p *payable.Payable) int64 { return listing.Moment(p.RaisedStep.At) }),
	).
		IndexOn("due", "key").
		IndexOn("raised_at", "key").
		IndexOn("partner", "due", "key").
		IndexOn("source"),
	}
}
