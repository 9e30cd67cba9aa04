package account_test

import (
	"testing"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

// BenchmarkRegisterOnLongStream registers and approves one more deal on an account whose stream holds 100 000 events.
func BenchmarkRegisterOnLongStream(b *testing.B) {
	decider := account.Decider()
	state, revision, now := decider.Initial(), int64(0), day0
	give := func(n int, c account.Command) []account.Event {
		header := domain.Header{
			CommandID: domaintest.NthCommand(n), Actor: usual(c, north), Now: now, EffectiveAt: now,
		}
		events, err := decider.Decide(state, header, facts(north), c)
		if err != nil {
			b.Fatal(err)
		}
		for i, e := range events {
			state = decider.Evolve(state, e, domain.Envelope{
				EventID: domain.EventID(header.CommandID, stream, i), Stream: stream, Revision: revision, Metadata: header.Metadata(domain.Basis{}),
			})
			revision++
		}
		return events
	}
	one := func(n int) {
		now = now.Add(time.Hour)
		events := give(4*n, register(north, gtx...))
		deal := events[len(events)-1].(account.DealEvent).Deal()
		give(4*n+1, account.ApproveDeal{DealID: deal})
		give(4*n+2, account.AdvanceStage{DealID: deal, Stage: account.StageProposal})
		give(4*n+3, account.WinDeal{DealID: deal, Lines: amounts(gtx...)})
	}
	for n := 0; revision < 100_000; n++ {
		one(n)
	}
	n := 1_000_000
	for b.Loop() {
		one(n)
		n++
	}
}
