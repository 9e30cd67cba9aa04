package api

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
)

// hiddenPapers are those that only adjudicators see and that an actor of the vendor's doesn't: who hears the case does, and
// auditors. What a partner sees of them, its viewpoint says.
func hiddenPapers(actor domain.Actor, facts []projections.Fact) map[uuid.UUID]bool {
	hidden := map[uuid.UUID]bool{}
	if actor.OfPartner() || actor.Is(domain.Auditor) {
		return hidden
	}
	hears := map[string]bool{}
	for _, f := range facts {
		if e, ok := f.Event.(dispute.AdjudicatorAssigned); ok && e.Adjudicator == actor.ID {
			hears[f.Envelope.Stream] = true
		}
	}
	for _, f := range facts {
		e, ok := f.Event.(dispute.EvidenceSubmitted)
		if ok && e.Visibility == dispute.VisibleToAdjudicator && !e.By.Vendor && !hears[f.Envelope.Stream] {
			hidden[e.EvidenceID] = true
		}
	}
	return hidden
}

// withoutPapers is an event, or a case, without what hidden papers say.
func withoutPapers(actor domain.Actor, hidden map[uuid.UUID]bool, v any) any {
	switch v := v.(type) {
	case *dispute.Case:
		if len(hidden) > 0 {
			return disputeFor(actor, v).Case
		}
	case dispute.EvidenceSubmitted:
		if hidden[v.EvidenceID] {
			return v.WithoutContent()
		}
	case dispute.SealingGranted:
		if hidden[v.EvidenceID] {
			v.Reason = dispute.Withheld
		}
		return v
	case dispute.SealingRefused:
		if hidden[v.EvidenceID] {
			v.Reason = dispute.Withheld
		}
		return v
	}
	return v
}
