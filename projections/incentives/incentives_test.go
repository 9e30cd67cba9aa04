package incentives_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/incentives"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := runFunds(histories.New(1).RunRebates(300), 60)
	projectionstest.Check(t, incentives.Projection(), h.Codec, h.Log)
}

// read is a whole statement, page by page.
func read(t *testing.T, r projections.Reader, query incentives.Query) (whole incentives.Statement) {
	t.Helper()
	type page struct {
		incentives.Statement
		next string
	}
	for first := true; ; first = false {
		p := histories.Ask(t, r, func(q projections.Querier) (page, error) {
			s, next, err := incentives.Read(t.Context(), q, query)
			return page{s, next}, err
		})
		if first {
			whole = p.Statement
		} else {
			for i := range whole.Accounts {
				require.Equal(t, whole.Accounts[i].Closing, p.Accounts[i].Closing)
				whole.Accounts[i].Movements = append(whole.Accounts[i].Movements, p.Accounts[i].Movements...)
			}
		}
		if query.Cursor = p.next; p.next == "" {
			return whole
		}
	}
}

// Over any period and with pages of any size: opening and movements add up to closing, line by line; the period's closing is
// the next one's opening; and the last closing is what the agreement itself says.
func TestStatementsAddUp(t *testing.T) {
	t.Parallel()
	h := histories.New(2).RunRebates(400)
	r := h.View(t, incentives.Projection(), projections.Bounds{})
	for _, partner := range h.Partners {
		closings := map[uuid.UUID]domain.Money{}
		cut := histories.Begin.AddDate(0, h.IntN(12), h.IntN(28))
		before := read(t, r, incentives.Query{Partner: partner, Period: listing.Period{Until: cut}, Request: listing.Request{Limit: 7}})
		behind := read(t, r, incentives.Query{Partner: partner, Period: listing.Period{From: cut}, Request: listing.Request{Limit: 3}})
		require.Len(t, behind.Accounts, len(before.Accounts))
		for i, a := range behind.Accounts {
			require.Equal(t, before.Accounts[i].Closing, a.Opening)
			for _, half := range []incentives.AccountStatement{before.Accounts[i], a} {
				balance := half.Opening
				for _, m := range half.Movements {
					balance = domain.Must(balance.Add(m.Amount))
					require.Equal(t, balance, m.Balance)
				}
				require.Equal(t, half.Closing, balance)
			}
			closings[a.ID] = a.Closing
			if a.Kind == incentives.KindSpiff {
				require.Equal(t, h.Agreement(a.ID).SpiffsEarned, a.Closing)
				continue
			}
			own := h.Agreement(a.ID)
			require.Equal(t, domain.Must(own.Left().Sub(own.Paid)), a.Closing)
		}
		require.NotEmpty(t, closings)
	}
}

func TestEachLineNamesItsEvent(t *testing.T) {
	t.Parallel()
	h := histories.New(3).RunRebates(200)
	r := h.View(t, incentives.Projection(), projections.Bounds{})
	named := map[uuid.UUID]histories.Recorded{}
	for _, e := range h.Events {
		named[e.Envelope.EventID] = e
	}
	lines := 0
	for _, a := range read(t, r, incentives.Query{Partner: h.Partners[0], Kind: []incentives.Kind{incentives.KindRebate}}).Accounts {
		require.Equal(t, incentives.KindRebate, a.Kind)
		for _, m := range a.Movements {
			of := named[m.Event.EventID].Envelope
			require.Equal(t, incentives.EventRef{Stream: of.Stream, Revision: of.Revision, EventID: of.EventID, Type: of.Type}, m.Event)
			require.Equal(t, []time.Time{of.EffectiveAt, of.RecordedAt}, []time.Time{m.At, m.RecordedAt})
			lines++
		}
	}
	require.NotZero(t, lines)
	only := h.Agreements()[0]
	for _, a := range read(t, r, incentives.Query{Partner: h.Agreement(only).PartnerID, ID: []uuid.UUID{only}}).Accounts {
		require.Equal(t, only, a.ID)
	}
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(4).RunRebates(200)
	for range 6 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		r := h.View(t, incentives.Projection(), projections.Bounds{EffectiveAt: bound})
		for _, a := range read(t, r, incentives.Query{Partner: h.Partners[0]}).Accounts {
			for _, m := range a.Movements {
				require.False(t, m.At.After(bound))
			}
		}
	}
}

// runFunds lets partners spend money on activities, in the midst of whatever else happens.
func runFunds(h *histories.History, activities int) *histories.History {
	for i := range activities {
		of := h.Partners[i%len(h.Partners)]
		h.Claims(h.Funds(of), uuid.Nil, uuid.Nil)
		h.RunRebates(2)
	}
	return h
}

// What a fund's accounts close with is what the fund itself says: what may be requested, and what of its claims is owed.
func TestFundsCloseWithWhatTheySay(t *testing.T) {
	t.Parallel()
	h := runFunds(histories.New(5), 80)
	r := h.View(t, incentives.Projection(), projections.Bounds{})
	seen := map[incentives.Kind]int{}
	for _, partner := range h.Partners {
		query := incentives.Query{
			Partner: partner, Kind: []incentives.Kind{incentives.KindFund, incentives.KindClaims}, Request: listing.Request{Limit: 5},
		}
		for _, a := range read(t, r, query).Accounts {
			fund := h.FundState(a.ID)
			require.Equal(t, "Market development", a.Name)
			require.NotEmpty(t, a.Movements)
			require.Equal(t, a.Closing, a.Movements[len(a.Movements)-1].Balance)
			seen[a.Kind]++
			if a.Kind == incentives.KindFund {
				require.Equal(t, fund.Fund.Available, a.Closing)
				continue
			}
			require.Equal(t, owedOf(fund), a.Closing)
		}
	}
	require.Equal(t, len(h.Partners), seen[incentives.KindFund])
	require.Equal(t, len(h.Partners), seen[incentives.KindClaims])
}

// owedOf is what the partner is owed for a fund's claims; what was paid and clawed back counts against it.
func owedOf(f *mdf.FundState) domain.Money {
	owed := domain.Must(domain.NewMoney(0, "EUR"))
	for _, c := range f.Claims {
		if c.Status != mdf.ClaimIsApproved && c.Status != mdf.ClaimIsPaid {
			continue
		}
		owed = domain.Must(owed.Add(c.Owed()))
		for _, back := range c.Clawbacks {
			if back.Paid && !back.Reversed.Taken() {
				owed = domain.Must(owed.Sub(domain.Must(back.Amount.Add(back.InputTax))))
			}
		}
	}
	return owed
}
