package ledger

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
)

// Periods handles commands on months of the books.
type Periods = eventstore.Handler[*period.Period, period.Command, period.Facts, period.Event]

// periodFacts reads the months around one. They are folded apart: a command on one of them may be looking at this one.
func (l *Ledger) periodFacts(
	ctx context.Context, p *period.Period, c period.Command, _ domain.Header,
) (facts period.Facts, basis domain.Basis, err error) {
	err = l.Programs.View(ctx, program.DefaultID, func(s *program.State, from domain.Source) error {
		facts.Zone, basis.DecidedFrom = s.Zone(), []domain.Source{from}
		return nil
	})
	if err != nil {
		return facts, basis, err
	}
	known, err := l.months.all(ctx)
	if err != nil {
		return facts, basis, err
	}
	month := p.Month
	if cut, ok := c.(period.CutPeriod); ok {
		month = cut.Month
	}
	facts.Earlier = slices.ContainsFunc(known, func(m period.Month) bool { return m.Compare(month) < 0 })
	for _, m := range period.Neighbours(month, known) {
		neighbour, source, err := l.Periods.Fold(ctx, period.IDOf(m))
		if err != nil {
			return facts, basis, err
		}
		facts.Neighbours = append(facts.Neighbours, period.Neighbour{Month: m, Cut: neighbour.IsCut()})
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	return facts, basis, nil
}

// cutMonths is which months were ever cut, by the log itself: it is followed to its end whenever somebody asks.
type cutMonths struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu     sync.Mutex
	after  eventstore.Position
	months map[period.Month]bool
}

func newCutMonths(store eventstore.Store, codec *eventstore.Codec) *cutMonths {
	return &cutMonths{store: store, codec: codec, months: map[period.Month]bool{}}
}

func (m *cutMonths) all(ctx context.Context) ([]period.Month, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	filter := eventstore.Filter{Categories: []string{period.Category}, Types: []string{period.Cut{}.EventType()}}
	for message, err := range m.store.Follow(ctx, m.after, filter) {
		if err != nil {
			return nil, err
		}
		if message.Kind == eventstore.Appeared {
			if err := m.add(message.Event); err != nil {
				return nil, err
			}
		}
		m.after = message.Position
		if message.Kind == eventstore.CaughtUp {
			break
		}
	}
	return slices.SortedFunc(maps.Keys(m.months), period.Month.Compare), nil
}

func (m *cutMonths) add(r eventstore.Recorded) error {
	event, _, err := m.codec.Decode(r)
	if err != nil {
		return err
	}
	if e, ok := event.(period.Cut); ok {
		m.months[e.Month] = true
	}
	return nil
}
