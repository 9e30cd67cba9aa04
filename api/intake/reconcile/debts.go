package reconcile

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
)

// debts are what partners owe because of claw-backs, and may pay to the statement's bank account: known by the claw-back's id,
// from the day of the claw-back on.
func (r *Reconciler) debts(ctx context.Context, s statement.Summary) (items []matching.Item, err error) {
	open, err := r.Ledger.OpenDebts(ctx, s.BankAccount, s.Currency)
	if err != nil {
		return nil, err
	}
	payers := map[uuid.UUID][]matching.Party{}
	for _, d := range open[:min(len(open), maxItems)] {
		known, ok := payers[d.PartnerID]
		if !ok {
			if known, err = r.payers(ctx, d.PartnerID); err != nil {
				return nil, err
			}
			payers[d.PartnerID] = known
		}
		items = append(items, matching.Item{
			Side: statement.Side{ClawbackID: d.ID, PartnerID: d.PartnerID, Amount: d.Amount},
			On:   domain.DateOf(d.Since, time.UTC), AnyDay: true, EndToEnd: refOf(d.ID), Parties: known,
		})
	}
	return items, nil
}

// payers is who a partner's money may come from: its name, and every account that was approved for it, also one that no money
// goes to any more.
func (r *Reconciler) payers(ctx context.Context, partnerID uuid.UUID) (all []matching.Party, err error) {
	err = r.Ledger.Partners.View(ctx, partnerID, func(p *partner.State, _ domain.Source) error {
		if p.LegalName != "" {
			all = append(all, matching.Party{Name: p.LegalName})
		}
		for _, x := range p.Payees {
			if x.Approved.Taken() && x.Account != domain.Erased {
				all = append(all, matching.Party{Name: strings.Clone(string(x.Name)), Account: string(x.Account)})
			}
		}
		return nil
	})
	return all, err
}

// recover clears a claw-back by a line that shows a partner's payment: what nobody had recorded is recovered by it.
func (r *run) recover(ctx context.Context, s statement.Summary, m statement.Match, side statement.Side, reference string) error {
	owed, err := r.Ledger.ReceivableOf(ctx, side.ClawbackID)
	if err != nil {
		return err
	}
	return r.giveClawback(ctx, side, m, "clear", latest(s.At, owed.Debt.Since), clawback.Clear{
		ClawbackID: side.ClawbackID, StatementID: s.ID, MatchID: m.MatchID, BankAccount: s.BankAccount, Amount: side.Amount,
		Reference: reference,
	})
}

// giveClawback is give for the claw-back of a side.
func (r *run) giveClawback(
	ctx context.Context, side statement.Side, m statement.Match, step string, at time.Time, c clawback.Command,
) error {
	_, err := r.Ledger.DoClawback(ctx, side.ClawbackID, domain.Header{
		CommandID:   domain.DeriveID("reconcile", step, m.MatchID.String(), side.ClawbackID.String()),
		Actor:       clearing(r.Actor),
		EffectiveAt: at,
	}, c)
	return err
}
