package reconcile

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
	"github.com/channelledger/channelledger/eventstore"
)

// Suggestions is what the rules make of the lines of a statement that aren't settled.
type Suggestions struct {
	Suggested []Suggestion `json:"suggested"`
	Ambiguous []Choice     `json:"ambiguous"` // could be several things: somebody has to look
	Unmatched []int        `json:"unmatched"` // lines that nothing explains
}

// Suggestion is a match that somebody may confirm as it is.
type Suggestion struct {
	Lines    []int                    `json:"lines"`
	Outgoing bool                     `json:"outgoing"`
	Amount   domain.Money             `json:"amount"` // of the lines together
	To       []statement.Side         `json:"to"`
	Rule     string                   `json:"rule"`
	Variance domain.Money             `json:"variance,omitzero"`
	Overpaid domain.Money             `json:"overpaid,omitzero"`
	Reason   statement.VarianceReason `json:"reason_code,omitempty"`
	Exact    bool                     `json:"exact"` // the next run matches it by itself
}

// Choice is lines that could be several things.
type Choice struct {
	Rule  string           `json:"rule"`
	Lines []int            `json:"lines"`
	To    []statement.Side `json:"to"` // at most 50
}

// Suggest is what the rules make of the lines of a statement that aren't settled, now. It reads the stored file.
// Errors: a Rejection where there is no such statement in the books; *bank.Error; those of the stores, and ctx's.
func (r *Reconciler) Suggest(ctx context.Context, id uuid.UUID) (all Suggestions, err error) {
	all = Suggestions{Suggested: []Suggestion{}, Ambiguous: []Choice{}, Unmatched: []int{}}
	state, err := r.state(ctx, id)
	switch {
	case err != nil:
		return all, err
	case state.ID == uuid.Nil:
		return all, domain.NotFound("statement_unknown", "", "there is no such statement")
	case state.Status == statement.StatusParked:
		return all, domain.Refuse("statement_parked", "", "the statement isn't in the books: %s", state.Parking.Why)
	case state.Unmatched == 0:
		return all, nil
	}
	s, err := r.sourceOf(ctx, state)
	if err != nil {
		return all, err
	}
	result, err := r.explain(ctx, s, id)
	if err != nil {
		return all, err
	}
	for _, f := range result.Found {
		all.Suggested = append(all.Suggested, suggestionOf(f))
	}
	for _, c := range result.Choices {
		all.Ambiguous = append(all.Ambiguous, Choice{Rule: c.Rule, Lines: c.Lines, To: c.To})
	}
	all.Unmatched = append(all.Unmatched, result.Unmatched...)
	return all, nil
}

func suggestionOf(f matching.Found) Suggestion {
	return Suggestion{
		Lines: f.Lines, Outgoing: f.Outgoing, Amount: f.Amount, To: f.To, Rule: f.Rule, Variance: f.Variance, Overpaid: f.Overpaid,
		Reason: f.Reason, Exact: f.Certain,
	}
}

// Confirmation is a match that somebody says is right: a suggestion, or what the rules didn't find.
type Confirmation struct {
	Lines    []int                    `json:"lines" minItems:"1" maxItems:"500" doc:"Numbers of the statement's lines"`
	To       []ConfirmedSide          `json:"to" minItems:"1" maxItems:"2000"`
	Rule     string                   `json:"rule,omitempty" maxLength:"200" doc:"That suggested it; by_hand without one"`
	Variance domain.Money             `json:"variance,omitzero" doc:"Within tolerance: above 0 where the lines are more than what was paid"`
	Overpaid domain.Money             `json:"overpaid,omitzero" doc:"Beyond tolerance: how much more they are; the partner owes it, or is owed it"`
	Reason   statement.VarianceReason `json:"reason_code,omitempty" enum:"bank_charge,rounding,short_paid,overpaid,unexplained"`
	Note     string                   `json:"note,omitempty" maxLength:"2000"`
}

// ConfirmedSide is a payment that lines show, or a part of it; or what a partner pays because of a claw-back.
type ConfirmedSide struct {
	PayableID  uuid.UUID    `json:"payable_id,omitzero" doc:"Of a payment; with payout_id"`
	PayoutID   uuid.UUID    `json:"payout_id,omitzero"`
	ClawbackID uuid.UUID    `json:"clawback_id,omitzero" doc:"Of a partner's payment for what was clawed back, instead"`
	Amount     domain.Money `json:"amount" doc:"What the lines show of it"`
	Short      domain.Money `json:"short,omitzero" doc:"Beyond tolerance: how much more was paid than the lines show; it is payable again"`
}

// ByHand is the rule of a match that no rule suggested.
const ByHand = "by_hand"

// Confirm records matches that a person says are right, clearing their payables first. It says where the last event stands,
// and what was refused.
// Errors: a Rejection that names what is wrong with a match, before any is begun; those of the stores, and ctx's.
func (r *Reconciler) Confirm(
	ctx context.Context, id uuid.UUID, actor domain.Actor, confirmed []Confirmation,
) (refused []Refusal, at eventstore.Position, err error) {
	if err := r.Ledger.MayAct(ctx, actor); err != nil {
		return nil, at, err
	}
	run := &run{Reconciler: r, Options: Options{Actor: actor, Progress: func(string, int, int) {}}}
	matches := make([]statement.Match, len(confirmed))
	for i, c := range confirmed {
		if matches[i], err = r.confirmedMatch(ctx, id, fmt.Sprintf("matches[%d]", i), c); err != nil {
			return nil, at, err
		}
	}
	if err := r.admit(ctx, id, actor, matches); err != nil {
		return nil, at, err
	}
	done, err := run.settle(ctx, id, nil, matches)
	return done.refused, run.at, err
}

// confirmedMatch completes what was sent by what is known.
func (r *Reconciler) confirmedMatch(ctx context.Context, id uuid.UUID, path string, c Confirmation) (m statement.Match, err error) {
	m = statement.Match{
		Lines: c.Lines, Rule: c.Rule, Variance: c.Variance, Overpaid: c.Overpaid, Reason: c.Reason, Score: statement.ByPerson, By: c.Note,
	}
	if m.Rule == "" {
		m.Rule = ByHand
	}
	if err := r.Ledger.Statements.View(ctx, id, func(s *statement.Statement, _ domain.Source) (err error) {
		m.Amount, m.Outgoing, err = s.Money(c.Lines)
		return err
	}); err != nil {
		return m, err
	}
	for i, side := range c.To {
		to, err := r.confirmedSide(ctx, fmt.Sprintf("%s.to[%d]", path, i), side)
		if err != nil {
			return m, err
		}
		m.To = append(m.To, to)
	}
	return m, nil
}

// confirmedSide says whose it is.
func (r *Reconciler) confirmedSide(ctx context.Context, path string, side ConfirmedSide) (to statement.Side, err error) {
	to = statement.Side{
		PayableID: side.PayableID, PayoutID: side.PayoutID, ClawbackID: side.ClawbackID, Amount: side.Amount, Short: side.Short,
	}
	if side.ClawbackID != uuid.Nil {
		owed, err := r.Ledger.ReceivableOf(ctx, side.ClawbackID)
		if to.PartnerID = owed.Debt.PartnerID; err == nil && !owed.Debt.Known {
			err = domain.NotFound("clawback_unknown", path+".clawback_id", "there is no claw-back %s of what was paid", side.ClawbackID)
		}
		return to, err
	}
	err = r.Ledger.Payables.View(ctx, side.PayableID, func(p *payable.Payable, _ domain.Source) error {
		if !p.Exists() {
			return domain.NotFound("payable_unknown", path+".payable_id", "there is no payable %s", side.PayableID)
		}
		to.PartnerID = p.PartnerID
		return nil
	})
	return to, err
}

// admit holds the matches against the statement's rules before any payable is touched.
func (r *Reconciler) admit(ctx context.Context, id uuid.UUID, actor domain.Actor, matches []statement.Match) error {
	rules, err := r.Ledger.Reconciliation(ctx, r.Clock())
	if err != nil {
		return err
	}
	return r.Ledger.Statements.View(ctx, id, func(s *statement.Statement, _ domain.Source) error {
		c := statement.MatchLines{Matches: make([]statement.Match, len(matches))}
		for i, m := range matches {
			m.MatchID = s.MatchID(m, 0)
			c.Matches[i] = m
		}
		facts := statement.Facts{}
		facts.Rules.Reconciliation.Body = rules
		now := r.Clock()
		_, err := statement.Decider().Decide(s, domain.Header{CommandID: id, Actor: actor, Now: now, EffectiveAt: now}, facts, c)
		return err
	})
}
