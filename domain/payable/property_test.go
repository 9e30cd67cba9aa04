package payable_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

// history is a payable that random commands are given to.
type history struct {
	t     *rapid.T
	state *payable.Payable
	given int
	fx    payable.FX
	to    string // the payouts' currency
}

func (h *history) give(c payable.Command) error {
	h.given++
	header := domain.Header{
		CommandID: domaintest.NthCommand(h.given), Actor: domaintest.Importer(), Now: domaintest.Epoch, EffectiveAt: domaintest.Epoch,
	}
	switch c.(type) {
	case payable.PlaceHold, payable.LiftHold:
		header.Actor = domaintest.Scheduler()
	}
	events, err := payable.Decider().Decide(h.state, header, none, c)
	for i, e := range events {
		payable.Decider().Evolve(h.state, e, domain.Envelope{
			EventID: domain.EventID(header.CommandID, "payable", i), Metadata: header.Metadata(domain.Basis{}), RecordedAt: header.Now,
		})
	}
	if err != nil {
		require.NotNil(h.t, domain.AsRejection(err), "%v", err)
		return err
	}
	again, err := payable.Decider().Decide(h.state, header, none, c)
	if _, returns := c.(payable.Return); !returns { // two parts of a payment may come back alike
		require.NoError(h.t, err, "%T again", c)
		require.Empty(h.t, again, "%T again", c)
	}
	return nil
}

// any is a command that may or may not be allowed now.
func (h *history) any() payable.Command {
	t := h.t
	payout := domain.DeriveID("payout", string(rune('a'+rapid.IntRange(0, 4).Draw(t, "payout"))))
	amount := func(limit domain.Money) domain.Money {
		return domain.Must(domain.NewMoney(rapid.Int64Range(1, max(1, limit.Minor()+1)).Draw(t, "amount"), limit.Currency()))
	}
	open := domain.Must(domain.NewMoney(h.state.Open.Amount.Minor(), "EUR"))
	step := domain.DeriveID("step", string(rune('a'+rapid.IntRange(0, 9).Draw(t, "step"))))
	by := rapid.SampledFrom([]payable.Disputed{disputed, another}).Draw(t, "dispute")
	switch rapid.IntRange(0, 13).Draw(t, "command") {
	case 0, 1:
		return payable.Claim{PayoutID: payout}
	case 2:
		return payable.Unclaim{PayoutID: payout, Reason: "x"}
	case 3, 4:
		return h.send(h.state.ClaimedBy)
	case 5:
		return payable.Confirm{PayoutID: payout, Reference: "x"}
	case 6:
		c := payable.Return{PayoutID: payout, Reason: "x"}
		if x := h.state.Payment(payout); x != nil && rapid.Bool().Draw(t, "a part") {
			if c.Amount = amount(x.Left.Amount); rapid.Bool().Draw(t, "as the bank says") {
				c.Amount, c.Paid = domain.Money{}, amount(x.Left.Paid)
			}
		}
		return c
	case 7:
		c := payable.Clear{PayoutID: payout, StatementID: north, MatchID: step, Incoming: rapid.Bool().Draw(t, "incoming")}
		if c.Amount = domain.Must(domain.NewMoney(1, h.to)); h.state.Payment(payout) != nil {
			c.Amount = amount(h.state.Payment(payout).Paid)
		}
		if !c.Incoming && rapid.Bool().Draw(t, "confirms") {
			c.Confirms = "x"
		}
		if c.Incoming && rapid.IntRange(0, 3).Draw(t, "returns") > 0 {
			c.Returns = "x"
		}
		return c
	case 11, 12:
		return payable.UndoClearing{PayoutID: payout, MatchID: step, Reason: "x"}
	case 8:
		return payable.TakeBack{ClawbackID: step, Amount: amount(open), Reason: "x", Cause: payable.CauseClawback}
	case 9:
		return payable.PlaceHold{Disputed: by}
	case 10:
		return payable.LiftHold{Disputed: by}
	default:
		return payable.SetOff{ClawbackID: north, RecoveryID: domain.DeriveID(step.String()), Amount: amount(open)}
	}
}

// send splits what is claimed between the partner and the tax office.
func (h *history) send(payout uuid.UUID) payable.Send {
	c := payable.Send{PayoutID: payout, BankAccount: bank, PayeeID: payee, Paid: eur("1.00")}
	due := h.state.Claimed.Amount
	if h.to != "EUR" {
		c.FX = h.fx
		due = domain.Must(due.Convert(h.fx.Rate, h.to))
	}
	if due.Sign() > 0 {
		c.Paid = domain.Must(domain.NewMoney(rapid.Int64Range(1, due.Minor()).Draw(h.t, "paid"), due.Currency()))
		c.Withheld = domain.Must(due.Sub(c.Paid))
	}
	return c
}

// What is open, sent, taken back and offset is what was raised, in both currencies, whatever is asked in whatever order;
// nothing is ever below 0, no payment comes back beyond itself, and none is seen at the bank beyond what was sent.
func TestNothingIsLostAndNothingPaidTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, state: payable.Decider().Initial(), to: rapid.SampledFrom([]string{"EUR", "USD", "JPY"}).Draw(t, "to")}
		rates := []string{"1.0837", "162.37", "0.5"}
		h.fx = payable.FX{Rate: domain.Must(domain.ParseRate(rapid.SampledFrom(rates).Draw(t, "rate"))), Source: "x"}
		raise := payable.Raise{PartnerID: north, Source: source, Due: due}
		raise.Amount = domain.Must(domain.NewMoney(rapid.Int64Range(1, 500_00).Draw(t, "raised"), "EUR"))
		if rapid.Bool().Draw(t, "booked in another currency") {
			raise.Booked = domain.Must(domain.NewMoney(rapid.Int64Range(1, 500_00).Draw(t, "booked"), "KWD"))
		}
		require.NoError(t, h.give(raise))
		paid := map[uuid.UUID]int{}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			c := h.any()
			held, owner, offset := h.state.Held(), h.state.ClaimedBy, h.state.Offset
			err := h.give(c)
			require.False(t, held && h.state.ClaimedBy != owner && h.state.ClaimedBy != uuid.Nil, "no payout takes what is held")
			require.False(t, held && h.state.Offset != offset, "what is held settles no debt")
			if err == nil {
				if s, sends := c.(payable.Send); sends {
					paid[s.PayoutID]++
					require.Equal(t, 1, paid[s.PayoutID], "a payout pays a payable once")
				}
			}
			h.holds()
		}
	})
}

func (h *history) holds() {
	p := h.state
	for _, currency := range []func(payable.Amounts) int64{
		func(a payable.Amounts) int64 { return a.Amount.Minor() }, func(a payable.Amounts) int64 { return a.Booked.Minor() },
	} {
		parts := []int64{currency(p.Open), currency(p.Sent), currency(p.TakenBack), currency(p.Offset)}
		all := int64(0)
		for _, part := range parts {
			require.GreaterOrEqual(h.t, part, int64(0))
			all += part
		}
		require.Equal(h.t, currency(p.Raised), all)
		left := int64(0)
		for _, x := range p.Payments {
			left += currency(payable.Amounts{Amount: x.Left.Amount, Booked: x.Left.Booked})
		}
		require.Equal(h.t, currency(p.Sent), left, "what each payout sent and did not come back")
	}
	for i := range p.Payments {
		out, in := p.Payments[i].Uncleared()
		require.GreaterOrEqual(h.t, out.Minor(), int64(0))
		require.GreaterOrEqual(h.t, in.Minor(), int64(0))
		require.GreaterOrEqual(h.t, p.Payments[i].Left.Paid.Minor(), int64(0))
		require.GreaterOrEqual(h.t, p.Payments[i].Left.Withheld.Minor(), int64(0))
	}
	for _, r := range p.Returns {
		for _, part := range []domain.Money{r.Standing.Amount, r.Standing.Paid, r.Standing.Withheld, r.Standing.Booked} {
			require.GreaterOrEqual(h.t, part.Minor(), int64(0), "no more of a return is undone than was said")
		}
	}
	require.Equal(h.t, p.ClaimedBy != uuid.Nil, p.Status == payable.StatusClaimed)
}
