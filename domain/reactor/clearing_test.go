package reactor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/statement"
)

var (
	paidOut      = statement.Side{PayableID: domain.DeriveID("payable"), PayoutID: domain.DeriveID("payout"), PartnerID: other, Amount: ten}
	theMatch     = domain.DeriveID("match")
	onThePayable = domain.StreamName(payable.Category, paidOut.PayableID)
)

func recordedOn(stream, id string, at time.Time) domain.Envelope {
	env := envelope(stream, id, domain.DeriveID("command", id))
	env.RecordedAt = at
	return env
}

func clearedBy(match uuid.UUID) payable.Cleared {
	return payable.Cleared{PayableID: paidOut.PayableID, PayoutID: paidOut.PayoutID, MatchID: match, Amount: ten}
}

func matchedTo(side statement.Side) statement.LinesMatched {
	return statement.LinesMatched{Matches: []statement.Match{{MatchID: theMatch, To: []statement.Side{side}}}}
}

// What was cleared for a match that its statement never had is cleared no more.
func TestAClearingWaitsForItsMatch(t *testing.T) {
	c := reactor.NewClearing()
	c.Observe(clearedBy(theMatch), recordedOn(onThePayable, "c", day(2)))
	next, planned := c.Next()
	require.True(t, planned)
	require.Equal(t, day(2).Add(reactor.ClearingWaits), next)
	require.Empty(t, c.Due(day(2)))
	orders := c.Due(next)
	require.Len(t, orders, 1)
	require.Equal(t, onThePayable, orders[0].Stream)
	require.Equal(t, payable.UndoClearing{
		PayoutID: paidOut.PayoutID, MatchID: theMatch, Reason: "its statement never had the match",
	}, orders[0].Command)
	require.Equal(t, day(1), orders[0].EffectiveAt)

	c = reactor.NewClearing()
	c.Observe(clearedBy(theMatch), recordedOn(onThePayable, "c", day(2)))
	c.Observe(matchedTo(paidOut), recordedOn("statement-x", "m", day(2)))
	_, planned = c.Next()
	require.False(t, planned)

	c.Observe(clearedBy(domain.DeriveID("another")), recordedOn(onThePayable, "d", day(2)))
	c.Observe(payable.ClearingUndone{
		PayableID: paidOut.PayableID, PayoutID: paidOut.PayoutID, MatchID: domain.DeriveID("another"),
	}, recordedOn(onThePayable, "u", day(2)))
	require.Empty(t, c.Due(day(9)))
}

// What a match says was short is payable again, once.
func TestWhatIsShortIsPayableAgain(t *testing.T) {
	side := paidOut
	side.Short = ten
	c := reactor.NewClearing()
	c.Observe(clearedBy(theMatch), recordedOn(onThePayable, "c", day(2)))
	cause := recordedOn("statement-x", "m", day(2))
	c.Observe(matchedTo(side), cause)
	orders := c.Due(day(3))
	require.Len(t, orders, 1)
	require.Equal(t, payable.Return{
		PayoutID: side.PayoutID, Paid: ten, Reason: "the bank paid less, by its statement", MatchID: theMatch,
	}, orders[0].Command)

	c = reactor.NewClearing()
	c.Observe(matchedTo(side), cause)
	given := reactor.ShortOrder(theMatch, side, cause, time.Time{}).Header(c.Name()).CommandID
	require.Equal(t, orders[0].Header(c.Name()).CommandID, given)
	c.Observe(payable.Returned{}, envelope(onThePayable, "r", given))
	require.Empty(t, c.Due(day(9)))
}

// A match that is undone clears nothing any more.
func TestAnUndoneMatchClearsNothing(t *testing.T) {
	c := reactor.NewClearing()
	undone := statement.MatchUndone{Match: matchedTo(paidOut).Matches[0], Why: strings.Repeat("x", payable.MaxReason)}
	c.Observe(undone, recordedOn("statement-x", "u", day(2)))
	orders := c.Due(day(2))
	require.Len(t, orders, 1)
	command, ok := orders[0].Command.(payable.UndoClearing)
	require.True(t, ok)
	require.Equal(t, theMatch, command.MatchID)
	require.Len(t, command.Reason, payable.MaxReason)
	c.Observe(undone, recordedOn("statement-x", "u", day(2)))
	c.Observe(payable.ClearingUndone{
		PayableID: paidOut.PayableID, PayoutID: paidOut.PayoutID, MatchID: theMatch,
	}, recordedOn(onThePayable, "v", day(2)))
	require.Empty(t, c.Due(day(9)))
}

// A claw-back that a line cleared is kept together with its statement in the same way.
func TestAClawbackIsClearedNoMore(t *testing.T) {
	back := domain.DeriveID("clawback")
	stream := domain.StreamName(clawback.Category, back)
	cleared := clawback.Cleared{ClawbackID: back, MatchID: theMatch, Amount: ten}
	match := matchedTo(statement.Side{ClawbackID: back, PartnerID: other, Amount: ten})

	c := reactor.NewClearing()
	c.Observe(cleared, recordedOn(stream, "c", day(2)))
	require.Empty(t, c.Due(day(2)))
	orders := c.Due(day(2).Add(reactor.ClearingWaits))
	require.Len(t, orders, 1)
	require.Equal(t, stream, orders[0].Stream)
	require.Equal(t, clawback.UndoClearing{MatchID: theMatch, Reason: "its statement never had the match"}, orders[0].Command)

	c = reactor.NewClearing()
	c.Observe(cleared, recordedOn(stream, "c", day(2)))
	c.Observe(match, recordedOn("statement-x", "m", day(2)))
	require.Empty(t, c.Due(day(9)))
	undone := statement.MatchUndone{Match: match.Matches[0], Why: "wrong"}
	c.Observe(undone, recordedOn("statement-x", "u", day(3)))
	orders = c.Due(day(3))
	require.Len(t, orders, 1)
	require.Equal(t, clawback.UndoClearing{MatchID: theMatch, Reason: "the match was undone: wrong"}, orders[0].Command)
	c.Observe(undone, recordedOn("statement-x", "u", day(3)))
	c.Observe(clawback.ClearingUndone{ClawbackID: back, MatchID: theMatch}, recordedOn(stream, "v", day(3)))
	require.Empty(t, c.Due(day(9)))
}
