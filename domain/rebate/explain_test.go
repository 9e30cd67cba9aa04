package rebate_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Whatever happened: every step's delta adds up to its running total, which at the end is the agreement's own.
func TestAnExplanationAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trades := anyTrades(t)
		h := newHistory(t, anyScheme(t))
		order := shuffled(t, trades)
		closing := rapid.IntRange(0, len(order)).Draw(t, "closed before")
		for i, c := range order {
			if i == closing {
				h.close()
			}
			h.must(c)
		}
		x, total, told := rebate.Explainer{}, cents(0), 0
		for _, r := range h.log {
			step, ok := x.Explain(r.event, r.env)
			if !ok {
				continue
			}
			told++
			require.Equal(t, told, step.Step)
			total = domain.Must(total.Add(step.Delta))
			require.Equal(t, total, step.Total)
			if step.Calculation != nil {
				require.NotNil(t, step.Sale)
				require.Contains(t, []string{"sale", "reversal"}, step.What)
				require.Equal(t, step.What == "reversal", step.Sale.Amount.Sign() < 0)
			}
		}
		require.Equal(t, h.agreement().Left(), total)
	})
}

func TestAnExplanationTellsWhatHappened(t *testing.T) {
	st := approved(t)
	st.do(rebate.ClawBack{Amount: money("500"), Reason: "outside the territory"}, finance(), late())
	st.do(rebate.ReverseClawback{ClawbackID: st.made("clawback"), Reason: "it was inside"}, approver(), late())
	st.do(reversal("1", "30000"), late())
	var told []string
	var totals []domain.Money
	x, stream := rebate.Explainer{}, st.log()
	for _, r := range stream {
		if step, ok := x.Explain(r.event, r.env); ok {
			told, totals = append(told, step.What), append(totals, step.Total)
		}
	}
	require.Equal(t, []string{"opened", "sale", "sale", "closed", "approved", "clawed_back", "clawback_reversed", "reversal"}, told)
	require.Equal(t, []domain.Money{
		money("0"), money("400"), money("1800"), money("1800"), money("1800"), money("1300"), money("1800"), money("600"),
	}, totals)
	require.Equal(t, policy.SchemeIncremental, st.agreement().Scheme.Kind)
}
