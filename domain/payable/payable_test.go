package payable_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

const (
	invalid  = domain.KindInvalid
	conflict = domain.KindConflict
	missing  = domain.KindNotFound
)

func TestRaise(t *testing.T) {
	t.Parallel()
	raise := payable.Raise{PartnerID: north, Source: source, Amount: eur("1234.56"), Booked: usd("1337.89"), Due: due}
	start := domaintest.For(t, payable.Decider(), domaintest.By(domaintest.Scheduler()))
	once := start.When(none, raise).Then(raised())
	require.Equal(t, payable.StatusOpen, once.State().Status)
	require.True(t, once.State().Overdue(due.AddDays(1).In(time.UTC), time.UTC))
	require.False(t, once.State().Overdue(due.In(time.UTC), time.UTC))
	once.When(none, raise).Then()
	other := raise
	other.Amount = eur("1.00")
	once.When(none, other).ThenRejected(conflict, "payable_differs", "source")

	for field, spoil := range map[string]func(*payable.Raise){
		"partner_id":      func(c *payable.Raise) { c.PartnerID = uuid.Nil },
		"source.kind":     func(c *payable.Raise) { c.Source.Kind = "gift" },
		"source.stream":   func(c *payable.Raise) { c.Source.Stream = "" },
		"source.id":       func(c *payable.Raise) { c.Source.ID = uuid.Nil },
		"source.event_id": func(c *payable.Raise) { c.Source.EventID = uuid.Nil },
		"amount":          func(c *payable.Raise) { c.Amount = eur("0.00") },
		"due":             func(c *payable.Raise) { c.Due = domain.Date{} },
		"booked":          func(c *payable.Raise) { c.Booked = eur("1234.56") },
	} {
		wrong := raise
		spoil(&wrong)
		domaintest.For(t, payable.Decider()).When(none, wrong, domaintest.By(domaintest.Importer())).ThenRejected(invalid, "invalid_field", field)
	}
	domaintest.For(t, payable.Decider()).When(none, raise, domaintest.By(domaintest.Finance())).ThenRejected(domain.KindForbidden, "role", "")
	domaintest.For(t, payable.Decider()).When(none, payable.Claim{PayoutID: first}, domaintest.By(domaintest.Treasurer())).
		ThenRejected(missing, "payable_unknown", "")
}

// One payout has it at a time, and pays it once.
func TestClaim(t *testing.T) {
	t.Parallel()
	o := claimed(t)
	require.False(t, o.State().Free())
	o = o.When(none, payable.Claim{PayoutID: first}).Then()
	o = o.When(none, payable.Claim{PayoutID: second}).ThenRejected(conflict, "payable_claimed", "")
	o = o.When(none, payable.TakeBack{ClawbackID: north, Amount: eur("1.00"), Reason: "x", Cause: payable.CauseClawback}).ThenRejected(conflict, "payable_claimed", "")
	o = o.When(none, payable.SetOff{ClawbackID: north, RecoveryID: payee, Amount: eur("1.00")}).ThenRejected(conflict, "payable_claimed", "")
	o = o.When(none, payable.Unclaim{PayoutID: second, Reason: "x"}).ThenRejected(conflict, "payable_not_claimed", "payout_id")
	o = o.When(none, payable.Unclaim{PayoutID: first, Reason: "abandoned"}).Then(
		payable.Unclaimed{PayableID: id, PayoutID: first, Reason: "abandoned"})
	o = o.When(none, payable.Unclaim{PayoutID: first, Reason: "again"}).Then()
	o = o.When(none, send(eur("1234.56"))).ThenRejected(conflict, "payable_not_claimed", "payout_id")
	o = o.When(none, payable.Claim{PayoutID: second}).Then(payable.Claimed{PayableID: id, PayoutID: second, Amount: eur("1234.56")})
	o.When(none, payable.Unclaim{PayoutID: first, Reason: "the crashed one, late"}).Then()

	early := domaintest.Epoch.Add(-time.Hour)
	there(t).When(none, payable.Claim{PayoutID: first}, domaintest.Effective(early)).ThenRejected(conflict, "out_of_order", "effective_at")
	there(t).When(none, payable.Claim{}).ThenRejected(invalid, "invalid_field", "payout_id")
	s := sent(t).When(none, payable.Claim{PayoutID: second}).ThenRejected(conflict, "nothing_open", "")
	s = s.When(none, payable.Claim{PayoutID: first}).ThenRejected(conflict, "payable_sent", "payout_id")
	s.When(none, payable.Unclaim{PayoutID: first, Reason: "x"}).ThenRejected(conflict, "payable_sent", "payout_id")
}

func TestSend(t *testing.T) {
	t.Parallel()
	o := sent(t)
	require.Equal(t, payable.StatusSent, o.State().Status)
	o = o.When(none, send(eur("1234.56"))).Then()
	o.When(none, send(eur("1234.55"))).ThenRejected(conflict, "payable_sent", "payout_id")

	half := send(eur("1034.56"))
	half.Withheld = eur("200.00")
	withheld := payment(eur("1034.56"))
	withheld.Withheld = eur("200.00")
	claimed(t).When(none, half).Then(payable.Sent{PayableID: id, PayeeID: payee, Payment: withheld})

	fx := payable.FX{Rate: domain.Must(domain.ParseRate("1.0895")), Source: "ECB 2026-01-02"}
	dollars := send(usd("1345.05"))
	dollars.FX = fx
	claimed(t).When(none, dollars).Then(payable.Sent{PayableID: id, PayeeID: payee, Payment: payment(usd("1345.05")), FX: fx})

	for _, wrong := range []struct {
		change      func(*payable.Send)
		kind        domain.RejectionKind
		rule, field string
	}{
		{func(c *payable.Send) { c.Paid = eur("1234.55") }, conflict, "amounts_differ", "paid"},
		{func(c *payable.Send) { c.Withheld = eur("0.01") }, conflict, "amounts_differ", "paid"},
		{func(c *payable.Send) { c.Withheld = usd("0.01") }, invalid, "invalid_field", "withheld"},
		{func(c *payable.Send) { c.Paid = eur("0.00") }, invalid, "invalid_field", "paid"},
		{func(c *payable.Send) { c.PayeeID = uuid.Nil }, invalid, "invalid_field", "payee_id"},
		{func(c *payable.Send) { c.BankAccount = "" }, invalid, "invalid_field", "bank_account"},
		{func(c *payable.Send) { c.PayoutID = second }, conflict, "payable_not_claimed", "payout_id"},
		{func(c *payable.Send) { c.FX = fx }, invalid, "invalid_field", "fx"},
		{func(c *payable.Send) { c.Paid = usd("1345.05") }, invalid, "invalid_field", "fx.source"},
		{func(c *payable.Send) { c.Paid, c.FX.Source = usd("1345.05"), "x" }, invalid, "invalid_field", "fx.rate"},
		{func(c *payable.Send) { c.Paid, c.FX = usd("1345.04"), fx }, conflict, "amounts_differ", "paid"},
	} {
		c := send(eur("1234.56"))
		wrong.change(&c)
		claimed(t).When(none, c).ThenRejected(wrong.kind, wrong.rule, wrong.field)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	confirm := payable.Confirm{PayoutID: first, Reference: "B-1"}
	claimed(t).When(none, confirm).ThenRejected(missing, "payment_unknown", "payout_id")
	o := sent(t).When(none, payable.Confirm{PayoutID: first}).ThenRejected(invalid, "invalid_field", "reference")
	o = o.When(none, confirm).Then(payable.Confirmed{PayableID: id, Payment: payment(eur("1234.56")), Source: source, Reference: "B-1"})
	require.Equal(t, payable.StatusPaid, o.State().Status)
	o = o.When(none, confirm).Then()
	o.When(none, payable.Confirm{PayoutID: first, Reference: "B-2"}).ThenRejected(conflict, "payment_confirmed", "payout_id")
	sent(t).When(none, payable.Return{PayoutID: first, Reason: "closed"}).Outcome().
		When(none, confirm).ThenRejected(conflict, "payment_returned", "payout_id")
}

// A part comes back in proportion, the rest with the rest, and is payable by another payout.
func TestReturn(t *testing.T) {
	t.Parallel()
	o := sent(t).When(none, payable.Confirm{PayoutID: first, Reference: "B-1"}).Outcome()
	part := payment(eur("234.56"))
	part.Amount, part.Booked = eur("234.56"), usd("254.19") // 1337.89 × 234.56 / 1234.56
	o = o.When(none, payable.Return{PayoutID: first, Amount: eur("234.56"), Reason: "fee"}).Then(
		payable.Returned{PayableID: id, Payment: part, Source: source, Confirmed: true, Reason: "fee"})
	require.Equal(t, payable.StatusOpen, o.State().Status)
	o = o.When(none, payable.Claim{PayoutID: second}).Then(payable.Claimed{PayableID: id, PayoutID: second, Amount: eur("234.56")})

	rest := payment(eur("1000.00"))
	rest.Amount, rest.Booked = eur("1000.00"), usd("1083.70")
	o = o.When(none, payable.Return{PayoutID: first, Reason: "closed"}).Then( // also while another payout has what came back before
		payable.Returned{PayableID: id, Payment: rest, Source: source, Confirmed: true, Reason: "closed"})
	o = o.When(none, payable.Return{PayoutID: first, Reason: "closed"}).ThenRejected(conflict, "payment_returned", "payout_id")
	again := payable.Send{PayoutID: second, BankAccount: bank, PayeeID: payee, Paid: eur("234.56")}
	part.PayoutID = second
	o = o.When(none, again).Then(payable.Sent{PayableID: id, PayeeID: payee, Payment: part})
	require.Equal(t, payable.Amounts{Amount: eur("1000.00"), Booked: usd("1083.70")}, o.State().Open)
	require.True(t, o.State().Free())
}

func TestReturnOfWhatTheBankSays(t *testing.T) {
	t.Parallel()
	dollars := send(usd("1145.05"))
	dollars.Withheld, dollars.FX = usd("200.00"), payable.FX{Rate: domain.Must(domain.ParseRate("1.0895")), Source: "ECB"}
	o := claimed(t).When(none, dollars).Outcome()
	back := o.When(none, payable.Return{PayoutID: first, Paid: usd("100.00"), Reason: "fee"}).Outcome().Events()[0].(payable.Returned)
	require.Equal(t, []domain.Money{usd("100.00"), eur("107.82"), usd("17.47"), usd("116.84")},
		[]domain.Money{back.Paid, back.Amount, back.Withheld, back.Booked})
	for _, wrong := range []struct {
		c           payable.Return
		kind        domain.RejectionKind
		rule, field string
	}{
		{payable.Return{PayoutID: second, Reason: "x"}, missing, "payment_unknown", "payout_id"},
		{payable.Return{PayoutID: first}, invalid, "invalid_field", "reason"},
		{payable.Return{PayoutID: first, Amount: eur("1.00"), Paid: usd("1.00"), Reason: "x"}, invalid, "invalid_field", "paid"},
		{payable.Return{PayoutID: first, Amount: usd("1.00"), Reason: "x"}, invalid, "invalid_field", "amount"},
		{payable.Return{PayoutID: first, Paid: usd("1145.06"), Reason: "x"}, conflict, "above_sent", "paid"},
		{payable.Return{PayoutID: first, Amount: eur("1234.57"), Reason: "x"}, conflict, "above_sent", "amount"},
	} {
		claimed(t).When(none, dollars).Outcome().When(none, wrong.c).ThenRejected(wrong.kind, wrong.rule, wrong.field)
	}
}

func TestClear(t *testing.T) {
	t.Parallel()
	statement, match := domain.DeriveID("statement"), domain.DeriveID("match")
	c := payable.Clear{PayoutID: first, StatementID: statement, MatchID: match, Amount: eur("1234.56")}
	event := payable.Cleared{PayableID: id, PayoutID: first, StatementID: statement, MatchID: match, Amount: eur("1234.56")}
	claimed(t).When(none, c).ThenRejected(missing, "payment_unknown", "payout_id")
	o := sent(t).When(none, c).Then(event).When(none, c).Then()
	more := c
	more.MatchID, more.Amount = domain.DeriveID("other"), eur("0.01")
	o = o.When(none, more).ThenRejected(conflict, "above_sent", "amount")
	more.Incoming = true
	o = o.When(none, more).ThenRejected(conflict, "above_sent", "amount") // nothing came back
	back := o.When(none, payable.Return{PayoutID: first, Reason: "closed"}).Outcome().When(none, more).Outcome()
	require.NoError(t, back.Err())
	differs := c
	differs.Amount = eur("1.00")
	o = o.When(none, differs).ThenRejected(conflict, "clearing_differs", "match_id")

	undo := payable.UndoClearing{PayoutID: first, MatchID: match, Reason: "another's"}
	o = o.When(none, undo).Then(payable.ClearingUndone{
		PayableID: id, PayoutID: first, StatementID: statement, MatchID: match, Amount: eur("1234.56"), Reason: "another's",
	})
	require.Equal(t, eur("0.00"), o.State().Payment(first).ClearedOut)
	o = o.When(none, undo).Then()
	o = o.When(none, c).ThenRejected(conflict, "clearing_undone", "match_id")
	undo.MatchID = statement
	o.When(none, undo).ThenRejected(missing, "clearing_unknown", "match_id")
}

// The line that shows a payment confirms it too, in the same append; who may not confirm may still clear.
func TestClearConfirms(t *testing.T) {
	t.Parallel()
	statement, match := domain.DeriveID("statement"), domain.DeriveID("match")
	c := payable.Clear{PayoutID: first, StatementID: statement, MatchID: match, Amount: eur("1000.00"), Confirms: "B-1"}
	cleared := payable.Cleared{PayableID: id, PayoutID: first, StatementID: statement, MatchID: match, Amount: eur("1000.00")}
	confirmed := payable.Confirmed{PayableID: id, Payment: payment(eur("1234.56")), Source: source, Reference: "B-1"}
	o := sent(t).When(none, c).Then(cleared, confirmed)
	require.Equal(t, payable.StatusPaid, o.State().Status)
	o = o.When(none, c).Then()
	rest := c
	rest.MatchID, rest.Amount, rest.Confirms = domain.DeriveID("other"), eur("234.56"), "B-2"
	cleared.MatchID, cleared.Amount = rest.MatchID, rest.Amount
	o = o.When(none, rest).Then(cleared) // as B-1 already
	require.Equal(t, "B-1", o.State().Payment(first).Reference)

	alone := c
	alone.Confirms = ""
	sent(t).When(none, alone).Outcome().When(none, c).Then(confirmed) // cleared before, and not confirmed
	differs := c
	differs.Amount = eur("1.00")
	sent(t).When(none, alone).Outcome().When(none, differs).ThenRejected(conflict, "clearing_differs", "match_id")
	cleared.MatchID, cleared.Amount = c.MatchID, c.Amount
	sent(t).When(none, payable.Return{PayoutID: first, Reason: "closed"}).Outcome().When(none, c).Then(cleared)

	incoming := c
	incoming.Incoming = true
	sent(t).When(none, incoming).ThenRejected(invalid, "invalid_field", "confirms")
	long := c
	long.Confirms = strings.Repeat("x", payable.MaxReference+1)
	sent(t).When(none, long).ThenRejected(invalid, "invalid_field", "confirms")
}

// What is taken is at most what is open; the books' amount goes along in proportion, the rest with the rest.
func TestTakeBackAndSetOff(t *testing.T) {
	t.Parallel()
	clawback, recovery := domain.DeriveID("clawback"), domain.DeriveID("recovery")
	take := payable.TakeBack{ClawbackID: clawback, Amount: eur("234.56"), Reason: "no event took place", Cause: payable.CauseClawback}
	o := there(t).When(none, take).Then(payable.TakenBack{
		PayableID: id, PartnerID: north, ClawbackID: clawback, Amount: eur("234.56"), Booked: usd("254.19"), Reason: "no event took place",
		Cause: payable.CauseClawback,
	})
	o = o.When(none, take).Then()
	less := take
	less.Amount = eur("1.00")
	o = o.When(none, less).Then()
	set := payable.SetOff{ClawbackID: clawback, RecoveryID: recovery, Amount: eur("1000.01")}
	o = o.When(none, set).ThenRejected(conflict, "above_open", "amount")
	set.Amount = usd("1000.00")
	o = o.When(none, set).ThenRejected(invalid, "invalid_field", "amount")
	set.Amount = eur("1000.00")
	o = o.When(none, set).Then(payable.Offset{
		PayableID: id, PartnerID: north, Kind: payable.KindClaim, ClawbackID: clawback, RecoveryID: recovery,
		Amount: eur("1000.00"), Booked: usd("1083.70"),
	})
	o = o.When(none, set).Then()
	set.Amount = eur("1.00")
	o = o.When(none, set).ThenRejected(conflict, "recovery_differs", "amount")
	take.Amount = eur("234.57")
	o = o.When(none, take).ThenRejected(conflict, "above_open", "amount") // what is missing to it
	require.Equal(t, eur("234.56"), o.State().TakenBy(clawback).Amount)
	require.Equal(t, payable.StatusEnded, o.State().Status)
	o.When(none, payable.Claim{PayoutID: first}).ThenRejected(conflict, "nothing_open", "")
}

// Who may: those who pay, those who reconcile, those who take back; nobody of a partner.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	finance, treasury, ops := domaintest.Finance(), domaintest.Treasurer(), domaintest.Ops()
	ofPartner := domaintest.Treasurer()
	ofPartner.PartnerID = north
	for _, x := range []struct {
		command payable.Command
		may     []domain.Actor
		mayNot  []domain.Actor
	}{
		{payable.Raise{}, []domain.Actor{domaintest.Scheduler()}, []domain.Actor{finance, treasury, ops}},
		{payable.Claim{}, []domain.Actor{treasury, domaintest.Scheduler()}, []domain.Actor{finance, ops, ofPartner}},
		{payable.Unclaim{}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.Send{}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.Confirm{}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.Return{}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.Clear{}, []domain.Actor{treasury, finance}, []domain.Actor{ops}},
		{payable.Clear{Confirms: "x"}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.Clear{Returns: "x"}, []domain.Actor{treasury}, []domain.Actor{finance, ops}},
		{payable.UndoClearing{}, []domain.Actor{treasury, finance}, []domain.Actor{ops}},
		{payable.TakeBack{}, []domain.Actor{finance}, []domain.Actor{treasury, ops}},
		{payable.SetOff{}, []domain.Actor{finance, domaintest.Scheduler()}, []domain.Actor{treasury, ops}},
	} {
		for _, actor := range append(x.may, domaintest.Importer()) {
			err := there(t).When(none, x.command, domaintest.By(actor)).Outcome().Err()
			require.NotEqual(t, domain.KindForbidden, domain.AsRejection(err).Kind, "%T by %s", x.command, actor.ID)
		}
		for _, actor := range append(x.mayNot, domaintest.Auditor()) {
			err := there(t).When(none, x.command, domaintest.By(actor)).Outcome().Err()
			require.Equal(t, domain.KindForbidden, domain.AsRejection(err).Kind, "%T by %s", x.command, actor.ID)
		}
	}
}
