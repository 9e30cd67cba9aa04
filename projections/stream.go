package projections

import (
	"context"
	"iter"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// Fact is an event of a stream, decoded.
type Fact struct {
	Event    domain.Event
	Envelope domain.Envelope
	Position eventstore.Position
}

// Stream yields what one stream holds within the bounds, in order: an answer about one thing folds these with the thing's
// own Apply and needs no replay of the log. An error is the last thing yielded.
func (s Source) Stream(ctx context.Context, stream string, bounds Bounds) iter.Seq2[Fact, error] {
	return func(yield func(Fact, error) bool) {
		for r, err := range s.Store.Read(ctx, stream, eventstore.NoStream) {
			if err != nil {
				yield(Fact{}, err)
				return
			}
			if bounds.over(eventstore.Message{Kind: eventstore.Appeared, Event: r, Position: r.Position}) {
				return
			}
			event, envelope, err := s.decode(r)
			if err != nil {
				yield(Fact{}, err)
				return
			}
			if bounds.leavesOut(envelope.EffectiveAt) {
				continue
			}
			if !yield(Fact{Event: event, Envelope: envelope, Position: r.Position}, nil) {
				return
			}
		}
	}
}
