package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// What a decision on a month looks at are the streams of the others, and the event says so.
func TestMonthsAreCutInOrder(t *testing.T) {
	t.Parallel()
	l := open(t)
	october := domain.Must(period.ParseMonth("2025-10"))
	november, december := october.Next(), october.Add(2)
	do := func(m period.Month, key string, by domain.Actor, c period.Command) error {
		return onMonth(t, l, m, key, by, c)
	}
	cut := func(m period.Month, key string) error {
		return do(m, key, domaintest.Finance(), period.CutPeriod{Month: m})
	}
	request, reopen := period.RequestReopening{Reason: "late"}, period.ReopenPeriod{}

	require.NoError(t, cut(october, "1"))
	require.NoError(t, cut(october, "1"), "the same command again")
	refused(t, "out_of_order", cut(december, "2"))
	require.NoError(t, cut(november, "3"))
	require.NoError(t, do(october, "4", domaintest.Finance(), request))
	refused(t, "later_cut", do(october, "5", domaintest.Another(domaintest.Finance()), reopen))
	require.NoError(t, do(november, "6", domaintest.Finance(), request))
	require.NoError(t, do(november, "7", domaintest.Another(domaintest.Finance()), reopen))
	require.NoError(t, do(october, "8", domaintest.Another(domaintest.Finance()), reopen))
	refused(t, "out_of_order", cut(november, "9"))
	require.NoError(t, cut(october, "10"))
	require.NoError(t, cut(november, "11"))

	var last eventstore.Recorded
	for r, err := range l.Store.Read(t.Context(), domain.StreamName(period.Category, period.IDOf(november)), eventstore.NoStream) {
		require.NoError(t, err)
		last = r
	}
	event, env, err := l.Codec.Decode(last)
	require.NoError(t, err)
	assert.Equal(t, 2, event.(period.Cut).Version)
	assert.Contains(t, env.DecidedFrom, domain.Source{Stream: domain.StreamName(period.Category, period.IDOf(october)), Revision: 3})
}

func onMonth(t *testing.T, l *ledger.Ledger, m period.Month, key string, actor domain.Actor, c period.Command) error {
	t.Helper()
	header := domain.Header{CommandID: domain.CommandID("month", key), Actor: actor, Now: now.Add(time.Hour), EffectiveAt: now.Add(time.Hour)}
	_, err := l.Periods.Do(t.Context(), period.IDOf(m), header, c)
	return err
}

func refused(t *testing.T, rule string, err error) {
	t.Helper()
	require.NotNil(t, domain.AsRejection(err), "%v", err)
	require.Equal(t, rule, domain.AsRejection(err).Rule)
}
