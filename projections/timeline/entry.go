package timeline

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// Entry is one event of a case: when and where it was recorded, since when it counts, by whom, why, and what it changed.
type Entry struct {
	Number      int                 `json:"number"` // from 1, among all entries of the case
	Position    eventstore.Position `json:"position"`
	Stream      string              `json:"stream"`
	Revision    int64               `json:"revision"` // in the stream; -1 where that is withheld
	EventID     uuid.UUID           `json:"event_id"`
	Type        string              `json:"type"`
	RecordedAt  time.Time           `json:"recorded_at"`
	EffectiveAt time.Time           `json:"effective_at"`
	Actor       domain.Actor        `json:"actor"`
	Policies    []string            `json:"policies,omitempty"`     // that decided, kind@version
	DecidedFrom []domain.Source     `json:"decided_from,omitempty"` // how far other streams had been read
	Why         string              `json:"why,omitempty"`
	Data        json.RawMessage     `json:"data"`
	Changes     []Change            `json:"changes"`
	Money       []Posting           `json:"money,omitempty"` // what it does to the books
	State       json.RawMessage     `json:"state,omitempty"` // of the subject behind it, where the reader asked for each
}

// Posting is what an event does to one of the books.
type Posting struct {
	Book  journal.Book   `json:"book"`
	Lines []journal.Line `json:"lines"`
}

// Told is a case as somebody may read it.
type Told struct {
	Entries  []Entry
	State    any      // of the subject behind the last entry; nil where there is none, or it isn't the reader's
	Withheld Withheld // what the reader may not see
}

// Tell tells the first n events of the case; below 0 all of them.
// Errors: an event that contradicts itself.
func (c *Case) Tell(reader Reader, n int) (*Told, error) {
	if n < 0 || n > len(c.Facts) {
		n = len(c.Facts)
	}
	t := &telling{of: c, reader: reader, stories: map[string]story{}, known: map[uuid.UUID]fields{}}
	t.told.Withheld = Withheld{Fields: map[string]int{}, Entries: map[string]int{}}
	for i, fact := range c.Facts[:n] {
		if err := t.add(i, fact); err != nil {
			return nil, err
		}
	}
	return &t.told, nil
}

// telling goes through a case, once.
type telling struct {
	of      *Case
	reader  Reader
	stories map[string]story
	known   map[uuid.UUID]fields // every thing as it was last
	told    Told
}

func (t *telling) add(i int, fact projections.Fact) error {
	env := fact.Envelope
	things := t.take(fact)
	sight := t.of.sightOf(t.reader, fact)
	if sight.none {
		t.told.Withheld.Entries[sight.rule]++
		return nil
	}
	e := Entry{
		Number: i + 1, Position: fact.Position, Stream: env.Stream, Revision: env.Revision, EventID: env.EventID, Type: env.Type,
		RecordedAt: env.RecordedAt, EffectiveAt: env.EffectiveAt, Actor: env.Actor, Policies: env.Policies,
		DecidedFrom: env.DecidedFrom, Changes: []Change{},
	}
	if err := t.show(&e, fact.Event, things, sight); err != nil {
		return fmt.Errorf("%s@%d: %w", env.Stream, env.Revision, err)
	}
	if t.reader.EachState && t.told.State != nil {
		raw, err := json.Marshal(t.told.State)
		if err != nil {
			return err
		}
		e.State = raw
	}
	t.told.Entries = append(t.told.Entries, e)
	return nil
}

func (t *telling) take(fact projections.Fact) []thing {
	s, ok := t.stories[fact.Envelope.Stream]
	if !ok {
		category, _, _ := domain.ParseStream(fact.Envelope.Stream) // an event was read from it
		s = storyOf(category)
		t.stories[fact.Envelope.Stream] = s
	}
	if s == nil {
		return nil
	}
	return s.take(fact.Event, fact.Envelope)
}

// show fills in what the reader may see of an event and of what it changed.
func (t *telling) show(e *Entry, event domain.Event, things []thing, sight sight) (err error) {
	if e.Data, err = t.reader.data(event, sight, t.told.Withheld.Fields); err != nil {
		return err
	}
	e.Why = whyOf(e.Data)
	if !sight.all {
		e.DecidedFrom = nil // it names streams
	}
	if t.reader.Partner != uuid.Nil {
		e.DecidedFrom = nil
		t.place(e)
		e.Actor = t.reader.actor(e.Actor, t.told.Withheld.Fields)
	} else if e.Money, err = moneyOf(event); err != nil {
		return err
	}
	for _, of := range things {
		doc, ok := t.of.seen(of, t.reader)
		if !ok {
			continue
		}
		now, err := takeApart(doc)
		if err != nil {
			return err
		}
		e.Changes = append(e.Changes, changes(of, t.known[of.id], now)...)
		t.known[of.id] = now
		if of.kind == t.of.Subject.Kind && of.id == t.of.Subject.ID {
			t.told.State = doc
		}
	}
	return nil
}

// place withholds where an entry stands, where that says who a customer is that the partner may not know.
func (t *telling) place(e *Entry) {
	if !t.of.locates(t.reader.Partner, e.Stream) {
		t.told.Withheld.Fields[RuleRival]++
		e.Stream, e.Revision = WithheldBy(RuleRival), -1
	}
}

func moneyOf(event domain.Event) (all []Posting, err error) {
	postings, err := journal.Post(event)
	for _, p := range postings {
		all = append(all, Posting{Book: p.Book(), Lines: p.Lines()})
	}
	return all, err
}

// whyOf is what somebody said about why, under whichever name the event has it.
func whyOf(data json.RawMessage) string {
	var said map[string]any
	if json.Unmarshal(data, &said) != nil {
		return ""
	}
	for _, name := range []string{"reason", "rationale", "because", "grounds", "note", "basis"} {
		if why, ok := said[name].(string); ok && why != "" {
			return why
		}
	}
	return ""
}
