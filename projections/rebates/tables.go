package rebates

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// tables are the read model's.
type tables struct {
	agreements *projections.Table[rebate.Agreement]
	sales      *projections.Table[Sale]
	spiffs     *projections.Table[Spiff]
}

// Sale is a sale that counted in an agreement.
type Sale struct {
	ID          uuid.UUID    `json:"id"`
	AgreementID uuid.UUID    `json:"agreement_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	Scheme      string       `json:"scheme"`
	Source      policy.Basis `json:"source"`
	SourceRef   string       `json:"source_ref"`
	DealID      uuid.UUID    `json:"deal_id,omitzero"`
	Product     string       `json:"product"`
	Line        string       `json:"line"`
	Amount      domain.Money `json:"amount"` // before reversals, in the agreement's currency
	FX          *rebate.FX   `json:"fx,omitempty"`
	Reversed    domain.Money `json:"reversed"`
	Reversals   int64        `json:"reversals"`
	Earned      domain.Money `json:"earned"` // what its recording and reversals moved the rebate by
	Recorded    domain.Step  `json:"recorded"`
	Revision    int64        `json:"revision"` // of the last event about it
	EventID     uuid.UUID    `json:"event_id"` // of the same
}

// Spiff is a premium that a seller earned.
type Spiff struct {
	ID          uuid.UUID        `json:"id"`
	AgreementID uuid.UUID        `json:"agreement_id"`
	PartnerID   uuid.UUID        `json:"partner_id"`
	SellerID    uuid.UUID        `json:"seller_id"`
	Reference   string           `json:"reference"`
	Treatment   rebate.Treatment `json:"treatment"`
	Amount      domain.Money     `json:"amount"` // before reversals
	Reversed    domain.Money     `json:"reversed"`
	Recorded    domain.Step      `json:"recorded"`
	Revision    int64            `json:"revision"` // of the last event about it
	EventID     uuid.UUID        `json:"event_id"` // of the same
}

func saleOf(a *rebate.Agreement, e rebate.SaleRecorded, env domain.Envelope) *Sale {
	nought := domain.Must(domain.NewMoney(0, a.Currency()))
	return &Sale{
		ID: e.SaleID, AgreementID: a.ID, PartnerID: a.PartnerID, Scheme: a.Scheme.Name, Source: e.Source, SourceRef: e.SourceRef,
		DealID: e.DealID, Product: e.Product, Line: e.Line, Amount: e.Amount, FX: e.FX, Reversed: nought, Earned: nought,
		Recorded: domain.StepOf(env, ""), Revision: env.Revision, EventID: env.EventID,
	}
}

func (s *Sale) reverse(e rebate.SaleReversed, env domain.Envelope) {
	s.Reversed = add(s.Reversed, e.Amount)
	s.Reversals++
	s.Revision, s.EventID = env.Revision, env.EventID
}

func spiffOf(a *rebate.Agreement, e rebate.SpiffEarned, env domain.Envelope) *Spiff {
	return &Spiff{
		ID: e.SpiffID, AgreementID: a.ID, PartnerID: a.PartnerID, SellerID: e.SellerID, Reference: e.Reference, Treatment: e.Treatment,
		Amount: e.Amount, Reversed: domain.Must(domain.NewMoney(0, a.Currency())),
		Recorded: domain.StepOf(env, ""), Revision: env.Revision, EventID: env.EventID,
	}
}

func open(s *projections.Schema) *tables {
	return &tables{agreements: newAgreements(s), sales: newSales(s), spiffs: newSpiffs(s)}
}

func newAgreements(s *projections.Schema) *projections.Table[rebate.Agreement] {
	text := projections.Text[rebate.Agreement]
	moment := func(name string, at func(*rebate.Agreement) time.Time) projections.Column[rebate.Agreement] {
		return projections.Int(name, func(a *rebate.Agreement) int64 { return listing.Moment(at(a)) })
	}
	return projections.NewTable(s, "agreements",
		text("partner", func(a *rebate.Agreement) string { return a.PartnerID.String() }),
		text("status", func(a *rebate.Agreement) string { return string(a.Status) }),
		text("scheme", func(a *rebate.Agreement) string { return a.Scheme.Name }),
		text("basis", func(a *rebate.Agreement) string { return string(a.Scheme.Basis) }),
		text("currency", func(a *rebate.Agreement) string { return a.Currency() }),
		moment("period_from", func(a *rebate.Agreement) time.Time { return a.From }),
		moment("period_until", func(a *rebate.Agreement) time.Time { return a.Until }),
		moment("opened_at", func(a *rebate.Agreement) time.Time { return a.Opened.At }),
	).
		IndexOn("period_from", "key").
		IndexOn("partner", "period_from", "key")
}

func newSales(s *projections.Schema) *projections.Table[Sale] {
	text := projections.Text[Sale]
	return projections.NewTable(s, "sales",
		text("id", func(s *Sale) string { return s.ID.String() }),
		text("agreement", func(s *Sale) string { return s.AgreementID.String() }),
		text("partner", func(s *Sale) string { return s.PartnerID.String() }),
		text("deal", func(s *Sale) string { return s.DealID.String() }),
		text("source", func(s *Sale) string { return string(s.Source) }),
		text("source_ref", func(s *Sale) string { return s.SourceRef }),
		text("product", func(s *Sale) string { return s.Product }),
		text("line", func(s *Sale) string { return s.Line }),
		projections.Int("sold_at", func(s *Sale) int64 { return listing.Moment(s.Recorded.At) }),
	).
		IndexOn("id").
		IndexOn("sold_at", "key").
		IndexOn("agreement", "sold_at", "key").
		IndexOn("source_ref")
}

func newSpiffs(s *projections.Schema) *projections.Table[Spiff] {
	text := projections.Text[Spiff]
	return projections.NewTable(s, "spiffs",
		text("id", func(s *Spiff) string { return s.ID.String() }),
		text("agreement", func(s *Spiff) string { return s.AgreementID.String() }),
		text("partner", func(s *Spiff) string { return s.PartnerID.String() }),
		text("seller", func(s *Spiff) string { return s.SellerID.String() }),
		projections.Int("earned_at", func(s *Spiff) int64 { return listing.Moment(s.Recorded.At) }),
	).
		IndexOn("earned_at", "key").
		IndexOn("agreement", "earned_at", "key")
}
