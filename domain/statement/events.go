package statement

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "statement"

// MaxMatches is how many matches one append records.
const MaxMatches = 500

// Format is what a statement's file is written in.
type Format string

// The formats.
const (
	Camt053 Format = "camt.053" // ISO 20022 bank to customer statement, any version from 02 to 08
	CSV     Format = "csv"
)

// Side is what a line of a statement is settled against.
type Side struct {
	PayableID  uuid.UUID    `json:"payable_id,omitzero"`  // a payment out of ours, or one that came back
	PayoutID   uuid.UUID    `json:"payout_id,omitzero"`   // that paid it
	ClawbackID uuid.UUID    `json:"clawback_id,omitzero"` // a partner's payment for what was clawed back
	PartnerID  uuid.UUID    `json:"partner_id"`
	Amount     domain.Money `json:"amount"` // above 0
	// Short is how much more was paid than the bank's lines show, beyond tolerance, above 0: it is payable again.
	Short domain.Money `json:"short,omitzero"`
}

// VarianceReason is why a line and what it pays differ.
type VarianceReason string

// The reasons.
const (
	BankCharge  VarianceReason = "bank_charge"
	Rounding    VarianceReason = "rounding"
	ShortPaid   VarianceReason = "short_paid"
	Overpaid    VarianceReason = "overpaid"
	Unexplained VarianceReason = "unexplained"
)

// Confidence is who says that a match is right.
type Confidence string

// The confidences.
const (
	ByRule   Confidence = "rule"   // reference and amount are exactly those of what was paid
	ByPerson Confidence = "person" // somebody looked
)

// Match settles lines against what they pay: one or many on either side. The lines' amounts = the sides' amounts + variance
// + overpaid.
type Match struct {
	MatchID  uuid.UUID    `json:"match_id"` // of this and no other match; a new one of the same lines has another
	Lines    []int        `json:"lines"`    // numbers, from 1
	Outgoing bool         `json:"outgoing"` // money that left the account; else that came in
	Amount   domain.Money `json:"amount"`   // of the lines together, above 0
	To       []Side       `json:"to"`
	Rule     string       `json:"rule"`              // that found it
	Variance domain.Money `json:"variance,omitzero"` // within tolerance: above 0 where the lines are more than the sides
	// Overpaid is beyond tolerance, above 0: the partner of the first side owes it, or has it to its credit where it paid back
	// more than was clawed back.
	Overpaid domain.Money   `json:"overpaid,omitzero"`
	Reason   VarianceReason `json:"reason_code,omitempty"`  // where there is a variance, or lines and payments differ beyond it
	Score    Confidence     `json:"confidence,omitempty"`   // who says that it is right
	By       string         `json:"confirmed_by,omitempty"` // note of whoever confirmed a suggestion
}

// Event is a fact in a statement's stream.
type Event interface {
	domain.Event
	evolve(*Statement, domain.Envelope)
}

// Types lists every event type that a statement's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Parked](),
		domain.TypeOf[Imported](),
		domain.TypeOf[LinesRecorded](),
		domain.TypeOf[LinesMatched](),
		domain.TypeOf[MatchUndone](),
		domain.TypeOf[LineResolved](),
		domain.TypeOf[ResolutionUndone](),
		domain.TypeOf[LineAssigned](),
		domain.TypeOf[Reconciled](),
	}
}

// Line is a movement of the account, without what is about persons: names, their accounts and texts stay in the stored file.
type Line struct {
	Number     int          `json:"number"` // from 1, as in the file
	Outgoing   bool         `json:"outgoing,omitempty"`
	Amount     domain.Money `json:"amount"`               // above 0
	BookedOn   domain.Date  `json:"booked_on"`            // by the bank
	ValueOn    domain.Date  `json:"value_on,omitzero"`    // from when interest counts; left out where it is the same day
	Reference  string       `json:"reference,omitempty"`  // of the bank
	EndToEndID string       `json:"end_to_end,omitempty"` // as the payer gave it
	Identity   string       `json:"identity"`             // equal for the same movement in another file, 32 hex digits
}

// ParkReason is why a statement can't be taken into the books as it is.
type ParkReason string

// The reasons.
const (
	OpeningDiffers ParkReason = "opening_differs" // from the closing balance that the account has in the books
	LinesDiffer    ParkReason = "lines_differ"    // opening balance and lines don't make the closing balance
)

// Parked says: the statement isn't in the books, and why. Its file is stored, so that it can be tried again.
type Parked struct {
	StatementID uuid.UUID    `json:"statement_id"`
	BankAccount string       `json:"bank_account"`
	Currency    string       `json:"currency"`
	Format      Format       `json:"format"`
	SHA256      string       `json:"sha256"`
	InFile      int          `json:"in_file"`
	Mapping     string       `json:"mapping,omitempty"`
	Number      string       `json:"number"`
	From        domain.Date  `json:"from"`
	To          domain.Date  `json:"to"`
	Why         ParkReason   `json:"why"`
	Expected    domain.Money `json:"expected"`
	Found       domain.Money `json:"found"`
}

// EventType is statement.parked.v1.
func (Parked) EventType() string { return "statement.parked.v1" }

// Imported says: the bank's statement is in the books. Its lines follow, in LinesRecorded.
type Imported struct {
	StatementID uuid.UUID    `json:"statement_id"` // derived from account and number
	BankAccount string       `json:"bank_account"` // of ours: an IBAN without spaces, or the bank's own number
	Currency    string       `json:"currency"`     // ISO 4217
	Format      Format       `json:"format"`
	SHA256      string       `json:"sha256"`            // of the file, 64 hex digits
	InFile      int          `json:"in_file"`           // which of the file's statements, from 1
	Mapping     string       `json:"mapping,omitempty"` // SHA-256 of the mapping that a CSV was read with
	Number      string       `json:"number"`
	From        domain.Date  `json:"from"` // first day
	To          domain.Date  `json:"to"`   // last day
	Opening     domain.Money `json:"opening"`
	Closing     domain.Money `json:"closing"`
	// BroughtForward is the opening balance of an account's first statement, which nothing before explains; else left out.
	BroughtForward domain.Money `json:"brought_forward,omitzero"`
	LineCount      int          `json:"line_count"`
	TotalIn        domain.Money `json:"total_in"`          // of the lines that count
	TotalOut       domain.Money `json:"total_out"`         // of the same
	Skipped        []int        `json:"skipped,omitempty"` // lines that an earlier statement has already: they don't count
	// Follows is the statement whose closing balance this one goes on from; left out at the account's first.
	Follows uuid.UUID `json:"follows,omitzero"`
	At      time.Time `json:"at"` // end of the last day, or when it was imported if that is earlier: the event's effective time
}

// TookEffect is the end of the last day.
func (e Imported) TookEffect() time.Time { return e.At }

// EventType is statement.imported.v1.
func (Imported) EventType() string { return "statement.imported.v1" }

// LinesRecorded says: these are lines of the statement, up to 500, in their order and without gaps.
type LinesRecorded struct {
	StatementID uuid.UUID `json:"statement_id"`
	BankAccount string    `json:"bank_account"`
	Lines       []Line    `json:"lines"`
	At          time.Time `json:"at"` // that of Imported: the event's effective time
}

// TookEffect is when the statement did.
func (e LinesRecorded) TookEffect() time.Time { return e.At }

// EventType is statement.lines_recorded.v1.
func (LinesRecorded) EventType() string { return "statement.lines_recorded.v1" }

// LinesMatched says: these lines are what was paid.
type LinesMatched struct {
	StatementID uuid.UUID `json:"statement_id"`
	BankAccount string    `json:"bank_account"`
	Matches     []Match   `json:"matches"` // at most 500
	At          time.Time `json:"at"`      // that of Imported: the event's effective time
}

// TookEffect is when the statement did.
func (e LinesMatched) TookEffect() time.Time { return e.At }

// EventType is statement.lines_matched.v1.
func (LinesMatched) EventType() string { return "statement.lines_matched.v1" }

// MatchUndone says: the match was wrong; it is reversed exactly.
type MatchUndone struct {
	StatementID uuid.UUID `json:"statement_id"`
	BankAccount string    `json:"bank_account"`
	Match       Match     `json:"match"` // as it was
	Why         string    `json:"reason"`
}

// EventType is statement.match_undone.v1.
func (MatchUndone) EventType() string { return "statement.match_undone.v1" }

// LineResolved says: nothing of ours explains the line; it belongs to this account.
type LineResolved struct {
	StatementID uuid.UUID    `json:"statement_id"`
	BankAccount string       `json:"bank_account"`
	Line        int          `json:"line"`
	Outgoing    bool         `json:"outgoing"`
	Amount      domain.Money `json:"amount"`  // above 0
	Account     string       `json:"account"` // of the books, as in expense:bank_charges
	Resolution  string       `json:"resolution"`
	At          time.Time    `json:"at"` // that of Imported: the event's effective time
}

// TookEffect is when the statement did.
func (e LineResolved) TookEffect() time.Time { return e.At }

// EventType is statement.line_resolved.v1.
func (LineResolved) EventType() string { return "statement.line_resolved.v1" }

// ResolutionUndone says: the resolution was wrong; it is reversed exactly.
type ResolutionUndone struct {
	StatementID uuid.UUID    `json:"statement_id"`
	BankAccount string       `json:"bank_account"`
	Line        int          `json:"line"`
	Outgoing    bool         `json:"outgoing"`
	Amount      domain.Money `json:"amount"`
	Account     string       `json:"account"`
	Reason      string       `json:"reason"`
}

// EventType is statement.resolution_undone.v1.
func (ResolutionUndone) EventType() string { return "statement.resolution_undone.v1" }

// LineAssigned says: somebody looks after the line from now on.
type LineAssigned struct {
	StatementID uuid.UUID `json:"statement_id"`
	Line        int       `json:"line"`
	Owner       string    `json:"owner"` // an actor's id
}

// EventType is statement.line_assigned.v1.
func (LineAssigned) EventType() string { return "statement.line_assigned.v1" }

// Reconciled says: every line is matched, resolved or skipped.
type Reconciled struct {
	StatementID uuid.UUID `json:"statement_id"`
}

// EventType is statement.reconciled.v1.
func (Reconciled) EventType() string { return "statement.reconciled.v1" }
