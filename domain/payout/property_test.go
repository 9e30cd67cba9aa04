package payout_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payout"
)

// TestNoSequenceOfCommandsBreaksAPayout: whoever gives which commands in which order, what is sent was approved by somebody
// who had no hand in it, sums add up, and a payout is never both sent and abandoned.
func TestNoSequenceOfCommandsBreaksAPayout(t *testing.T) {
	t.Parallel()
	actors := []domain.Actor{opener, second, checker, domaintest.Another(checker), domaintest.Scheduler()}
	rapid.Check(t, func(t *rapid.T) {
		d, now := payout.Decider(), domaintest.Epoch
		p, f := d.Initial(), limited(eur(rapid.SampledFrom([]string{"50.00", "5000.00"}).Draw(t, "limit")))
		for n := range rapid.IntRange(5, 40).Draw(t, "commands") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "minutes")) * time.Minute)
			h := domain.Header{
				CommandID: domaintest.NthCommand(n), Now: now, EffectiveAt: now, Actor: rapid.SampledFrom(actors).Draw(t, "actor"),
			}
			events, err := d.Decide(p, h, f, draw(t))
			if err != nil {
				require.NotNil(t, domain.AsRejection(err), "%v", err)
				continue
			}
			for i, e := range events {
				p = d.Evolve(p, e, domain.Envelope{
					EventID: domain.EventID(h.CommandID, "payout", i), Type: e.EventType(), RecordedAt: now, Revision: p.Revision + 1,
					Metadata: domain.Metadata{CommandID: h.CommandID, Actor: h.Actor, EffectiveAt: now},
				})
			}
			requireWhole(t, p, f)
		}
	})
}

func draw(t *rapid.T) payout.Command {
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0, 1:
		return terms()
	case 2, 3:
		c := payout.Prepare{}
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			i := item(rapid.StringMatching(`[a-h]`).Draw(t, "payable"), north, "0.00")
			i.Amount = domain.Must(domain.NewMoney(rapid.Int64Range(1, 10000).Draw(t, "amount"), "EUR"))
			if err := terms().Terms().Pay(&i); err != nil {
				continue
			}
			c.Items = append(c.Items, i)
		}
		return c
	case 4, 5:
		return payout.Approve{}
	case 6:
		return send()
	case 7:
		return payout.Complete{}
	case 8:
		return payout.Abandon{Reason: "not now"}
	default:
		return payout.GiveUp{}
	}
}

// terms are an opening that withholds.
func terms() payout.Open {
	c := open()
	c.Withholding = []payout.Withholding{{PartnerID: north, Percent: rate("26.375")}}
	return c
}

func requireWhole(t *rapid.T, p *payout.Payout, f payout.Facts) {
	amounts, both := eur("0.00"), domain.Must(eur("0.00").Add(p.Total))
	for _, i := range p.Items {
		amounts = domain.Must(amounts.Add(i.Amount))
		require.Positive(t, i.Paid.Sign())
	}
	require.Equal(t, amounts, domain.Must(both.Add(p.Withheld)))
	require.False(t, p.Sent.Taken() && p.Abandoned.Taken())
	require.False(t, p.Sent.Taken() && !p.Approved.Taken(), "sent without an approval")
	if !p.Approved.Taken() {
		return
	}
	makers := []string{p.Opened.By, p.Prepared.By}
	require.NotContains(t, makers, p.Approved.By)
	if f.Rules.Approval.Body.NeedsSecond("payout", p.Total) {
		require.True(t, p.FirstApproved.Taken())
		require.NotContains(t, append(makers, p.FirstApproved.By), p.Approved.By)
	}
}
