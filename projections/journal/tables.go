package journal

import (
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// tables are the read model's. Entries and lines never change; their keys are in the order of the log.
type tables struct {
	zone     *time.Location
	calendar *projections.Table[period.Calendar]
	counters *projections.Table[counter]
	entries  *projections.Table[Entry]
	lines    *projections.Table[AccountLine]
	balances *projections.Table[balance]
}

// only is the key of a table's one row.
const only = "only"

// counter numbers the entries.
type counter struct {
	N int `json:"n"`
}

// AccountLine is one side of an entry, as a statement of its account shows it.
type AccountLine struct {
	Line
	Event       uuid.UUID   `json:"event_id"`
	Type        string      `json:"type"`
	Stream      string      `json:"stream"`
	Revision    int64       `json:"revision"`
	Book        Book        `json:"book"`
	RecordedAt  time.Time   `json:"recorded_at"`
	EffectiveOn domain.Date `json:"effective_on"`
	PostedOn    domain.Date `json:"posted_on"`
}

func lineOf(e *Entry, l Line) *AccountLine {
	return &AccountLine{
		Line: l, Event: e.Event, Type: e.Type, Stream: e.Stream, Revision: e.Revision, Book: e.Book,
		RecordedAt: e.RecordedAt, EffectiveOn: e.EffectiveOn, PostedOn: e.PostedOn,
	}
}

// balance is what moved on one day in one account of one party, or of all: then its party is empty. There are as many rows as
// lines in the worst case, so that they are small: plain texts, and amounts in minor units.
type balance struct {
	Book      Book     `json:"book"`
	Account   string   `json:"account"`
	Party     string   `json:"party"`
	Currency  string   `json:"currency"`
	Day       string   `json:"day"`
	Posted    turnover `json:"posted"`    // by the entries posted on the day
	Effective turnover `json:"effective"` // by those that took effect on it
}

// turnover is what was debited and credited, both 0 or more.
type turnover struct {
	Debit  int64 `json:"debit"`
	Credit int64 `json:"credit"`
}

// add takes in a line's minor units. Errors: a sum gets out of range.
func (t *turnover) add(minor int64) error {
	into := &t.Debit
	if minor < 0 {
		into, minor = &t.Credit, -minor
	}
	if *into > math.MaxInt64-minor {
		return fmt.Errorf("a day's turnover gets out of range: %d + %d minor units", *into, minor)
	}
	*into += minor
	return nil
}

// key is unambiguous: names of accounts and parties hold no control characters.
func (b *balance) key() string {
	return b.Account + "\x1f" + b.Party + "\x1f" + b.Currency + "\x1f" + b.Day
}

func open(s *projections.Schema, zone *time.Location) *tables {
	return &tables{
		zone:     zone,
		calendar: projections.NewTable[period.Calendar](s, "calendar"),
		counters: projections.NewTable[counter](s, "counters"),
		entries:  newEntries(s),
		lines:    newLines(s),
		balances: newBalances(s),
	}
}

func newEntries(s *projections.Schema) *projections.Table[Entry] {
	text := projections.Text[Entry]
	return projections.NewTable(s, "entries",
		text("event", func(e *Entry) string { return e.Event.String() }).Indexed(),
		text("type", func(e *Entry) string { return e.Type }),
		text("stream", func(e *Entry) string { return e.Stream }),
		text("book", func(e *Entry) string { return string(e.Book) }),
		text("posted_on", func(e *Entry) string { return e.PostedOn.String() }),
		text("effective_on", func(e *Entry) string { return e.EffectiveOn.String() }),
		projections.Int("recorded_at", func(e *Entry) int64 { return listing.Moment(e.RecordedAt) }),
	).
		IndexOn("posted_on", "key").
		IndexOn("effective_on", "key").
		IndexOn("stream", "key")
}

func newLines(s *projections.Schema) *projections.Table[AccountLine] {
	text := projections.Text[AccountLine]
	return projections.NewTable(s, "lines",
		text("event", func(l *AccountLine) string { return l.Event.String() }),
		text("account", func(l *AccountLine) string { return l.Account.Name }),
		text("party", func(l *AccountLine) string { return l.Account.Party }),
		text("currency", func(l *AccountLine) string { return l.Amount.Currency() }),
		projections.Int("minor", func(l *AccountLine) int64 { return l.Amount.Minor() }),
		text("posted_on", func(l *AccountLine) string { return l.PostedOn.String() }),
		text("effective_on", func(l *AccountLine) string { return l.EffectiveOn.String() }),
	).
		IndexOn("account", "party", "posted_on", "key").
		IndexOn("account", "posted_on", "key").
		IndexOn("party")
}

func newBalances(s *projections.Schema) *projections.Table[balance] {
	text, number := projections.Text[balance], projections.Int[balance]
	return projections.NewTable(s, "balances",
		text("book", func(b *balance) string { return string(b.Book) }),
		text("account", func(b *balance) string { return b.Account }),
		text("party", func(b *balance) string { return b.Party }),
		text("currency", func(b *balance) string { return b.Currency }),
		text("day", func(b *balance) string { return b.Day }),
		number("posted_debit", func(b *balance) int64 { return b.Posted.Debit }),
		number("posted_credit", func(b *balance) int64 { return b.Posted.Credit }),
		number("effective_debit", func(b *balance) int64 { return b.Effective.Debit }),
		number("effective_credit", func(b *balance) int64 { return b.Effective.Credit }),
	).
		IndexOn("party", "account", "currency", "day")
}
