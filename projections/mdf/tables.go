package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// tables are the read model's.
type tables struct {
	budgets  *projections.Table[BudgetWithMoney]
	funds    *projections.Table[mdf.Fund]
	requests *projections.Table[mdf.Request]
	claims   *projections.Table[mdf.Claim]
}

func open(s *projections.Schema) *tables {
	return &tables{budgets: newBudgets(s), funds: newFunds(s), requests: newRequests(s), claims: newClaims(s)}
}

func newBudgets(s *projections.Schema) *projections.Table[BudgetWithMoney] {
	text := projections.Text[BudgetWithMoney]
	return projections.NewTable(s, "budgets",
		projections.Flag("known", func(b *BudgetWithMoney) bool { return b.Exists() }),
		text("name", func(b *BudgetWithMoney) string { return listing.Fold(b.Name) }),
		text("status", func(b *BudgetWithMoney) string { return string(b.Status) }),
		text("currency", func(b *BudgetWithMoney) string { return b.Currency() }),
		text("period_from", func(b *BudgetWithMoney) string { return b.Period.From.String() }),
		projections.Int("opened_at", func(b *BudgetWithMoney) int64 { return listing.Moment(b.Opened.At) }),
	).
		IndexOn("period_from", "key")
}

func newFunds(s *projections.Schema) *projections.Table[mdf.Fund] {
	text, number := projections.Text[mdf.Fund], projections.Int[mdf.Fund]
	return projections.NewTable(s, "funds",
		projections.Flag("known", func(f *mdf.Fund) bool { return f.ID != uuid.Nil }),
		text("budget", func(f *mdf.Fund) string { return f.BudgetID.String() }),
		text("partner", func(f *mdf.Fund) string { return f.PartnerID.String() }),
		text("currency", func(f *mdf.Fund) string { return f.Currency() }),
		number("available", func(f *mdf.Fund) int64 { return f.Available.Minor() }),
		number("expires_at", func(f *mdf.Fund) int64 { return listing.Moment(f.ExpiresAt) }),
	).
		IndexOn("expires_at", "key").
		IndexOn("partner", "expires_at", "key").
		IndexOn("budget")
}

func newRequests(s *projections.Schema) *projections.Table[mdf.Request] {
	text, number := projections.Text[mdf.Request], projections.Int[mdf.Request]
	return projections.NewTable(s, "requests",
		projections.Flag("known", func(r *mdf.Request) bool { return r.ID != uuid.Nil }),
		text("fund", func(r *mdf.Request) string { return r.FundID.String() }),
		text("budget", func(r *mdf.Request) string { return r.BudgetID.String() }),
		text("partner", func(r *mdf.Request) string { return r.PartnerID.String() }),
		text("status", func(r *mdf.Request) string { return string(r.Status) }),
		text("activity", func(r *mdf.Request) string { return string(r.Activity) }),
		text("title", func(r *mdf.Request) string { return listing.Fold(r.Title) }),
		text("currency", func(r *mdf.Request) string { return r.Currency() }),
		number("requested", func(r *mdf.Request) int64 { return r.Requested.Minor() }),
		number("reserved", func(r *mdf.Request) int64 { return r.Reserved.Minor() }),
		number("submitted_at", func(r *mdf.Request) int64 { return listing.Moment(r.Submitted.At) }),
		number("claim_until", func(r *mdf.Request) int64 {
			if r.Approval == nil {
				return listing.Moment(noTime)
			}
			return listing.Moment(r.Approval.ClaimUntil)
		}),
	).
		IndexOn("submitted_at", "key").
		IndexOn("partner", "submitted_at", "key").
		IndexOn("status", "submitted_at", "key").
		IndexOn("fund")
}

func newClaims(s *projections.Schema) *projections.Table[mdf.Claim] {
	text, number := projections.Text[mdf.Claim], projections.Int[mdf.Claim]
	return projections.NewTable(s, "claims",
		projections.Flag("known", func(c *mdf.Claim) bool { return c.ID != uuid.Nil }),
		text("fund", func(c *mdf.Claim) string { return c.FundID.String() }),
		text("budget", func(c *mdf.Claim) string { return c.BudgetID.String() }),
		text("partner", func(c *mdf.Claim) string { return c.PartnerID.String() }),
		text("request", func(c *mdf.Claim) string { return c.RequestID.String() }),
		text("status", func(c *mdf.Claim) string { return string(c.Status) }),
		text("supplier", func(c *mdf.Claim) string { return listing.Fold(c.Supplier) }),
		text("invoice_number", func(c *mdf.Claim) string { return c.InvoiceNumber }),
		text("currency", func(c *mdf.Claim) string { return c.Currency() }),
		projections.Flag("flagged", flagged),
		number("gross", func(c *mdf.Claim) int64 { return c.Gross.Minor() }),
		number("filed_at", func(c *mdf.Claim) int64 { return listing.Moment(c.FiledAt) }),
	).
		IndexOn("filed_at", "key").
		IndexOn("partner", "filed_at", "key").
		IndexOn("status", "filed_at", "key").
		IndexOn("request").
		IndexOn("fund")
}

// flagged reports whether somebody has to say that the claim is no duplicate.
func flagged(c *mdf.Claim) bool {
	for _, f := range c.Findings {
		if !f.Override.Taken() {
			return true
		}
	}
	return false
}
