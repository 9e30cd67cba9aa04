package histories

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Scheme is what the agreements of a history are on.
var Scheme = policy.Scheme{
	Name: "standard", Kind: policy.SchemeRetroactive, Basis: policy.BasisSellOut, Currency: "EUR",
	Bands: []policy.Band{{From: cents(100_00), Percent: percent("2")}, {From: cents(1000_00), Percent: percent("7.5")}},
}

func cents(minor int64) domain.Money { return domain.Must(domain.NewMoney(minor, "EUR")) }

func percent(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }

// Rebate gives a command to an agreement and records what follows. It tells whether the command was taken.
func (h *History) Rebate(id uuid.UUID, header domain.Header, c rebate.Command) bool {
	if h.rebates[id] == nil {
		h.rebates[id] = &stream[*rebate.State]{state: rebate.Decider().Initial()}
	}
	s := h.rebates[id]
	f := rebate.Facts{
		Partner: rebate.Standing{PartnerID: rebate.PartnerOf(s.state, c), Known: true, Active: true},
		Seller:  true,
		Rules: policy.Rules{
			Zone:     time.UTC,
			Approval: policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
		},
		Pinned: policy.Versioned[policy.Rebate]{Version: 1, Body: policy.Rebate{Schemes: []policy.Scheme{Scheme}}},
	}
	if c, ok := c.(rebate.ReverseSpiff); ok {
		f.Payables = rebate.Payables{Known: true, Open: cents(0), Taken: c.Amount}
		if h.paidSpiffs[c.SpiffID] {
			f.Payables.Taken = cents(0)
		}
	}
	return give(h, rebate.Decider(), s, id, header, f, c)
}

// Opening is an agreement of a partner for the quarter that a moment lies in.
func Opening(partner uuid.UUID, at time.Time) rebate.OpenAgreement {
	first := domain.Date{Year: at.Year(), Month: (at.Month()-1)/3*3 + 1, Day: 1}
	return rebate.OpenAgreement{PartnerID: partner, Scheme: Scheme.Name, Period: rebate.Period{
		FirstDay: first, LastDay: domain.DateOf(first.In(time.UTC).AddDate(0, 3, -1), time.UTC),
	}}
}

// RunRebates gives so many random commands to agreements.
func (h *History) RunRebates(commands int) *History {
	for range commands {
		h.Now = h.Now.Add(time.Duration(h.IntN(h.IntN(24*12)+1)) * time.Hour)
		h.stepRebates()
	}
	return h
}

func (h *History) stepRebates() {
	opening := Opening(pick(h, h.Partners...), h.Now.AddDate(0, -3*h.IntN(2), 0))
	id := opening.ID()
	if h.rebates[id] == nil {
		h.Rebate(id, h.Header(), opening)
	}
	h.Rebate(id, h.header(), h.drawRebate(&h.rebates[id].state.Agreement))
}

func (h *History) drawRebate(a *rebate.Agreement) rebate.Command {
	ref, amount := fmt.Sprint(h.IntN(6)), cents(1+int64(h.IntN(h.IntN(600_00)+1)))
	sale := rebate.RecordSale{Source: Scheme.Basis, SourceRef: ref, Product: "GTX", Amount: amount}
	treatment := []rebate.Treatment{rebate.TreatmentExpense, rebate.TreatmentContraRevenue}[h.commands%2]
	spiff := rebate.EarnSpiff{SellerID: Sellers(a.PartnerID)[0], Amount: amount, Treatment: treatment, Reference: ref}
	spiffID := domain.DeriveID("rebate_spiff", a.ID.String(), spiff.SellerID.String(), ref)
	reverse := rebate.ReverseSale{
		SaleID: rebate.SaleID(Scheme.Name, Scheme.Basis, ref), Amount: amount, Reason: rebate.ReversalReturned,
	}
	commands := []rebate.Command{
		sale, sale, sale, reverse, spiff, rebate.ReverseSpiff{SpiffID: spiffID, Amount: cents(1), Reason: rebate.ReversalCancelled},
		rebate.ClosePeriod{}, rebate.ApproveRebate{Reason: why}, rebate.ProposeAdjustment{Delta: amount, Reason: why},
		rebate.ClawBack{Amount: cents(1 + a.Total().Minor()/2), Reason: why}, rebate.RecordPayment{Amount: cents(1 + a.Payable.Minor()/2), Reference: why},
	}
	for _, x := range a.Adjustments {
		if !x.Decided.Taken() {
			commands = append(commands, rebate.ApproveAdjustment{AdjustmentID: x.ID, Reason: why}, rebate.DeclineAdjustment{AdjustmentID: x.ID, Reason: why})
		}
	}
	for _, x := range slices.Backward(a.Clawbacks) {
		if !x.Undone.Taken() {
			commands = append(commands, rebate.ReverseClawback{ClawbackID: x.ID, Reason: why})
		}
	}
	return pick(h, commands...)
}

// Agreement is an agreement as its stream has it.
func (h *History) Agreement(id uuid.UUID) *rebate.Agreement { return &h.rebates[id].state.Agreement }

// Agreements are the ids of all agreements, in order.
func (h *History) Agreements() (ids []uuid.UUID) {
	for id := range h.rebates {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
