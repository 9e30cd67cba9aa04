package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

var programStream = domain.StreamName(program.Category, program.DefaultID)

// delegates grants for today.
func delegates(t *testing.T, l *ledger.Ledger, from, to string) {
	t.Helper()
	today := domain.DateOf(now, time.UTC)
	c := program.GrantDelegation{From: from, To: to, End: today, Reason: "away"}
	_, err := l.Programs.Do(t.Context(), program.DefaultID, by(domaintest.Another(domaintest.Ops()), from+to), c)
	require.NoError(t, err)
	_, env := lastOf(t, l, programStream)
	require.NotContains(t, sources(env), programStream, "its own stream is no other")
}

func sources(env domain.Envelope) (streams []string) {
	for _, s := range env.DecidedFrom {
		streams = append(streams, s.Stream)
	}
	return streams
}

// storing hands a document in: an aggregate that asks for no facts.
func storing(t *testing.T, l *ledger.Ledger, actor domain.Actor, text string) (domain.Envelope, error) {
	t.Helper()
	c := file.Store{SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text))), Size: 1}
	if _, err := l.Files.Do(t.Context(), file.IDOf(c.SHA256), by(actor, text), c); err != nil {
		return domain.Envelope{}, err
	}
	_, env := lastOf(t, l, domain.StreamName(file.Category, file.IDOf(c.SHA256)))
	return env, nil
}

// Whose hand it is reaches every decision, and the log says how far the program was read for it.
func TestWhoeverActsIsIntroduced(t *testing.T) {
	l := open(t)
	env, err := storing(t, l, domaintest.Finance(), "for oneself")
	require.NoError(t, err)
	require.Contains(t, sources(env), programStream)

	bob := domaintest.Finance()
	bob.OnBehalfOf = "ann"
	_, err = storing(t, l, bob, "for ann")
	require.Equal(t, "no_delegation", domain.AsRejection(err).Rule)
	delegates(t, l, bob.ID, "ann")
	_, err = storing(t, l, bob, "for ann")
	require.Equal(t, "no_delegation", domain.AsRejection(err).Rule, "it is the other way round")
	delegates(t, l, "ann", bob.ID)
	env, err = storing(t, l, bob, "for ann")
	require.NoError(t, err)
	require.Equal(t, "ann", env.Actor.OnBehalfOf)
	require.Empty(t, env.Actor.Delegations)

	env, err = storing(t, l, domaintest.Importer(), "a service")
	require.NoError(t, err, "it says itself for whom it runs")
	require.Equal(t, domaintest.Importer().OnBehalfOf, env.Actor.OnBehalfOf)

	// The program's own commands are no exception.
	c := program.GrantDelegation{From: bob.ID, To: "carol", End: domain.DateOf(now, time.UTC), Reason: "away"}
	bob.OnBehalfOf = "eve"
	_, err = l.Programs.Do(t.Context(), program.DefaultID, by(bob, "eve"), c)
	require.Equal(t, "no_delegation", domain.AsRejection(err).Rule)
	bob.OnBehalfOf = "ann"
	_, err = l.Programs.Do(t.Context(), program.DefaultID, by(bob, "ann"), c)
	require.NoError(t, err)
}

// Commands on the program and elsewhere read the program's stream at once: none waits for another for ever.
func TestGrantsAndOtherCommandsAtOnce(t *testing.T) {
	l := open(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			c := program.GrantDelegation{From: fmt.Sprint("a", i), To: "b", End: domain.DateOf(now, time.UTC), Reason: "away"}
			_, err := l.Programs.Do(t.Context(), program.DefaultID, by(domaintest.Ops(), fmt.Sprint("grant", i)), c)
			assert.NoError(t, err)
		})
		group.Go(func() {
			c := file.Store{SHA256: fmt.Sprintf("%064x", i), Size: 1}
			_, err := l.Files.Do(t.Context(), file.IDOf(c.SHA256), by(domaintest.Ops(), fmt.Sprint("store", i)), c)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.NoError(t, l.Programs.View(t.Context(), program.DefaultID, func(s *program.State, _ domain.Source) error {
		require.Len(t, s.DelegationsAt(now), 8)
		return nil
	}))
}
