package ledger_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
)

// owed is a fund with an approved claim of an amount, and its payable.
func owed(t *testing.T, y *treasury, fund, north uuid.UUID, number, amount string) (claim, id uuid.UUID) {
	t.Helper()
	request := y.requests(fund, north, amount)
	require.NoError(t, y.gives(mdf.FundCategory, fund, domaintest.Finance(), approval(request, amount)))
	claim = y.files(fund, north, request, number, amount+"0"[:0])
	require.NoError(t, y.gives(mdf.FundCategory, fund, domaintest.Finance(), mdf.ApproveClaim{
		ClaimID: claim, Approved: domain.Must(eur(amount).Percent(domain.Must(domain.ParseRate("50")))),
	}))
	s, _, err := y.l.Funds.Fold(ctx, fund)
	require.NoError(t, err)
	return claim, payable.IDOf(s.Claims[claim].Decided.EventID)
}

func (y *treasury) payable(id uuid.UUID) *payable.Payable {
	p, _, err := y.l.Payables.Fold(ctx, id)
	require.NoError(y.t, err)
	return p
}

func (y *treasury) claim(fund, id uuid.UUID) *mdf.Claim {
	s, _, err := y.l.Funds.Fold(ctx, fund)
	require.NoError(y.t, err)
	return s.Claims[id]
}

// claws does what the API does: the first half on the payable, then the claw-back.
func (y *treasury) claws(fund uuid.UUID, key string, c mdf.ClawBack) error {
	_, err := y.l.DoFund(ctx, fund, by(domaintest.Finance(), key), c)
	return err
}

// pays takes the payable through a payout, to the bank and its confirmation.
func (y *treasury) pays(id, payout uuid.UUID) {
	open := y.payable(id).Open.Amount
	for _, c := range []payable.Command{
		payable.Claim{PayoutID: payout},
		payable.Send{PayoutID: payout, BankAccount: "DE89370400440532013000", PayeeID: domain.DeriveID("payee"), Paid: open},
		payable.Confirm{PayoutID: payout, Reference: "B-1"},
	} {
		require.NoError(y.t, y.gives(payable.Category, id, domaintest.Treasurer(), c))
	}
	y.react()
}

// What is approved is raised, paid, confirmed on the claim, and owed again when it comes back.
func TestAClaimIsPaidByItsPayable(t *testing.T) {
	y, north, funds := funded(t)
	claim, id := owed(t, y, funds[0], north, "RE-1", "200.00")
	y.react()
	require.Equal(t, eur("100.00"), y.payable(id).Open.Amount)
	payout := domain.DeriveID("payout")
	y.pays(id, payout)
	require.Equal(t, mdf.ClaimIsPaid, y.claim(funds[0], claim).Status)
	require.Equal(t, "B-1", y.claim(funds[0], claim).Payment)

	require.NoError(t, y.gives(payable.Category, id, domaintest.Treasurer(), payable.Return{PayoutID: payout, Amount: eur("40.00"), Reason: "fee"}))
	y.react()
	require.Equal(t, eur("40.00"), y.claim(funds[0], claim).Owed())
	y.pays(id, domain.DeriveID("second payout"))
	require.Equal(t, mdf.ClaimIsPaid, y.claim(funds[0], claim).Status)
	require.Equal(t, eur("100.00"), y.claim(funds[0], claim).Paid)
	require.Equal(t, payable.StatusPaid, y.payable(id).Status)
}

// A claw-back of what isn't sent takes it from the payable, raised or not; one that a payout has waits; what was sent is owed.
func TestAClawbackTakesThePayableFirst(t *testing.T) {
	y, north, funds := funded(t)
	claim, id := owed(t, y, funds[0], north, "RE-1", "200.00")
	back := mdf.ClawBack{ClaimID: claim, Amount: eur("30.00"), Reason: "smaller"}
	require.NoError(t, y.claws(funds[0], "early", back), "before the reactor came to raise it")
	require.NoError(t, y.claws(funds[0], "early", back), "again: nothing more")
	require.Equal(t, eur("70.00"), y.payable(id).Open.Amount)
	require.False(t, y.claim(funds[0], claim).Clawbacks[0].Paid)
	y.react()
	require.Equal(t, eur("70.00"), y.payable(id).Open.Amount, "the reactor finds both halves")

	too := back
	too.Amount = eur("70.01")
	require.Equal(t, "above_approval", domain.AsRejection(y.claws(funds[0], "too much", too)).Rule)
	payout := domain.DeriveID("payout")
	require.NoError(t, y.gives(payable.Category, id, domaintest.Treasurer(), payable.Claim{PayoutID: payout}))
	require.Equal(t, "payable_claimed", domain.AsRejection(y.claws(funds[0], "claimed", back)).Rule)
	_, err := y.l.Funds.Do(ctx, funds[0], by(domaintest.Finance(), "past the lock"), back)
	require.Equal(t, "payable_open", domain.AsRejection(err).Rule)
	require.NoError(t, y.gives(payable.Category, id, domaintest.Treasurer(), payable.Send{
		PayoutID: payout, BankAccount: "DE89370400440532013000", PayeeID: north, Paid: eur("70.00"),
	}))
	require.NoError(t, y.claws(funds[0], "sent", back))
	require.True(t, y.claim(funds[0], claim).Clawbacks[1].Paid)
	require.NoError(t, y.gives(payable.Category, id, domaintest.Treasurer(), payable.Confirm{PayoutID: payout, Reference: "B-1"}))
	y.react()
	require.Equal(t, mdf.ClaimIsPaid, y.claim(funds[0], claim).Status)

	undo := mdf.ReverseClawback{ClaimID: claim, ClawbackID: y.claim(funds[0], claim).Clawbacks[0].ClawbackID, Reason: "it wasn't"}
	require.NoError(t, y.gives(mdf.FundCategory, funds[0], domaintest.Another(domaintest.Finance()), undo))
	y.react()
	again := payable.IDOf(y.claim(funds[0], claim).Clawbacks[0].Reversed.EventID)
	require.Equal(t, eur("30.00"), y.payable(again).Open.Amount)
	y.pays(again, payout)
	require.Equal(t, eur("100.00"), y.claim(funds[0], claim).Paid)
}

// A payment outside of this ledger, as an import knows it, takes the payable as a claw-back does.
func TestAPaymentElsewhereTakesThePayable(t *testing.T) {
	y, north, funds := funded(t)
	claim, id := owed(t, y, funds[0], north, "RE-1", "200.00")
	_, err := y.l.DoFund(ctx, funds[0], by(domaintest.Importer(), "paid"), mdf.PayClaim{ClaimID: claim, Reference: "SEPA 7"})
	require.NoError(t, err)
	y.react()
	require.Equal(t, payable.StatusEnded, y.payable(id).Status)
	require.Equal(t, mdf.ClaimIsPaid, y.claim(funds[0], claim).Status)
}

// A crash between the halves: the reactor gives the second one, on behalf of whoever gave the first.
func TestAClawbackIsFinishedBehindACrash(t *testing.T) {
	y, north, funds := funded(t)
	claim, id := owed(t, y, funds[0], north, "RE-1", "200.00")
	y.react()
	_, err := y.l.BeforeFund(ctx, funds[0], by(domaintest.Finance(), "half"), mdf.ClawBack{ClaimID: claim, Amount: eur("30.00"), Reason: "smaller"})
	require.NoError(t, err)
	y.react()
	require.Empty(t, y.claim(funds[0], claim).Clawbacks)
	y.now = y.now.Add(reactor.HalfAfter + time.Second)
	y.react()
	back := y.claim(funds[0], claim).Clawbacks[0]
	require.Equal(t, eur("30.00"), back.Amount)
	require.Equal(t, domaintest.Finance().ID, back.Step.OnBehalfOf)
	require.Equal(t, eur("70.00"), y.payable(id).Open.Amount)
	undo := mdf.ReverseClawback{ClaimID: claim, ClawbackID: back.ClawbackID, Reason: "x"}
	require.Equal(t, "maker_is_checker", domain.AsRejection(y.gives(mdf.FundCategory, funds[0], domaintest.Finance(), undo)).Rule)
}

// 16 batches and 16 claw-backs at once: whatever comes first, nothing that was clawed back unpaid is sent, and all adds up.
func TestClawbacksRaceBatches(t *testing.T) {
	y, north, funds := funded(t)
	type pair struct{ claim, payable uuid.UUID }
	var all []pair
	for i := range 4 {
		claim, id := owed(t, y, funds[0], north, fmt.Sprint("RE-", i), fmt.Sprint(200+i, ".00"))
		all = append(all, pair{claim, id})
	}
	y.react()
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() { // a batch
			payout := domain.DeriveID("payout", fmt.Sprint(i))
			for n := range all {
				id := all[(n+i)%len(all)].payable
				key := fmt.Sprint("batch ", i, n)
				if _, err := y.l.Payables.Do(ctx, id, by(domaintest.Treasurer(), key), payable.Claim{PayoutID: payout}); err != nil {
					assert.NotNil(t, domain.AsRejection(err), "%v", err)
					continue
				}
				p, _, err := y.l.Payables.Fold(ctx, id)
				if err != nil {
					t.Error(err)
					return
				}
				var next payable.Command = payable.Unclaim{PayoutID: payout, Reason: "abandoned"}
				if i%2 == 0 {
					next = payable.Send{PayoutID: payout, BankAccount: "DE89370400440532013000", PayeeID: north, Paid: p.Claimed.Amount}
				}
				_, err = y.l.Payables.Do(ctx, id, by(domaintest.Treasurer(), key+" next"), next)
				assert.NoError(t, err)
			}
		})
		group.Go(func() { // a claw-back
			for n := range all {
				c := mdf.ClawBack{ClaimID: all[(n+i)%len(all)].claim, Amount: eur("10.00"), Reason: "x"}
				if err := y.claws(funds[0], fmt.Sprint("claw ", i, n), c); err != nil {
					assert.NotNil(t, domain.AsRejection(err), "%v", err)
				}
			}
		})
	}
	group.Wait()
	for _, x := range all {
		p, claim := y.payable(x.payable), y.claim(funds[0], x.claim)
		unpaid := int64(0)
		for _, back := range claim.Clawbacks {
			if !back.Paid {
				unpaid += back.Payable().Minor()
			}
		}
		require.Equal(t, unpaid, p.TakenBack.Amount.Minor(), "what was clawed back unpaid was taken, and nothing else")
		require.Equal(t, p.Raised.Amount.Minor(), p.Open.Amount.Minor()+p.Sent.Amount.Minor()+p.TakenBack.Amount.Minor())
		require.Equal(t, uuid.Nil, p.ClaimedBy)
	}
}
