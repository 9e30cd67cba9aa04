package reconcile_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
)

func debtID(n int) uuid.UUID { return domain.DeriveID("debt", fmt.Sprint(n)) }

func refOfDebt(n int) string {
	id := debtID(n)
	return hex.EncodeToString(id[:])
}

// owes makes a partner owe so many amounts, because of claw-backs of a rebate that it was paid.
func (w *world) owes(name, amount string, debts int) {
	w.t.Helper()
	id := domain.DeriveID("agreement", name)
	events := []domain.Event{rebate.AgreementOpened{
		AgreementID: id, PartnerID: partnerID(name), Scheme: policy.Scheme{Currency: "EUR"}, From: now, Until: now,
	}}
	for n := range debts {
		events = append(events, rebate.ClawedBack{
			PartnerID: partnerID(name), ClawbackID: debtID(n), Amount: eur(amount), FromPayable: eur("0"), FromPaid: eur(amount), Reason: "x",
		})
	}
	stream := domain.StreamName(rebate.Category, id)
	metadata := domain.Metadata{CommandID: domain.DeriveID("owes", name), Actor: domaintest.Finance(), EffectiveAt: now.AddDate(0, 0, -7)}
	var proposed []eventstore.Proposed
	for i, e := range events {
		p, err := w.l.Codec.Encode(stream, i, e, metadata)
		require.NoError(w.t, err)
		proposed = append(proposed, p)
	}
	_, err := w.l.Store.Append(w.t.Context(), stream, eventstore.NoStream, proposed)
	require.NoError(w.t, err)
}

func (w *world) debt(n int) *clawback.State {
	w.t.Helper()
	s, _, err := w.l.Clawbacks.Fold(w.t.Context(), debtID(n))
	require.NoError(w.t, err)
	return s
}

// Whoever runs the same file at once, or again behind a stop, recovers each debt once.
func TestDebtsAreRecoveredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const debts = 600
	w.owes("North GmbH", "1", debts)
	var lines []booked
	for n := range debts {
		lines = append(lines, booked{"-1", refOfDebt(n), "", ""})
	}
	sha := w.stores(lines...)
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := w.Run(ctx, reconcile.Options{
		SHA256: sha, Actor: domaintest.Finance(), Resume: true,
		Progress: func(step string, done, _ int) {
			if step == "match" && done >= 500 {
				cancel(errors.New("stop"))
			}
		},
	})
	require.Error(t, err)
	ended := make(chan error, 3)
	for range cap(ended) {
		go func() {
			_, err := w.Run(t.Context(), reconcile.Options{SHA256: sha, Actor: domaintest.Finance(), Resume: true})
			ended <- err
		}()
	}
	for range cap(ended) {
		require.NoError(t, <-ended)
	}
	require.Zero(t, w.statement(statement.IDOf(bankAccount, "ST-1")).Unmatched)
	for n := range debts {
		require.Equal(t, eur("1"), w.debt(n).Recovered)
		require.Len(t, w.debt(n).Clearings, 1)
	}
}

// One line may pay several debts, and a payment that came back beside them; what one side refuses, the others give back.
func TestALineOfSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sends(0, "North GmbH", "7")
	w.owes("North GmbH", "10", 2)
	r, err := w.runs(w.stores(booked{"-20", "", "", ""}, booked{"-17", "", "", ""}), false)
	require.NoError(t, err)
	require.Equal(t, 2, r.Unmatched)
	both := reconcile.Confirmation{Lines: []int{1}, To: []reconcile.ConfirmedSide{
		{ClawbackID: debtID(0), Amount: eur("10")}, {ClawbackID: debtID(1), Amount: eur("10")},
	}}
	mixed := reconcile.Confirmation{Lines: []int{2}, To: []reconcile.ConfirmedSide{
		{PayableID: payableID(0), PayoutID: payout, Amount: eur("7")}, {ClawbackID: debtID(1), Amount: eur("10")},
	}}
	for _, c := range []struct {
		confirmed reconcile.Confirmation
		refused   int
	}{{mixed, 0}, {both, 1}} {
		refused, _, err := w.Confirm(t.Context(), r.ID, domaintest.Treasurer(), []reconcile.Confirmation{c.confirmed})
		require.NoError(t, err)
		require.Len(t, refused, c.refused)
	}
	require.Equal(t, eur("7"), w.payable(0).Payments[0].ClearedIn)
	require.Equal(t, eur("10"), w.debt(1).Recovered)
	require.Zero(t, w.debt(0).Recovered.Sign(), "the other side refused")
	require.True(t, w.debt(0).Recoveries[0].Undone.Taken())
	require.Equal(t, 1, w.statement(r.ID).Unmatched)
}
