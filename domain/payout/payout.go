package payout

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Status is how far a payout is.
type Status string

// The states of a payout.
const (
	StatusOpen          Status = "open" // payables are being claimed for it
	StatusPrepared      Status = "prepared"
	StatusFirstApproved Status = "first_approved" // waits for a second person
	StatusApproved      Status = "approved"
	StatusSent          Status = "sent"
	StatusCompleted     Status = "completed"
	StatusAbandoned     Status = "abandoned"
)

// Statuses lists every state, in the order that a payout goes through them.
func Statuses() []Status {
	return []Status{
		StatusOpen, StatusPrepared, StatusFirstApproved, StatusApproved, StatusSent, StatusCompleted, StatusAbandoned,
	}
}

// Payout is a payout as its events tell it. It is the one definition of how a payout changes: the aggregate decides on it,
// the read model keeps it.
type Payout struct {
	ID            uuid.UUID      `json:"id"`
	Status        Status         `json:"status"`
	Currency      string         `json:"currency"`
	Filter        Filter         `json:"filter"`
	Debtor        Debtor         `json:"debtor"`
	ExecutionOn   domain.Date    `json:"execution_on"`
	Rates         []ExchangeRate `json:"rates,omitempty"`
	Withholding   []Withholding  `json:"withholding,omitempty"`
	Items         []Item         `json:"items,omitempty"` // as prepared; LeftOut says which weren't sent
	Held          []Held         `json:"held,omitempty"`  // not paid, as prepared
	ItemCount     int            `json:"item_count"`
	HeldCount     int            `json:"held_count"`
	Total         domain.Money   `json:"total,omitzero"`
	Withheld      domain.Money   `json:"withheld,omitzero"`
	File          *File          `json:"file,omitempty"`
	LeftOut       []Held         `json:"left_out,omitempty"` // items that were not sent
	Opened        domain.Step    `json:"opened"`
	Prepared      domain.Step    `json:"prepared,omitzero"`
	FirstApproved domain.Step    `json:"first_approved,omitzero"`
	Approved      domain.Step    `json:"approved,omitzero"`
	Sent          domain.Step    `json:"sent,omitzero"`
	Completed     domain.Step    `json:"completed,omitzero"`
	Abandoned     domain.Step    `json:"abandoned,omitzero"`
	Revision      int64          `json:"revision"` // of the last event
	EventID       uuid.UUID      `json:"event_id"` // of the same
}

// File is what the bank got.
type File struct {
	Format    Format `json:"format"`
	MessageID string `json:"message_id"`
	SHA256    string `json:"sha256"`
}

// IDOf is the id of the payout that a command opens.
func IDOf(command uuid.UUID) uuid.UUID { return domain.DeriveID("payout", command.String()) }

// MessageID is how a payout's file names itself: 32 hex digits of the 35 characters that ISO 20022 allows.
func MessageID(payout uuid.UUID) string { return hex.EncodeToString(payout[:]) }

// EndToEndID is how a payment names itself, all the way to the partner's statement: 32 hex digits of the 35 characters that
// ISO 20022 allows. A payable that is paid again, because the payment came back, keeps it.
func EndToEndID(payable uuid.UUID) string { return hex.EncodeToString(payable[:]) }

// Facts are what other streams say, as far as a decision on a payout needs it.
type Facts struct {
	Rules policy.Rules // in force when the command takes effect
	Held  []Held       // items that may not be paid now, in their order: of what ItemsOf names
}

// ItemsOf are the items that a command pays, whose partners and payables bear on it.
func ItemsOf(p *Payout, c Command) []Item {
	switch c := c.(type) {
	case Prepare:
		return c.Items
	case Send:
		return p.Items
	}
	return nil
}

// Decider is the payout seen from outside.
func Decider() domain.Decider[*Payout, Command, Facts, Event] {
	return domain.Decider[*Payout, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *Payout { return &Payout{} },
		Decide:   decide,
		Evolve: func(p *Payout, e Event, env domain.Envelope) *Payout {
			p.Apply(e, env)
			return p
		},
	}
}

// Apply folds one event into the payout. Events come in recorded order; some may be left out, where an answer is bounded.
func (p *Payout) Apply(e Event, env domain.Envelope) {
	e.evolve(p, env)
	p.Revision, p.EventID = env.Revision, env.EventID
}

// Exists reports whether somebody opened it.
func (p *Payout) Exists() bool { return p.ID != uuid.Nil }

// Summary is the payout without its items, of which there may be thousands.
func (p *Payout) Summary() Payout {
	s := *p
	s.Items, s.Held, s.LeftOut = nil, nil, nil
	return s
}

// Payments are the items that are paid: all that were prepared but those that were left out at sending.
func (p *Payout) Payments() []Item {
	if len(p.LeftOut) == 0 {
		return p.Items
	}
	return Without(p.Items, p.LeftOut)
}

// Without are the items that aren't held.
func Without(items []Item, held []Held) []Item {
	out := make(map[uuid.UUID]bool, len(held))
	for _, h := range held {
		out[h.PayableID] = true
	}
	return slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return out[i.PayableID] })
}

// Pays reports whether an item is for the partner.
func (p *Payout) Pays(partner uuid.UUID) bool {
	return slices.ContainsFunc(p.Items, func(i Item) bool { return i.PartnerID == partner })
}

func (e Opened) evolve(p *Payout, env domain.Envelope) {
	p.ID, p.Currency, p.Filter, p.Debtor, p.ExecutionOn = e.PayoutID, e.Currency, e.Filter, e.Debtor, e.ExecutionOn
	p.Rates, p.Withholding = e.Rates, e.Withholding
	p.Status, p.Opened = StatusOpen, domain.StepOf(env, "")
}

func (e Prepared) evolve(p *Payout, env domain.Envelope) {
	p.Items, p.Held, p.Total, p.Withheld = e.Items, e.Held, e.Total, e.Withheld
	p.ItemCount, p.HeldCount = len(e.Items), len(e.Held)
	p.Status, p.Prepared = StatusPrepared, domain.StepOf(env, "")
}

func (e FirstApproved) evolve(p *Payout, env domain.Envelope) {
	p.Status, p.FirstApproved = StatusFirstApproved, domain.StepOf(env, e.Reason)
}

func (e Approved) evolve(p *Payout, env domain.Envelope) {
	p.Status, p.Approved = StatusApproved, domain.StepOf(env, e.Reason)
}

func (e Sent) evolve(p *Payout, env domain.Envelope) {
	p.File, p.LeftOut = &File{Format: e.Format, MessageID: e.MessageID, SHA256: e.SHA256}, e.Held
	p.Status, p.Sent = StatusSent, domain.StepOf(env, "")
}

func (Completed) evolve(p *Payout, env domain.Envelope) {
	p.Status, p.Completed = StatusCompleted, domain.StepOf(env, "")
}

func (e Abandoned) evolve(p *Payout, env domain.Envelope) {
	p.Status, p.Abandoned = StatusAbandoned, domain.StepOf(env, e.Reason)
}

// zone is the program's.
func (f Facts) zone() *time.Location {
	if f.Rules.Zone == nil {
		return time.UTC
	}
	return f.Rules.Zone
}
