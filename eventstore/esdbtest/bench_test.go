package esdbtest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"
)

// BenchmarkAppend is one event an append, by 16 writers on streams of their own.
func BenchmarkAppend(b *testing.B) {
	s := newBench(b)
	const writers = 16
	b.ResetTimer()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			var expected esdb.ExpectedRevision = esdb.NoStream{}
			for i := w; i < b.N; i += writers {
				written, err := s.try(fmt.Sprint("deal-", w), expected, event(fmt.Sprint(w, "-", i)))
				if err != nil {
					b.Error(err)
					return
				}
				expected = esdb.Revision(written.NextExpectedVersion)
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkSubscribe is the past of $all, an operation being 100 000 events of 400 B, whole and a tenth of it.
func BenchmarkSubscribe(b *testing.B) {
	s := newBench(b)
	const parts, each = 100, 1000
	for i := range parts {
		list := many(fmt.Sprint("part", i), each)
		for j := range list {
			list[j].Data = fmt.Appendf(nil, `{"name":"%0350d"}`, j)
			list[j].EventType = fmt.Sprint("type", j%10)
		}
		s.append(fmt.Sprint("deal-", i), esdb.NoStream{}, list...)
	}
	for _, c := range []struct {
		name   string
		filter *esdb.SubscriptionFilter
		share  int
	}{
		{"whole", nil, 1},
		{"filtered", &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: []string{"type7"}}, 10},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				subscription := s.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: c.filter, MaxSearchWindow: 2000})
				events, _ := s.receive(subscription, parts*each/c.share)
				require.Len(b, events, parts*each/c.share)
				_ = subscription.Close()
			}
			b.ReportMetric(float64(b.N*parts*each)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
