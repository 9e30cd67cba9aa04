package react

import (
	"context"
	"iter"

	"github.com/channelledger/channelledger/eventstore"
)

type followed struct {
	message eventstore.Message
	err     error
}

// pump makes an iterator selectable, so that the runner can wait for an event and for a time at once. The channel is closed
// when the iterator ends.
func pump(ctx context.Context, messages iter.Seq2[eventstore.Message, error]) <-chan followed {
	out := make(chan followed, 256)
	go func() {
		defer close(out)
		for message, err := range messages {
			select {
			case out <- followed{message, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
