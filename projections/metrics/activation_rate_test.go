package metrics_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/metrics"
)

func TestActivationRate(t *testing.T) {
	demandEqual(t, "activation_rate@1", func(p plain) []metrics.Value {
		return active(p, func(*account.Deal) bool { return true })
	})
}

func TestSourcedActivationRate(t *testing.T) {
	demandEqual(t, "activation_rate@2", func(p plain) []metrics.Value {
		return active(p, func(d *account.Deal) bool { return d.Source == account.SourcePartner })
	})
}

func active(p plain, counting func(*account.Deal) bool) []metrics.Value {
	sold := map[uuid.UUID]bool{}
	for _, d := range p.all().wins() {
		for _, part := range partsOf(d, d.Win.Net()) {
			sold[part.PartnerID] = sold[part.PartnerID] || counting(d) && part.Amount.Sign() > 0
		}
	}
	in, all := 0, 0
	for id, folded := range p.partners {
		if !p.keep(id) || !inProgram(folded, p.window.At) {
			continue
		}
		if all++; sold[id] {
			in++
		}
	}
	return counts(in, all)
}
