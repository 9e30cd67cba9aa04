package timeline

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/projections"
)

// Limits of one case: a greater one is asked for by its parts.
const (
	MaxStreams = 500
	MaxEvents  = 50_000 // read, whether or not they bear on the case
)

// Case is everything that bears on its subject, in the order in which the ledger learned it.
type Case struct {
	Subject Subject
	Facts   []projections.Fact

	deals    map[uuid.UUID][]tenure   // whose each deal was, one after the other
	partners map[string]uuid.UUID     // whose each stream of money is
	disputes map[string]*dispute.Case // each as it is behind the last event
	pointed  map[uuid.UUID][]paper    // the events that have a part in the case only because papers point at them

	customers map[string][]uuid.UUID // the partners that know each customer's record
}

// Gather reads a case from its streams, as far as the bounds let it be known.
// Errors: a Rejection of kind Conflict (case_too_large) beyond the limits; those of the store.
func Gather(ctx context.Context, source projections.Source, subject Subject, bounds projections.Bounds) (*Case, error) {
	g := &gathering{ctx: ctx, source: source, bounds: bounds, streams: map[string]*strand{}, pointed: map[uuid.UUID][]paper{}}
	g.follow(lead{subject.Home, subject.scope()})
	for len(g.due) > 0 && g.err == nil {
		next := g.due[0]
		g.due = g.due[1:]
		g.read(next)
	}
	g.addPointed()
	g.addRules()
	if g.err != nil {
		return nil, g.err
	}
	c := &Case{
		Subject: subject, Facts: g.facts(), deals: map[uuid.UUID][]tenure{}, partners: map[string]uuid.UUID{},
		disputes: map[string]*dispute.Case{}, pointed: g.pointed, customers: g.customers(),
	}
	for _, fact := range c.Facts {
		c.note(fact)
	}
	return c, nil
}

// strand is one stream of a case.
type strand struct {
	facts []projections.Fact
	read  bool
	scope scope
}

// gathering goes from stream to stream until nothing leads any further.
type gathering struct {
	ctx     context.Context
	source  projections.Source
	bounds  projections.Bounds
	streams map[string]*strand
	due     []string // streams of which more bears on the case than was looked at
	pointed map[uuid.UUID][]paper
	events  int
	err     error
}

func (g *gathering) follow(to lead) {
	if s := g.strand(to.stream); s != nil && s.scope.widen(to.scope) {
		g.due = append(g.due, to.stream)
	}
}

// strand is the stream of that name; nil beyond the limit.
func (g *gathering) strand(name string) *strand {
	s := g.streams[name]
	if s == nil {
		if len(g.streams) == MaxStreams {
			g.err = domain.Refuse("case_too_large", "", "the case spans more than %d streams: ask for its parts", MaxStreams)
			return nil
		}
		s = &strand{}
		g.streams[name] = s
	}
	return s
}

// loaded is the stream of that name with what it holds; nil beyond the limit.
func (g *gathering) loaded(name string) *strand {
	s := g.strand(name)
	if s != nil && !s.read {
		s.facts, g.err = g.load(name)
		s.read = true
	}
	return s
}

func (g *gathering) read(name string) {
	s := g.loaded(name)
	for _, fact := range s.facts {
		if g.err == nil && s.scope.holds(fact.Event, fact.Envelope) {
			for _, to := range leadsOf(fact.Event, fact.Envelope) {
				g.follow(to)
			}
		}
	}
}

func (g *gathering) load(stream string) (facts []projections.Fact, err error) {
	for fact, err := range g.source.Stream(g.ctx, stream, g.bounds) {
		if err != nil {
			return nil, err
		}
		if g.events++; g.events > MaxEvents {
			return nil, domain.Refuse("case_too_large", "", "the case's streams hold more than %d events: ask for its parts", MaxEvents)
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

// addRules takes in the policies that the case was decided by.
func (g *gathering) addRules() {
	if g.err != nil {
		return
	}
	cited := map[string]bool{}
	for _, s := range g.streams {
		for _, fact := range s.facts {
			if s.scope.holds(fact.Event, fact.Envelope) {
				for _, ref := range fact.Envelope.Policies {
					cited[ref] = true
				}
			}
		}
	}
	stream := domain.StreamName(program.Category, program.DefaultID)
	all, err := g.load(stream)
	if g.err = err; err != nil {
		return
	}
	rules := &strand{scope: whole}
	for _, fact := range all {
		if ref, ok := ruleOf(fact.Event); ok && cited[ref] {
			rules.facts = append(rules.facts, fact)
		}
	}
	g.streams[stream] = rules
}

// facts are what bears on the case, in the log's order.
func (g *gathering) facts() (all []projections.Fact) {
	for _, s := range g.streams {
		for _, fact := range s.facts {
			if s.scope.holds(fact.Event, fact.Envelope) || len(g.pointed[fact.Envelope.EventID]) > 0 {
				all = append(all, fact)
			}
		}
	}
	slices.SortFunc(all, func(a, b projections.Fact) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Envelope.Stream, b.Envelope.Stream),
			cmp.Compare(a.Envelope.Revision, b.Envelope.Revision))
	})
	return all
}

// customers are the partners that know each customer's record: they had a registration there, or the customer named them. All
// that a stream holds says so, whether or not it bears on the case.
func (g *gathering) customers() map[string][]uuid.UUID {
	knows := map[string][]uuid.UUID{}
	for stream, s := range g.streams {
		for _, fact := range s.facts {
			switch e := fact.Event.(type) {
			case account.DealRegistered:
				knows[stream] = append(knows[stream], e.PartnerID)
			case account.DealReassigned:
				knows[stream] = append(knows[stream], e.To)
			case account.PreferenceRecorded:
				knows[stream] = append(knows[stream], e.PartnerID)
			}
		}
	}
	return knows
}
