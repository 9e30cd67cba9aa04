package mdf_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

// approvedClaim is a claim of which EUR 500 and EUR 95 of tax are to be paid.
func approvedClaim(t *testing.T) (*story, uuid.UUID) {
	t.Helper()
	s := newStory(t)
	c := invoice(s.approved("1000.00"), "1", eur("1000.00"))
	c.Tax, c.TaxCode, c.Recoverable, c.Gross = eur("190.00"), "DE19", eur("190.00"), eur("1190.00")
	claim := s.files(c)
	s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("500.00"), InputTax: eur("95.00"), Final: true})
	return s, claim
}

// Payments settle the draw in proportion, the last one the rest; what comes back is owed again, and the draw it had settled.
func TestPaymentsByPayouts(t *testing.T) {
	s, claim := approvedClaim(t)
	settle := mdf.SettleClaim{ClaimID: claim, PayableID: domain.DeriveID("payable"), PaymentID: domain.DeriveID("first"), Reference: "B-1"}
	settle.Amount = eur("595.01")
	s.refuses(settle, conflict, "above_owed", "amount")
	settle.Amount = eur("119.00")
	s.refuses(settle, forbidden, "reactor_only", "", by(domaintest.Importer()))
	part := s.do(settle)[0].(mdf.ClaimPaid)
	require.Equal(t, []domain.Money{eur("119.00"), eur("100.00"), eur("476.00")}, []domain.Money{part.Amount, part.Drawn, part.Owed})
	require.Equal(t, mdf.ClaimIsApproved, s.claim(claim).Status)
	settle.PaymentID, settle.Amount = domain.DeriveID("second"), eur("476.00")
	rest := s.do(settle)[0].(mdf.ClaimPaid)
	require.Equal(t, eur("400.00"), rest.Drawn)
	require.Equal(t, mdf.ClaimIsPaid, s.claim(claim).Status)

	s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("50.00"), Reason: "smaller"}) // paid: the partner owes it
	back := mdf.ReturnClaimPayment{ClaimID: claim, PayableID: settle.PayableID, PaymentID: settle.PaymentID, Amount: eur("476.00"), Reason: "closed"}
	returned := s.do(back)[0].(mdf.ClaimPaymentReturned)
	require.Equal(t, eur("400.00"), returned.Drawn)
	require.Equal(t, mdf.ClaimIsApproved, s.claim(claim).Status)
	require.Equal(t, eur("476.00"), s.claim(claim).Owed())
	s.refuses(back, conflict, "above_paid", "amount")
	s.refuses(back, forbidden, "reactor_only", "", by(domaintest.Importer()))
}

// What is open is taken on the payables first, all of it or nothing; what was sent the partner owes, confirmed or not.
func TestAClawbackGoesByThePayables(t *testing.T) {
	back := func(claim uuid.UUID) mdf.ClawBack {
		return mdf.ClawBack{ClaimID: claim, Amount: eur("100.00"), InputTax: eur("19.00"), Reason: "x"}
	}
	for _, x := range []struct {
		payables mdf.Payables
		rule     string
		paid     bool
	}{
		{payables: mdf.Payables{Known: true, Open: eur("476.00"), Taken: eur("119.00")}},
		{payables: mdf.Payables{Known: true, Open: eur("0.00"), Taken: eur("0.00")}, paid: true},
		{payables: mdf.Payables{Known: true, Open: eur("595.00"), Taken: eur("0.00")}, rule: "payable_open"},
		{payables: mdf.Payables{Known: true, Open: eur("50.00"), Taken: eur("0.00")}, rule: "partly_paid"},
		{payables: mdf.Payables{Known: true, Open: eur("0.00"), Taken: eur("50.00")}, rule: "partly_paid"},
		{payables: mdf.Payables{}},
	} {
		s, claim := approvedClaim(t)
		s.facts.Payables = x.payables
		if x.rule != "" {
			s.refuses(back(claim), conflict, x.rule, "amount")
			continue
		}
		e := s.do(back(claim))[0].(mdf.ClaimClawedBack)
		require.Equal(t, x.paid, e.Paid)
	}
	s, claim := approvedClaim(t)
	s.facts.Payables = mdf.Payables{Known: true, Open: eur("476.00"), Taken: eur("119.00")}
	finish := mdf.FinishClawback{ClawBack: back(claim), ClawbackID: domain.DeriveID("half")}
	s.refuses(finish, forbidden, "reactor_only", "", by(domaintest.Finance()))
	require.Equal(t, domain.DeriveID("half"), s.do(finish)[0].(mdf.ClaimClawedBack).ClawbackID)
	require.Empty(t, s.do(finish))
	pay := mdf.PayClaim{ClaimID: claim, Reference: "x"}
	s.refuses(pay, conflict, "payable_exists", "claim_id")
	s.refuses(pay, forbidden, "role", "", by(domaintest.Treasurer()))
}
