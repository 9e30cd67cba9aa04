package export

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
	funds "github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/rebates"
)

// Accrual is what is earned or obliged and not yet payable, of one request or agreement: together they are the balances of
// its account.
type Accrual struct {
	Account   string // in the books
	ID        uuid.UUID
	PartnerID uuid.UUID
	FundID    uuid.UUID // of a request
	About     string    // a request's title, an agreement's scheme
	From, To  domain.Date
	Since     time.Time // when the request was approved, or the agreement opened
	Amount    domain.Money
	EventID   uuid.UUID // of the last event about it
	Revision  int64
}

// MDFAccruals yields the obligations of approved requests that are neither claimed nor released, of one snapshot of the read
// model mdf.
func MDFAccruals(ctx context.Context, q projections.Querier, query funds.RequestQuery) iter.Seq2[Accrual, error] {
	rows := pages(query.Limit, func(r listing.Request) (listing.Page[mdf.Request], error) {
		query.Cursor, query.Limit = r.Cursor, r.Limit
		return funds.Requests(ctx, q, query)
	})
	return those(rows, func(r mdf.Request) (Accrual, bool) {
		return Accrual{
			Account: journal.LiabilityMDFAccrued, ID: r.ID, PartnerID: r.PartnerID, FundID: r.FundID, About: r.Title,
			From: r.Starts, To: r.Ends, Since: r.Approved.At, Amount: r.Obligation, EventID: r.EventID, Revision: r.Revision,
		}, r.Obligation.Sign() != 0
	})
}

// RebateAccruals yields what agreements accrued that isn't approved yet, of one snapshot of the read model rebates.
func RebateAccruals(ctx context.Context, q projections.Querier, query rebates.Query) iter.Seq2[Accrual, error] {
	rows := pages(query.Limit, func(r listing.Request) (listing.Page[rebate.Agreement], error) {
		query.Cursor, query.Limit = r.Cursor, r.Limit
		return rebates.List(ctx, q, query)
	})
	return those(rows, func(a rebate.Agreement) (Accrual, bool) {
		return Accrual{
			Account: journal.LiabilityRebateAccrued, ID: a.ID, PartnerID: a.PartnerID, About: a.Scheme.Name,
			From: a.Period.FirstDay, To: a.Period.LastDay, Since: a.Opened.At, Amount: a.Accrued, EventID: a.EventID, Revision: a.Revision,
		}, a.Status != rebate.StatusApproved && a.Accrued.Sign() != 0
	})
}

// AccrualTable shows accruals.
func AccrualTable() Table[Accrual] {
	return Table[Accrual]{
		Text("account", func(a Accrual) string { return a.Account }),
		ID("id", func(a Accrual) uuid.UUID { return a.ID }),
		ID("partner_id", func(a Accrual) uuid.UUID { return a.PartnerID }),
		ID("fund_id", func(a Accrual) uuid.UUID { return a.FundID }),
		Text("about", func(a Accrual) string { return a.About }),
		Day("from", func(a Accrual) domain.Date { return a.From }),
		Day("to", func(a Accrual) domain.Date { return a.To }),
		Moment("since", func(a Accrual) time.Time { return a.Since }),
		Amount("accrued", func(a Accrual) domain.Money { return a.Amount }),
		Text("currency", func(a Accrual) string { return a.Amount.Currency() }),
		ID("event_id", func(a Accrual) uuid.UUID { return a.EventID }),
		Number("revision", func(a Accrual) int64 { return a.Revision }),
	}
}
