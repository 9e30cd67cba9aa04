package incentives

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "incentives"

// Kind is a sort of account, and with it what its balance means.
type Kind string

// Kinds lists every kind of account.
func Kinds() []Kind { return []Kind{KindRebate, KindSpiff, KindFund, KindClaims} }

// Account is something that a partner has a balance in, of one currency.
type Account struct {
	Kind      Kind      `json:"kind"`
	ID        uuid.UUID `json:"id"` // of the agreement or fund
	PartnerID uuid.UUID `json:"partner_id"`
	Name      string    `json:"name"`
	Currency  string    `json:"currency"`
	From      time.Time `json:"period_from,omitzero"`
	Until     time.Time `json:"period_until,omitzero"` // exclusive
}

// Movement is an event that moved an account's balance.
type Movement struct {
	Account    Kind         `json:"account_kind"`
	AccountID  uuid.UUID    `json:"account_id"`
	PartnerID  uuid.UUID    `json:"partner_id"`
	At         time.Time    `json:"at"`          // when it took effect
	RecordedAt time.Time    `json:"recorded_at"` // when the ledger learned it
	Kind       string       `json:"kind"`
	Amount     domain.Money `json:"amount"`         // above 0 in the partner's favour
	Subject    uuid.UUID    `json:"subject"`        // what it is about: a sale, an adjustment, a payment
	Text       string       `json:"text,omitempty"` // a reason or reference
	Event      EventRef     `json:"event"`
}

// EventRef names an event.
type EventRef struct {
	Stream   string    `json:"stream"`
	Revision int64     `json:"revision"`
	EventID  uuid.UUID `json:"event_id"`
	Type     string    `json:"type"`
}

// Projection is the read model of partners' statements.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 2,
		Types:   listing.TypeNames(slices.Concat(rebate.Types(), mdf.BudgetTypes(), mdf.FundTypes()), takes),
		Open:    open,
		Apply:   apply,
	}
}

// accountsOf are the accounts that an event opens or changes. An aggregate is a line here, in movementsOf and in takes.
func (t *tables) accountsOf(e domain.Event) ([]Account, error) {
	ofFund, err := t.fundAccounts(e)
	return slices.Concat(rebateAccounts(e), ofFund), err
}

// movementsOf is what an event moves, also where that is nothing today.
func movementsOf(e domain.Event) []Movement {
	return slices.Concat(rebateMovements(e), fundMovements(e))
}

func takes(e domain.Event) bool {
	return len(movementsOf(e)) > 0 || len(rebateAccounts(e)) > 0 || opensFund(e)
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	accounts, err := t.accountsOf(e)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		t.accounts.Put(a.key(), &a)
	}
	for _, m := range movementsOf(e) {
		if m.Amount.Sign() == 0 {
			continue
		}
		if err := t.move(m, env); err != nil {
			return err
		}
	}
	return nil
}

// move keeps a movement on an account that is there: one that was opened later than what is asked for isn't.
func (t *tables) move(m Movement, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	a, err := t.accounts.Get(Account{Kind: m.Account, ID: id, Currency: m.Amount.Currency()}.key())
	if a == nil || err != nil {
		return err
	}
	m.AccountID, m.PartnerID, m.At, m.RecordedAt = id, a.PartnerID, env.EffectiveAt, env.RecordedAt
	m.Event = EventRef{Stream: env.Stream, Revision: env.Revision, EventID: env.EventID, Type: env.Type}
	t.movements.Put(m.key(), &m)
	return nil
}

// tables are the read model's.
type tables struct {
	budgets   *projections.Table[budget]
	accounts  *projections.Table[Account]
	movements *projections.Table[Movement]
}

func (a Account) key() string { return string(a.Kind) + "/" + a.ID.String() + "/" + a.Currency }

// key puts the movements of an account in the order of a statement: by when they took effect, then as they were recorded.
func (m Movement) key() string {
	return fmt.Sprintf("%s/%s/%s/%010d", m.Account, m.AccountID, ordered(m.At), m.Event.Revision)
}

// ordered is a moment as text of the same order.
func ordered(at time.Time) string { return fmt.Sprintf("%020d", listing.Moment(at)+1e17) }

func open(s *projections.Schema) *tables {
	return &tables{
		budgets: projections.NewTable[budget](s, "budgets"),
		accounts: projections.NewTable(s, "accounts",
			projections.Text("partner", func(a *Account) string { return a.PartnerID.String() }),
			projections.Text("kind", func(a *Account) string { return string(a.Kind) }),
			projections.Text("id", func(a *Account) string { return a.ID.String() }),
		).
			IndexOn("partner", "key"),
		movements: projections.NewTable(s, "movements",
			projections.Text("account", func(m *Movement) string {
				return Account{Kind: m.Account, ID: m.AccountID, Currency: m.Amount.Currency()}.key()
			}),
			projections.Text("partner", func(m *Movement) string { return m.PartnerID.String() }),
			projections.Int("at", func(m *Movement) int64 { return listing.Moment(m.At) }),
			projections.Int("minor", func(m *Movement) int64 { return m.Amount.Minor() }),
		).
			IndexOn("partner", "account", "key").
			IndexOn("account", "key"),
	}
}
