package rebate_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// history is an agreement that random commands are given to.
type history struct {
	t       *rapid.T
	decider domain.Decider[*rebate.State, rebate.Command, rebate.Facts, rebate.Event]
	facts   rebate.Facts
	state   *rebate.State
	log     []recorded
	given   int
	now     time.Time
}

type recorded struct {
	event rebate.Event
	env   domain.Envelope
}

func newHistory(t *rapid.T, s policy.Scheme) *history {
	d := rebate.Decider()
	h := &history{t: t, decider: d, facts: limited(s, "20", "20"), state: d.Initial(), now: day0}
	h.must(opening(s))
	return h
}

// give decides a command and folds what follows.
func (h *history) give(c rebate.Command, actor domain.Actor) ([]rebate.Event, error) {
	h.given++
	header := domain.Header{CommandID: domaintest.NthCommand(h.given), Actor: actor, Now: h.now, EffectiveAt: h.now}
	if _, sells := c.(rebate.RecordSale); sells {
		header.EffectiveAt = day0 // also behind the close
	}
	events, err := h.decider.Decide(h.state, header, h.facts, c)
	for i, e := range events {
		env := domain.Envelope{
			EventID: domain.EventID(header.CommandID, stream, i), Type: e.EventType(), Stream: stream, Revision: int64(len(h.log)),
			RecordedAt: h.now, Metadata: header.Metadata(domain.Basis{}),
		}
		h.log = append(h.log, recorded{e, env})
		h.state = h.decider.Evolve(h.state, e, env)
	}
	if err != nil {
		require.NotNil(h.t, domain.AsRejection(err), "%v", err)
		require.Empty(h.t, events)
	}
	return events, err
}

func (h *history) must(c rebate.Command) []rebate.Event {
	events, err := h.give(c, domaintest.Importer())
	require.NoError(h.t, err)
	return events
}

func (h *history) close() {
	h.now = after
	h.must(rebate.ClosePeriod{})
}

func (h *history) agreement() *rebate.Agreement { return &h.state.Agreement }

// anyScheme draws schemes of every kind, with and without each limit.
func anyScheme(t *rapid.T) policy.Scheme {
	amount := rapid.Int64Range(0, 200_00)
	s := policy.Scheme{
		Name: "standard", Basis: policy.BasisSellOut, Currency: "EUR", Kind: rapid.SampledFrom(policy.SchemeKinds()).Draw(t, "kind"),
	}
	from := int64(0)
	for range rapid.IntRange(1, 4).Draw(t, "bands") {
		percent := rapid.Int64Range(0, 100_000).Draw(t, "percent")
		s.Bands = append(s.Bands, policy.Band{From: cents(from), Percent: rate(fmt.Sprintf("%d.%03d", percent/1000, percent%1000))})
		from += 1 + amount.Draw(t, "width")
		if s.Kind == policy.SchemeFlat {
			break
		}
	}
	for _, limit := range []*domain.Money{&s.Minimum, &s.Cap, &s.Baseline} {
		if rapid.Bool().Draw(t, "limited") {
			*limit = cents(amount.Draw(t, "limit"))
		}
	}
	if rapid.Bool().Draw(t, "with a maximum") {
		s.Maximum = cents(s.Minimum.Minor() + amount.Draw(t, "above the minimum"))
	}
	if s.Kind != policy.SchemeGrowth {
		s.Baseline = domain.Money{}
	}
	require.NoError(t, policy.Rebate{Schemes: []policy.Scheme{s}}.Validate())
	return s
}

func cents(minor int64) domain.Money { return domain.Must(domain.NewMoney(minor, "EUR")) }

// trade is a sale, and what of it comes back.
type trade struct {
	amount int64
	back   []int64
}

func anyTrades(t *rapid.T) (trades []trade) {
	for range rapid.IntRange(1, 8).Draw(t, "sales") {
		x := trade{amount: rapid.Int64Range(1, 100_00).Draw(t, "amount")}
		for left := x.amount; left > 0 && rapid.IntRange(0, 2).Draw(t, "returned") == 0; left -= x.back[len(x.back)-1] {
			x.back = append(x.back, rapid.Int64Range(1, left).Draw(t, "part"))
		}
		trades = append(trades, x)
	}
	return trades
}

// shuffled are the commands of the trades in some order in which a reversal follows its sale.
func shuffled(t *rapid.T, trades []trade) (commands []rebate.Command) {
	queues := make([][]rebate.Command, len(trades))
	left := 0
	for i, x := range trades {
		ref := fmt.Sprint(i)
		queues[i] = []rebate.Command{sale(ref, cents(x.amount).Decimal())}
		for n, back := range x.back {
			c := reversal(ref, cents(back).Decimal())
			c.Reference = fmt.Sprint(n)
			queues[i] = append(queues[i], c)
		}
		left += len(queues[i])
	}
	for ; left > 0; left-- {
		open := []int{}
		for i := range queues {
			if len(queues[i]) > 0 {
				open = append(open, i)
			}
		}
		at := rapid.SampledFrom(open).Draw(t, "next")
		commands, queues[at] = append(commands, queues[at][0]), queues[at][1:]
	}
	return commands
}

// Any order in which a reversal follows its sale ends at the same total: before the close by accruals, behind it through
// adjustments; and at every step the total is the scheme applied to all sales.
func TestNoOrderGivesAnotherTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, trades := anyScheme(t), anyTrades(t)
		revenue := int64(0)
		for _, x := range trades {
			revenue += x.amount
			for _, back := range x.back {
				revenue -= back
			}
		}
		want := domain.Must(rebate.Calculate(s, domain.Money{}, cents(revenue))).Result()
		for _, order := range [][]rebate.Command{shuffled(t, trades), shuffled(t, trades)} {
			h := newHistory(t, s)
			closing := rapid.IntRange(0, len(order)).Draw(t, "closed before")
			for i, c := range order {
				if i == closing {
					h.close()
				}
				h.must(c)
				requireApplied(t, h)
			}
			require.Equal(t, cents(revenue), h.agreement().Revenue)
			require.Equal(t, want, h.agreement().Total())
		}
	})
}

// requireApplied: accruals, or the closed amount and its adjustments, are the scheme applied to all sales.
func requireApplied(t *rapid.T, h *history) {
	a := h.agreement()
	calculation, err := rebate.Calculate(a.Scheme, a.PriorPeriodRevenue, a.Revenue)
	require.NoError(t, err)
	sum := a.Accrued
	if a.Closed.Taken() {
		sum = domain.Must(a.Final.Add(a.SchemeAdjusted))
	}
	require.Equal(t, calculation.Result(), sum)
	require.LessOrEqual(t, calculation.Result().Minor(), max(a.Revenue.Minor(), 0), "no rebate is more than the revenue")
	var deltas domain.Money
	for _, r := range h.log {
		switch e := r.event.(type) {
		case rebate.Accrued:
			deltas = domain.Must(deltas.Add(e.Delta))
			require.Equal(t, e.Cumulative, deltas, "deltas add up")
		case rebate.Adjusted:
			if e.Kind == rebate.AdjustedByScheme {
				deltas = domain.Must(deltas.Add(e.Delta))
			}
		}
	}
	require.Zero(t, deltas.Minor()-sum.Minor())
}

// Random commands of every sort: nothing panics, what is refused leaves nothing, what is payable is what the books say, a
// sale, reversal or SPIFF given again adds no event, and the agreement folds alone as it does in the state.
func TestHistoriesFold(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := scheme(rapid.SampledFrom(policy.SchemeKinds()).Draw(t, "kind"))
		s.Bands = bands("0", "40", "100", "10", "300", "60")
		if s.Kind == policy.SchemeFlat {
			s.Bands = s.Bands[:1]
		}
		h := newHistory(t, s)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for range rapid.IntRange(40, 120).Draw(t, "commands") {
			c := h.draw(random)
			actor := pick(random, domaintest.Importer(), domaintest.Importer(), domaintest.Finance(), domaintest.Another(domaintest.Finance()), domaintest.Treasurer())
			switch c.(type) {
			case rebate.SettleRebate, rebate.ReturnPayment:
				actor = domaintest.Scheduler()
			}
			if _, err := h.give(c, actor); err == nil {
				h.requireSilentAgain(c)
			}
			requireApplied(t, h)
			h.requireBooks()
		}
		for _, r := range h.log {
			seen[r.event.EventType()]++
		}
		h.requireFoldsAlone()
	})
	for _, ty := range rebate.Types() {
		require.NotZero(t, seen[ty.Name], "no random history held a %s", ty.Name)
	}
}

// pick is one of them.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func (h *history) draw(r *rand.Rand) rebate.Command {
	a := h.agreement()
	amount := cents(1 + r.Int64N(pick[int64](r, 5_00, 300_00)))
	ref := pick(r, "a", "b", "c", "d", "e", "f")
	adjustment, clawback := uuid.Nil, uuid.Nil
	for _, x := range a.Adjustments {
		if adjustment == uuid.Nil || !x.Decided.Taken() {
			adjustment = x.ID
		}
	}
	for _, x := range a.Clawbacks {
		clawback = x.ID
	}
	spiff := domain.DeriveID("rebate_spiff", a.ID.String(), seller.String(), ref)
	const why = "imported history"
	sells := []rebate.Command{
		sale(ref, amount.Decimal()), sale(ref, amount.Decimal()), sale(ref+ref, amount.Decimal()),
		rebate.ReverseSale{SaleID: saleID(ref), Amount: amount, Reason: rebate.ReversalCancelled, Reference: ref},
		rebate.EarnSpiff{SellerID: seller, Amount: amount, Treatment: rebate.TreatmentExpense, Reference: ref},
		rebate.ReverseSpiff{SpiffID: spiff, Amount: amount, Reason: rebate.ReversalCancelled},
	}
	later := []rebate.Command{
		rebate.ApproveRebate{Reason: why}, rebate.ApproveRebate{Reason: why},
		rebate.ProposeAdjustment{Delta: amount, Reason: why}, rebate.ProposeAdjustment{Delta: amount.Neg(), Reason: why},
		rebate.ApproveAdjustment{AdjustmentID: adjustment, Reason: why}, rebate.ApproveAdjustment{AdjustmentID: adjustment, Reason: why},
		rebate.DeclineAdjustment{AdjustmentID: adjustment, Reason: why},
		rebate.ClawBack{Amount: amount, Reason: why}, rebate.ReverseClawback{ClawbackID: clawback, Reason: why},
		rebate.RecordPayment{Amount: amount, Reference: why},
		rebate.SettleRebate{PaymentID: domain.DeriveID(fmt.Sprint(h.given)), Amount: amount, Reference: why}, h.returned(),
	}
	switch n := r.IntN(10); {
	case n == 0 && a.Status == rebate.StatusOpen:
		h.now = after
		return rebate.ClosePeriod{}
	case n < 5 || a.Status == rebate.StatusOpen:
		return pick(r, sells...)
	case n < 7 && a.Status == rebate.StatusApproved:
		return pick(r, later[len(later)-5:]...)
	default:
		return pick(r, later...)
	}
}

// returned is the last payment, coming back.
func (h *history) returned() rebate.Command {
	c := rebate.ReturnPayment{Amount: cents(1), Reason: "closed"}
	for _, r := range h.log {
		if e, ok := r.event.(rebate.Paid); ok {
			c.PaymentID, c.Amount = e.PaymentID, e.Amount
		}
	}
	return c
}

// requireSilentAgain: what names what it records is recorded once, under whatever command it comes again.
func (h *history) requireSilentAgain(c rebate.Command) {
	switch c.(type) {
	case rebate.RecordSale, rebate.EarnSpiff, rebate.ReverseSale:
		if reverse, ok := c.(rebate.ReverseSale); ok && reverse.Reference == "" {
			return
		}
		events, err := h.give(c, domaintest.Importer())
		require.NoError(h.t, err)
		require.Empty(h.t, events, "%T given again", c)
	}
}

// requireBooks: what is payable less what the partner owes is what is owed less what was paid, at every position.
func (h *history) requireBooks() {
	a := h.agreement()
	if !a.Closed.Taken() {
		require.Zero(h.t, a.Payable.Minor())
		return
	}
	net := a.Payable.Minor() - a.Receivable.Minor()
	require.Equal(h.t, a.Left().Minor()-a.Paid.Minor(), net)
	require.GreaterOrEqual(h.t, a.Payable.Minor(), int64(0))
	require.GreaterOrEqual(h.t, a.Receivable.Minor(), int64(0))
}

// requireFoldsAlone: read models fold the agreement alone, written and read after each event; and a fold that leaves out
// what took effect later never panics.
func (h *history) requireFoldsAlone() {
	var alone, bounded rebate.Agreement
	for _, r := range h.log {
		alone.Apply(r.event, r.env)
		text, err := json.Marshal(alone)
		require.NoError(h.t, err)
		alone = rebate.Agreement{}
		require.NoError(h.t, json.Unmarshal(text, &alone))
		if r.env.EffectiveAt.Before(after) {
			bounded.Apply(r.event, r.env)
		}
	}
	require.Equal(h.t, *h.agreement(), alone)
}
