package rebate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

func TestARulingAdjustsARebate(t *testing.T) {
	reactor := domaintest.By(domaintest.Scheduler())
	st := opened(t, scheme(policy.SchemeIncremental))
	c := rebate.AdjustByRuling{Delta: money("100"), Reason: "dispute 1"}
	st.refuses(c, domain.KindConflict, "wrong_status", "", reactor)
	st = closed(t, limited(scheme(policy.SchemeIncremental), "9999", "50")) // no limit holds a ruling up
	st.refuses(c, domain.KindForbidden, "role", "", finance(), late())
	st.refuses(c, domain.KindForbidden, "reactor_only", "", domaintest.By(domaintest.Importer()), late())
	events := st.do(c, reactor, late())
	id := st.made("adjustment")
	require.Equal(t, []rebate.Event{
		rebate.AdjustmentProposed{AdjustmentID: id, Delta: money("100"), Reason: "dispute 1"},
		rebate.Adjusted{
			PartnerID: north, AdjustmentID: id, Kind: rebate.AdjustedByHand, Delta: money("100"), Total: money("1900"), Reason: "dispute 1",
		},
	}, events)
	require.Equal(t, rebate.ProposalApproved, st.agreement().Adjustments[0].Status)
	st.do(rebate.AdjustByRuling{Delta: money("-100"), Reason: "dispute 1 was overturned"}, reactor, late())
	require.Equal(t, money("1800"), st.agreement().Total())
	st.refuses(rebate.AdjustByRuling{Delta: money("-1800.01"), Reason: "x"}, domain.KindConflict, "more_than_owed", "delta", reactor, late())
}
