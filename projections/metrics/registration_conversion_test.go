package metrics_test

import (
	"testing"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestRegistrationConversion(t *testing.T) {
	demandEqual(t, "registration_conversion@1", func(p plain) []metrics.Value {
		won, closed, open := 0, 0, 0
		for _, d := range p.mine() {
			if !p.window.Holds(d.Submitted.At) {
				continue
			}
			if d.Pending() || d.Status == account.StatusApproved {
				open++
				continue
			}
			if closed++; wonAny(d) {
				won++
			}
		}
		return counts(won, closed, "open", open)
	})
}
