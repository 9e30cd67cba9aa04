package timeline

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
)

// addPointed takes in the events that papers point at which only the adjudicator is to see. They lead no further, and who
// sees none of the papers doesn't see them: where a sealed paper points is a part of what it says.
func (g *gathering) addPointed() {
	for stream, wanted := range g.papers() {
		if g.err != nil {
			return
		}
		s := g.loaded(stream)
		if g.err != nil {
			return
		}
		for _, fact := range s.facts {
			id := fact.Envelope.EventID
			if by := wanted[id]; len(by) > 0 && !s.scope.holds(fact.Event, fact.Envelope) {
				g.pointed[id] = by
			}
		}
	}
}

// papers are the case's papers of that sort, by stream and event that they point at.
func (g *gathering) papers() map[string]map[uuid.UUID][]paper {
	at := map[string]map[uuid.UUID][]paper{}
	for name, s := range g.streams {
		for _, fact := range s.facts {
			e, ok := fact.Event.(dispute.EvidenceSubmitted)
			if !ok || e.Visibility != dispute.VisibleToAdjudicator || !s.scope.holds(e, fact.Envelope) {
				continue
			}
			for _, ref := range e.EventRefs {
				if at[ref.Stream] == nil {
					at[ref.Stream] = map[uuid.UUID][]paper{}
				}
				at[ref.Stream][ref.EventID] = append(at[ref.Stream][ref.EventID], paper{name, e.By})
			}
		}
	}
	return at
}
