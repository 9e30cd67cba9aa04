package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// Between the halves of a SPIFF's reversal the process stops: the reactor gives the second one, once, with its reason.
func TestAReversedSpiffIsFinishedBehindACrash(t *testing.T) {
	y, north, _ := funded(t)
	id, spiff := domain.DeriveID("agreement"), domain.DeriveID("spiff")
	stream := domain.StreamName(rebate.Category, id)
	metadata := domain.Metadata{CommandID: domain.DeriveID("earned"), Actor: domaintest.Finance(), EffectiveAt: y.now}
	var proposed []eventstore.Proposed
	for i, e := range []domain.Event{
		rebate.AgreementOpened{AgreementID: id, PartnerID: north, Scheme: policy.Scheme{Currency: "EUR"}, From: y.now, Until: y.now},
		rebate.SpiffEarned{PartnerID: north, SpiffID: spiff, Amount: eur("50.00"), Treatment: rebate.TreatmentExpense, Reference: "contest"},
	} {
		p, err := y.l.Codec.Encode(stream, i, e, metadata)
		require.NoError(t, err)
		proposed = append(proposed, p)
	}
	_, err := y.l.Store.Append(ctx, stream, eventstore.NoStream, proposed)
	require.NoError(t, err)

	h := by(domaintest.Finance(), "half")
	back := rebate.ReverseSpiff{SpiffID: spiff, Amount: eur("20.00"), Reason: rebate.ReversalCancelled, Note: "by letter"}
	took, err := y.l.BeforeRebate(ctx, id, h, back)
	require.NoError(t, err)
	require.True(t, took, "its payable is raised, where nobody did")
	y.react()
	y.now = y.now.Add(reactor.HalfAfter + time.Second)
	y.react()
	agreement := func() rebate.Agreement {
		s, _, err := y.l.Rebates.Fold(ctx, id)
		require.NoError(t, err)
		return s.Agreement
	}
	require.Equal(t, eur("30.00"), agreement().SpiffsEarned)
	require.Empty(t, agreement().SpiffsOwed)
	again, err := y.l.DoRebate(ctx, id, h, back)
	require.NoError(t, err)
	require.Zero(t, again.Count, "both halves stand")
	require.Equal(t, eur("30.00"), agreement().SpiffsEarned)
}
