package projectionstest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// witness is a decoder that keeps what it decoded. While a build is filled for the first time rows are changed in place; two
// that were given the same slice of an event would then change each other, and the event with them.
type witness struct {
	projections.Decoder
	mu   sync.Mutex
	seen []decoded
}

type decoded struct {
	recorded eventstore.Recorded
	event    domain.Event
}

func (w *witness) Decode(r eventstore.Recorded) (domain.Event, domain.Envelope, error) {
	e, env, err := w.Decoder.Decode(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, decoded{r, e})
	return e, env, err
}

// testify asserts that every event is still what it was.
func (w *witness) testify(t *testing.T) {
	t.Helper()
	for _, d := range w.seen {
		again, _, err := w.Decoder.Decode(d.recorded)
		require.NoError(t, err)
		assert.Equal(t, again, d.event, "a row changed an event that it was made from")
	}
}
