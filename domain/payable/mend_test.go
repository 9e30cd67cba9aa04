package payable_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
)

var (
	onStatement = domain.DeriveID("statement")
	aMatch      = domain.DeriveID("match")
	undoIt      = payable.UndoClearing{PayoutID: first, MatchID: aMatch, Reason: "another's"}
)

// brings is a line that brings a payment back.
func brings(amount string) payable.Clear {
	return payable.Clear{
		PayoutID: first, StatementID: onStatement, MatchID: aMatch, Amount: eur(amount), Incoming: true, Returns: "by the statement",
	}
}

// part is so much of the first payment, as the books carry it.
func part(amount, booked string) payable.Payment {
	p := payment(eur(amount))
	p.Amount, p.Booked = eur(amount), usd(booked)
	return p
}

func unclearing(amount string) payable.ClearingUndone {
	return payable.ClearingUndone{
		PayableID: id, PayoutID: first, StatementID: onStatement, MatchID: aMatch, Amount: eur(amount), Incoming: true, Reason: "another's",
	}
}

func unreturned(p payable.Payment, reference string) payable.ReturnUndone {
	return payable.ReturnUndone{PayableID: id, Payment: p, Source: source, MatchID: aMatch, Reference: reference, Reason: "another's"}
}

// back is a payment that the bank confirmed, and of which a line brought something back.
func back(t *testing.T, amount string, p payable.Payment) outcome {
	t.Helper()
	cleared := payable.Cleared{
		PayableID: id, PayoutID: first, StatementID: onStatement, MatchID: aMatch, Amount: eur(amount), Incoming: true,
	}
	return sent(t).When(none, payable.Confirm{PayoutID: first, Reference: "B-1"}).Outcome().When(none, brings(amount)).Then(
		payable.Returned{PayableID: id, Payment: p, Source: source, Confirmed: true, Reason: "by the statement", MatchID: aMatch}, cleared)
}

// One append says that a payment came back, and by which line; undone, it didn't: the payable is as it was.
func TestAMatchedReturnFallsWithItsMatch(t *testing.T) {
	t.Parallel()
	whole := part("1234.56", "1337.89")
	o := back(t, "1234.56", whole)
	require.Equal(t, payable.StatusOpen, o.State().Status)
	o = o.When(none, brings("1234.56")).Then()
	o = o.When(none, undoIt).Then(unclearing("1234.56"), unreturned(whole, "B-1"))
	require.Equal(t, payable.StatusPaid, o.State().Status)
	require.Equal(t, whole, o.State().Payment(first).Left)
	require.Zero(t, o.State().Open.Amount.Sign())
	require.False(t, o.State().Stands(aMatch))
	o = o.When(none, undoIt).Then()
	o.When(none, brings("1234.56")).ThenRejected(conflict, "clearing_undone", "match_id")
}

// What somebody had recorded before stays; only what the line told of is taken back.
func TestAReturnByHandStays(t *testing.T) {
	t.Parallel()
	o := sent(t).When(none, payable.Return{PayoutID: first, Amount: eur("234.56"), Reason: "fee"}).Outcome()
	o = o.When(none, brings("1000.00")).Outcome()
	returned := o.Events()[0].(payable.Returned)
	require.Equal(t, eur("765.44"), returned.Paid)
	o = o.When(none, undoIt).Then(unclearing("1000.00"), unreturned(returned.Payment, ""))
	require.Equal(t, eur("234.56"), o.State().Open.Amount)
	out, in := o.State().Payment(first).Uncleared()
	require.Equal(t, []domain.Money{eur("1234.56"), eur("234.56")}, []domain.Money{out, in})
}

// While a payout has what came back, the return stands; let go, it is taken back at once.
func TestAReturnThatAPayoutHas(t *testing.T) {
	t.Parallel()
	o := back(t, "1000.00", part("1000.00", "1083.70")).When(none, payable.Claim{PayoutID: second}).Outcome()
	o = o.When(none, undoIt).Then(unclearing("1000.00"))
	require.True(t, o.State().Stands(aMatch))
	o = o.When(none, payable.Unclaim{PayoutID: second, Reason: "abandoned"}).Then(
		payable.Unclaimed{PayableID: id, PayoutID: second, Reason: "abandoned"}, unreturned(part("1000.00", "1083.70"), "B-1"))
	require.Zero(t, o.State().Open.Amount.Sign())
}

// What was paid again stands: the partner has it twice. Once it comes back in truth, the first payment did arrive.
func TestAReturnThatWasPaidAgain(t *testing.T) {
	t.Parallel()
	o := back(t, "1234.56", part("1234.56", "1337.89")).When(none, payable.Claim{PayoutID: second}).Outcome()
	again := send(eur("1234.56"))
	again.PayoutID = second
	o = o.When(none, again).Outcome().When(none, undoIt).Then(unclearing("1234.56"))
	_, in := o.State().Payment(first).Uncleared()
	require.Equal(t, eur("1234.56"), in, "it is to come back")
	o = o.When(none, payable.Return{PayoutID: second, Reason: "paid twice"}).Outcome()
	require.Equal(t, unreturned(part("1234.56", "1337.89"), "B-1"), o.Events()[1])
	require.Equal(t, payable.StatusPaid, o.State().Status)
	_, in = o.State().Payment(first).Uncleared()
	require.Zero(t, in.Sign())
}

// What was taken back meanwhile stays, as money that the partner has and is to send; a line that brings it is matched with that.
func TestAReturnThatWasTakenBackInPart(t *testing.T) {
	t.Parallel()
	o := back(t, "1234.56", part("1234.56", "1337.89"))
	o = o.When(none, payable.TakeBack{
		ClawbackID: north, Amount: eur("234.56"), Reason: "no event", Cause: payable.CauseClawback,
	}).Outcome()
	o = o.When(none, undoIt).Then(unclearing("1234.56"), unreturned(part("1000.00", "1083.70"), "B-1"))
	require.True(t, o.State().Stands(aMatch))
	anew := brings("234.56")
	anew.MatchID = domain.DeriveID("another match")
	o = o.When(none, anew).Then(payable.Cleared{
		PayableID: id, PayoutID: first, StatementID: onStatement, MatchID: anew.MatchID, Amount: eur("234.56"), Incoming: true,
	})
	require.Zero(t, o.State().Open.Amount.Sign())
}

// What another line was matched with since did come back.
func TestAReturnThatAnotherLineShows(t *testing.T) {
	t.Parallel()
	o := back(t, "1000.00", part("1000.00", "1083.70")).When(none, payable.Claim{PayoutID: second}).Outcome()
	anew := brings("1000.00")
	anew.MatchID = domain.DeriveID("another match")
	o = o.When(none, undoIt).Outcome().When(none, anew).Outcome()
	require.Len(t, o.Events(), 1, "the return stands already")
	o.When(none, payable.Unclaim{PayoutID: second, Reason: "abandoned"}).Then(
		payable.Unclaimed{PayableID: id, PayoutID: second, Reason: "abandoned"})
}

// What a match says was short is a return of the match, too: it falls with it, and isn't recorded behind it.
func TestWhatWasShortFallsWithItsMatch(t *testing.T) {
	t.Parallel()
	clear := payable.Clear{PayoutID: first, StatementID: onStatement, MatchID: aMatch, Amount: eur("1000.00"), Confirms: "B-1"}
	short := payable.Return{PayoutID: first, Paid: eur("234.56"), Reason: "the bank paid less", MatchID: aMatch}
	undone := unclearing("1000.00")
	undone.Incoming = false
	o := sent(t).When(none, clear).Outcome().When(none, short).Outcome()
	lacked := o.Events()[0].(payable.Returned)
	o = o.When(none, undoIt).Then(undone, unreturned(lacked.Payment, "B-1"))
	o = o.When(none, short).Then()
	require.Equal(t, payable.StatusPaid, o.State().Status)
}

func TestReturnsAreOfIncomingLines(t *testing.T) {
	t.Parallel()
	c := brings("1.00")
	c.Incoming = false
	sent(t).When(none, c).ThenRejected(invalid, "invalid_field", "returns")
	c = brings("1234.57")
	sent(t).When(none, c).ThenRejected(conflict, "above_sent", "paid")
	c.Amount = usd("1.00")
	sent(t).When(none, c).ThenRejected(invalid, "invalid_field", "amount")
}
