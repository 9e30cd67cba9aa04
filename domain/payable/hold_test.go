package payable_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

var (
	disputed = payable.Disputed{DisputeID: domain.DeriveID("dispute"), DealID: domain.DeriveID("deal")}
	another  = payable.Disputed{DisputeID: domain.DeriveID("dispute", "2"), DealID: domain.DeriveID("deal")}
)

func held(by payable.Disputed) payable.Held { return payable.Held{PayableID: id, Disputed: by} }

func lifted(by payable.Disputed) payable.HoldLifted {
	return payable.HoldLifted{PayableID: id, Disputed: by}
}

// byReactor has what only follows from other events.
func byReactor() domaintest.Option { return domaintest.By(domaintest.Scheduler()) }

// No payout takes what is held, and it sets off no debt, until the last dispute lets it go.
func TestAHeldPayableIsNotPaid(t *testing.T) {
	t.Parallel()
	claim := payable.Claim{PayoutID: first}
	o := there(t).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Then(held(disputed))
	o = o.When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Then()
	o = o.When(none, payable.PlaceHold{Disputed: another}, byReactor()).Then(held(another))
	require.True(t, o.State().Held())
	require.Equal(t, payable.StatusOpen, o.State().Status)
	o = o.When(none, claim).ThenRejected(conflict, "payable_held", "")
	o = o.When(none, payable.SetOff{ClawbackID: north, RecoveryID: payee, Amount: eur("1.00")}).ThenRejected(conflict, "payable_held", "")
	o = o.When(none, payable.LiftHold{Disputed: disputed}, byReactor()).Then(lifted(disputed))
	o = o.When(none, payable.LiftHold{Disputed: disputed}, byReactor()).Then()
	o = o.When(none, claim).ThenRejected(conflict, "payable_held", "")
	o = o.When(none, payable.LiftHold{Disputed: another}, byReactor()).Then(lifted(another))
	require.False(t, o.State().Held())
	o = o.When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Then(held(disputed)) // the deal counts again
	o = o.When(none, claim).ThenRejected(conflict, "payable_held", "")
	o = o.When(none, payable.LiftHold{Disputed: disputed}, byReactor()).Then(lifted(disputed))
	o.When(none, claim).Then(payable.Claimed{PayableID: id, PayoutID: first, Amount: eur("1234.56")})
}

// A claw-back pays nobody.
func TestWhatIsHeldIsStillTakenBack(t *testing.T) {
	t.Parallel()
	take := payable.TakeBack{ClawbackID: north, Amount: eur("1234.56"), Reason: "x", Cause: payable.CauseClawback}
	o := there(t).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Outcome().When(none, take).Outcome()
	require.NoError(t, o.Err())
	require.Equal(t, payable.StatusEnded, o.State().Status)
}

// What a payout has already is held as well; that it isn't sent is for the payout to see to. What it did send is gone, and what
// comes back of it is held.
func TestWhatAPayoutHasIsHeld(t *testing.T) {
	t.Parallel()
	o := claimed(t).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Then(held(disputed))
	require.Equal(t, payable.StatusClaimed, o.State().Status)
	o.When(none, payable.Claim{PayoutID: first}).Then()
	o.When(none, payable.Unclaim{PayoutID: first, Reason: "disputed"}).
		Then(payable.Unclaimed{PayableID: id, PayoutID: first, Reason: "disputed"}).
		When(none, payable.Claim{PayoutID: second}).ThenRejected(conflict, "payable_held", "")

	s := sent(t).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Then(held(disputed))
	s = s.When(none, payable.Confirm{PayoutID: first, Reference: "B-1"}).Outcome()
	require.Equal(t, payable.StatusPaid, s.State().Status)
	s = s.When(none, payable.Return{PayoutID: first, Reason: "account closed"}).Outcome()
	s.When(none, payable.Claim{PayoutID: second}).ThenRejected(conflict, "payable_held", "")

	c := claimed(t).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).Outcome()
	c.When(none, send(eur("1234.56"))).Then(payable.Sent{PayableID: id, PayeeID: payee, Payment: payment(eur("1234.56"))})
}

// It is raised and held in one append, so that no payout comes between.
func TestAPayableIsRaisedHeld(t *testing.T) {
	t.Parallel()
	raise := payable.Raise{
		PartnerID: north, Source: source, Amount: eur("1234.56"), Booked: usd("1337.89"), Due: due, Holds: []payable.Disputed{disputed, another},
	}
	start := domaintest.For(t, payable.Decider(), byReactor())
	start.When(none, raise).Then(raised(), held(disputed), held(another)).When(none, raise).Then()
	start.When(none, raise, domaintest.By(domaintest.Importer())).ThenRejected(domain.KindForbidden, "reactor_only", "")
	raise.Holds = []payable.Disputed{disputed, {DisputeID: domain.DeriveID("dispute")}}
	start.When(none, raise).ThenRejected(invalid, "invalid_field", "holds[1].deal_id")
}

func TestOnlyAReactorHolds(t *testing.T) {
	t.Parallel()
	for _, actor := range []domain.Actor{domaintest.Importer(), domaintest.Finance(), domaintest.Treasurer(), domaintest.Ops()} {
		for _, c := range []payable.Command{payable.PlaceHold{Disputed: disputed}, payable.LiftHold{Disputed: disputed}} {
			there(t).When(none, c, domaintest.By(actor)).ThenRejected(domain.KindForbidden, "role", "")
		}
	}
	for field, by := range map[string]payable.Disputed{
		"dispute_id": {DealID: disputed.DealID}, "deal_id": {DisputeID: disputed.DisputeID, DealID: uuid.Nil},
	} {
		there(t).When(none, payable.PlaceHold{Disputed: by}, byReactor()).ThenRejected(invalid, "invalid_field", field)
	}
	domaintest.For(t, payable.Decider()).When(none, payable.PlaceHold{Disputed: disputed}, byReactor()).
		ThenRejected(missing, "payable_unknown", "")
}
