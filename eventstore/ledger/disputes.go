package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// Disputes handles commands on cases.
type Disputes = eventstore.Handler[*dispute.State, dispute.Command, dispute.Facts, dispute.Event]

// disputeFacts reads the disputed streams and the events that are cited from the store itself: a command on one of those
// streams waits for no case, and the other way round.
func (l *Ledger) disputeFacts(
	ctx context.Context, s *dispute.State, c dispute.Command, h domain.Header,
) (facts dispute.Facts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if open, ok := c.(dispute.Open); ok {
		err = l.addOpening(ctx, open, h, &facts, &basis)
		return facts, basis, err
	}
	if facts.Found, err = l.found(ctx, dispute.EventsOf(c)); err != nil {
		return facts, basis, err
	}
	if document := dispute.DocumentOf(c); document != "" {
		if facts.DocumentStored, source, err = l.stored(ctx, document); err != nil {
			return facts, basis, err
		}
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	if err = l.addRemedies(ctx, dispute.RemediesOf(c), h, &facts, &basis); err != nil {
		return facts, basis, err
	}
	if err = l.addBench(ctx, s, dispute.JudgesOf(c, h.Actor), h, &facts, &basis); err != nil {
		return facts, basis, err
	}
	if dispute.Judges(c) {
		err = l.addInForce(ctx, s, &facts, &basis)
	}
	return facts, basis, err
}

// addOpening looks at the streams that are disputed, and at the parties.
func (l *Ledger) addOpening(
	ctx context.Context, c dispute.Open, h domain.Header, facts *dispute.Facts, basis *domain.Basis,
) error {
	hands := &hands{}
	source, err := l.readDisputed(ctx, c.Stream, hands, func(e domain.Event, env domain.Envelope) {
		if env.EventID == c.EventID {
			facts.Subject = subjectOf(e, env)
		}
	})
	if err != nil {
		return err
	}
	basis.DecidedFrom = append(basis.DecidedFrom, source)
	facts.Streams = map[string]bool{}
	for _, stream := range c.Streams {
		source, err := l.readDisputed(ctx, stream, hands, func(domain.Event, domain.Envelope) {})
		if err != nil {
			return err
		}
		facts.Streams[stream] = source.Revision >= 0
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	facts.Involved = hands.all
	return l.addParties(ctx, c, h, facts, basis)
}

// subjectOf is an event as a dispute names it, with the things that it is about.
func subjectOf(e domain.Event, env domain.Envelope) *dispute.Subject {
	s := &dispute.Subject{EventRef: refOf(env), Type: env.Type, RecordedAt: env.RecordedAt.UTC(), EffectiveAt: env.EffectiveAt.UTC()}
	if e, ok := e.(account.DealEvent); ok {
		s.DealID = e.Deal()
	}
	if e, ok := e.(mdf.ClaimEvent); ok {
		s.ClaimID = e.Claim()
	}
	switch e := e.(type) {
	case mdf.ClaimClawedBack:
		s.ClawbackID = e.ClawbackID
	case rebate.ClawedBack:
		s.ClawbackID = e.ClawbackID
	case rebate.Adjusted:
		s.AdjustmentID = e.AdjustmentID
	}
	return s
}

// addParties says which of the parties are there, and who is above and below them.
func (l *Ledger) addParties(
	ctx context.Context, c dispute.Open, h domain.Header, facts *dispute.Facts, basis *domain.Basis,
) error {
	facts.Partners = map[uuid.UUID]bool{}
	ids := []uuid.UUID{h.Actor.PartnerID, c.Claimant.PartnerID}
	for _, p := range c.Respondents {
		ids = append(ids, p.PartnerID)
	}
	for _, id := range ids {
		if id == uuid.Nil || facts.Partners[id] {
			continue
		}
		err := l.Partners.View(ctx, id, func(p *partner.State, from domain.Source) error {
			facts.Partners[id] = p.Exists()
			facts.Related = append(facts.Related, p.ParentsFrom(h.EffectiveAt)...)
			basis.DecidedFrom = append(basis.DecidedFrom, from)
			return nil
		})
		if err != nil {
			return err
		}
		children, err := l.families.childrenOf(ctx, id)
		if err != nil {
			return err
		}
		facts.Related = append(facts.Related, children...)
	}
	return nil
}

// found are the events that are where they are said to be, by id.
func (l *Ledger) found(ctx context.Context, refs []dispute.EventRef) (map[uuid.UUID]string, error) {
	found := map[uuid.UUID]string{}
	for _, ref := range refs {
		if !ours(ref.Stream) || ref.Revision < 0 {
			continue
		}
		for recorded, err := range l.Store.Read(ctx, ref.Stream, eventstore.Revision(ref.Revision-1)) {
			if err != nil {
				return nil, err
			}
			if recorded.ID == ref.EventID && int64(recorded.Revision) == ref.Revision {
				found[ref.EventID] = recorded.Type
			}
			break
		}
	}
	return found, nil
}

// addInForce is which policies and which agreements of the parties were in force at the disputed moment.
func (l *Ledger) addInForce(ctx context.Context, s *dispute.State, facts *dispute.Facts, basis *domain.Basis) error {
	at := s.Subject.EffectiveAt
	err := l.Programs.View(ctx, program.DefaultID, func(p *program.State, _ domain.Source) error {
		_, facts.Policies = p.RulesAt(at)
		return nil
	})
	if err != nil {
		return err
	}
	for _, party := range s.Parties() {
		if party.Vendor {
			continue
		}
		err := l.Partners.View(ctx, party.PartnerID, func(p *partner.State, from domain.Source) error {
			facts.Agreements = append(facts.Agreements, agreementsAt(p, party.PartnerID, at)...)
			basis.DecidedFrom = append(basis.DecidedFrom, from)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func agreementsAt(p *partner.State, id uuid.UUID, at time.Time) (refs []dispute.AgreementRef) {
	for _, a := range p.Agreements {
		if a.InForceAt(at) {
			refs = append(refs, dispute.AgreementRef{PartnerID: id, AgreementID: a.ID})
		}
	}
	return refs
}
