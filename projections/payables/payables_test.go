package payables_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/payables"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

var north, south = domain.DeriveID("north"), domain.DeriveID("south")

// noted is a log of payables: n is raised on the n-th day of January, some is paid, claimed or taken back, the first two are
// held and the second no longer is.
func noted(t *testing.T) (*histories.History, []uuid.UUID) {
	t.Helper()
	h := histories.New(1)
	var ids []uuid.UUID
	for n := range 12 {
		source := payable.Source{Kind: payable.Kinds()[n%3], Stream: "rebate-" + north.String(), ID: domain.DeriveID("source"), EventID: domain.DeriveID(fmt.Sprint(n))}
		id := payable.IDOf(source.EventID)
		partner := []uuid.UUID{north, south}[n%2]
		amount := domain.Must(domain.NewMoney(int64(1+n)*100, []string{"EUR", "USD"}[n/6]))
		ids = append(ids, id)
		h.Note(payable.Category, id, 0, payable.Raised{
			PayableID: id, PartnerID: partner, Source: source, Amount: amount, Due: domain.Date{Year: 2026, Month: 1, Day: 1}.AddDays(10 * n),
		})
		payout := domain.DeriveID("payout", fmt.Sprint(n))
		payment := payable.Payment{PayoutID: payout, PartnerID: partner, Kind: source.Kind, BankAccount: "b", Amount: amount, Paid: amount}
		if n%4 > 0 {
			h.Note(payable.Category, id, 1, payable.Claimed{PayableID: id, PayoutID: payout, Amount: amount})
		}
		if n%4 > 1 {
			h.Note(payable.Category, id, 2, payable.Sent{PayableID: id, Payment: payment})
		}
		if n%4 > 2 {
			h.Note(payable.Category, id, 3, payable.Confirmed{PayableID: id, Payment: payment, Source: source, Reference: "B"})
		}
	}
	by := payable.Disputed{DisputeID: domain.DeriveID("dispute"), DealID: domain.DeriveID("deal")}
	h.Note(payable.Category, ids[0], 1, payable.Held{PayableID: ids[0], Disputed: by})
	h.Note(payable.Category, ids[1], 2, payable.Held{PayableID: ids[1], Disputed: by})
	h.Note(payable.Category, ids[1], 3, payable.HoldLifted{PayableID: ids[1], Disputed: by})
	return h, ids
}

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h, _ := noted(t)
	projectionstest.Check(t, payables.Projection(), h.Codec, h.Log)
}

func TestListAndAgeing(t *testing.T) {
	t.Parallel()
	h, ids := noted(t)
	r := h.View(t, payables.Projection(), projections.Bounds{})
	list := func(q payables.Query) (n int) {
		return len(histories.Ask(t, r, func(x projections.Querier) (listing.Page[payable.Payable], error) {
			return payables.List(t.Context(), x, q)
		}).Items)
	}
	yes, no := true, false
	for want, q := range map[int][]payables.Query{
		12: {{}, {Source: []uuid.UUID{domain.DeriveID("source")}}},
		6:  {{Scope: north}, {Partner: []uuid.UUID{south}}, {Currency: []string{"USD"}}, {Open: &yes}, {Open: &no}},
		4:  {{Kind: []payable.Kind{payable.KindSpiff}}},
		3:  {{Status: []payable.Status{payable.StatusOpen}}, {Status: []payable.Status{payable.StatusPaid}}},
		2:  {{DueFrom: domain.Date{Year: 2026, Month: 1, Day: 11}, DueUntil: domain.Date{Year: 2026, Month: 1, Day: 21}}},
		11: {{Held: &no}},
		1:  {{Held: &yes}, {ID: ids[:1]}, {Payout: []uuid.UUID{domain.DeriveID("payout", "1")}}},
	} {
		for _, query := range q {
			require.Equal(t, want, list(query), "%+v", query)
		}
	}
	on := domain.Date{Year: 2026, Month: 2, Day: 20} // open in euros: 1 and 2 for 50 and 40 days, 5 for 10 days, 6 from that day on
	lines := histories.Ask(t, r, func(x projections.Querier) ([]payables.Ageing, error) {
		return payables.Age(t.Context(), x, uuid.Nil, on)
	})
	require.Len(t, lines, 2)
	eur, usd := lines[0], lines[1]
	require.Equal(t, []string{"6.00", "5.00", "3.00", "0.00", "0.00", "14.00"}, []string{
		eur.NotDue.Decimal(), eur.To30.Decimal(), eur.To60.Decimal(), eur.To90.Decimal(), eur.Over90.Decimal(), eur.Total.Decimal(),
	})
	require.Equal(t, int64(4), eur.Payables)
	require.Equal(t, usd.Total, usd.NotDue)
	own := histories.Ask(t, r, func(x projections.Querier) ([]payables.Ageing, error) { return payables.Age(t.Context(), x, north, on) })
	require.Less(t, own[0].Payables, eur.Payables)
	one := histories.Ask(t, r, func(x projections.Querier) (*payable.Payable, error) { return payables.Get(t.Context(), x, ids[3]) })
	require.Equal(t, payable.StatusPaid, one.Status)
}
