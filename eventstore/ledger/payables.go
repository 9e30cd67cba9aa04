package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// Payables handles commands on what is owed to partners.
type Payables = eventstore.Handler[*payable.Payable, payable.Command, payable.Facts, payable.Event]

// taking is what a command on a fund or agreement takes on payables first.
type taking struct {
	id       uuid.UUID // of the claw-back or payment
	stream   string    // of the fund or agreement
	raised   []domain.Step
	amount   domain.Money
	inputTax domain.Money // of it
	reason   string
	cause    payable.Cause
	whole    bool // all of it or nothing
}

// owing is what payables say together.
type owing struct {
	known       bool
	open, taken domain.Money
	claimed     bool // one that is open
}

// DoFund gives a command to a fund. Of a claw-back, or a payment made outside of this ledger, the first half comes first:
// BeforeFund. If-Match and the like are held against the fund before it; behind it they don't count any more.
// Errors: those of the handler and of BeforeFund.
func (l *Ledger) DoFund(
	ctx context.Context, id uuid.UUID, h domain.Header, c mdf.FundCommand, conditions ...eventstore.Precondition[*mdf.FundState],
) (eventstore.Outcome, error) {
	return twoHalves(ctx, l.Funds, id, h, c, conditions, l.BeforeFund)
}

// DoRebate is DoFund for agreements.
func (l *Ledger) DoRebate(
	ctx context.Context, id uuid.UUID, h domain.Header, c rebate.Command, conditions ...eventstore.Precondition[*rebate.State],
) (eventstore.Outcome, error) {
	return twoHalves(ctx, l.Rebates, id, h, c, conditions, l.BeforeRebate)
}

func twoHalves[S, C, F any, E domain.Event](
	ctx context.Context, on *eventstore.Handler[S, C, F, E], id uuid.UUID, h domain.Header, c C, conditions []eventstore.Precondition[S],
	first func(context.Context, uuid.UUID, domain.Header, C) (took bool, err error),
) (eventstore.Outcome, error) {
	hold := true
	err := on.View(ctx, id, func(state S, _ domain.Source) error {
		for _, holds := range conditions {
			hold = hold && holds(state) == nil
		}
		return nil
	})
	if err != nil {
		return eventstore.Outcome{}, err
	}
	if hold {
		took, err := first(ctx, id, h, c)
		if err != nil {
			return eventstore.Outcome{}, err
		}
		if took {
			conditions = nil
		}
	}
	return on.Do(ctx, id, h, c, conditions...)
}

// BeforeFund is the first half of a claw-back in a fund, or of a payment made outside of this ledger: it takes what is open
// on the claim's payables, so that no payout pays it. A command that is refused or known already takes nothing, and neither
// does any other.
// Errors: payable_claimed while a payout has a payable; those of the stores.
func (l *Ledger) BeforeFund(ctx context.Context, id uuid.UUID, h domain.Header, c mdf.FundCommand) (took bool, err error) {
	h = l.timed(h)
	var t taking
	err = l.Funds.View(ctx, id, func(s *mdf.FundState, _ domain.Source) error {
		found, ok := mdf.TakingOf(s, h, c)
		if !ok {
			return nil
		}
		assumed := mdf.FundFacts{Payables: mdf.Payables{Known: true, Taken: found.Amount}}
		if events, err := mdf.FundDecider().Decide(s, h, assumed, c); err == nil && len(events) > 0 {
			t = takingInFund(id, found)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	return l.takeFirst(ctx, t, h)
}

func takingInFund(id uuid.UUID, t mdf.Taking) taking {
	cause := payable.CauseClawback
	if t.Payment {
		cause = payable.CausePayment
	}
	return taking{
		id: t.ID, stream: domain.StreamName(mdf.FundCategory, id), raised: t.Raised, amount: t.Amount, inputTax: t.InputTax,
		reason: t.Reason, cause: cause, whole: true,
	}
}

// BeforeRebate is BeforeFund for agreements: of a claw-back as much as is open is taken, and the rest is owed by the partner.
func (l *Ledger) BeforeRebate(ctx context.Context, id uuid.UUID, h domain.Header, c rebate.Command) (took bool, err error) {
	h = l.timed(h)
	var t taking
	err = l.Rebates.View(ctx, id, func(s *rebate.State, _ domain.Source) error {
		found, ok := rebate.TakingOf(s, h, c)
		if !ok {
			return nil
		}
		assumed := rebate.Facts{Payables: rebate.Payables{Known: true, Taken: found.Amount}}
		if events, err := rebate.Decider().Decide(s, h, assumed, c); err == nil && len(events) > 0 {
			t = takingInAgreement(id, found)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	return l.takeFirst(ctx, t, h)
}

func takingInAgreement(id uuid.UUID, t rebate.Taking) taking {
	cause := payable.CauseClawback
	if t.Payment {
		cause = payable.CausePayment
	}
	return taking{
		id: t.ID, stream: domain.StreamName(rebate.Category, id), raised: t.Raised, amount: t.Amount, reason: t.Reason, cause: cause,
		whole: t.Payment,
	}
}

// takeFirst takes what is open, and says whether it did. Payables that nobody has raised yet are raised: else they would be,
// behind the claw-back.
func (l *Ledger) takeFirst(ctx context.Context, t taking, h domain.Header) (took bool, err error) {
	if len(t.raised) == 0 {
		return false, nil
	}
	for _, step := range t.raised {
		if err := l.mustBeRaised(ctx, t.stream, step); err != nil {
			return false, err
		}
	}
	o, err := l.owing(ctx, t, nil)
	if err != nil {
		return false, err
	}
	left := domain.Must(t.amount.Sub(o.taken))
	switch {
	case o.open.Sign() <= 0 || left.Sign() <= 0 || t.whole && o.open.Minor() < left.Minor():
		return false, nil // the command itself says what that means
	case o.claimed:
		return false, domain.Refuse("payable_claimed", "", "a payout has what is to be taken: wait until it is sent, or abandon the payout")
	}
	tax := t.inputTax
	for _, step := range t.raised {
		if left.Sign() <= 0 {
			break
		}
		part, err := l.takeFrom(ctx, payable.IDOf(step.EventID), left, tax, t, h)
		if err != nil {
			return took, err
		}
		took = took || part.Sign() > 0
		left, tax = domain.Must(left.Sub(part)), domain.Must(tax.Sub(least(part, tax)))
	}
	return took, nil
}

// takeFrom takes from one payable as much as is open there, and at most so much.
func (l *Ledger) takeFrom(ctx context.Context, id uuid.UUID, most, tax domain.Money, t taking, h domain.Header) (part domain.Money, err error) {
	var before domain.Money
	err = l.Payables.View(ctx, id, func(p *payable.Payable, _ domain.Source) error {
		part, before = least(most, p.Open.Amount), p.TakenBy(t.id).Amount
		return nil
	})
	if err != nil || part.Sign() <= 0 {
		return part, err
	}
	header := h
	header.CommandID = domain.DeriveID("first half", h.CommandID.String(), id.String(), before.Decimal())
	if header.CorrelationID == uuid.Nil {
		header.CorrelationID = h.CommandID
	}
	header.CausationID = h.CommandID
	_, err = l.Payables.Do(ctx, id, header, payable.TakeBack{
		ClawbackID: t.id, Amount: domain.Must(before.Add(part)), Reason: t.reason, Cause: t.cause, InputTax: least(part, tax),
	})
	return part, err
}

// mustBeRaised raises what an event makes payable as the reactor does, which may not have come to it yet: it is one command.
func (l *Ledger) mustBeRaised(ctx context.Context, stream string, step domain.Step) error {
	id := payable.IDOf(step.EventID)
	there := false
	err := l.Payables.View(ctx, id, func(p *payable.Payable, _ domain.Source) error {
		there = p.Exists()
		return nil
	})
	if err != nil || there {
		return err
	}
	for recorded, err := range l.Store.Read(ctx, stream, eventstore.Revision(step.Revision-1)) {
		if err != nil {
			return err
		}
		event, env, err := l.Codec.Decode(recorded)
		if err != nil {
			return err
		}
		if c, ok := reactor.RaiseOf(event, env); ok && env.EventID == step.EventID {
			_, err = l.Payables.Do(ctx, id, reactor.RaiseOrder(c, env).Header(reactor.PayablesName), c)
			return err
		}
		break
	}
	return fmt.Errorf("%s@%d makes nothing payable", stream, step.Revision)
}

// owing is what the payables of the steps say; what was read is added to the basis. A payable needs no facts, so that looking
// at one from within a decision can't wait for itself.
func (l *Ledger) owing(ctx context.Context, t taking, basis *domain.Basis) (o owing, err error) {
	nought := domain.Must(t.amount.Sub(t.amount))
	o.open, o.taken = nought, nought
	for _, step := range t.raised {
		err := l.Payables.View(ctx, payable.IDOf(step.EventID), func(p *payable.Payable, from domain.Source) error {
			if !p.Exists() {
				return nil
			}
			o.known = true
			o.open, o.taken = domain.Must(o.open.Add(p.Open.Amount)), domain.Must(o.taken.Add(p.TakenBy(t.id).Amount))
			o.claimed = o.claimed || p.ClaimedBy != uuid.Nil && p.Open.Amount.Sign() > 0
			if basis != nil {
				basis.DecidedFrom = append(basis.DecidedFrom, from)
			}
			return nil
		})
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func least(a, b domain.Money) domain.Money {
	if b.Minor() < a.Minor() {
		return b
	}
	return a
}
