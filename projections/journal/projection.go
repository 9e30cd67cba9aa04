package journal

import (
	"fmt"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
)

// Name is what the projection is called.
const Name = "journal"

// Projection is the read model of the books. Days are those of the program's zone, which never changes; nil is UTC.
func Projection(zone *time.Location) projections.Projection[*tables] {
	if zone == nil {
		zone = time.UTC
	}
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 1,
		Types:   append(Posts(), period.Cut{}.EventType(), period.Reopened{}.EventType()),
		Open:    func(s *projections.Schema) *tables { return open(s, zone) },
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	if e, ok := e.(period.Event); ok {
		return t.calendar.Update(only, func(c *period.Calendar) { c.Apply(e) })
	}
	postings, err := Post(e)
	if err != nil || len(postings) == 0 {
		return err
	}
	calendar, err := t.calendar.Get(only)
	if err != nil {
		return err
	}
	if calendar == nil {
		calendar = &period.Calendar{}
	}
	for _, p := range postings {
		entry := &Entry{
			Event: env.EventID, Type: env.Type, Stream: env.Stream, Revision: env.Revision, Book: p.Book(), RecordedAt: env.RecordedAt,
			EffectiveAt: env.EffectiveAt, EffectiveOn: domain.DateOf(env.EffectiveAt, t.zone),
			PostedOn: calendar.PostingDate(env.EffectiveAt, t.zone), Lines: p.Lines(),
		}
		if err := t.enter(entry); err != nil {
			return err
		}
	}
	return nil
}

// enter writes an entry, its lines, and what they change in the balances.
func (t *tables) enter(entry *Entry) error {
	number := 0
	if err := t.counters.Update(only, func(c *counter) { c.N++; number = c.N }); err != nil {
		return err
	}
	key := fmt.Sprintf("%016d", number)
	t.entries.Put(key, entry)
	for i, l := range entry.Lines {
		t.lines.Put(fmt.Sprintf("%s/%04d", key, i), lineOf(entry, l))
		if err := t.addUp(entry, l); err != nil {
			return err
		}
	}
	return nil
}

// addUp changes the balances of the line's account: of its party, and of all parties together.
func (t *tables) addUp(entry *Entry, l Line) error {
	minor, posted, effective := l.Amount.Minor(), entry.PostedOn.String(), entry.EffectiveOn.String()
	for _, party := range []string{l.Account.Party, ""} {
		b := balance{Book: entry.Book, Account: l.Account.Name, Party: party, Currency: l.Amount.Currency(), Day: posted}
		if posted == effective { // as almost always
			if err := t.move(b, minor, minor); err != nil {
				return err
			}
			continue
		}
		if err := t.move(b, minor, 0); err != nil {
			return err
		}
		b.Day = effective
		if err := t.move(b, 0, minor); err != nil {
			return err
		}
	}
	return nil
}

// move adds to an account's day what is posted on it, and what took effect on it, in minor units.
func (t *tables) move(b balance, posted, effective int64) error {
	key := b.key()
	row, err := t.balances.Edit(key)
	if err != nil {
		return err
	}
	if row == nil {
		row = &b
	}
	if err := row.Posted.add(posted); err != nil {
		return err
	}
	if err := row.Effective.add(effective); err != nil {
		return err
	}
	t.balances.Put(key, row)
	return nil
}
