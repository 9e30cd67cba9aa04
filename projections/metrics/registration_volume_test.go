package metrics_test

import (
	"fmt"
	"testing"

	"github.com/channelledger/channelledger/projections/metrics"
)

func TestRegistrationVolume(t *testing.T) {
	demandEqual(t, "registration_volume@1", func(p plain) []metrics.Value {
		n := 0
		for _, d := range p.mine() {
			if p.window.Holds(d.Submitted.At) {
				n++
			}
		}
		return []metrics.Value{{Numerator: fmt.Sprint(n)}}
	})
}
