package reactor_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
)

var (
	claimID     = domain.DeriveID("test", "claim")
	ofClaim     = mdf.OfClaim{RequestID: request.RequestID, ClaimID: claimID}
	onAgreement = domain.StreamName(rebate.Category, other)
	payoutID    = domain.DeriveID("test", "payout")
)

func euros(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func approvedFor(amount string) mdf.ClaimApproved {
	return mdf.ClaimApproved{FundRef: of, OfClaim: ofClaim, Terms: mdf.Terms{Approved: euros(amount), InputTax: euros("0.00"), Drawn: euros(amount)}}
}

// teller is a rule and the log that it is told: what it orders is answered there, or not.
type teller struct {
	*testing.T
	rule  *reactor.Payables
	log   []toldEvent
	given []reactor.Order
}

type toldEvent struct {
	event domain.Event
	env   domain.Envelope
}

func newTeller(t *testing.T) *teller {
	t.Helper()
	return &teller{T: t, rule: reactor.NewPayables()}
}

func (w *teller) tell(event domain.Event, env domain.Envelope) {
	env.Type = event.EventType()
	require.Contains(w, w.rule.Types(), env.Type)
	w.log = append(w.log, toldEvent{event, env})
	w.rule.Observe(event, env)
}

// commands are what the rule orders by now.
func (w *teller) commands() (commands []any) {
	w.Helper()
	w.given = w.rule.Due(day(1))
	for _, o := range w.given {
		commands = append(commands, o.Command)
	}
	return commands
}

// onPayable is an event of the payable of a cause; by: the order that it answers, or nil.
func (w *teller) onPayable(of, id string, answers *reactor.Order) domain.Envelope {
	env := envelope(domain.StreamName(payable.Category, payable.IDOf(domain.DeriveID(of))), id, domain.DeriveID("command", id))
	env.RecordedAt = day(1)
	if answers != nil {
		env.CommandID, env.Actor = answers.Header(w.rule.Name()).CommandID, reactor.Actor(w.rule.Name())
	}
	return env
}

// raised tells that the one order was carried out.
func (w *teller) raised(of string) payable.Raised {
	w.Helper()
	commands := w.commands()
	require.Len(w, commands, 1)
	c := commands[0].(payable.Raise)
	e := payable.Raised{PayableID: payable.IDOf(c.Source.EventID), PartnerID: c.PartnerID, Source: c.Source, Amount: c.Amount, Booked: c.Booked, Due: c.Due}
	w.tell(e, w.onPayable(of, "raised "+of, &w.given[0]))
	return e
}

// restarts demands that a rule that begins anew has nothing to do but what is still wanted.
func (w *teller) restarts(commands ...any) {
	w.Helper()
	w.rule = reactor.NewPayables()
	for _, l := range slices.Clone(w.log) {
		w.rule.Observe(l.event, l.env)
	}
	require.Equal(w, commands, w.commands())
}

func TestWhatIsApprovedIsPayable(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	foreign := approvedFor("1234.56")
	foreign.Drawn, foreign.InputTax = domain.Must(domain.ParseMoney("1337.89", "USD")), euros("100.00")
	foreign.FX = mdf.FX{Rate: domain.Must(domain.ParseRate("1.0837")), Source: "ECB"}
	w.tell(foreign, onFund("approved"))
	e := w.raised("approved")
	require.Equal(t, payable.Raised{
		PayableID: payable.IDOf(domain.DeriveID("approved")), PartnerID: other,
		Source: payable.Source{Kind: payable.KindClaim, Stream: onFund("").Stream, ID: claimID, EventID: domain.DeriveID("approved")},
		Amount: euros("1334.56"), Booked: domain.Must(domain.ParseMoney("1446.26", "USD")), // with the tax at the same rate
		Due: domain.DateOf(day(1), time.UTC).AddDays(30),
	}, e)
	w.restarts()
	_, planned := w.rule.Next()
	require.False(t, planned)
}

// A rebate's payable holds what was adjusted until its approval; what is added later has one of its own.
func TestARebatesPayables(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	on := func(id string) domain.Envelope { return envelope(onAgreement, id, domain.DeriveID("command", id)) }
	w.tell(rebate.Adjusted{PartnerID: other, Delta: euros("5.00")}, on("early"))
	w.tell(rebate.Approved{PartnerID: other, Amount: euros("10.00"), Total: euros("15.00")}, on("approved"))
	require.Equal(t, euros("15.00"), w.raised("approved").Amount)
	w.tell(rebate.Adjusted{PartnerID: other, Delta: euros("2.00")}, on("late"))
	require.Equal(t, euros("2.00"), w.raised("late").Amount)
	w.tell(rebate.SpiffEarned{PartnerID: other, SpiffID: claimID, Amount: euros("50.00")}, on("spiff"))
	require.Equal(t, payable.KindSpiff, w.raised("spiff").Source.Kind)
	w.restarts()
}

// What got less is taken back from what is open: at once, or when the payout lets it go, or when it comes back.
func TestWhatGotLessIsTakenBackWhenItIsFree(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	on := func(id string) domain.Envelope { return envelope(onAgreement, id, domain.DeriveID("command", id)) }
	w.tell(rebate.Approved{PartnerID: other, Amount: euros("10.00"), Total: euros("10.00")}, on("approved"))
	w.raised("approved")
	w.tell(payable.Claimed{PayoutID: payoutID, Amount: euros("10.00")}, w.onPayable("approved", "claimed", nil))
	less := rebate.Adjusted{PartnerID: other, AdjustmentID: domain.DeriveID("less"), Delta: euros("-4.00"), FromPayable: euros("4.00"), Reason: "returned"}
	w.tell(less, on("less"))
	require.Empty(t, w.commands(), "a payout has it")
	w.tell(payable.Unclaimed{PayoutID: payoutID}, w.onPayable("approved", "unclaimed", nil))
	want := payable.TakeBack{ClawbackID: less.AdjustmentID, Amount: euros("4.00"), Reason: "returned", Cause: payable.CauseAdjustment}
	require.Equal(t, []any{want}, w.commands())

	again := domain.DeriveID("payout", "2") // it was faster: the order is refused
	w.tell(payable.Claimed{PayoutID: again, Amount: euros("10.00")}, w.onPayable("approved", "claimed again", nil))
	w.tell(payable.Sent{Payment: payable.Payment{PayoutID: again, Amount: euros("10.00")}}, w.onPayable("approved", "sent", nil))
	require.Empty(t, w.commands(), "nothing is open")
	w.tell(payable.Returned{Payment: payable.Payment{PayoutID: again, Amount: euros("3.00")}}, w.onPayable("approved", "returned", nil))
	commands := w.commands()
	require.Len(t, commands, 1)
	part := commands[0].(payable.TakeBack)
	require.Equal(t, euros("3.00"), part.Amount)
	w.tell(payable.TakenBack{ClawbackID: part.ClawbackID, Amount: part.Amount, Cause: part.Cause}, w.onPayable("approved", "taken", &w.given[0]))
	require.Empty(t, w.commands())
	w.restarts()

	w.tell(payable.Returned{Payment: payable.Payment{PayoutID: again, Amount: euros("7.00")}}, w.onPayable("approved", "returned 2", nil))
	require.Equal(t, euros("4.00"), w.commands()[0].(payable.TakeBack).Amount, "four in all: the rest of it")
}

// What was sent all the same is owed by the partner: nothing is left to take back.
func TestWhatIsOverpaidIsNotTakenBack(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	on := func(id string) domain.Envelope { return envelope(onAgreement, id, domain.DeriveID("command", id)) }
	w.tell(rebate.Approved{PartnerID: other, Total: euros("10.00")}, on("approved"))
	e := w.raised("approved")
	payment := payable.Payment{PayoutID: payoutID, Amount: euros("10.00")}
	w.tell(payable.Sent{Payment: payment}, w.onPayable("approved", "sent", nil))
	w.tell(rebate.Adjusted{PartnerID: other, AdjustmentID: domain.DeriveID("less"), Delta: euros("-4.00"), FromPayable: euros("4.00")}, on("less"))
	w.tell(payable.Confirmed{PayableID: e.PayableID, Payment: payment, Source: e.Source, Reference: "B-1"}, w.onPayable("approved", "confirmed", nil))
	paid := w.commands()[0].(rebate.SettleRebate)
	require.Equal(t, rebate.SettleRebate{
		PayableID: e.PayableID, PaymentID: domain.DeriveID("payment", e.PayableID.String(), payoutID.String()), Amount: euros("10.00"), Reference: "B-1",
	}, paid)
	answered := on("paid")
	answered.CommandID = w.given[0].Header("payables").CommandID
	w.tell(rebate.Paid{PaymentID: paid.PaymentID, PayableID: e.PayableID, Amount: euros("10.00"), Overpaid: euros("4.00")}, answered)
	w.restarts()
	w.tell(payable.Returned{PayableID: e.PayableID, Payment: payment, Source: e.Source, Confirmed: true, Reason: "x"}, w.onPayable("approved", "back", nil))
	require.Equal(t, []any{rebate.ReturnPayment{PayableID: e.PayableID, PaymentID: paid.PaymentID, Amount: euros("10.00"), Reason: "x"}}, w.commands())
	w.tell(rebate.PaymentReturned{PaymentID: paid.PaymentID, PayableID: e.PayableID, Amount: euros("10.00"), Overpaid: euros("4.00"), Reason: "x"}, on("returned"))
	require.Equal(t, euros("4.00"), w.commands()[0].(payable.TakeBack).Amount)
}

// A return that is undone is recorded as paid again, where it had been confirmed; nothing of it is open any more.
func TestAnUndoneReturnIsPaid(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	w.tell(approvedFor("10.00"), onFund("approved"))
	e := w.raised("approved")
	payment := payable.Payment{PayoutID: payoutID, Amount: euros("10.00")}
	w.tell(payable.Sent{Payment: payment}, w.onPayable("approved", "sent", nil))
	w.tell(payable.Returned{PayableID: e.PayableID, Payment: payment, Source: e.Source}, w.onPayable("approved", "back", nil))
	undone := payable.ReturnUndone{PayableID: e.PayableID, Payment: payment, Source: e.Source, Reason: "another's"}
	w.tell(undone, w.onPayable("approved", "undone", nil))
	require.Empty(t, w.commands(), "nobody had confirmed it")
	w.tell(payable.Returned{PayableID: e.PayableID, Payment: payment, Source: e.Source}, w.onPayable("approved", "back again", nil))
	undone.Reference = "B-1"
	w.tell(undone, w.onPayable("approved", "undone again", nil))
	require.Equal(t, []any{mdf.SettleClaim{
		ClaimID: claimID, PayableID: e.PayableID, PaymentID: domain.DeriveID("payment", e.PayableID.String(), payoutID.String()),
		Amount: euros("10.00"), Reference: "B-1",
	}}, w.commands())
	w.tell(rebate.SpiffReversed{SpiffID: claimID, Amount: euros("1.00")}, onFund("less"))
	require.Empty(t, w.commands(), "nothing is open")
}

// The second half of a claw-back is given where nobody did, on behalf of whoever gave the first.
func TestAHalfClawbackIsFinished(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{true, false} {
		w := newTeller(t)
		w.tell(approvedFor("10.00"), onFund("approved"))
		e := w.raised("approved")
		back := domain.DeriveID("clawback")
		env := w.onPayable("approved", "taken", nil)
		env.Actor = domain.Actor{ID: "finance-1", Kind: domain.User}
		w.tell(payable.TakenBack{
			PayableID: e.PayableID, ClawbackID: back, Amount: euros("4.00"), InputTax: euros("1.00"), Reason: "x", Cause: payable.CauseClawback,
		}, env)
		if whole {
			w.tell(mdf.ClaimClawedBack{FundRef: of, OfClaim: ofClaim, ClawbackTerms: mdf.ClawbackTerms{
				ClawbackID: back, Amount: euros("3.00"), InputTax: euros("1.00"),
			}}, onFund("clawed back"))
		}
		require.Empty(t, w.commands())
		orders := w.rule.Due(day(1).Add(reactor.HalfAfter))
		if whole {
			require.Empty(t, orders)
			continue
		}
		require.Len(t, orders, 1)
		require.Equal(t, mdf.FinishClawback{ClawbackID: back, ClawBack: mdf.ClawBack{
			ClaimID: claimID, Amount: euros("3.00"), InputTax: euros("1.00"), Reason: "x",
		}}, orders[0].Command)
		require.Equal(t, "finance-1", orders[0].Header("payables").Actor.OnBehalfOf)
		require.Equal(t, domain.Reactor, orders[0].Header("payables").Actor.Kind)
	}
}

// So is the second half of a SPIFF's reversal; where it stands, nothing is taken again.
func TestAHalfReversalOfASpiffIsFinished(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	on := func(id string) domain.Envelope { return envelope(onAgreement, id, domain.DeriveID("command", id)) }
	spiff, back := domain.DeriveID("spiff"), domain.DeriveID("reversal")
	w.tell(rebate.SpiffEarned{PartnerID: other, SpiffID: spiff, Amount: euros("10.00")}, on("earned"))
	e := w.raised("earned")
	env := w.onPayable("earned", "taken", nil)
	env.Actor = domain.Actor{ID: "finance-1", Kind: domain.User}
	w.tell(payable.TakenBack{
		PayableID: e.PayableID, ClawbackID: back, Amount: euros("4.00"), Reason: "cancelled: by letter", Cause: payable.CauseClawback,
	}, env)
	require.Empty(t, w.commands())
	orders := w.rule.Due(day(1).Add(reactor.HalfAfter))
	require.Len(t, orders, 1)
	require.Equal(t, rebate.FinishSpiffReversal{ReversalID: back, ReverseSpiff: rebate.ReverseSpiff{
		SpiffID: spiff, Amount: euros("4.00"), Reason: rebate.ReversalCancelled, Note: "by letter",
	}}, orders[0].Command)
	w.restarts()
	w.tell(rebate.SpiffReversed{
		PartnerID: other, SpiffID: spiff, Amount: euros("6.00"), ReversalID: back, FromPaid: euros("2.00"),
	}, on("reversed"))
	require.Empty(t, w.rule.Due(day(9)))
	w.tell(rebate.SpiffReversed{PartnerID: other, SpiffID: spiff, Amount: euros("1.00")}, on("older than reversals have ids"))
	require.Equal(t, euros("1.00"), w.commands()[0].(payable.TakeBack).Amount)
}

// History that is older than payables: what was paid or clawed back of it in full is never raised.
func TestWhatWasSettledBeforeThereWerePayables(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	w.tell(approvedFor("10.00"), onFund("approved"))
	w.tell(mdf.ClaimPaid{FundRef: of, OfClaim: ofClaim, Amount: euros("10.00"), Reference: "SEPA"}, onFund("paid"))
	require.Empty(t, w.commands())

	w = newTeller(t)
	w.tell(approvedFor("10.00"), onFund("approved"))
	w.tell(mdf.ClaimClawedBack{FundRef: of, OfClaim: ofClaim, ClawbackTerms: mdf.ClawbackTerms{
		ClawbackID: other, Amount: euros("4.00"), InputTax: euros("0.00"),
	}}, onFund("back"))
	require.Equal(t, euros("10.00"), w.raised("approved").Amount)
	require.Equal(t, euros("4.00"), w.commands()[0].(payable.TakeBack).Amount)
	var none uuid.UUID
	require.NotEqual(t, none, w.given[0].Cause.EventID)
}

// A reactor's claw-back has two halves as well. Its own reactor gives the second one; nothing is taken twice.
func TestAReactorsClawbackIsLeftToIt(t *testing.T) {
	t.Parallel()
	w := newTeller(t)
	w.tell(approvedFor("10.00"), onFund("approved"))
	w.raised("approved")
	back := mdf.ClawbackTerms{ClawbackID: domain.DeriveID("clawback"), Amount: euros("10.00"), InputTax: euros("0.00")}
	half := w.onPayable("approved", "taken", nil)
	half.Actor = reactor.Actor("disputes")
	w.tell(payable.TakenBack{ClawbackID: back.ClawbackID, Amount: back.Amount, Cause: payable.CauseClawback}, half)
	require.Empty(t, w.rule.Due(day(1).Add(reactor.HalfAfter)))
	w.tell(mdf.ClaimClawedBack{FundRef: of, OfClaim: ofClaim, ClawbackTerms: back}, onFund("clawed back"))
	w.tell(mdf.ClawbackReversed{FundRef: of, OfClaim: ofClaim, ClawbackTerms: back}, onFund("reversed"))
	w.raised("reversed")
	require.Empty(t, w.commands(), "what is owed anew stays so")
	w.restarts()
}
