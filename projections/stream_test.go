package projections_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/partners"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// TestOneThingFoldedIsTheRowOfTheList: what a stream's fold says of one thing within bounds is what the replayed read models
// say, on a history with late facts, at random bounds.
func TestOneThingFoldedIsTheRowOfTheList(t *testing.T) {
	t.Parallel()
	h := histories.New(7).Run(300)
	for range 6 {
		known, effective := h.Events[h.IntN(len(h.Events))].Envelope, h.Events[h.IntN(len(h.Events))].Envelope
		for _, bounds := range []projections.Bounds{
			{}, {KnownAt: known.RecordedAt}, {EffectiveAt: effective.EffectiveAt}, {KnownAt: known.RecordedAt, EffectiveAt: effective.EffectiveAt},
		} {
			holdAccounts(t, h, bounds)
			holdPartners(t, h, bounds)
		}
	}
}

func holdAccounts(t *testing.T, h *histories.History, bounds projections.Bounds) {
	t.Helper()
	at := h.Now
	if !bounds.EffectiveAt.IsZero() {
		at = bounds.EffectiveAt
	}
	rows := histories.Ask(t, h.View(t, accounts.Projection(), bounds), func(q projections.Querier) (listing.Page[account.Account], error) {
		return accounts.List(t.Context(), q, accounts.Query{})
	})
	deals := histories.Ask(t, h.View(t, pipeline.Projection(nil), bounds), func(q projections.Querier) (listing.Page[account.Deal], error) {
		return pipeline.List(t.Context(), q, pipeline.Query{Request: listing.Request{Limit: 500}})
	})
	folded := 0
	for _, c := range h.Customers {
		id := domain.Must(c.Identity()).AccountID
		history := account.NewHistory()
		for fact, err := range h.Source().Stream(t.Context(), domain.StreamName(account.Category, id), bounds) {
			require.NoError(t, err)
			history.Apply(fact.Event.(account.Event), fact.Envelope)
		}
		held := history.HeldAt(at)
		protected, pending := liveOn(held)
		require.Equal(t, ids(deals.Items, func(d account.Deal) bool { return d.AccountID == id && d.ProtectedAt(at) }), protected, "%+v", bounds)
		require.Equal(t, ids(deals.Items, func(d account.Deal) bool { return d.AccountID == id && d.Pending() }), pending, "%+v", bounds)
		if i := slices.IndexFunc(rows.Items, func(a account.Account) bool { return a.ID == id }); i >= 0 {
			require.JSONEq(t, text(t, rows.Items[i]), text(t, history.Account))
			owner, said := rows.Items[i].Ownership.At(at)
			require.Equal(t, said, held.Owner.Set.Taken())
			require.True(t, !said || owner == held.Owner.Ownership)
			preference, _ := rows.Items[i].Preference.At(at)
			require.Equal(t, preference != account.Preference{}, held.Preference != nil)
			require.True(t, held.Preference == nil || held.Preference.Preference == preference && held.Preference.Recorded.Taken())
			folded++
		}
	}
	require.Len(t, rows.Items, folded)
}

// liveOn are the deals that are held, each once.
func liveOn(held account.Held) (protected, pending []string) {
	for _, l := range held.Lines {
		for _, d := range l.Protected {
			protected = append(protected, d.DealID.String())
		}
		for _, d := range l.Pending {
			pending = append(pending, d.DealID.String())
		}
	}
	slices.Sort(protected)
	slices.Sort(pending)
	return slices.Compact(protected), slices.Compact(pending)
}

func ids(deals []account.Deal, wanted func(account.Deal) bool) (all []string) {
	for _, d := range deals {
		if wanted(d) {
			all = append(all, d.ID.String())
		}
	}
	slices.Sort(all)
	return all
}

func holdPartners(t *testing.T, h *histories.History, bounds projections.Bounds) {
	t.Helper()
	rows := histories.Ask(t, h.View(t, partners.Projection(), bounds), func(q projections.Querier) (listing.Page[partners.Partner], error) {
		return partners.List(t.Context(), q, partners.Query{At: h.Now})
	})
	for _, row := range rows.Items {
		p := &partner.Partner{}
		for fact, err := range h.Source().Stream(t.Context(), domain.StreamName(partner.Category, row.ID), bounds) {
			require.NoError(t, err)
			p.Apply(fact.Event.(partner.Event), fact.Envelope)
		}
		require.JSONEq(t, text(t, row.Partner), text(t, p))
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}
