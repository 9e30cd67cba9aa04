package ledger

import (
	"context"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/eventstore"
)

// Payouts handles commands on batches of payments.
type Payouts = eventstore.Handler[*payout.Payout, payout.Command, payout.Facts, payout.Event]

func (l *Ledger) payoutFacts(
	ctx context.Context, _ *payout.Payout, _ payout.Command, h domain.Header,
) (facts payout.Facts, basis domain.Basis, err error) {
	var source domain.Source
	facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt)
	basis.DecidedFrom = []domain.Source{source}
	return facts, basis, err
}
