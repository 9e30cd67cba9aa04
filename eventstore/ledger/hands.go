package ledger

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
)

// hands are whoever recorded something: people and services, and whom they acted for, each once.
type hands struct {
	all  []dispute.Excluded
	seen map[string]bool
}

func (x *hands) add(env domain.Envelope) {
	if x.seen == nil {
		x.seen = map[string]bool{}
	}
	if env.Actor.Kind == domain.Reactor {
		return
	}
	for _, id := range []string{env.Actor.ID, env.Actor.OnBehalfOf} {
		if id != "" && !x.seen[id] {
			x.seen[id] = true
			x.all = append(x.all, dispute.Excluded{Actor: id, BecauseOf: refOf(env)})
		}
	}
}

func refOf(env domain.Envelope) dispute.EventRef {
	return dispute.EventRef{Stream: env.Stream, Revision: env.Revision, EventID: env.EventID}
}

// readDisputed goes through a stream of ours, whatever it is of; another's, or none, is empty.
func (l *Ledger) readDisputed(
	ctx context.Context, stream string, hands *hands, look func(domain.Event, domain.Envelope),
) (domain.Source, error) {
	source := domain.Source{Stream: stream, Revision: int64(eventstore.NoStream)}
	if !ours(stream) {
		return source, nil
	}
	for recorded, err := range l.Store.Read(ctx, stream, eventstore.NoStream) {
		if err != nil {
			return source, err
		}
		event, env, err := l.Codec.Decode(recorded)
		if err != nil {
			return source, err
		}
		source.Revision = env.Revision
		hands.add(env)
		look(event, env)
	}
	return source, nil
}

func ours(stream string) bool {
	category, _, err := domain.ParseStream(stream)
	return err == nil && slices.Contains(Categories(), category)
}

// addBench reads the disputed streams again, and the delegations: whoever judges must have no hand in the case by now.
func (l *Ledger) addBench(
	ctx context.Context, s *dispute.State, judges []string, h domain.Header, facts *dispute.Facts, basis *domain.Basis,
) error {
	if len(judges) == 0 || s.ID == uuid.Nil {
		return nil
	}
	hands := &hands{}
	for _, stream := range append([]string{s.Subject.Stream}, s.Streams...) {
		source, err := l.readDisputed(ctx, stream, hands, func(domain.Event, domain.Envelope) {})
		if err != nil {
			return err
		}
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	facts.Hands = hands.all
	return l.Programs.View(ctx, program.DefaultID, func(p *program.State, from domain.Source) error {
		facts.Delegations = involving(p, h.Now, judges...)
		if !slices.Contains(basis.DecidedFrom, from) {
			basis.DecidedFrom = append(basis.DecidedFrom, from)
		}
		return nil
	})
}
