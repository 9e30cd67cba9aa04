package export

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	view "github.com/channelledger/channelledger/projections/mdf"
)

// Claims yields the claims that a query finds, of one snapshot of the read model mdf.
func Claims(ctx context.Context, q projections.Querier, query view.ClaimQuery) iter.Seq2[mdf.Claim, error] {
	return pages(query.Limit, func(r listing.Request) (listing.Page[mdf.Claim], error) {
		query.Cursor, query.Limit = r.Cursor, r.Limit
		return view.Claims(ctx, q, query)
	})
}

// ClaimTable shows claims. Amounts are in the claim's currency; drawn is what the fund gives, in its own.
func ClaimTable() Table[mdf.Claim] {
	return Table[mdf.Claim]{
		ID("claim_id", func(c mdf.Claim) uuid.UUID { return c.ID }),
		Text("status", func(c mdf.Claim) string { return string(c.Status) }),
		Moment("filed_at", func(c mdf.Claim) time.Time { return c.FiledAt }),
		Moment("decided_at", func(c mdf.Claim) time.Time { return c.Decided.At }),
		ID("partner_id", func(c mdf.Claim) uuid.UUID { return c.PartnerID }),
		ID("budget_id", func(c mdf.Claim) uuid.UUID { return c.BudgetID }),
		ID("fund_id", func(c mdf.Claim) uuid.UUID { return c.FundID }),
		ID("request_id", func(c mdf.Claim) uuid.UUID { return c.RequestID }),
		Text("supplier", func(c mdf.Claim) string { return c.Supplier }),
		Text("invoice_number", func(c mdf.Claim) string { return c.InvoiceNumber }),
		Day("invoice_date", func(c mdf.Claim) domain.Date { return c.InvoiceDate }),
		Text("currency", func(c mdf.Claim) string { return c.Currency() }),
		Amount("net", func(c mdf.Claim) domain.Money { return c.Net }),
		Amount("tax", func(c mdf.Claim) domain.Money { return c.Tax }),
		Text("tax_code", func(c mdf.Claim) string { return c.TaxCode }),
		Amount("recoverable", func(c mdf.Claim) domain.Money { return c.Recoverable }),
		Amount("gross", func(c mdf.Claim) domain.Money { return c.Gross }),
		Text("settlement", func(c mdf.Claim) string { return string(c.Settlement) }),
		Amount("approved", func(c mdf.Claim) domain.Money { return approval(c).Approved }),
		Amount("input_tax", func(c mdf.Claim) domain.Money { return approval(c).InputTax }),
		Amount("paid", func(c mdf.Claim) domain.Money { return c.Paid }),
		Amount("owed", func(c mdf.Claim) domain.Money { return c.Owed() }),
		Text("fund_currency", func(c mdf.Claim) string { return approval(c).Drawn.Currency() }),
		Amount("drawn", func(c mdf.Claim) domain.Money { return approval(c).Drawn }),
		ID("event_id", func(c mdf.Claim) uuid.UUID { return c.EventID }),
		Number("revision", func(c mdf.Claim) int64 { return c.Revision }),
	}
}

// approval is what a claim was approved for; empty where it wasn't, or only by the first of two.
func approval(c mdf.Claim) mdf.Terms {
	if c.Terms == nil || c.Status == mdf.ClaimIsFirstApproved {
		return mdf.Terms{}
	}
	return *c.Terms
}
