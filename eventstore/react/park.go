package react

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
)

// parkEvent goes on without an event that the rule can't handle.
func (r *Runner) parkEvent(ctx context.Context, a *actor, source eventstore.Recorded, why error) error {
	return r.park(ctx, a, domain.Header{}, reactor.Parked{
		Source: source.ID, SourceStream: source.Stream, SourceRevision: int64(source.Revision), SourceType: source.Type,
	}, why)
}

// parkOrder goes on without an order that can't be carried out.
func (r *Runner) parkOrder(ctx context.Context, a *actor, order reactor.Order, why error) error {
	return r.park(ctx, a, order.Header(a.Name()), reactor.Parked{
		Source: order.Cause.EventID, SourceStream: order.Cause.Stream, SourceRevision: order.Cause.Revision,
		SourceType: order.Cause.Type, Stream: order.Stream, Step: order.Step,
	}, why)
}

// park notes in the reactor's own stream what waits, and why. Its command's id tells the attempts apart: parking the same
// attempt again is the same command.
func (r *Runner) park(ctx context.Context, a *actor, header domain.Header, item reactor.Parked, why error) error {
	if a.parked.Add(1) > reactor.MaxParked {
		return fmt.Errorf("reactor %s has %d events parked already: %w", a.Name(), reactor.MaxParked, why)
	}
	item.Reactor, item.Reason = a.Name(), reasonOf(why)
	item.Attempt = a.state.Attempts(item.Source, item.Step) + 1
	header.CommandID = domain.ReactionID(a.Name(), item.Source, fmt.Sprintf("park %d %s", item.Attempt, item.Step))
	header.CausationID, header.Actor, header.EffectiveAt = item.Source, reactor.Actor(a.Name()), time.Time{}
	if header.CorrelationID == uuid.Nil {
		header.CorrelationID = item.Source // what can't be read tells nothing else
	}
	r.log.ErrorContext(ctx, "event parked", "reactor", a.Name(), "event", item.Source, "stream", item.SourceStream,
		"revision", item.SourceRevision, "step", item.Step, "attempt", item.Attempt, "error", why)
	return r.persist(ctx, func() error {
		outcome, err := r.dispatch(ctx, a.stream, header, reactor.NotePark{Parked: item})
		if err == nil {
			r.progress.appended(outcome.Position)
		}
		return err
	})
}

// reasonOf is the first line of an error, within the bounds of an event's text.
func reasonOf(err error) string {
	line, _, _ := strings.Cut(strings.ToValidUTF8(err.Error(), "?"), "\n")
	if runes := []rune(line); len(runes) > reactor.MaxReason {
		return string(runes[:reactor.MaxReason])
	}
	return line
}

// persist tries again and again while that may help: a store is out of reach, or others keep writing to the stream.
func (r *Runner) persist(ctx context.Context, do func() error) error {
	for wait := firstBackoff; ; wait = min(2*wait, lastBackoff) {
		err := do()
		_, crowded := errors.AsType[*eventstore.ConflictError](err)
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case !crowded && !errors.Is(err, eventstore.ErrUnavailable):
			return err
		case !sleep(ctx, wait):
			return context.Cause(ctx)
		}
	}
}
