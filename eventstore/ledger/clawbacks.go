package ledger

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// Clawbacks handles what partners pay back.
type Clawbacks = eventstore.Handler[*clawback.State, clawback.Command, clawback.Facts, clawback.Event]

// DoClawback gives a command on what a partner owes because of a claw-back. Of an offset the payable's half comes first: it is
// the lock, and who comes between the halves is told that the amount is spoken for. Meanwhile nobody undoes the claw-back: the
// fund or agreement that holds it waits.
// Errors: those of the handlers; payable_claimed while a payout has the payable.
func (l *Ledger) DoClawback(
	ctx context.Context, id uuid.UUID, h domain.Header, c clawback.Command, conditions ...eventstore.Precondition[*clawback.State],
) (outcome eventstore.Outcome, err error) {
	d, err := l.debts.of(ctx, id)
	if err != nil {
		return outcome, err
	}
	recovers := func() error {
		if c, ok := c.(clawback.Recover); ok {
			took, err := l.setOffFirst(ctx, id, h, c, conditions)
			if err != nil {
				return err
			}
			if took {
				conditions = nil
			}
		}
		outcome, err = l.Clawbacks.Do(ctx, id, h, c, conditions...)
		return err
	}
	category, home, err := domain.ParseStream(d.stream)
	switch {
	case d.stream == "":
		err = recovers() // to be told that there is none
	case err != nil:
	case category == mdf.FundCategory:
		err = l.Funds.View(ctx, home, func(*mdf.FundState, domain.Source) error { return recovers() })
	default:
		err = l.Rebates.View(ctx, home, func(*rebate.State, domain.Source) error { return recovers() })
	}
	return outcome, err
}

// setOffFirst takes what an offset takes from its payable, unless the second half would be refused or is known already. It
// says whether it took anything, now or before.
func (l *Ledger) setOffFirst(
	ctx context.Context, id uuid.UUID, h domain.Header, c clawback.Recover, conditions []eventstore.Precondition[*clawback.State],
) (took bool, err error) {
	if c.By != clawback.ByOffset || c.RecoveryID != uuid.Nil {
		return false, nil
	}
	timed, takes := l.timed(h), false
	err = l.Clawbacks.View(ctx, id, func(s *clawback.State, _ domain.Source) error {
		for _, holds := range conditions {
			if holds(s) != nil {
				return nil //nolint:nilerr // the handler will say so
			}
		}
		facts, _, err := l.clawbackFacts(ctx, s, c, timed)
		if err != nil {
			return err
		}
		facts.Offset.Amount = c.Amount // as it will be
		if events, err := clawback.Decider().Decide(s, timed, facts, c); err == nil {
			takes = len(events) > 0
		}
		return nil
	})
	if err != nil || !takes {
		return false, err
	}
	header := timed
	header.CommandID = domain.DeriveID("first half", h.CommandID.String(), c.PayableID.String())
	if header.CorrelationID == uuid.Nil {
		header.CorrelationID = h.CommandID
	}
	header.CausationID = h.CommandID
	_, err = l.Payables.Do(ctx, c.PayableID, header, payable.SetOff{
		ClawbackID: id, RecoveryID: c.Recovery(h), Amount: c.Amount, Reference: c.Reference,
	})
	return err == nil, err
}

// clawbackFacts folds the fund or agreement apart: who recovers holds it.
func (l *Ledger) clawbackFacts(
	ctx context.Context, s *clawback.State, c clawback.Command, h domain.Header,
) (facts clawback.Facts, basis domain.Basis, err error) {
	switch c := c.(type) {
	case clawback.Clear:
		return l.debtOf(ctx, s, c.ClawbackID, uuid.Nil)
	case clawback.Recover:
		if facts, basis, err = l.debtOf(ctx, s, c.ClawbackID, c.Recovery(h)); err != nil || c.By != clawback.ByOffset {
			return facts, basis, err
		}
		err = l.Payables.View(ctx, c.PayableID, func(p *payable.Payable, from domain.Source) error {
			facts.Offset = clawback.Offset{
				PartnerID: p.PartnerID, Kind: string(p.Source.Kind), Amount: p.TakenBy(c.Recovery(h)).Amount,
			}
			basis.DecidedFrom = append(basis.DecidedFrom, from)
			return nil
		})
	}
	return facts, basis, err
}

// debtOf is what the fund or agreement says that the partner owes because of a claw-back, and what of it is spoken for by
// offsets other than one.
func (l *Ledger) debtOf(
	ctx context.Context, s *clawback.State, id, but uuid.UUID,
) (facts clawback.Facts, basis domain.Basis, err error) {
	d, err := l.debts.of(ctx, id)
	if err != nil || d.stream == "" {
		return facts, basis, err
	}
	category, home, err := domain.ParseStream(d.stream)
	if err != nil {
		return facts, basis, err
	}
	var source domain.Source
	owed := &facts.Debt
	if category == mdf.FundCategory {
		fund, from, err := l.Funds.Fold(ctx, home)
		if err != nil {
			return facts, basis, err
		}
		owed.PartnerID, source = fund.Fund.PartnerID, from
		owed.Amount, owed.Since, owed.Known = fund.Receivable(id)
	} else {
		agreement, from, err := l.Rebates.Fold(ctx, home)
		if err != nil {
			return facts, basis, err
		}
		owed.PartnerID, source = agreement.Agreement.PartnerID, from
		owed.Amount, owed.Since, owed.Known = agreement.Receivable(id)
	}
	basis.DecidedFrom = []domain.Source{source}
	for _, o := range d.offsets {
		if o.RecoveryID != but && !s.Has(o.RecoveryID) {
			facts.Pending = domain.Must(facts.Pending.Add(o.Amount))
		}
	}
	return facts, basis, nil
}

// recovered reports whether anything of a claw-back is recovered, or about to be: what a payable gave counts, and what was
// undone doesn't.
func (l *Ledger) recovered(ctx context.Context, id uuid.UUID, basis *domain.Basis) (bool, error) {
	s, source, err := l.Clawbacks.Fold(ctx, id)
	if err != nil {
		return false, err
	}
	basis.DecidedFrom = append(basis.DecidedFrom, source)
	d, err := l.debts.of(ctx, id)
	return s.Recovered.Sign() > 0 || len(d.offsets) > 0, err
}

// Receivable is what a partner owes because of one claw-back, adjustment or payment, and how it was recovered.
type Receivable struct {
	clawback.State
	clawback.Facts
	Stream string // that it stands in; none: there is no such claw-back of what was paid
}

// ReceivableOf looks at what a partner owes because of a claw-back.
func (l *Ledger) ReceivableOf(ctx context.Context, id uuid.UUID) (Receivable, error) {
	s, _, err := l.Clawbacks.Fold(ctx, id)
	if err != nil {
		return Receivable{}, err
	}
	facts, _, err := l.debtOf(ctx, s, id, uuid.Nil)
	if err != nil || !facts.Debt.Known {
		return Receivable{}, err
	}
	d, err := l.debts.of(ctx, id)
	return Receivable{State: *s, Facts: facts, Stream: d.stream}, err
}
