package statements

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// tables are the read model's.
type tables struct {
	statements *projections.Table[statement.Summary]
	lines      *projections.Table[Line]
	matches    *projections.Table[Match]
	payments   *projections.Table[Payment]
}

// Line is a line of a statement, and what became of it.
type Line struct {
	statement.Line
	StatementID uuid.UUID            `json:"statement_id"`
	BankAccount string               `json:"bank_account"`
	Status      statement.LineStatus `json:"status"`
	MatchID     uuid.UUID            `json:"match_id,omitzero"`
	Rule        string               `json:"rule,omitempty"`       // of the match
	Account     string               `json:"account,omitempty"`    // of the books, that it was resolved to
	Resolution  string               `json:"resolution,omitempty"` // why
	Owner       string               `json:"owner,omitempty"`      // an actor's id: who looks after it
	Settled     domain.Step          `json:"settled,omitzero"`
	Revision    int64                `json:"revision"` // of the last event about it
	EventID     uuid.UUID            `json:"event_id"` // of the same
}

// Match is lines of a statement, and what they were settled by.
type Match struct {
	statement.Match
	StatementID uuid.UUID   `json:"statement_id"`
	BankAccount string      `json:"bank_account"`
	Matched     domain.Step `json:"matched"`
	Undone      domain.Step `json:"undone,omitzero"`
	Revision    int64       `json:"revision"` // of the last event about it
	EventID     uuid.UUID   `json:"event_id"` // of the same
}

// Payment is what one payout sent for one payable, and how far statements show it. Amounts are in the payout's currency.
type Payment struct {
	PayableID   uuid.UUID    `json:"payable_id"`
	PayoutID    uuid.UUID    `json:"payout_id"`
	PartnerID   uuid.UUID    `json:"partner_id"`
	PayeeID     uuid.UUID    `json:"payee_id"`
	Kind        payable.Kind `json:"kind"`
	BankAccount string       `json:"bank_account"` // of ours
	Paid        domain.Money `json:"paid"`
	Returned    domain.Money `json:"returned"`    // failed or came back
	ClearedOut  domain.Money `json:"cleared_out"` // seen leaving the account
	ClearedIn   domain.Money `json:"cleared_in"`  // seen coming back
	Sent        domain.Step  `json:"sent"`
	Revision    int64        `json:"revision"` // of the last event about it
	EventID     uuid.UUID    `json:"event_id"` // of the same
}

// Out is how much is still to be seen leaving the account.
func (p *Payment) Out() domain.Money { return minus(p.Paid, p.ClearedOut) }

// In is how much of what came back is still to be seen arriving.
func (p *Payment) In() domain.Money { return minus(p.Returned, p.ClearedIn) }

// Open is how much of the payment the bank has not shown: what never left and what never arrived cancel out.
func (p *Payment) Open() domain.Money { return minus(p.Out(), p.In()) }

// net is what was sent and didn't come back, in minor units.
func (p *Payment) net() int64 { return minus(p.Paid, p.Returned).Minor() }

// settledOn is the day on which the line was last settled, as Day has it, by when it was recorded; below 0 while it isn't.
func (l *Line) settledOn() int64 {
	if !l.Settled.Taken() {
		return -1
	}
	return Day(domain.DateOf(l.Settled.RecordedAt, time.UTC))
}

func minus(a, b domain.Money) domain.Money { return domain.Must(a.Sub(b)) }

func open(s *projections.Schema) *tables {
	return &tables{statements: newStatements(s), lines: newLines(s), matches: newMatches(s), payments: newPayments(s)}
}

func newStatements(s *projections.Schema) *projections.Table[statement.Summary] {
	text := projections.Text[statement.Summary]
	return projections.NewTable(s, "statements",
		text("status", func(x *statement.Summary) string { return string(x.Status) }),
		text("bank_account", func(x *statement.Summary) string { return x.BankAccount }),
		text("currency", func(x *statement.Summary) string { return x.Currency }),
		text("sha256", func(x *statement.Summary) string { return x.SHA256 }),
		projections.Int("ended", func(x *statement.Summary) int64 { return Day(x.To) }),
	).
		IndexOn("ended", "key").
		IndexOn("sha256")
}

func newLines(s *projections.Schema) *projections.Table[Line] {
	text := projections.Text[Line]
	return projections.NewTable(s, "lines",
		text("statement", func(l *Line) string { return l.StatementID.String() }),
		text("bank_account", func(l *Line) string { return l.BankAccount }),
		text("currency", func(l *Line) string { return l.Amount.Currency() }),
		text("status", func(l *Line) string { return string(l.Status) }),
		text("owner", func(l *Line) string { return l.Owner }),
		text("reference", func(l *Line) string { return l.Reference }),
		projections.Flag("outgoing", func(l *Line) bool { return l.Outgoing }),
		projections.Int("minor", func(l *Line) int64 { return l.Amount.Minor() }),
		projections.Int("booked", func(l *Line) int64 { return Day(l.BookedOn) }),
		projections.Int("settled", func(l *Line) int64 { return l.settledOn() }),
	).
		IndexOn("status", "booked", "key").
		IndexOn("statement", "status", "key").
		IndexOn("bank_account", "currency", "status", "booked", "settled") // all that Healths asks
}

func newMatches(s *projections.Schema) *projections.Table[Match] {
	return projections.NewTable(s, "matches",
		projections.Text("statement", func(m *Match) string { return m.StatementID.String() }),
		projections.Text("rule", func(m *Match) string { return m.Rule }),
		projections.Flag("undone", func(m *Match) bool { return m.Undone.Taken() }),
		projections.Int("first_line", func(m *Match) int64 { return int64(m.Lines[0]) }),
	).
		IndexOn("statement", "first_line", "key")
}

func newPayments(s *projections.Schema) *projections.Table[Payment] {
	text := projections.Text[Payment]
	return projections.NewTable(s, "payments",
		text("bank_account", func(p *Payment) string { return p.BankAccount }),
		text("currency", func(p *Payment) string { return p.Paid.Currency() }),
		text("partner", func(p *Payment) string { return p.PartnerID.String() }),
		text("payout", func(p *Payment) string { return p.PayoutID.String() }),
		projections.Flag("open", func(p *Payment) bool { return p.Open().Sign() != 0 }),
		projections.Int("net", func(p *Payment) int64 { return p.net() }),
		projections.Int("not_shown", func(p *Payment) int64 { return min(max(0, p.Open().Minor()), p.net()) }),
		projections.Int("sent", func(p *Payment) int64 { return listing.Moment(p.Sent.At) }),
	).
		IndexOn("open", "bank_account", "key").
		IndexOn("sent", "key")
}

// Day is how columns hold a day: in days since 1970.
func Day(d domain.Date) int64 { return d.In(time.UTC).Unix() / 86_400 }

// lineKey sorts a statement's lines by number.
func lineKey(id uuid.UUID, number int) string { return fmt.Sprintf("%s/%07d", id, number) }

func paymentKey(payable, payout uuid.UUID) string { return payable.String() + "/" + payout.String() }
