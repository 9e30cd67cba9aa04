package conflicts

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// RecordedBreach is the vendor going for what a deal protects: the domain's own, and whose deal it was.
type RecordedBreach struct {
	ID uuid.UUID `json:"id"` // of its event
	account.Breach
	DealID    uuid.UUID `json:"deal_id"`
	AccountID uuid.UUID `json:"account_id"`
	PartnerID uuid.UUID `json:"partner_id"` // whose deal was protected
}

func newBreach(d *account.Deal, e account.ProtectionBreached, env domain.Envelope) *RecordedBreach {
	return &RecordedBreach{
		ID:     env.EventID,
		Breach: account.Breach{OpportunityID: e.OpportunityID, By: e.By, Step: domain.StepOf(env, "")},
		DealID: d.ID, AccountID: d.AccountID, PartnerID: d.PartnerID,
	}
}

func newBreaches(s *projections.Schema) *projections.Table[RecordedBreach] {
	text := projections.Text[RecordedBreach]
	return projections.NewTable(s, "breaches",
		text("deal", func(b *RecordedBreach) string { return b.DealID.String() }).Indexed(),
		text("account", func(b *RecordedBreach) string { return b.AccountID.String() }).Indexed(),
		text("partner", func(b *RecordedBreach) string { return b.PartnerID.String() }),
		text("opportunity", func(b *RecordedBreach) string { return b.OpportunityID.String() }),
		text("by", func(b *RecordedBreach) string { return string(b.By) }),
		projections.Int("breached_at", func(b *RecordedBreach) int64 { return listing.Moment(b.Step.At) }),
	).
		IndexOn("breached_at", "key").
		IndexOn("partner", "breached_at", "key")
}

// BreachQuery says which breaches are wanted: those that have, in every field given, one of the values. The sort is
// breached_at, the latest first.
type BreachQuery struct {
	Scope uuid.UUID // only breaches of this partner's deals, whatever else is asked for; zero: everybody's

	Deal        []uuid.UUID
	Account     []uuid.UUID
	Partner     []uuid.UUID // whose deal was protected
	Opportunity []uuid.UUID // the vendor's own
	By          []account.BreachBy
	Breached    listing.Period

	listing.Request
}

// Breaches is a page of breaches.
// Errors: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func Breaches(ctx context.Context, q projections.Querier, query BreachQuery) (listing.Page[RecordedBreach], error) {
	table := listing.Table{Name: "breaches", Sorts: []string{"-breached_at"}}
	return listing.Fetch[RecordedBreach](ctx, q, table, query.where(), query.Request, nil)
}

func (q BreachQuery) where() (w listing.Where) {
	w.Is("partner", q.Scope)
	listing.IDs(&w, "deal", q.Deal)
	listing.IDs(&w, "account", q.Account)
	listing.IDs(&w, "partner", q.Partner)
	listing.IDs(&w, "opportunity", q.Opportunity)
	listing.In(&w, "by", q.By)
	w.Within("breached_at", q.Breached)
	return w
}
