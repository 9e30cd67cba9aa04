package esdb_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// patience bounds a test that waits for what never comes: no machine is that slow.
const patience = 5 * time.Minute

// newLog is an empty log in memory.
func newLog(tb testing.TB) *embedded.Store {
	tb.Helper()
	log, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, log.Close()) })
	return log
}

// serve is a server over an empty log.
func serve(tb testing.TB, opts ...esdbtest.Option) *esdbtest.Server {
	tb.Helper()
	return esdbtest.Start(tb, newLog(tb), opts...)
}

// open opens the log of a server.
func open(tb testing.TB, server *esdbtest.Server) *esdb.Store {
	tb.Helper()
	return openAs(tb, esdb.Config{URL: server.URL()})
}

func openAs(tb testing.TB, cfg esdb.Config) *esdb.Store {
	tb.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = patience
	}
	s, err := esdb.Open(tb.Context(), cfg)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return s
}

// limited is a context for one test.
func limited(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	tb.Cleanup(cancel)
	return ctx
}

// until repeats what may be given up too early, until it isn't.
func until(tb testing.TB, do func(context.Context) error) {
	tb.Helper()
	for ctx := limited(tb); ; {
		err := do(ctx)
		if err == nil {
			return
		}
		require.ErrorIs(tb, err, eventstore.ErrUnavailable)
		require.NoError(tb, ctx.Err())
	}
}

// onLog is a logger that does something when a message comes.
func onLog(message string, do func()) *slog.Logger {
	return slog.New(listener{slog.DiscardHandler, message, do})
}

type listener struct {
	slog.Handler
	message string
	do      func()
}

func (l listener) Enabled(context.Context, slog.Level) bool { return true }

func (l listener) Handle(_ context.Context, r slog.Record) error {
	if r.Message == l.message {
		l.do()
	}
	return nil
}

func event(name string) eventstore.Proposed {
	return eventstore.Proposed{
		ID:       uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)),
		Type:     "test.happened.v1",
		Data:     fmt.Appendf(nil, `{"name":%q}`, name),
		Metadata: []byte(`{"by":"esdb"}`),
	}
}

func events(names ...string) []eventstore.Proposed {
	list := make([]eventstore.Proposed, len(names))
	for i, name := range names {
		list[i] = event(name)
	}
	return list
}

// ids are those of a stream's events, which must be whole.
func ids(tb testing.TB, s eventstore.Store, stream string) []uuid.UUID {
	tb.Helper()
	var list []uuid.UUID
	for e, err := range s.Read(limited(tb), stream, eventstore.NoStream) {
		require.NoError(tb, err)
		require.Equal(tb, eventstore.Revision(len(list)), e.Revision)
		list = append(list, e.ID)
	}
	return list
}

func idsOf(list []eventstore.Proposed) []uuid.UUID {
	found := make([]uuid.UUID, len(list))
	for i, e := range list {
		found[i] = e.ID
	}
	return found
}

// past is what following yields until it has caught up.
func past(tb testing.TB, s eventstore.Store, after eventstore.Position, filter eventstore.Filter) (messages []eventstore.Message) {
	tb.Helper()
	for m, err := range s.Follow(limited(tb), after, filter) {
		require.NoError(tb, err)
		messages = append(messages, m)
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return messages
}

// firstError is what a sequence ends with.
func firstError[T any](seq func(func(T, error) bool)) (err error) {
	seq(func(_ T, e error) bool {
		err = e
		return e == nil
	})
	return err
}
