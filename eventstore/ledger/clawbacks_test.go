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
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// debtor is a partner that owes 60.00 because of a claw-back of a claim that it was paid, and is owed 100.00 for another.
type debtor struct {
	*treasury
	fund, claim, back, payable uuid.UUID
}

func newDebtor(t *testing.T) *debtor {
	t.Helper()
	y, north, funds := funded(t)
	d := &debtor{treasury: y, fund: funds[0]}
	var paid uuid.UUID
	d.claim, paid = owed(t, y, d.fund, north, "RE-1", "200.00")
	_, d.payable = owed(t, y, d.fund, north, "RE-2", "201.00")
	y.react()
	y.pays(paid, domain.DeriveID("payout"))
	require.NoError(t, y.claws(d.fund, "back", mdf.ClawBack{ClaimID: d.claim, Amount: eur("60.00"), Reason: "no stand"}))
	d.back = y.claim(d.fund, d.claim).Clawbacks[0].ClawbackID
	return d
}

func (d *debtor) offset(amount string) clawback.Recover {
	return clawback.Recover{ClawbackID: d.back, By: clawback.ByOffset, Amount: eur(amount), PayableID: d.payable, Reference: "agreed"}
}

func (d *debtor) writesOff(amount string) clawback.Recover {
	return clawback.Recover{ClawbackID: d.back, By: clawback.ByWriteOff, Amount: eur(amount), Reference: "insolvent"}
}

func (d *debtor) recovers(c clawback.Recover) error {
	return d.gives(clawback.Category, d.back, domaintest.Finance(), c)
}

func (d *debtor) left() domain.Money {
	r, err := d.l.ReceivableOf(ctx, d.back)
	require.NoError(d.t, err)
	require.Equal(d.t, domain.StreamName(mdf.FundCategory, d.fund), r.Stream)
	return r.Left(r.Facts)
}

// mayCome is what a payment to a bank account may be for; nought where it is for nothing.
func (d *debtor) mayCome(bankAccount string) (amount domain.Money) {
	open, err := d.l.OpenDebts(ctx, bankAccount, "EUR")
	require.NoError(d.t, err)
	for _, x := range open {
		require.Equal(d.t, d.back, x.ID)
		amount = x.Amount
	}
	return amount
}

func (d *debtor) undoes() error {
	return d.gives(mdf.FundCategory, d.fund, domaintest.Another(domaintest.Finance()), mdf.ReverseClawback{
		ClaimID: d.claim, ClawbackID: d.back, Reason: "there was one",
	})
}

func rule(err error) string {
	if r := domain.AsRejection(err); r != nil {
		return r.Rule
	}
	return fmt.Sprint(err)
}

// Whatever the means, no more is recovered than is owed, and then the claw-back stays.
func TestADebtIsRecovered(t *testing.T) {
	d := newDebtor(t)
	open := d.treasury.payable(d.payable).Open.Amount
	require.Equal(t, "more_than_owed", rule(d.recovers(d.offset("60.01"))))
	require.Equal(t, open, d.treasury.payable(d.payable).Open.Amount, "nothing was taken")
	require.NoError(t, d.recovers(clawback.Recover{
		ClawbackID: d.back, By: clawback.ByPayment, Amount: eur("10.00"), BankAccount: "NO9386011117947", Reference: "SEPA 9",
	}))
	require.NoError(t, d.recovers(d.offset("20.00")))
	require.Equal(t, domain.Must(open.Sub(eur("20.00"))), d.treasury.payable(d.payable).Open.Amount)
	require.Equal(t, eur("30.00"), d.left())
	require.Equal(t, eur("40.00"), d.mayCome("NO9386011117947"), "what was recorded is to be shown yet")
	require.Equal(t, eur("30.00"), d.mayCome("DE89370400440532013000"))
	require.Equal(t, "clawback_recovered", rule(d.undoes()))
	require.Equal(t, "more_than_owed", rule(d.recovers(d.writesOff("30.01"))))
	require.NoError(t, d.recovers(d.writesOff("30.00")))
	require.Equal(t, eur("0.00"), d.left())
	unknown := d.writesOff("1.00")
	unknown.ClawbackID = d.claim
	require.Equal(t, "clawback_unknown", rule(d.gives(clawback.Category, d.claim, domaintest.Finance(), unknown)))
	y := d.treasury
	y.now = y.now.Add(time.Hour)
	y.react()
	require.Equal(t, eur("0.00"), d.left(), "the reactor finds both halves")
	require.Equal(t, eur("10.00"), d.mayCome("NO9386011117947"))
	require.Zero(t, d.mayCome("DE89370400440532013000"))
}

func TestAnUndoneClawbackIsNotRecovered(t *testing.T) {
	d := newDebtor(t)
	require.Equal(t, eur("60.00"), d.mayCome("DE89370400440532013000"))
	require.NoError(t, d.undoes())
	require.Zero(t, d.mayCome("DE89370400440532013000"))
	require.Equal(t, "more_than_owed", rule(d.recovers(d.writesOff("0.01"))))
}

func TestAnOffsetWaitsForThePayout(t *testing.T) {
	d := newDebtor(t)
	payout := domain.DeriveID("another payout")
	require.NoError(t, d.gives(payable.Category, d.payable, domaintest.Treasurer(), payable.Claim{PayoutID: payout}))
	require.Equal(t, "payable_claimed", rule(d.recovers(d.offset("20.00"))))
	require.NoError(t, d.gives(payable.Category, d.payable, domaintest.Treasurer(), payable.Unclaim{PayoutID: payout, Reason: "x"}))
	require.NoError(t, d.recovers(d.offset("20.00")))
}

// What a dispute holds settles no debt either; nothing is spoken for by the attempt.
func TestWhatIsDisputedIsNotOffset(t *testing.T) {
	d := newDebtor(t)
	by := payable.Disputed{DisputeID: domain.DeriveID("dispute"), DealID: domain.DeriveID("deal")}
	robot := reactor.Actor(reactor.PayablesName)
	require.NoError(t, d.gives(payable.Category, d.payable, robot, payable.PlaceHold{Disputed: by}))
	require.Equal(t, "payable_held", rule(d.recovers(d.offset("20.00"))))
	require.Equal(t, eur("60.00"), d.left())
	require.NoError(t, d.gives(payable.Category, d.payable, robot, payable.LiftHold{Disputed: by}))
	require.NoError(t, d.recovers(d.offset("20.00")))
}

// Between the halves the process stops: what the payable gave is spoken for, and the reactor records it once.
func TestAnOffsetIsFinishedBehindACrash(t *testing.T) {
	for _, recorded := range []bool{true, false} {
		d := newDebtor(t)
		whole := d.l
		d.l = reopened(t, d.treasury, &mortal{Store: whole.Store, left: 2, recorded: recorded})
		h := by(domaintest.Finance(), "half")
		_, err := d.l.DoClawback(ctx, d.back, h, d.offset("20.00"))
		require.ErrorIs(t, err, errKilled)
		d.l = whole
		require.Equal(t, eur("40.00"), d.left())
		require.Equal(t, "more_than_owed", rule(d.recovers(d.writesOff("40.01"))))
		require.Equal(t, "clawback_recovered", rule(d.undoes()))
		require.NoError(t, d.recovers(d.writesOff("40.00")))
		d.react()
		d.now = d.now.Add(reactor.HalfAfter + time.Second)
		d.react()
		s, _, err := d.l.Clawbacks.Fold(ctx, d.back)
		require.NoError(t, err)
		require.Len(t, s.Recoveries, 2)
		require.Equal(t, eur("60.00"), s.Recovered)
		require.True(t, s.Has(clawback.RecoveryID(h.CommandID, d.back)))
		again, err := d.l.DoClawback(ctx, d.back, h, d.offset("20.00"))
		require.NoError(t, err)
		require.True(t, again.Repeated || again.Count == 0)
	}
}

// reopened is the ledger as a process has it that starts now, over a store.
func reopened(t *testing.T, y *treasury, store *mortal) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(store, y.keyring, func() time.Time { return y.now })
	require.NoError(t, err)
	return l
}

// 16 offsets, payouts and reversals at once: never more than is owed, nothing twice, and undone or recovered, but not both.
func TestOffsetsRacePayouts(t *testing.T) {
	d := newDebtor(t)
	raised := d.treasury.payable(d.payable).Open.Amount
	var group sync.WaitGroup
	for i := range 16 {
		key := fmt.Sprint("race ", i)
		group.Go(func() {
			_, err := d.l.DoClawback(ctx, d.back, by(domaintest.Finance(), key), d.offset("7.00"))
			assert.True(t, err == nil || domain.AsRejection(err) != nil, "%v", err)
		})
		group.Go(func() {
			payout := domain.DeriveID(key)
			if _, err := d.l.Payables.Do(ctx, d.payable, by(domaintest.Treasurer(), key+" claim"), payable.Claim{PayoutID: payout}); err == nil {
				_, err := d.l.Payables.Do(ctx, d.payable, by(domaintest.Treasurer(), key+" free"), payable.Unclaim{PayoutID: payout, Reason: "x"})
				assert.NoError(t, err)
			}
		})
		group.Go(func() {
			_, err := d.l.DoFund(ctx, d.fund, by(domaintest.Another(domaintest.Finance()), key+" undo"), mdf.ReverseClawback{
				ClaimID: d.claim, ClawbackID: d.back, Reason: "x",
			})
			assert.True(t, err == nil || domain.AsRejection(err) != nil, "%v", err)
		})
	}
	group.Wait()
	s, _, err := d.l.Clawbacks.Fold(ctx, d.back)
	require.NoError(t, err)
	p := d.treasury.payable(d.payable)
	require.Equal(t, s.Recovered.Minor(), p.Offset.Amount.Minor(), "both halves of each")
	require.Equal(t, raised.Minor()-s.Recovered.Minor(), p.Open.Amount.Minor())
	require.LessOrEqual(t, s.Recovered.Minor(), int64(6000))
	undone := d.treasury.claim(d.fund, d.claim).Clawbacks[0].Reversed.Taken()
	require.False(t, undone && len(s.Recoveries) > 0)
}
