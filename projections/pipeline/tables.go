package pipeline

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// tables are the read model's.
type tables struct {
	zone   *time.Location
	before []contribution // of the deal at hand, kept for their memory alone
	after  []contribution
	deals  *projections.Table[deal]
	links  *projections.Table[link]
	totals *projections.Table[total]
}

// deal is the domain's own deal, and the few things that columns need beside it.
type deal struct {
	account.Deal
	Month string `json:"month"` // see monthOf
}

// link lets deals be found by a further record in another system. The first one, which mostly is the only one, stands in the
// deal's own row.
type link struct {
	DealID uuid.UUID `json:"deal_id"`
	account.CRMLink
}

// total is what the deals of one cell add up to.
type total struct {
	cell
	Deals  int64        `json:"deals"`
	Amount domain.Money `json:"amount"` // expected
	Won    domain.Money `json:"won"`    // net of reversals
}

func open(s *projections.Schema, zone *time.Location) *tables {
	return &tables{
		zone:   zone,
		deals:  newDeals(s),
		links:  newLinks(s),
		totals: newTotals(s),
	}
}

// The indexes serve the filters that few deals pass, and the orders that are asked for most; each makes a rebuild slower.
func newDeals(s *projections.Schema) *projections.Table[deal] {
	text, number := projections.Text[deal], projections.Int[deal]
	return projections.NewTable(s, "deals",
		text("status", func(d *deal) string { return string(d.Status) }),
		text("partner", func(d *deal) string { return d.PartnerID.String() }),
		text("seller", func(d *deal) string { return sellerOf(&d.Deal).String() }),
		text("account", func(d *deal) string { return d.AccountID.String() }),
		text("stage", func(d *deal) string { return string(d.Stage.Latest()) }),
		text("source", func(d *deal) string { return string(d.Source) }),
		text("kind", func(d *deal) string { return string(d.Kind) }),
		text("currency", func(d *deal) string { return d.Currency() }),
		text("month", func(d *deal) string { return d.Month }),
		text("products", func(d *deal) string { return listing.Several(productsOf(&d.Deal)) }),
		text("influencers", func(d *deal) string { return listing.Several(listing.Texts(d.Influencers())) }),
		number("breaches", func(d *deal) int64 { return int64(len(d.Breaches)) }),
		projections.OptionalText("reference", firstReference),
		text("expected_close", func(d *deal) string { return dayOf(d.ExpectedClose) }),
		number("amount", func(d *deal) int64 { return expected(&d.Deal).Minor() }),
		number("won", func(d *deal) int64 { return won(&d.Deal).Minor() }),
		number("submitted_at", func(d *deal) int64 { return listing.Moment(d.Submitted.At) }),
		number("approved_at", func(d *deal) int64 { return listing.Moment(d.Approved.At) }),
		number("closed_at", func(d *deal) int64 { return listing.Moment(d.Closed.At) }),
		number("protected_until", func(d *deal) int64 { return listing.Moment(d.ProtectedUntil) }),
		number("review_due", func(d *deal) int64 { return listing.Moment(d.ReviewDue) }),
	).
		IndexOn("submitted_at", "key").
		IndexOn("partner", "submitted_at", "key").
		IndexOn("status", "submitted_at", "key").
		IndexOn("account").
		IndexOn("reference")
}

func newLinks(s *projections.Schema) *projections.Table[link] {
	return projections.NewTable(s, "links",
		projections.Text("deal", func(l *link) string { return l.DealID.String() }),
		projections.Text("reference", func(l *link) string { return l.Reference }),
	).IndexOn("reference", "deal")
}

func newTotals(s *projections.Schema) *projections.Table[total] {
	text, number := projections.Text[total], projections.Int[total]
	return projections.NewTable(s, "totals",
		text("dimension", func(t *total) string { return string(t.Dimension) }),
		text("value", func(t *total) string { return t.Value }),
		text("partner", func(t *total) string { return t.Partner.String() }),
		text("status", func(t *total) string { return string(t.Status) }),
		text("kind", func(t *total) string { return string(t.Kind) }),
		text("currency", func(t *total) string { return t.Currency }),
		number("deals", func(t *total) int64 { return t.Deals }),
		number("amount", func(t *total) int64 { return t.Amount.Minor() }),
		number("won", func(t *total) int64 { return t.Won.Minor() }),
	).
		IndexOn("dimension", "partner", "value")
}

func productsOf(d *account.Deal) (products []string) {
	for _, l := range d.Lines {
		products = append(products, l.Product)
	}
	return products
}

func firstReference(d *deal) (reference string, ok bool) {
	if len(d.CRM) == 0 {
		return "", false
	}
	return d.CRM[0].Reference, true
}

func dayOf(d domain.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
