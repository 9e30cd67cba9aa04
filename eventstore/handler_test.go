package eventstore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
)

// A purse that holds 10 at most: the smallest aggregate with an invariant.
type (
	purse struct{ holds int }
	paid  struct {
		Amount int `json:"amount"`
	}
	pay struct{ amount int }
)

func (paid) EventType() string { return "purse.paid.v1" }

func purseDecider() domain.Decider[*purse, pay, int, paid] {
	return domain.Decider[*purse, pay, int, paid]{
		Category: "purse",
		Types:    []domain.Type{domain.TypeOf[paid]()},
		Initial:  func() *purse { return &purse{} },
		Decide: func(s *purse, _ domain.Header, limit int, c pay) ([]paid, error) {
			switch {
			case c.amount == 0:
				return nil, nil
			case s.holds+c.amount > limit:
				return nil, domain.Refuse("purse_full", "", "the purse holds %d of %d", s.holds, limit)
			}
			return []paid{{c.amount}}, nil
		},
		Evolve: func(s *purse, e paid, _ domain.Envelope) *purse {
			if e.Amount < 0 {
				panic("no purse can fold this")
			}
			s.holds += e.Amount
			return s
		},
	}
}

type purses = eventstore.Handler[*purse, pay, int, paid]

var purseID = domain.DeriveID("test", "purse")

func openPurses(t *testing.T, store eventstore.Store) *purses {
	t.Helper()
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), purseDecider().Types)
	require.NoError(t, err)
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	limit := func(context.Context, *purse, pay, domain.Header) (int, domain.Basis, error) {
		return 10, domain.Basis{Policies: []string{"limit@1"}}, nil
	}
	return eventstore.NewHandler(store, codec, now, purseDecider(), limit)
}

func openMemory(t *testing.T) eventstore.Store {
	t.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func header(key, hash string) domain.Header {
	return domain.Header{CommandID: domain.CommandID("test", key), RequestHash: hash}
}

func holds(t *testing.T, h *purses) (sum int) {
	t.Helper()
	require.NoError(t, h.View(t.Context(), purseID, func(s *purse, _ domain.Source) error { sum = s.holds; return nil }))
	return sum
}

func TestARetriedCommandIsAnsweredAsBefore(t *testing.T) {
	store := openMemory(t)
	h := openPurses(t, store)
	first, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4})
	require.NoError(t, err)
	_, err = h.Do(t.Context(), purseID, header("b", "1"), pay{6})
	require.NoError(t, err)

	for name, handler := range map[string]*purses{"warm": h, "cold": openPurses(t, store)} {
		again, err := handler.Do(t.Context(), purseID, header("a", "1"), pay{4})
		require.NoError(t, err, name)
		require.True(t, again.Repeated, name)
		again.Repeated = false
		require.Equal(t, first, again, name)
		require.Equal(t, 10, holds(t, handler), name)
	}
}

func TestAKeyUsedForSomethingElseIsRefused(t *testing.T) {
	h := openPurses(t, openMemory(t))
	_, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4})
	require.NoError(t, err)
	_, err = h.Do(t.Context(), purseID, header("a", "2"), pay{5})
	var reused *eventstore.KeyReusedError
	require.ErrorAs(t, err, &reused)
	require.Equal(t, eventstore.Revision(0), reused.First)
}

func TestARefusedCommandLeavesNothingAndMayBeGivenAgain(t *testing.T) {
	h := openPurses(t, openMemory(t))
	_, err := h.Do(t.Context(), purseID, header("a", "1"), pay{11})
	require.Equal(t, "purse_full", domain.AsRejection(err).Rule)
	require.Zero(t, holds(t, h))
	_, err = h.Do(t.Context(), purseID, header("a", "2"), pay{10})
	require.NoError(t, err, "the key of a refused command is free")
}

func TestAKnownCommandComesBeforeThePrecondition(t *testing.T) {
	h := openPurses(t, openMemory(t))
	empty := func(s *purse) error {
		if s.holds > 0 {
			return errors.New("not empty")
		}
		return nil
	}
	_, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4}, empty)
	require.NoError(t, err)
	again, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4}, empty)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	_, err = h.Do(t.Context(), purseID, header("b", "1"), pay{4}, empty)
	require.EqualError(t, err, "not empty")
}

func TestTwoProcessesNeverOverfillThePurse(t *testing.T) {
	store := openMemory(t)
	handlers := []*purses{openPurses(t, store), openPurses(t, store)}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			_, err := handlers[i%2].Do(t.Context(), purseID, header(uuid.NewString(), "1"), pay{1})
			if rejection := domain.AsRejection(err); rejection != nil {
				return
			}
			var conflict *eventstore.ConflictError
			if err != nil && !errors.As(err, &conflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, holds(t, handlers[0]), 10)
	require.Equal(t, holds(t, handlers[0]), holds(t, handlers[1]))
}

func TestACommandWithNothingToDoNamesTheStreamsEnd(t *testing.T) {
	h := openPurses(t, openMemory(t))
	done, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4})
	require.NoError(t, err)
	nothing, err := h.Do(t.Context(), purseID, header("b", "1"), pay{0})
	require.NoError(t, err)
	require.Zero(t, nothing.Count)
	require.Equal(t, done.Position, nothing.Position)
}

func TestMetadataSaysWhoWhenAndUnderWhichPolicy(t *testing.T) {
	store := openMemory(t)
	_, err := openPurses(t, store).Do(t.Context(), purseID, header("a", "1"), pay{4})
	require.NoError(t, err)
	for r, err := range store.Read(t.Context(), domain.StreamName("purse", purseID), eventstore.NoStream) {
		require.NoError(t, err)
		require.Contains(t, string(r.Metadata), `"effective_at":"2026-01-01T00:00:00Z"`)
		require.Contains(t, string(r.Metadata), `"policy":["limit@1"]`)
		require.Contains(t, string(r.Metadata), `"$correlationId":"`+header("a", "").CommandID.String())
		require.Equal(t, domain.EventID(header("a", "").CommandID, r.Stream, 0), r.ID)
	}
}

func TestAStateWhoseFoldPanickedIsNotUsedAgain(t *testing.T) {
	store := openMemory(t)
	h := openPurses(t, store)
	_, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4})
	require.NoError(t, err)
	_, err = h.Do(t.Context(), purseID, header("b", "1"), pay{-1})
	require.NoError(t, err)
	for range 2 {
		require.Panics(t, func() { _ = h.View(t.Context(), purseID, func(*purse, domain.Source) error { return nil }) })
	}
}

// Whoever gives a command is introduced each time that it is decided, and what was read for that is among the sources.
func TestWhoeverGivesACommandIsIntroduced(t *testing.T) {
	store, introduced := openMemory(t), 0
	h := openPurses(t, store).Introduced(func(_ context.Context, stream string, h domain.Header) (domain.Header, []domain.Source, error) {
		introduced++
		require.Equal(t, domain.StreamName("purse", purseID), stream)
		if h.Actor.ID == "stranger" {
			return h, nil, domain.Forbid("stranger", "nobody knows %s", h.Actor.ID)
		}
		return h, []domain.Source{{Stream: "people", Revision: 7}}, nil
	})
	for range 2 {
		_, err := h.Do(t.Context(), purseID, header("a", "1"), pay{4})
		require.NoError(t, err)
	}
	require.Equal(t, 1, introduced, "a known command is answered as before")
	stranger := header("b", "1")
	stranger.Actor.ID = "stranger"
	_, err := h.Do(t.Context(), purseID, stranger, pay{11})
	require.Equal(t, "stranger", domain.AsRejection(err).Rule, "before anything is decided")
	for r, err := range store.Read(t.Context(), domain.StreamName("purse", purseID), eventstore.NoStream) {
		require.NoError(t, err)
		require.Contains(t, string(r.Metadata), `"decided_from":[{"stream":"people","revision":7}]`)
	}
}
