package mdf

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

var noTime time.Time

// BudgetQuery says which budgets are wanted: those that have, in every field given, one of the values. Sorts are
// period_from, opened_at and name; the latest period comes first by default.
type BudgetQuery struct {
	Text     string // somewhere in the name, capitals or not
	ID       []uuid.UUID
	Status   []mdf.BudgetStatus
	Currency []string
	listing.Request
}

// FundQuery says which funds are wanted. Sorts are expires_at and available; the first to expire comes first by default.
type FundQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: everybody's

	ID       []uuid.UUID
	Budget   []uuid.UUID
	Partner  []uuid.UUID
	Currency []string
	listing.Request
}

// RequestQuery says which requests are wanted. Sorts are submitted_at, claim_until, requested and reserved; the latest
// submission comes first by default. Amounts sort by minor units, so filter by one currency along with them.
type RequestQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: everybody's

	Text       string // somewhere in the title, capitals or not
	ID         []uuid.UUID
	Fund       []uuid.UUID
	Budget     []uuid.UUID
	Partner    []uuid.UUID
	Status     []mdf.RequestStatus
	Activity   []mdf.Activity
	Currency   []string
	Submitted  listing.Period
	ClaimUntil listing.Period
	listing.Request
}

// ClaimQuery says which claims are wanted. Sorts are filed_at and gross; the latest comes first by default.
type ClaimQuery struct {
	Scope uuid.UUID // only this partner's, whatever else is asked for; zero: everybody's

	Supplier      string // somewhere in the name, capitals or not
	InvoiceNumber []string
	ID            []uuid.UUID
	Fund          []uuid.UUID
	Budget        []uuid.UUID
	Partner       []uuid.UUID
	RequestID     []uuid.UUID
	Status        []mdf.ClaimStatus
	Currency      []string // of the claim
	Flagged       *bool    // whether somebody has to say that it is no duplicate
	Filed         listing.Period
	listing.Request
}

// GetBudget is one budget; nil where there is none.
func GetBudget(ctx context.Context, q projections.Querier, id uuid.UUID) (*BudgetWithMoney, error) {
	b, err := projections.One[BudgetWithMoney](ctx, q, "budgets", id.String())
	if b == nil || err != nil || !b.Exists() {
		return nil, err
	}
	return b, nil
}

// GetFund is one fund; nil where there is none.
func GetFund(ctx context.Context, q projections.Querier, id uuid.UUID) (*mdf.Fund, error) {
	f, err := projections.One[mdf.Fund](ctx, q, "funds", id.String())
	if f == nil || err != nil || f.ID == uuid.Nil {
		return nil, err
	}
	return f, nil
}

// GetRequest is one request; nil where there is none.
func GetRequest(ctx context.Context, q projections.Querier, id uuid.UUID) (*mdf.Request, error) {
	r, err := projections.One[mdf.Request](ctx, q, "requests", id.String())
	if r == nil || err != nil || r.ID == uuid.Nil {
		return nil, err
	}
	return r, nil
}

// GetClaim is one claim; nil where there is none.
func GetClaim(ctx context.Context, q projections.Querier, id uuid.UUID) (*mdf.Claim, error) {
	c, err := projections.One[mdf.Claim](ctx, q, "claims", id.String())
	if c == nil || err != nil || c.ID == uuid.Nil {
		return nil, err
	}
	return c, nil
}

// Budgets is a page of budgets.
// Errors, here and of the others: a Rejection of kind Invalid that names sort, cursor, limit or the filter.
func Budgets(ctx context.Context, q projections.Querier, query BudgetQuery) (listing.Page[BudgetWithMoney], error) {
	var w listing.Where
	w.That("known = 1")
	w.Contains("name", query.Text)
	listing.IDsAs(&w, "id", "key", query.ID)
	listing.In(&w, "status", query.Status)
	listing.In(&w, "currency", query.Currency)
	table := listing.Table{Name: "budgets", Sorts: []string{"-period_from", "opened_at", "name"}}
	return listing.Fetch[BudgetWithMoney](ctx, q, table, w, query.Request, nil)
}

// Funds is a page of funds.
func Funds(ctx context.Context, q projections.Querier, query FundQuery) (listing.Page[mdf.Fund], error) {
	var w listing.Where
	w.That("known = 1")
	w.Is("partner", query.Scope)
	listing.IDsAs(&w, "id", "key", query.ID)
	listing.IDsAs(&w, "budget_id", "budget", query.Budget)
	listing.IDsAs(&w, "partner_id", "partner", query.Partner)
	listing.In(&w, "currency", query.Currency)
	table := listing.Table{Name: "funds", Sorts: []string{"expires_at", "available"}}
	return listing.Fetch[mdf.Fund](ctx, q, table, w, query.Request, nil)
}

// Requests is a page of requests.
func Requests(ctx context.Context, q projections.Querier, query RequestQuery) (listing.Page[mdf.Request], error) {
	var w listing.Where
	w.That("known = 1")
	w.Is("partner", query.Scope)
	w.Contains("title", query.Text)
	listing.IDsAs(&w, "id", "key", query.ID)
	listing.IDsAs(&w, "fund_id", "fund", query.Fund)
	listing.IDsAs(&w, "budget_id", "budget", query.Budget)
	listing.IDsAs(&w, "partner_id", "partner", query.Partner)
	listing.In(&w, "status", query.Status)
	listing.In(&w, "activity", query.Activity)
	listing.In(&w, "currency", query.Currency)
	w.Within("submitted_at", query.Submitted)
	w.Within("claim_until", query.ClaimUntil)
	table := listing.Table{Name: "requests", Sorts: []string{"-submitted_at", "claim_until", "requested", "reserved"}}
	return listing.Fetch[mdf.Request](ctx, q, table, w, query.Request, nil)
}

// Claims is a page of claims.
func Claims(ctx context.Context, q projections.Querier, query ClaimQuery) (listing.Page[mdf.Claim], error) {
	var w listing.Where
	w.That("known = 1")
	w.Is("partner", query.Scope)
	w.Contains("supplier", query.Supplier)
	listing.In(&w, "invoice_number", query.InvoiceNumber)
	listing.IDsAs(&w, "id", "key", query.ID)
	listing.IDsAs(&w, "fund_id", "fund", query.Fund)
	listing.IDsAs(&w, "budget_id", "budget", query.Budget)
	listing.IDsAs(&w, "partner_id", "partner", query.Partner)
	listing.IDsAs(&w, "request_id", "request", query.RequestID)
	listing.In(&w, "status", query.Status)
	listing.In(&w, "currency", query.Currency)
	if query.Flagged != nil {
		w.That("flagged = ?", map[bool]int{true: 1}[*query.Flagged])
	}
	w.Within("filed_at", query.Filed)
	table := listing.Table{Name: "claims", Sorts: []string{"-filed_at", "gross"}}
	return listing.Fetch[mdf.Claim](ctx, q, table, w, query.Request, nil)
}
