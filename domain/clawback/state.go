package clawback

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// State is how much of one claw-back is recovered.
type State struct {
	ID         uuid.UUID    `json:"clawback_id"`
	PartnerID  uuid.UUID    `json:"partner_id,omitzero"`
	Recovered  domain.Money `json:"recovered"`           // net of what was undone
	Recoveries []Recovery   `json:"recoveries"`          // as they were recorded
	Clearings  []Clearing   `json:"clearings,omitempty"` // lines of the bank that show payments, also matches that are undone
	Revision   int64        `json:"revision"`            // of the last event; -1: there is none
}

// Recovery is how a part of the debt ended, unless it is undone.
type Recovery struct {
	Recovered
	Undone domain.Step `json:"undone,omitzero"`
}

// Clearing is a bank's line that shows what the partner paid.
type Clearing struct {
	BankAccount string       `json:"bank_account"`
	StatementID uuid.UUID    `json:"statement_id"`
	MatchID     uuid.UUID    `json:"match_id"`
	Amount      domain.Money `json:"amount"`
	At          domain.Step  `json:"at"`
	Undone      domain.Step  `json:"undone,omitzero"`
}

// Has reports whether a recovery is recorded.
func (s *State) Has(recovery uuid.UUID) bool {
	return slices.ContainsFunc(s.Recoveries, func(r Recovery) bool { return r.RecoveryID == recovery })
}

// Unseen is how much of what the partner paid to one of our bank accounts no line of its statements shows yet.
func (s *State) Unseen(bankAccount string) (amount domain.Money) {
	for _, r := range s.Recoveries {
		if r.By == ByPayment && r.BankAccount == bankAccount && !r.Undone.Taken() {
			amount = sum(amount, r.Amount)
		}
	}
	for _, c := range s.Clearings {
		if c.BankAccount == bankAccount && !c.Undone.Taken() {
			amount = sum(amount, c.Amount.Neg())
		}
	}
	return amount
}

// clearing is what a match cleared, or nil.
func (s *State) clearing(match uuid.UUID) *Clearing {
	at := slices.IndexFunc(s.Clearings, func(c Clearing) bool { return c.MatchID == match })
	if at < 0 {
		return nil
	}
	return &s.Clearings[at]
}

// byMatch is the recovery that a match recorded, or nil.
func (s *State) byMatch(match uuid.UUID) *Recovery {
	at := slices.IndexFunc(s.Recoveries, func(r Recovery) bool { return r.MatchID == match && !r.Undone.Taken() })
	if at < 0 {
		return nil
	}
	return &s.Recoveries[at]
}

// sum of two amounts of one debt: it is never above what is owed, which is within range.
func sum(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }

func (e Recovered) evolve(s *State, _ domain.Envelope) {
	s.ID, s.PartnerID, s.Recovered = e.ClawbackID, e.PartnerID, sum(s.Recovered, e.Amount)
	s.Recoveries = append(s.Recoveries, Recovery{Recovered: e})
}

func (e RecoveryUndone) evolve(s *State, env domain.Envelope) {
	at := slices.IndexFunc(s.Recoveries, func(r Recovery) bool { return r.RecoveryID == e.Recovery.RecoveryID })
	if at < 0 {
		return
	}
	s.Recoveries[at].Undone, s.Recovered = domain.StepOf(env, e.Reason), sum(s.Recovered, e.Recovery.Amount.Neg())
}

func (e Cleared) evolve(s *State, env domain.Envelope) {
	s.Clearings = append(s.Clearings, Clearing{
		BankAccount: e.BankAccount, StatementID: e.StatementID, MatchID: e.MatchID, Amount: e.Amount, At: domain.StepOf(env, ""),
	})
}

func (e ClearingUndone) evolve(s *State, env domain.Envelope) {
	if c := s.clearing(e.MatchID); c != nil {
		c.Undone = domain.StepOf(env, e.Reason)
	}
}
