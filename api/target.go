package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// target is a sort of thing that commands are given on, and the aggregate that takes them.
//
//	S, C, F, E  as of eventstore.Handler
type target[S any, C any, F any, E domain.Event] struct {
	server  *Server
	decider domain.Decider[S, C, F, E]
	handler func() *eventstore.Handler[S, C, F, E]

	tag  string // groups its routes in the documentation
	base string // path of the collection
	id   string // name of the path's parameter that is the thing's id
	view any    // what an answer shows, for the documentation

	// parse reads the thing's id in the path.
	parse func(location, text string) (uuid.UUID, error)
	// of finds the thing that a command is on, where the path's id is that of another: nil where it isn't.
	of func(command C, id uuid.UUID) uuid.UUID
	// home finds the stream that a thing lives in, by its id.
	home func(ctx context.Context, id uuid.UUID) (uuid.UUID, error)
	// show finds a thing in a state: what an answer shows of it, and the revision of its own last event.
	show func(state S, id uuid.UUID) (view any, revision int64, ok bool)
	// complete adds to a command what the server itself has to find out, once it is known whom the command is on; nil: nothing.
	complete func(ctx context.Context, command C, id uuid.UUID) (C, error)
	// do carries out commands of which some take more than one append; nil: the handler does.
	do func(
		ctx context.Context, stream uuid.UUID, header domain.Header, command C, conditions ...eventstore.Precondition[S],
	) (eventstore.Outcome, error)
	// forPartner is what a partner's people see of what an answer shows; nil: all of it.
	forPartner func(view any) any
	// viewpoint is what an actor sees of what an answer shows; nil: all of it, but for forPartner.
	viewpoint func(actor domain.Actor, view any) any
	// sealed is what an actor may see of it, where it holds personal text; nil: all of it. It leaves the view as it is.
	sealed func(actor domain.Actor, view any) any
	// noun is what it is called.
	noun string
}

// entity is a thing as it stood at some revision of its stream.
type entity struct {
	json     json.RawMessage
	revision int64
}

// at is the thing as the command's outcome left it: what later commands did isn't in it, so that a repeated command is
// answered like the first.
func (t *target[S, C, F, E]) at(ctx context.Context, stream, id uuid.UUID, outcome eventstore.Outcome) (e entity, err error) {
	err = t.handler().View(ctx, stream, func(state S, _ domain.Source) error {
		e, err = t.look(ctx, state, id)
		return err
	})
	if err != nil || e.revision <= int64(outcome.Revision) {
		return e, err
	}
	state, err := t.fold(ctx, outcome)
	if err != nil {
		return entity{}, err
	}
	return t.look(ctx, state, id)
}

func (t *target[S, C, F, E]) look(ctx context.Context, state S, id uuid.UUID) (entity, error) {
	view, revision, ok := t.show(state, id)
	if !ok {
		return entity{}, t.notFound(id)
	}
	if t.forPartner != nil && actorOf(ctx).OfPartner() {
		view = t.forPartner(view)
	}
	if t.viewpoint != nil {
		view = t.viewpoint(actorOf(ctx), view)
	}
	if t.sealed != nil {
		view = t.sealed(actorOf(ctx), view)
	}
	if actor := actorOf(ctx); actor.OfPartner() {
		view = domain.Unsigned(view, actor.PartnerID)
	}
	raw, err := encode(view)
	return entity{json: raw, revision: revision}, err
}

func (t *target[S, C, F, E]) notFound(id uuid.UUID) error {
	return notFound(t.noun, id.String())
}

func notFound(noun, id string) *Problem {
	return newProblem(http.StatusNotFound, slug(noun)+"_unknown", "there is no %s %s", noun, id)
}

// notFoundWithin is for what may be there, but not as far as the bounds let it be known.
func notFoundWithin(in BoundsInput, noun, id string) *Problem {
	if !in.bounded() {
		return notFound(noun, id)
	}
	p := notFound(noun, id)
	p.Detail += ": none that known_at and effective_at, as given, let be known"
	return p
}

// fold is the state as it was behind the outcome.
func (t *target[S, C, F, E]) fold(ctx context.Context, outcome eventstore.Outcome) (S, error) {
	state := t.decider.Initial()
	for recorded, err := range t.server.Ledger.Store.Read(ctx, outcome.Stream, eventstore.NoStream) {
		if err != nil {
			return state, err
		}
		if recorded.Revision > outcome.Revision {
			break
		}
		event, envelope, err := t.server.Ledger.Codec.Decode(recorded)
		if err != nil {
			return state, err
		}
		state = t.decider.Evolve(state, event.(E), envelope) // as the handler folded it
	}
	return state, nil
}

// unchangedSince refuses a command whose If-Match doesn't name the thing as it is. Checked behind "known command".
func (t *target[S, C, F, E]) unchangedSince(ifMatch string, id uuid.UUID) eventstore.Precondition[S] {
	return func(state S) error {
		_, revision, ok := t.show(state, id)
		if ok && decidedOn(ifMatch, revision) {
			return nil
		}
		return newProblem(http.StatusPreconditionFailed, "changed_meanwhile",
			"the %s is not as If-Match says: look at it again, then decide again", t.noun)
	}
}

// nothingYet refuses an If-Match with a command that makes something new.
func (t *target[S, C, F, E]) nothingYet(S) error {
	return newProblem(http.StatusPreconditionFailed, "changed_meanwhile", "there is no %s yet that If-Match could name", t.noun)
}

// exists refuses a command on a thing that isn't there.
func (t *target[S, C, F, E]) exists(id uuid.UUID) eventstore.Precondition[S] {
	return func(state S) error {
		if _, _, ok := t.show(state, id); !ok {
			return t.notFound(id)
		}
		return nil
	}
}

// recorded are the events that a command led to.
func (s *Server) recorded(ctx context.Context, outcome eventstore.Outcome) (events []eventstore.Recorded, err error) {
	for r, err := range s.Ledger.Store.Read(ctx, outcome.Stream, max(eventstore.NoStream, outcome.First-1)) {
		if err != nil {
			return nil, err
		}
		events = append(events, r)
		if r.Revision >= outcome.Revision {
			break
		}
	}
	return events, nil
}

// asOf says what the answer to a command is made from: the log up to its last event, when that was recorded. It is the same
// whenever the command is repeated.
func (s *Server) asOf(header domain.Header, outcome eventstore.Outcome, recorded []eventstore.Recorded) AsOfInfo {
	known := s.Clock()
	if len(recorded) > 0 {
		known = recorded[len(recorded)-1].RecordedAt
	}
	effective := known
	if header.EffectiveAt.After(known) { // by a clock that is ahead
		effective = header.EffectiveAt
	}
	return AsOfInfo{Position: outcome.Position, KnownAt: stamp(known), EffectiveAt: stamp(effective)}
}

// stamp is a time as answers show it: UTC, to the microsecond.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
