package clawback

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Clear says that a line of a bank statement shows what the partner paid, or a part of it: whoever matches the line gives it
// first, and only one line can have it. What nobody recorded before is recovered by the same append.
// Errors: a field is wrong; more than is owed (more_than_owed); the match is undone (clearing_undone) or another amount
// (clearing_differs).
type Clear struct {
	ClawbackID  uuid.UUID
	StatementID uuid.UUID
	MatchID     uuid.UUID
	BankAccount string       // of ours
	Amount      domain.Money // above 0, in the currency of what was clawed back
	Reference   string       // of the bank
}

func (Clear) roles() []domain.Role { return clearingRoles() }

// Those who pay, and those who keep the books: they match the bank's lines.
func clearingRoles() []domain.Role {
	return []domain.Role{domain.Finance, domain.Treasury, domain.ServiceRole}
}

func (c Clear) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		domain.AdmitID("clawback_id", c.ClawbackID),
		domain.AdmitID("statement_id", c.StatementID),
		domain.AdmitID("match_id", c.MatchID),
		domain.AdmitText("bank_account", c.BankAccount, MaxReference),
		domain.AdmitText("reference", c.Reference, MaxReference),
	); err != nil {
		return nil, err
	}
	if known := s.clearing(c.MatchID); known != nil {
		return nil, known.again(c)
	}
	if c.Amount.Sign() <= 0 {
		return nil, domain.Invalid("amount", "want more than 0 and its currency")
	}
	missing, err := c.Amount.Sub(s.Unseen(c.BankAccount))
	if err != nil {
		return nil, domain.Invalid("amount", "want the currency of what was clawed back")
	}
	if missing.Sign() > 0 {
		err = s.owes(f, c.ClawbackID, missing)
	}
	if err := domain.FirstOf(err, domain.AdmitAfter(h, "claw-back", f.Debt.Since), s.hasRoom()); err != nil {
		return nil, err
	}
	cleared := Cleared{
		ClawbackID: c.ClawbackID, PartnerID: f.Debt.PartnerID, BankAccount: c.BankAccount, StatementID: c.StatementID, MatchID: c.MatchID,
		Amount: c.Amount,
	}
	if missing.Sign() <= 0 {
		return []Event{cleared}, nil
	}
	return []Event{Recovered{
		ClawbackID: c.ClawbackID, RecoveryID: RecoveryID(h.CommandID, c.ClawbackID), PartnerID: f.Debt.PartnerID, By: ByPayment,
		Amount: missing, BankAccount: c.BankAccount, Reference: c.Reference, MatchID: c.MatchID,
	}, cleared}, nil
}

// again lets a match be said twice.
func (k *Clearing) again(c Clear) error {
	switch {
	case k.Undone.Taken():
		return domain.Refuse("clearing_undone", "match_id", "this match is undone: a new one has another id")
	case k.Amount != c.Amount || k.StatementID != c.StatementID:
		return domain.Refuse("clearing_differs", "match_id", "this match cleared %s already", k.Amount)
	}
	return nil
}

// UndoClearing says that a match was wrong. What the match had recovered is owed again; what somebody had recorded before
// stays. Undone again, it stays undone.
// Errors: a field is wrong; the match cleared nothing here (clearing_unknown).
type UndoClearing struct {
	MatchID uuid.UUID
	Reason  string
}

func (UndoClearing) roles() []domain.Role { return clearingRoles() }

func (c UndoClearing) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	known := s.clearing(c.MatchID)
	if known == nil {
		return nil, domain.NotFound("clearing_unknown", "match_id", "match %s cleared nothing of this claw-back", c.MatchID)
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitAfter(h, "clearing", known.At.At),
	); err != nil || known.Undone.Taken() {
		return nil, err
	}
	undone := ClearingUndone{
		ClawbackID: s.ID, PartnerID: s.PartnerID, BankAccount: known.BankAccount, StatementID: known.StatementID, MatchID: c.MatchID,
		Amount: known.Amount, Reason: c.Reason,
	}
	if r := s.byMatch(c.MatchID); r != nil {
		return []Event{undone, RecoveryUndone{
			ClawbackID: s.ID, PartnerID: s.PartnerID, Recovery: r.Recovered, Reason: c.Reason,
		}}, nil
	}
	return []Event{undone}, nil
}
