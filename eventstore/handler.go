package eventstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// maxAttempts bounds how often a command is decided again because another process appended to its stream meanwhile.
const maxAttempts = 5

// Outcome is where a command's events stand. A command that found nothing to do has no events: Count is 0, and Revision and
// Position are the stream's own last ones.
type Outcome struct {
	Stream   string
	First    Revision // of the command's first event
	Revision Revision // of its last event
	Position Position // of its last event
	Count    int
	Repeated bool // the command was known already: nothing was recorded now
}

// KeyReusedError says that a command id stands in the stream already, with another content.
type KeyReusedError struct {
	Stream  string
	Command uuid.UUID
	First   Revision // of the events that the id led to
}

// Error names the stream and where the first use stands.
func (e *KeyReusedError) Error() string {
	return fmt.Sprintf("command %s was used with another content before, see %s@%d", e.Command, e.Stream, e.First)
}

// Gather reads the facts of other streams that a decision needs, each to its stream's end, and says what was read.
type Gather[S, C, F any] func(ctx context.Context, state S, cmd C, header domain.Header) (F, domain.Basis, error)

// Introduce completes a header with what the log says of whoever gives the command on a stream, and says what was read for it.
// Errors: a Rejection where the actor isn't what it says it is; those of the store.
type Introduce func(ctx context.Context, stream string, header domain.Header) (domain.Header, []domain.Source, error)

// Handler turns commands on one kind of stream into appends: known command, precondition, decision, append at the exact
// revision. Commands on one stream queue up; recently used states are kept, so that the last command on a long stream is as
// fast as the first.
type Handler[S, C, F any, E domain.Event] struct {
	store     Store
	codec     *Codec
	decider   domain.Decider[S, C, F, E]
	gather    Gather[S, C, F]
	introduce Introduce
	clock     func() time.Time
	cells     *cellCache[S]
}

// NewHandler handles the decider's commands over a store.
func NewHandler[S, C, F any, E domain.Event](
	store Store, codec *Codec, clock func() time.Time, decider domain.Decider[S, C, F, E], gather Gather[S, C, F],
) *Handler[S, C, F, E] {
	return &Handler[S, C, F, E]{
		store: store, codec: codec, decider: decider, gather: gather, clock: clock,
		cells: newCellCache(decider.Initial), introduce: unknown,
	}
}

// Introduced lets whoever gives a command be introduced before it is decided.
func (h *Handler[S, C, F, E]) Introduced(by Introduce) *Handler[S, C, F, E] {
	h.introduce = by
	return h
}

// unknown takes every actor as it comes.
func unknown(_ context.Context, _ string, header domain.Header) (domain.Header, []domain.Source, error) {
	return header, nil, nil
}

// Precondition looks at the state before a command is decided and refuses with an error; it is checked anew whenever the
// command is decided again.
type Precondition[S any] func(S) error

// Do decides a command on the entity with that id and appends what follows, durably before it returns.
// Errors: *domain.Rejection from the decision, a precondition's own error, *KeyReusedError, *ConflictError after 5 attempts,
// and the store's. A refused command leaves nothing.
func (h *Handler[S, C, F, E]) Do(
	ctx context.Context, id uuid.UUID, header domain.Header, cmd C, conditions ...Precondition[S],
) (Outcome, error) {
	stream := domain.StreamName(h.decider.Category, id)
	header = h.completed(header)
	cell, err := h.cells.take(ctx, stream)
	if err != nil {
		return Outcome{}, err
	}
	defer h.cells.release(cell)
	for attempt := 1; ; attempt++ {
		outcome, err := h.attempt(ctx, cell, header, cmd, conditions)
		if _, conflict := errors.AsType[*ConflictError](err); !conflict || attempt == maxAttempts {
			return outcome, err
		}
	}
}

// completed fills in what the caller left to the clock. Times are kept to the microsecond, in UTC: what every store keeps.
func (h *Handler[S, C, F, E]) completed(header domain.Header) domain.Header {
	if header.Now.IsZero() {
		header.Now = h.clock()
	}
	header.Now = header.Now.UTC().Truncate(time.Microsecond)
	if header.EffectiveAt.IsZero() {
		header.EffectiveAt = header.Now
	}
	header.EffectiveAt = header.EffectiveAt.UTC().Truncate(time.Microsecond)
	return header
}

func (h *Handler[S, C, F, E]) attempt(
	ctx context.Context, cell *cell[S], header domain.Header, cmd C, conditions []Precondition[S],
) (Outcome, error) {
	if err := h.catchUp(ctx, cell); err != nil {
		return Outcome{}, err
	}
	if known, ok := cell.commands[header.CommandID]; ok {
		return known.repeat(cell.stream, header)
	}
	for _, holds := range conditions {
		if err := holds(cell.state); err != nil {
			return Outcome{}, err
		}
	}
	events, basis, err := h.decide(ctx, cell, header, cmd)
	if err != nil {
		return Outcome{}, err
	}
	if len(events) == 0 {
		return Outcome{Stream: cell.stream, First: cell.revision, Revision: cell.revision, Position: cell.position}, nil
	}
	return h.append(ctx, cell, events, header.Metadata(basis))
}

func (h *Handler[S, C, F, E]) decide(
	ctx context.Context, cell *cell[S], header domain.Header, cmd C,
) (events []E, basis domain.Basis, err error) {
	header, known, err := h.introduce(ctx, cell.stream, header)
	if err != nil {
		return nil, basis, err
	}
	facts, basis, err := h.gather(ctx, cell.state, cmd, header)
	if err != nil {
		return nil, basis, err
	}
	for _, source := range known {
		if !slices.Contains(basis.DecidedFrom, source) {
			basis.DecidedFrom = append(basis.DecidedFrom, source)
		}
	}
	events, err = h.decider.Decide(cell.state, header, facts, cmd)
	return events, basis, err
}

func (h *Handler[S, C, F, E]) append(ctx context.Context, cell *cell[S], events []E, metadata domain.Metadata) (Outcome, error) {
	proposed := make([]Proposed, len(events))
	for i, event := range events {
		p, err := h.codec.Encode(cell.stream, i, event, metadata)
		if err != nil {
			return Outcome{}, err
		}
		proposed[i] = p
	}
	appended, err := h.store.Append(ctx, cell.stream, cell.revision, proposed)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{
		Stream: cell.stream, First: cell.revision + 1, Revision: appended.Revision,
		Position: appended.Position, Count: len(events),
	}, nil
}

// View shows an entity's state as the log's end has it. The state belongs to the handler: look runs while nobody else has
// it, must copy what it keeps and must not change it.
func (h *Handler[S, C, F, E]) View(ctx context.Context, id uuid.UUID, look func(state S, source domain.Source) error) error {
	cell, err := h.cells.take(ctx, domain.StreamName(h.decider.Category, id))
	if err != nil {
		return err
	}
	defer h.cells.release(cell)
	if err := h.catchUp(ctx, cell); err != nil {
		return err
	}
	return look(cell.state, domain.Source{Stream: cell.stream, Revision: int64(cell.revision)})
}

// Fold shows an entity's state as the log's end has it, folded anew. It takes longer than View and waits for nobody: a
// command on one entity may ask for another of its kind, while a command on that one asks for the first.
func (h *Handler[S, C, F, E]) Fold(ctx context.Context, id uuid.UUID) (state S, source domain.Source, err error) {
	own := newCell(domain.StreamName(h.decider.Category, id), h.decider.Initial())
	err = h.catchUp(ctx, own)
	return own.state, domain.Source{Stream: own.stream, Revision: int64(own.revision)}, err
}

// catchUp folds what the stream holds beyond the cell. It leaves the cell right at the last event folded, whatever happens.
func (h *Handler[S, C, F, E]) catchUp(ctx context.Context, cell *cell[S]) error {
	for recorded, err := range h.store.Read(ctx, cell.stream, cell.revision) {
		if err != nil {
			return fmt.Errorf("read %s: %w", cell.stream, err)
		}
		event, envelope, err := h.codec.Decode(recorded)
		if err != nil {
			return err
		}
		own, ok := event.(E)
		if !ok {
			return fmt.Errorf("%s@%d: %s is no event of category %s", cell.stream, recorded.Revision, recorded.Type, h.decider.Category)
		}
		cell.folding = true
		cell.state = h.decider.Evolve(cell.state, own, envelope)
		cell.advance(recorded, envelope.Metadata)
		cell.folding = false
	}
	return nil
}
