package mdf_test

import (
	"testing"

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
