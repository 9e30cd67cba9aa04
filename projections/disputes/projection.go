package disputes

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "disputes"

// tables are the read model's.
type tables struct {
	cases   *projections.Table[dispute.Case]
	changes *projections.Table[Change]
}

// Change is a version of a policy that was published because of disputes.
type Change struct {
	Kind          policy.Kind `json:"kind"`
	Version       int         `json:"version"`
	EffectiveFrom time.Time   `json:"effective_from"`
	BecauseOf     []uuid.UUID `json:"because_of"` // disputes
	PublishedAt   time.Time   `json:"published_at"`
	EventID       uuid.UUID   `json:"event_id"`
}

// Projection is the read model of disputes.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 3,
		Types:   append(listing.TypeNames(dispute.Types(), listing.Every), program.PolicyPublished{}.EventType()),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	if published, ok := e.(program.PolicyPublished); ok {
		t.changed(published, env)
		return nil
	}
	event, ok := e.(dispute.Event)
	if !ok {
		return fmt.Errorf("%T is no event of a dispute", e)
	}
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	c, err := t.cases.Get(id.String())
	if err != nil {
		return err
	}
	if c == nil {
		c = &dispute.Case{}
	}
	c.Apply(event, env)
	if c.ID != uuid.Nil { // else its opening took effect later than what is asked for
		t.cases.Put(id.String(), c)
	}
	return nil
}

func (t *tables) changed(e program.PolicyPublished, env domain.Envelope) {
	if len(e.BecauseOf) == 0 {
		return
	}
	t.changes.Put(fmt.Sprintf("%s@%d", e.Kind, e.Version), &Change{
		Kind: e.Kind, Version: e.Version, EffectiveFrom: e.EffectiveFrom, BecauseOf: e.BecauseOf,
		PublishedAt: env.EffectiveAt, EventID: env.EventID,
	})
}

func open(s *projections.Schema) *tables {
	text, number := projections.Text[dispute.Case], projections.Int[dispute.Case]
	return &tables{
		cases: projections.NewTable(s, "cases",
			text("kind", func(c *dispute.Case) string { return string(c.Kind) }),
			text("status", func(c *dispute.Case) string { return string(c.Status) }),
			text("outcome", func(c *dispute.Case) string { return string(c.Outcome) }),
			text("level", func(c *dispute.Case) string { return c.Level }),
			text("adjudicator", func(c *dispute.Case) string { return c.Adjudicator }),
			text("deal", func(c *dispute.Case) string { return c.Subject.DealID.String() }),
			text("parties", parties),
			text("papers", papers),
			number("opened_at", func(c *dispute.Case) int64 { return listing.Moment(c.Opened.At) }),
			number("due", func(c *dispute.Case) int64 { return dueColumn(Due(c)) }),
		).IndexOn("opened_at", "key").IndexOn("status", "opened_at", "key").IndexOn("due", "key"),
		changes: projections.NewTable[Change](s, "changes"),
	}
}

// papers are the documents among the evidence, each between two commas.
func papers(c *dispute.Case) string {
	var b strings.Builder
	b.WriteString(",")
	for _, e := range c.Evidence {
		if e.SHA256 != "" {
			b.WriteString(e.SHA256 + ",")
		}
	}
	return b.String()
}

// dueColumn lets cases that wait for nothing come last.
func dueColumn(due time.Time) int64 {
	if due.IsZero() {
		return math.MaxInt64
	}
	return listing.Moment(due)
}

// parties are the partners that are parties, each between two commas.
func parties(c *dispute.Case) string {
	var b strings.Builder
	b.WriteString(",")
	for _, p := range c.Parties() {
		if !p.Vendor {
			b.WriteString(p.PartnerID.String() + ",")
		}
	}
	return b.String()
}
