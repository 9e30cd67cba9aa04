package rebate_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// BenchmarkRecordSale records one more sale in an agreement that holds few or many: the times should be alike. It also says
// what the state keeps of a sale.
func BenchmarkRecordSale(b *testing.B) {
	for _, held := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("%d sales held", held), func(b *testing.B) {
			d, f := rebate.Decider(), facts(scheme(policy.SchemeIncremental))
			state, revision := d.Initial(), int64(0)
			give := func(n int, c rebate.Command) {
				header := domain.Header{
					CommandID: domaintest.NthCommand(n), Actor: domaintest.Importer(), Now: day0, EffectiveAt: day0,
				}
				events, err := d.Decide(state, header, f, c)
				if err != nil {
					b.Fatal(err)
				}
				for _, e := range events {
					state = d.Evolve(state, e, domain.Envelope{Stream: stream, Revision: revision, Metadata: header.Metadata(domain.Basis{})})
					revision++
				}
			}
			before := heap()
			give(0, opening(f.Pinned.Body.Schemes[0]))
			for n := range held {
				give(n+1, sale(fmt.Sprint(n), "10.01"))
			}
			kept := float64(heap()-before) / float64(held)
			n := held
			for b.Loop() {
				give(n+1, sale(fmt.Sprint(n), "10.01"))
				n++
			}
			b.ReportMetric(kept, "B/sale")
			runtime.KeepAlive(state)
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
