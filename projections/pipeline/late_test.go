package pipeline_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// TestALateFactOfADeal: a stage that took effect at e and was recorded at r. Known before r nothing of it shows; known since,
// the answers from e to the next stage change, and no other.
func TestALateFactOfADeal(t *testing.T) {
	t.Parallel()
	h := histories.New(0)
	day := func(n int) time.Time { return histories.Begin.AddDate(0, 0, n) }
	do := func(recorded, effective int, c account.Command) domain.Header {
		h.Now = day(recorded)
		header := h.Header()
		header.EffectiveAt = day(effective)
		require.True(t, h.Account(acmeID, header, c), "%#v", c)
		return header
	}
	header := do(0, 0, h.Register(h.Partners[0], acme))
	deal := domain.EntityID(header.CommandID, domain.StreamName(account.Category, acmeID), "deal")
	do(1, 1, account.ApproveDeal{DealID: deal, Reason: "imported history"})
	do(2, 2, account.AdvanceStage{DealID: deal, Stage: account.StageQualified})
	do(30, 30, account.AdvanceStage{DealID: deal, Stage: account.StageNegotiation})
	const e, r = 10, 40
	do(r, e, account.AdvanceStage{DealID: deal, Stage: account.StageProposal})

	stage := func(known, effective int) account.Stage {
		view := h.View(t, pipeline.Projection(nil), projections.Bounds{KnownAt: day(known), EffectiveAt: day(effective)})
		return stageOf(t, view, deal)
	}
	for effective, want := range map[int][2]account.Stage{ // before it was known, and since
		1:     {"", ""},
		e - 1: {account.StageQualified, account.StageQualified},
		e:     {account.StageQualified, account.StageProposal},
		29:    {account.StageQualified, account.StageProposal},
		30:    {account.StageNegotiation, account.StageNegotiation},
	} {
		require.Equal(t, want[0], stage(r-1, effective), "effective on day %d, not known yet", effective)
		require.Equal(t, want[1], stage(r, effective), "effective on day %d, known", effective)
	}
}

func stageOf(t *testing.T, view projections.Reader, deal uuid.UUID) account.Stage {
	t.Helper()
	d := histories.Ask(t, view, func(q projections.Querier) (*account.Deal, error) { return pipeline.Get(t.Context(), q, deal) })
	require.NotNil(t, d)
	return d.Stage.Latest()
}
