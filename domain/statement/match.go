package statement

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MatchLines settles lines by what was paid. Whoever gives it has cleared the payables first: they are the lock. A match that
// is there already is passed over.
type MatchLines struct {
	Matches []Match
}

func (MatchLines) roles() []domain.Role { return clearingRoles() }

func (c MatchLines) decide(s *Statement, _ domain.Header, f Facts) ([]Event, error) {
	if err := s.whole(); err != nil {
		return nil, err
	}
	if len(c.Matches) == 0 || len(c.Matches) > MaxMatches {
		return nil, domain.Invalid("matches", "want 1 to %d matches", MaxMatches)
	}
	e := LinesMatched{StatementID: s.ID, BankAccount: s.BankAccount, At: s.At}
	taken, size := map[int]struct{}{}, 0
	for i, m := range c.Matches {
		if _, known := s.matches[m.MatchID]; known {
			continue
		}
		if err := s.checkMatch(fmt.Sprintf("matches[%d].", i), m, f, taken); err != nil {
			return nil, err
		}
		size += len(m.Lines) + len(m.To)
		e.Matches = append(e.Matches, m)
	}
	switch {
	case len(e.Matches) == 0:
		return nil, nil
	case size > MaxSides:
		return nil, domain.Refuse("too_many", "matches", "at most %d lines and payments in one append", MaxSides)
	}
	return []Event{e}, nil
}

// checkMatch holds one match against the lines, and against itself. taken are lines of the matches before it.
func (s *Statement) checkMatch(path string, m Match, f Facts, taken map[int]struct{}) error {
	if err := domain.FirstOf(
		domain.AdmitID(path+"match_id", m.MatchID),
		domain.AdmitText(path+"rule", m.Rule, MaxReference),
		domain.AdmitOneOf(path+"confidence", m.Score, ByRule, ByPerson),
		domain.AdmitOptionalText(path+"confirmed_by", m.By, MaxReason),
	); err != nil {
		return err
	}
	total := s.money(0)
	for i, n := range m.Lines {
		l := s.at(n)
		_, twice := taken[n]
		field := fmt.Sprintf("%slines[%d]", path, i)
		switch {
		case l == nil:
			return domain.NotFound("line_unknown", field, "the statement has no line %d", n)
		case twice:
			return domain.Invalid(field, "line %d is in two matches", n)
		case l.status() != LineUnmatched:
			return domain.Refuse("line_settled", field, "line %d is %s already", n, l.status())
		case l.outgoing() != m.Outgoing:
			return domain.Invalid(field, "line %d goes the other way", n)
		}
		taken[n] = struct{}{}
		total = sum(total, s.money(l.amount))
	}
	if len(m.Lines) == 0 || m.Amount != total {
		return domain.Invalid(path+"amount", "the lines come to %s", total)
	}
	return s.checkSides(path, m, f)
}

// checkSides holds what the lines are settled against: it adds up exactly, and what differs has a name.
func (s *Statement) checkSides(path string, m Match, f Facts) error {
	if len(m.To) == 0 {
		return domain.Invalid(path+"to", "want what was paid")
	}
	paid, short := s.money(0), s.money(0)
	for i, side := range m.To {
		field := fmt.Sprintf("%sto[%d]", path, i)
		if err := s.checkSide(field, m, side); err != nil {
			return err
		}
		if slices.ContainsFunc(m.To[:i], side.sameAs) {
			return domain.Invalid(field, "the payment is in the match twice")
		}
		if len(m.To) > MaxSides {
			return domain.Refuse("too_many", path+"to", "at most %d payments", MaxSides)
		}
		paid = sum(paid, side.Amount)
		if side.Short.Sign() > 0 {
			short = sum(short, side.Short)
		}
	}
	if got := sum(sum(paid, m.Variance), m.Overpaid); got != m.Amount {
		return domain.Invalid(path+"to", "what was paid and what differs come to %s: want %s", got, m.Amount)
	}
	return checkDifference(path, m, short, f)
}

func (s *Statement) checkSide(field string, m Match, side Side) error {
	payment, recovery := side.PayableID != uuid.Nil && side.PayoutID != uuid.Nil, side.ClawbackID != uuid.Nil
	switch {
	case payment == recovery || recovery && (side.PayableID != uuid.Nil || side.PayoutID != uuid.Nil):
		return domain.Invalid(field, "want payable_id and payout_id, or clawback_id")
	case recovery && m.Outgoing:
		return domain.Invalid(field+".clawback_id", "a claw-back is recovered by money that comes in")
	case side.Short.Sign() != 0 && !m.Outgoing:
		return domain.Invalid(field+".short", "only what went out can lack a part")
	}
	if !side.Short.IsZero() {
		if err := checkSome(field+".short", side.Short, s.Currency); err != nil {
			return err
		}
	}
	return domain.FirstOf(domain.AdmitID(field+".partner_id", side.PartnerID), checkSome(field+".amount", side.Amount, s.Currency))
}

func (x Side) sameAs(other Side) bool {
	return x.PayableID == other.PayableID && x.PayoutID == other.PayoutID && x.ClawbackID == other.ClawbackID
}

// checkDifference lets through what is within tolerance as a variance, and only what is beyond it as a debt.
func checkDifference(path string, m Match, short domain.Money, f Facts) error {
	tolerance := f.Rules.Reconciliation.Body.Tolerance(m.Amount.Currency())
	differs := m.Variance.Sign() != 0 || m.Overpaid.Sign() != 0 || short.Sign() != 0
	switch {
	case m.Variance.Sign() == 0 && !m.Variance.IsZero(), m.Overpaid.Sign() == 0 && !m.Overpaid.IsZero():
		return domain.Invalid(path+"variance", "leave a difference of 0 out")
	case m.Variance.Minor() > tolerance.Over.Minor():
		return domain.Refuse("above_tolerance", path+"variance", "at most %s more is a variance", tolerance.Over)
	case -m.Variance.Minor() > tolerance.Under.Minor():
		return domain.Refuse("above_tolerance", path+"variance", "at most %s less is a variance", tolerance.Under)
	case m.Overpaid.Sign() != 0 && (m.Overpaid.Sign() < 0 || !m.Outgoing && !m.recovers()):
		return domain.Invalid(path+"overpaid", "want an amount above 0, of money that went out or recovers a claw-back")
	case m.Overpaid.Sign() > 0 && m.Overpaid.Minor() <= tolerance.Over.Minor():
		return domain.Refuse("within_tolerance", path+"overpaid", "up to %s more is a variance", tolerance.Over)
	case short.Sign() > 0 && short.Minor() <= tolerance.Under.Minor():
		return domain.Refuse("within_tolerance", path+"to", "up to %s less is a variance", tolerance.Under)
	case m.Variance.Sign() != 0 && (m.Overpaid.Sign() != 0 || short.Sign() != 0), m.Overpaid.Sign() != 0 && short.Sign() != 0:
		return domain.Invalid(path+"variance", "want one difference: a variance, overpaid or short")
	case differs && m.Score == ByRule:
		return domain.Refuse("not_exact", path+"confidence", "only what is exact is confirmed by rule")
	case !differs && m.Reason != "":
		return domain.Invalid(path+"reason_code", "nothing differs")
	case differs:
		return domain.AdmitOneOf(path+"reason_code", m.Reason, VarianceReasons()...)
	}
	return nil
}

// recovers reports whether the match is of claw-backs alone: what came in above them is the partner's.
func (m Match) recovers() bool {
	return !slices.ContainsFunc(m.To, func(side Side) bool { return side.ClawbackID == uuid.Nil })
}

// UndoMatch takes a match back exactly. What payables and claw-backs say because of it is taken back by the reactor.
type UndoMatch struct {
	MatchID uuid.UUID `json:"match_id"`
	Reason  string    `json:"reason"`
}

func (UndoMatch) roles() []domain.Role { return clearingRoles() }

func (c UndoMatch) decide(s *Statement, _ domain.Header, f Facts) ([]Event, error) {
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	m, ok := s.matches[c.MatchID]
	if !ok {
		return nil, domain.NotFound("match_unknown", "match_id", "the statement has no match %s", c.MatchID)
	}
	if f.Claimed != uuid.Nil {
		return nil, domain.Refuse("payable_claimed", "match_id",
			"payout %s has what the match brought back: abandon it, or wait for its end", f.Claimed)
	}
	return []Event{MatchUndone{StatementID: s.ID, BankAccount: s.BankAccount, Match: m, Why: c.Reason}}, nil
}
