package ledger

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// Rebates handles commands on rebate agreements.
type Rebates = eventstore.Handler[*rebate.State, rebate.Command, rebate.Facts, rebate.Event]

func (l *Ledger) rebateFacts(
	ctx context.Context, s *rebate.State, c rebate.Command, h domain.Header,
) (facts rebate.Facts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if facts.Pinned, err = l.pinnedRebate(ctx, rebate.PinnedBy(c), facts.Rules.Rebate); err != nil {
		return facts, basis, err
	}
	if t, ok := rebate.TakingOf(s, h, c); ok {
		o, err := l.owing(ctx, takingInAgreement(s.Agreement.ID, t), &basis)
		if err != nil {
			return facts, basis, err
		}
		facts.Payables = rebate.Payables{Known: o.known, Open: o.open, Taken: o.taken}
	}
	if id := rebate.Reversed(c); id != uuid.Nil {
		if facts.Recovered, err = l.recovered(ctx, id, &basis); err != nil {
			return facts, basis, err
		}
	}
	id := rebate.PartnerOf(s, c)
	if id == uuid.Nil {
		return facts, basis, nil
	}
	err = l.Partners.View(ctx, id, func(p *partner.State, from domain.Source) error {
		found := p.StandingAt(h.EffectiveAt)
		facts.Partner = rebate.Standing{PartnerID: id, Known: found.Known, Active: found.Active, Reason: found.Reason}
		facts.Seller = p.SellerAt(rebate.SellerOf(c), h.EffectiveAt)
		basis.DecidedFrom = append(basis.DecidedFrom, from)
		return nil
	})
	return facts, basis, err
}

// pinnedRebate is the version of the rebate policy that was asked for, also one that starts to hold later, or else the one
// in force; the zero version where there is none, or it is retired.
func (l *Ledger) pinnedRebate(
	ctx context.Context, version int, inForce policy.Versioned[policy.Rebate],
) (pinned policy.Versioned[policy.Rebate], err error) {
	if version == 0 {
		return inForce, nil
	}
	err = l.Programs.View(ctx, program.DefaultID, func(s *program.State, _ domain.Source) error {
		for _, v := range s.Versions(policy.KindRebate) {
			if body, ok := v.Body.(policy.Rebate); ok && v.Version == version && v.RetiredAt.IsZero() {
				pinned = policy.Versioned[policy.Rebate]{Version: version, Body: body}
			}
		}
		return nil
	})
	return pinned, err
}
