package transfer

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	"github.com/channelledger/channelledger/eventstore"
)

// past yields what a side holds, with events as they were first recorded, up to its end.
func past(ctx context.Context, side Side) iter.Seq2[eventstore.Message, error] {
	return func(yield func(eventstore.Message, error) bool) {
		for m, err := range eventstore.Originals(side.Store).Follow(ctx, eventstore.Position{}, side.Filter) {
			if !yield(m, err) || err != nil || m.Kind == eventstore.CaughtUp {
				return
			}
		}
	}
}

// walk gives the events of a side one by one.
type walk struct {
	pull func() (eventstore.Message, error, bool)
	stop func()
	over bool
}

func newWalk(ctx context.Context, side Side) *walk {
	w := &walk{}
	w.pull, w.stop = iter.Pull2(past(ctx, side))
	return w
}

// next is the next event; more is false behind the last one there was when the end was first reached.
func (w *walk) next() (r eventstore.Recorded, more bool, err error) {
	for !w.over {
		m, err, ok := w.pull()
		switch {
		case err != nil:
			return r, false, err
		case !ok || m.Kind == eventstore.CaughtUp:
			w.over = true
			w.stop()
		case m.Kind == eventstore.Appeared:
			return m.Event, true, nil
		}
	}
	return r, false, nil
}

// same compares an event of the source with the one in its place.
// Errors: ErrOtherEvents, saying what differs.
func same(here, there eventstore.Recorded) error {
	differs := ""
	switch {
	case here.Stream != there.Stream || here.Revision != there.Revision:
		differs = "the place"
	case here.ID != there.ID:
		differs = "the id"
	case here.Type != there.Type:
		differs = "the type"
	case !bytes.Equal(here.Data, there.Data):
		differs = "the data"
	case !bytes.Equal(here.Metadata, there.Metadata):
		differs = "the metadata"
	case !here.RecordedAt.Equal(there.RecordedAt):
		differs = "the time it was recorded at"
	default:
		return nil
	}
	return fmt.Errorf("%w: at %s stands %s@%d %s, where %s@%d %s was due: %s differs", ErrOtherEvents, there.Position,
		there.Stream, there.Revision, there.ID, here.Stream, here.Revision, here.ID, differs)
}
