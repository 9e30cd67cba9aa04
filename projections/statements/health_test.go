package statements_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
	"github.com/channelledger/channelledger/projections/statements"
)

// books is a log that events are written to as they are, each day by its own clock.
type books struct {
	t     *testing.T
	store *embedded.Store
	codec *eventstore.Codec
	now   time.Time
	ends  map[string]eventstore.Revision
}

func newBooks(t *testing.T) *books {
	t.Helper()
	b := &books{t: t, now: domaintest.Epoch, ends: map[string]eventstore.Revision{}}
	b.codec = domain.Must(eventstore.NewCodec(eventstore.NewMemoryKeyring(), statement.Types(), payable.Types()))
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return b.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	b.store = store
	return b
}

func (b *books) record(stream string, e domain.Event) {
	b.t.Helper()
	at, known := b.ends[stream]
	if !known {
		at = eventstore.NoStream
	}
	command := domain.CommandID("books", fmt.Sprint(stream, at))
	p, err := b.codec.Encode(stream, 0, e, domain.Metadata{CommandID: command, Actor: domaintest.Finance(), EffectiveAt: b.now})
	require.NoError(b.t, err)
	_, err = b.store.Append(b.t.Context(), stream, at, []eventstore.Proposed{p})
	require.NoError(b.t, err)
	b.ends[stream] = at + 1
}

func (b *books) view() projections.Reader {
	b.t.Helper()
	return projectionstest.View(b.t, projections.Source{Store: b.store, Codec: b.codec}, statements.Projection(), projections.Bounds{})
}

func (b *books) healths(today domain.Date) []statements.Health {
	b.t.Helper()
	return histories.Ask(b.t, b.view(), func(q projections.Querier) ([]statements.Health, error) {
		return statements.Healths(b.t.Context(), q, today)
	})
}

// Of four lines that count one is settled in time, one too late, one is overdue, and one is so young that it isn't due.
func TestHealth(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	day := func(n int) domain.Date { return domain.Date{Year: 2026, Month: 1, Day: n} }
	id := statement.IDOf(account, "1")
	stream := domain.StreamName(statement.Category, id)
	b.now = day(11).In(time.UTC)
	b.record(stream, statement.Imported{
		StatementID: id, BankAccount: account, Currency: "EUR", Number: "1", From: day(1), To: day(10), Opening: eur(100), Closing: eur(60),
		LineCount: 5, TotalIn: eur(0), TotalOut: eur(40), Skipped: []int{5}, At: b.now,
	})
	var lines []statement.Line
	for n, booked := range []int{8, 2, 3, 10, 10} {
		lines = append(lines, statement.Line{Number: n + 1, Outgoing: true, Amount: eur(10), BookedOn: day(booked), Identity: fmt.Sprintf("%032x", n)})
	}
	b.record(stream, statement.LinesRecorded{StatementID: id, BankAccount: account, Lines: lines})
	b.record(stream, statement.LinesMatched{StatementID: id, BankAccount: account, At: b.now, Matches: []statement.Match{
		{MatchID: domain.DeriveID("match"), Lines: []int{1}, Outgoing: true, Amount: eur(10), Rule: "end_to_end"},
	}})
	b.record(stream, statement.LineResolved{StatementID: id, BankAccount: account, Line: 2, Outgoing: true, Amount: eur(10), Account: "expense:bank_charges", At: b.now})
	b.pays("whole", 30, 0, 30)
	b.pays("half", 30, 0, 10)
	b.pays("returned", 20, 20, 0)
	parked := statement.IDOf("FR76", "9")
	b.record(domain.StreamName(statement.Category, parked), statement.Parked{
		StatementID: parked, BankAccount: "FR76", Currency: "EUR", Number: "9", From: day(1), To: day(10), Why: statement.OpeningDiffers,
	})
	got := b.healths(day(12))
	require.Len(t, got, 2)
	assert.Equal(t, statements.Health{
		BankAccount: account, Currency: "EUR", Lines: 4, Settled: 2, Sent: eur(60), Cleared: eur(40), Due: 3, Timely: 1, CoveredUntil: day(10),
	}, got[0])
	assert.Equal(t, statements.Health{BankAccount: "FR76", Currency: "EUR", Sent: eur(0), Cleared: eur(0), Parked: 1}, got[1])
	assert.EqualValues(t, 4, b.healths(day(16))[0].Due, "the last line is due, too")

	late := statements.LateQuery{BankAccount: account, Currency: "EUR", Today: day(12)}
	view := b.view()
	untimely := histories.Ask(t, view, func(q projections.Querier) (listing.Page[statements.Line], error) {
		return statements.Late(t.Context(), q, late)
	}).Items
	require.Len(t, untimely, 2)
	assert.Equal(t, 2, untimely[0].Number, "settled too late")
	assert.Equal(t, 3, untimely[1].Number, "overdue")
}

// pays one payable: what was sent, what came back of it, and what statements show of the sending.
func (b *books) pays(name string, sent, returned, shown int) {
	b.t.Helper()
	id := domain.DeriveID("payable", name)
	stream := domain.StreamName(payable.Category, id)
	payment := payable.Payment{
		PayoutID: payout, PartnerID: domain.DeriveID("north"), Kind: payable.KindClaim, BankAccount: account,
		Amount: eur(sent), Paid: eur(sent),
	}
	b.record(stream, payable.Sent{PayableID: id, Payment: payment, PayeeID: uuid.NameSpaceDNS})
	if back := eur(returned); back.Sign() > 0 {
		payment.Amount, payment.Paid = back, back
		b.record(stream, payable.Returned{PayableID: id, Payment: payment, Reason: "no such account"})
	}
	if seen := eur(shown); seen.Sign() > 0 {
		b.record(stream, payable.Cleared{PayableID: id, PayoutID: payment.PayoutID, Amount: seen})
	}
}
