package metrics_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(200)
	projectionstest.Check(t, metrics.Projection(), h.Codec, h.Log)
}

// Every metric says what it is, and a version is never there twice.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, m := range metrics.All() {
		ids = append(ids, m.ID())
		require.Regexp(t, `^[a-z][a-z0-9_]*@[1-9][0-9]*$`, m.ID())
		for what, text := range map[string]string{
			"title": m.Title, "counts": m.Counts, "numerator": m.Numerator, "source": m.Source, "unit": string(m.Unit), "span": string(m.Span),
		} {
			require.NotEmpty(t, text, "%s: %s", m.ID(), what)
		}
		require.NotEmpty(t, m.Groups)
		for _, by := range m.Groups {
			require.Contains(t, metrics.AllGroupBys(), by)
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), len(ids))
}

func TestFinding(t *testing.T) {
	t.Parallel()
	require.Equal(t, "activation_rate@1", find(t, "activation_rate").ID(), "a question without a version keeps its meaning")
	require.Equal(t, "activation_rate@2", find(t, "activation_rate@2").ID())
	for text, field := range map[string]string{
		"activation": "name", "": "name", "activation_rate@3": "version", "activation_rate@x": "version", "activation_rate@-1": "version",
	} {
		_, err := metrics.Parse(text)
		require.Equal(t, field, domain.AsRejection(err).Field, text)
		require.Equal(t, domain.KindNotFound, domain.AsRejection(err).Kind)
	}
}

// What is behind a number says the number again, group by group, and names events that are in the log and had taken effect.
func TestEveryNumberDrillsDown(t *testing.T) {
	t.Parallel()
	behind := map[string]int{}
	for seed := range uint64(3) {
		h := told(seed)
		view := h.View(t, metrics.Projection(), projections.Bounds{})
		at := h.Now.AddDate(0, 0, -40)
		for _, m := range metrics.All() {
			q := metrics.Question{Metric: m, At: at, GroupBy: metrics.ByPartner}
			all := drill(t, view, q, "")
			demandEvents(t, h, all, at)
			demandGroups(t, view, q, all)
			behind[m.ID()] += len(all)
		}
	}
	for _, m := range metrics.All() {
		require.NotZero(t, behind[m.ID()], m.ID())
	}
}

// demandGroups wants each group's entries to be what it counts, and all of them together to be all there are.
func demandGroups(t *testing.T, view projections.Reader, q metrics.Question, all []metrics.Entry) {
	t.Helper()
	answer := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
	grouped := 0
	for _, g := range answer.Groups {
		entries := drill(t, view, q, g.Value)
		grouped += len(entries)
		for _, e := range entries {
			require.Equal(t, g.Value, e.Group)
		}
		if q.Metric.Unit != metrics.Money {
			demandCounted(t, q.Metric, g.Values[0], entries)
		}
	}
	require.Len(t, all, grouped, q.Metric.ID())
}

func demandEvents(t *testing.T, h *histories.History, entries []metrics.Entry, at time.Time) {
	t.Helper()
	logged := map[uuid.UUID]histories.Recorded{}
	for _, r := range h.Events {
		logged[r.Envelope.EventID] = r
	}
	for _, e := range entries {
		require.NotEmpty(t, e.Events)
		for _, event := range e.Events {
			r, ok := logged[event.EventID]
			require.True(t, ok, "an event that isn't there")
			require.Equal(t, r.Envelope.Stream, event.Stream)
			require.Equal(t, r.Envelope.Revision, event.Revision)
			require.Equal(t, r.Envelope.Type, event.Type)
			require.False(t, event.EffectiveAt.After(at))
		}
	}
}

// demandCounted counts the entries again.
func demandCounted(t *testing.T, m metrics.Metric, v metrics.Value, entries []metrics.Entry) {
	t.Helper()
	in, all := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	for _, e := range entries {
		id := map[metrics.Unit]uuid.UUID{
			metrics.Partners: e.PartnerID, metrics.Sellers: e.SellerID, metrics.Deals: e.DealID, metrics.Matters: e.MatterID,
			metrics.Disputes: e.DisputeID,
		}[m.Unit]
		require.NotEqual(t, uuid.Nil, id)
		if e.Apart == "" {
			all[id] = true
		}
		if e.Numerator {
			require.Empty(t, e.Apart)
			in[id] = true
		}
	}
	require.Equal(t, v.Numerator, number(v.Numerator).Num().String())
	require.Equal(t, number(v.Numerator).Num().Int64(), int64(len(in)), m.ID())
	if v.Denominator != "" {
		require.Equal(t, number(v.Denominator).Num().Int64(), int64(len(all)), m.ID())
	}
}

// A partner's people get their own partner's share: the answer that everybody's has in its group.
func TestAPartnerSeesItsOwnShare(t *testing.T) {
	t.Parallel()
	h := told(3)
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	for _, m := range metrics.All() {
		whole := histories.Ask(t, view, func(from projections.Querier) (metrics.Answer, error) {
			return metrics.Ask(t.Context(), from, metrics.Question{Metric: m, At: h.Now, GroupBy: metrics.ByPartner})
		})
		for _, id := range h.Partners {
			q := metrics.Question{Metric: m, At: h.Now, Scope: id}
			own, err := histories.Try(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
			if m.VendorOnly {
				require.Equal(t, "vendor_only", domain.AsRejection(err).Rule)
				continue
			}
			require.NoError(t, err)
			i := slices.IndexFunc(whole.Groups, func(g metrics.Group) bool { return g.Value == id.String() })
			if i < 0 {
				require.True(t, isNothing(own.Total))
				continue
			}
			require.Equal(t, whole.Groups[i].Values, own.Total, m.ID())
			for _, e := range drill(t, view, q, "") {
				require.Equal(t, id, e.PartnerID)
			}
		}
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	h := histories.New(3).Run(20)
	view := h.View(t, metrics.Projection(), projections.Bounds{})
	m := find(t, "activation_rate")
	for field, q := range map[string]metrics.Question{
		"period":   {Metric: m, At: h.Now, Period: "soon"},
		"group_by": {Metric: m, At: h.Now, GroupBy: "colour"},
	} {
		_, err := histories.Try(t, view, func(from projections.Querier) (metrics.Answer, error) { return metrics.Ask(t.Context(), from, q) })
		require.Equal(t, field, domain.AsRejection(err).Field)
	}
	for field, r := range map[string]listing.Request{"cursor": {Cursor: "x"}, "limit": {Limit: 501}, "sort": {Sort: "amount"}} {
		_, err := histories.Try(t, view, func(from projections.Querier) (listing.Page[metrics.Entry], error) {
			page, _, err := metrics.Drill(t.Context(), from, metrics.Question{Metric: m, At: h.Now}, "", r)
			return page, err
		})
		require.Equal(t, field, domain.AsRejection(err).Field)
	}
	_, err := histories.Try(t, view, func(from projections.Querier) (listing.Page[metrics.Entry], error) {
		page, _, err := metrics.Drill(t.Context(), from, metrics.Question{Metric: m, At: h.Now}, "DE", listing.Request{})
		return page, err
	})
	require.Equal(t, "group", domain.AsRejection(err).Field)
}
