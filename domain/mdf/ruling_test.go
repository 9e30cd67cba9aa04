package mdf_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

func TestARulingApprovesADeniedClaim(t *testing.T) {
	reactor := by(domaintest.Scheduler())
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("1000.00")), on(60))
	c := mdf.ApproveByRuling{ClaimID: claim, Amount: eur("400.00"), Ruling: domain.DeriveID("ruling"), Reason: "dispute 1"}
	s.refuses(c, conflict, "wrong_status", "claim_id", on(61), reactor)
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no stand in the picture"}, on(70))
	s.refuses(c, forbidden, "reactor_only", "", on(71), by(domaintest.Importer()))
	missed := c
	missed.ClaimID = id
	s.refuses(missed, missing, "claim_unknown", "claim_id", on(71), reactor)
	above := c
	above.Amount = eur("600.00")
	s.refuses(above, conflict, "above_share", "approved", on(71), reactor)
	events := s.do(c, on(71), reactor)
	require.IsType(t, mdf.ClaimReopened{}, events[0])
	require.IsType(t, mdf.ClaimApproved{}, events[1])
	require.Equal(t, mdf.ClaimIsApproved, s.claim(claim).Status)
	s.balance("9000.00", "600.00", "400.00", "0.00")

	s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("400.00"), Reason: "dispute 1 was overturned"}, on(80), reactor)
	s.balance("9400.00", "600.00", "0.00", "0.00")
}

func TestARulingReservesAnewWhatWasFreed(t *testing.T) {
	reactor := by(domaintest.Scheduler())
	s := newStory(t)
	id := s.approved("1000.00")
	claim := s.files(invoice(id, "1", eur("1000.00")), on(60))
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no stand in the picture"}, on(70))
	s.do(mdf.LapseRequest{RequestID: id}, on(100))
	s.balance("10000.00", "0.00", "0.00", "0.00")
	s.do(mdf.ReleaseFund{PartnerID: north, Amount: eur("9800.00"), Reason: "elsewhere"}, on(100))
	c := mdf.ApproveByRuling{ClaimID: claim, Amount: eur("500.00"), Ruling: domain.DeriveID("ruling"), Reason: "dispute 1"}
	s.refuses(c, conflict, "fund_short", "reserve", on(103), reactor)
	c.Amount = eur("150.00")
	s.do(c, on(103), reactor)
	s.balance("50.00", "0.00", "150.00", "0.00")
}

// The vector of domain.md section 11: a claim of EUR 1 234.56 on a fund in dollars, with tax paid along.
func TestARulingApprovesAClaimInAnotherCurrency(t *testing.T) {
	reactor := by(domaintest.Scheduler())
	for _, ended := range []bool{false, true} {
		s, id := inDollars(t)
		filed := invoice(id, "1", eur("2469.12"))
		filed.Gross, filed.Tax, filed.Recoverable, filed.TaxCode = eur("2938.25"), eur("469.13"), eur("469.13"), "DE-VAT-19"
		claim := s.files(filed, on(60))
		s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no stand in the picture"}, on(70))
		if ended {
			s.do(mdf.LapseRequest{RequestID: id}, on(100))
		}
		c := mdf.ApproveByRuling{ClaimID: claim, Amount: eur("1234.56"), Ruling: domain.DeriveID("ruling"), Reason: "dispute 1"}
		s.refuses(c, invalid, "invalid_field", "fx.rate", on(101), reactor)
		c.FX = mdf.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB 2026-04-01"}
		c.InputTax = eur("469.14")
		s.refuses(c, conflict, "above_tax", "input_tax", on(101), reactor)
		c.InputTax = eur("234.57")
		s.do(c, on(101), reactor)
		terms := *s.claim(claim).Terms
		require.Equal(t, []domain.Money{usd("1337.89"), eur("1469.13")}, []domain.Money{terms.Drawn, terms.Payable()})
		require.Equal(t, usd("1337.89"), s.state.Fund.Spent, "reserved anew is what it is drawn by")

		s.do(mdf.ClawBack{ClaimID: claim, Amount: terms.Approved, InputTax: terms.InputTax, Reason: "dispute 1 was overturned"}, on(103), reactor)
		require.Equal(t, eur("0.00"), s.claim(claim).Owed())
		require.Equal(t, usd("0.00"), s.state.Fund.Spent)
	}
}

func TestARateIsRefusedWhereNoneIsNeeded(t *testing.T) {
	s := newStory(t)
	claim := s.files(invoice(s.approved("1000.00"), "1", eur("1000.00")), on(60))
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no stand in the picture"}, on(70))
	c := mdf.ApproveByRuling{ClaimID: claim, Amount: eur("400.00"), Ruling: domain.DeriveID("ruling"), Reason: "dispute 1"}
	c.FX = mdf.FX{Rate: domain.Must(domain.ParseRate("1")), Source: "ECB 2026-04-01"}
	s.refuses(c, invalid, "invalid_field", "fx", on(71), by(domaintest.Scheduler()))
}

// inDollars is a fund of USD 10 000, and a request for 2 000 of it that is approved.
func inDollars(t *testing.T) (s *story, request uuid.UUID) {
	t.Helper()
	begun := domaintest.For(t, mdf.FundDecider(), domaintest.StreamID(fundID), on(0)).Given()
	s = &story{t: t, then: begun, facts: mdf.FundFacts{Rules: rules(), Partner: standing()}}
	s.do(mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("a"), Amount: usd("10000.00"), ExpiresAt: expires})
	c := submission("2000.00")
	c.TotalCost, c.Requested = usd("4000.00"), usd("2000.00")
	s.do(c)
	request = s.created("request")
	s.do(mdf.ApproveRequest{RequestID: request, Amount: usd("2000.00"), Treatment: mdf.ContraRevenue, Basis: basis})
	return s, request
}
