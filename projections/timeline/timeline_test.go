package timeline_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/timeline"
)

// dealsOf are the deals of a history, with their accounts.
func dealsOf(h *histories.History) (deals []account.DealRegistered, homes []uuid.UUID) {
	for _, r := range h.Events {
		if e, ok := r.Event.(account.DealRegistered); ok {
			_, home, _ := domain.ParseStream(r.Envelope.Stream)
			deals, homes = append(deals, e), append(homes, home)
		}
	}
	return deals, homes
}

func gather(t *testing.T, h *histories.History, s timeline.Subject, b projections.Bounds) *timeline.Case {
	t.Helper()
	c, err := timeline.Gather(t.Context(), h.Source(), s, b)
	require.NoError(t, err)
	return c
}

func tell(t *testing.T, c *timeline.Case, r timeline.Reader, n int) *timeline.Told {
	t.Helper()
	told, err := c.Tell(r, n)
	require.NoError(t, err)
	return told
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

// At each position a deal is what its account's events up to there make of it, and its history is in the log's order.
func TestReplayingIsFolding(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		h := histories.New(seed).Run(150)
		deals, homes := dealsOf(h)
		for i, deal := range deals[:min(len(deals), 3)] {
			c := gather(t, h, timeline.Of(timeline.Deal, deal.DealID, homes[i]), projections.Bounds{})
			for n := range c.Facts {
				by := account.NewHistory()
				for _, fact := range c.Facts[:n+1] {
					if e, ok := fact.Event.(account.Event); ok && fact.Envelope.Stream == c.Subject.Home {
						by.Apply(e, fact.Envelope)
					}
				}
				told := tell(t, c, timeline.Reader{}, n+1)
				require.Len(t, told.Entries, n+1)
				if by.Deals[deal.DealID] == nil {
					require.Nil(t, told.State)
					continue
				}
				require.JSONEq(t, asJSON(t, by.Deals[deal.DealID]), asJSON(t, told.State))
				known := gather(t, h, c.Subject, projections.Bounds{KnownPosition: c.Facts[n].Position})
				then := tell(t, known, timeline.Reader{}, -1)
				require.JSONEq(t, asJSON(t, told.State), asJSON(t, then.State))
				require.Equal(t, ofHome(told, c), ofHome(then, c), "who wasn't known to be involved may be missing, of the deal's own account nothing")
			}
		}
	}
}

func ofHome(told *timeline.Told, c *timeline.Case) (ids []uuid.UUID) {
	for _, e := range told.Entries {
		if e.Stream == c.Subject.Home {
			ids = append(ids, e.EventID)
		}
	}
	return ids
}

// Nothing that a stream of the account holds is left out, and the parties' agreements and standing are there.
func TestACaseHoldsEveryStreamInvolved(t *testing.T) {
	t.Parallel()
	h := histories.New(7).Run(300)
	deals, homes := dealsOf(h)
	c := gather(t, h, timeline.Of(timeline.Deal, deals[0].DealID, homes[0]), projections.Bounds{})
	told := tell(t, c, timeline.Reader{}, -1)
	want, streams := 0, map[string]int{}
	for _, r := range h.Events {
		if r.Envelope.Stream == c.Subject.Home {
			want++
		}
	}
	for i, e := range told.Entries {
		streams[e.Stream]++
		require.Equal(t, i+1, e.Number)
		if i > 0 {
			require.Positive(t, e.Position.Compare(told.Entries[i-1].Position))
		}
	}
	require.Equal(t, want, streams[c.Subject.Home])
	for i, d := range deals {
		if homes[i] == homes[0] {
			require.NotZero(t, streams[domain.StreamName(partner.Category, d.PartnerID)])
		}
	}
}

// The changes of all entries, one behind the other, make the thing what it is.
func TestChangesAddUp(t *testing.T) {
	t.Parallel()
	h := histories.New(11).Run(300)
	deals, homes := dealsOf(h)
	for i, deal := range deals {
		c := gather(t, h, timeline.Of(timeline.Deal, deal.DealID, homes[i]), projections.Bounds{})
		told := tell(t, c, timeline.Reader{}, -1)
		is := map[string]string{}
		for _, e := range told.Entries {
			for _, change := range e.Changes {
				if change.ID != deal.DealID {
					continue
				}
				if before, there := is[change.Path]; there {
					require.Equal(t, before, asJSON(t, change.Before))
				} else {
					require.Nil(t, change.Before)
				}
				if is[change.Path] = asJSON(t, change.After); change.After == nil {
					delete(is, change.Path)
				}
			}
		}
		d, ok := told.State.(*account.Deal)
		require.True(t, ok)
		require.Equal(t, asJSON(t, d.Status), is["status"])
		require.Equal(t, asJSON(t, d.PartnerID), is["partner_id"])
	}
}

func TestMoneyOfAClaim(t *testing.T) {
	t.Parallel()
	h := histories.New(13)
	activity := h.Funds(h.Partners[0])
	other := h.Funds(h.Partners[0])
	h.Claims(activity, uuid.Nil, uuid.Nil)
	h.Claims(other, uuid.Nil, uuid.Nil)
	for id, claim := range h.FundState(activity.Fund).Claims {
		if claim.RequestID != activity.Request {
			continue
		}
		c := gather(t, h, timeline.Of(timeline.Claim, id, activity.Fund), projections.Bounds{})
		told := tell(t, c, timeline.Reader{}, -1)
		require.JSONEq(t, asJSON(t, claim), asJSON(t, told.State))
		types, money := []string{}, 0
		for _, e := range told.Entries {
			types = append(types, e.Type)
			money += len(e.Money)
		}
		require.Contains(t, types, "mdf.request_submitted.v1")
		require.Contains(t, types, "mdf.allocated.v1")
		require.Equal(t, 1, countOf(types, "mdf.claim_filed.v1"), "another claim of the fund is another case")
		require.NotZero(t, money)
	}
}

func countOf(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}
