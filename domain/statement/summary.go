package statement

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Summary is a statement without its lines: what is shown of it, and what the read model keeps.
type Summary struct {
	ID          uuid.UUID    `json:"id"`
	Status      Status       `json:"status"`
	BankAccount string       `json:"bank_account"`
	Currency    string       `json:"currency"`
	Format      Format       `json:"format"`
	SHA256      string       `json:"sha256"` // of the stored file
	InFile      int          `json:"in_file"`
	Mapping     string       `json:"mapping,omitempty"`
	Number      string       `json:"number"`
	From        domain.Date  `json:"from"`
	To          domain.Date  `json:"to"`
	Opening     domain.Money `json:"opening,omitzero"`
	Closing     domain.Money `json:"closing,omitzero"`
	TotalIn     domain.Money `json:"total_in,omitzero"`
	TotalOut    domain.Money `json:"total_out,omitzero"`
	Follows     uuid.UUID    `json:"follows,omitzero"` // zero: the account's first

	LineCount int `json:"line_count"`
	Recorded  int `json:"recorded"` // lines that are there so far
	Skipped   int `json:"skipped"`
	Matched   int `json:"matched"`
	Resolved  int `json:"resolved"`
	// Unmatched is how many lines are still to be settled, those that are still coming included.
	Unmatched int `json:"unmatched"`

	Parking    *Parking    `json:"parked,omitempty"`
	At         time.Time   `json:"at,omitzero"` // when it took effect: the end of its last day
	Imported   domain.Step `json:"imported,omitzero"`
	Reconciled domain.Step `json:"reconciled,omitzero"`
	Revision   int64       `json:"revision"` // of the last event
	EventID    uuid.UUID   `json:"event_id"` // of the same
}

// Parking is why a statement isn't in the books.
type Parking struct {
	Why      ParkReason   `json:"why"`
	Expected domain.Money `json:"expected"`
	Found    domain.Money `json:"found"`
	Step     domain.Step  `json:"step"`
}

// Apply folds one event. Events come in recorded order, and those that took effect after the moment asked for are left out.
// A statement that isn't there by then stays empty: its ID is zero.
func (s *Summary) Apply(e Event, env domain.Envelope) {
	switch e := e.(type) {
	case Parked:
		s.park(e, env)
	case Imported:
		s.imported(e, env)
	default:
		if s.ID == uuid.Nil {
			return
		}
		s.count(e, env)
	}
	s.Revision, s.EventID = env.Revision, env.EventID
}

func (s *Summary) park(e Parked, env domain.Envelope) {
	*s = Summary{
		ID: e.StatementID, Status: StatusParked, BankAccount: e.BankAccount, Currency: e.Currency, Format: e.Format, SHA256: e.SHA256,
		InFile: e.InFile, Mapping: e.Mapping, Number: e.Number, From: e.From, To: e.To,
		Parking: &Parking{Why: e.Why, Expected: e.Expected, Found: e.Found, Step: domain.StepOf(env, "")},
	}
}

func (s *Summary) imported(e Imported, env domain.Envelope) {
	*s = Summary{
		ID: e.StatementID, BankAccount: e.BankAccount, Currency: e.Currency, Format: e.Format, SHA256: e.SHA256,
		InFile: e.InFile, Mapping: e.Mapping, Number: e.Number, From: e.From, To: e.To, Opening: e.Opening, Closing: e.Closing,
		TotalIn: e.TotalIn, TotalOut: e.TotalOut, Follows: e.Follows, LineCount: e.LineCount, Skipped: len(e.Skipped),
		Unmatched: e.LineCount - len(e.Skipped), At: e.At, Imported: domain.StepOf(env, ""),
	}
	s.setStatus()
}

func (s *Summary) count(e Event, env domain.Envelope) {
	switch e := e.(type) {
	case LinesRecorded:
		s.Recorded += len(e.Lines)
	case LinesMatched:
		for _, m := range e.Matches {
			s.settle(len(m.Lines), &s.Matched)
		}
	case MatchUndone:
		s.settle(-len(e.Match.Lines), &s.Matched)
	case LineResolved:
		s.settle(1, &s.Resolved)
	case ResolutionUndone:
		s.settle(-1, &s.Resolved)
	case Reconciled:
		s.Reconciled = domain.StepOf(env, "")
		s.Status = StatusReconciled
		return
	case LineAssigned:
		return
	}
	s.setStatus()
}

// settle counts lines that are settled, or below 0 no longer are.
func (s *Summary) settle(lines int, how *int) {
	*how += lines
	s.Unmatched -= lines
}

// setStatus follows what changed about the lines: whatever was said of all of them holds no longer.
func (s *Summary) setStatus() {
	s.Reconciled = domain.Step{}
	s.Status = StatusOpen
	if s.Recorded < s.LineCount {
		s.Status = StatusImporting
	}
}
