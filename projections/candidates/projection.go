package candidates

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "candidates"

// Projection is the read model of candidates. Its version goes up with the forms that account.Profile compares.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 1,
		Types:   listing.TypeNames(account.Types(), takes),
		Open:    open,
		Apply:   apply,
	}
}

func takes(e domain.Event) bool {
	switch e.(type) {
	case account.Identified, account.AliasLinked, account.DealRegistered:
		return true
	}
	return false
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case account.Identified:
		return t.identify(id, e)
	case account.AliasLinked:
		return t.link(id, e.AccountID)
	case account.DealRegistered:
		return t.records.Update(id.String(), func(r *record) { r.of(id); r.Registered = true })
	default:
		return fmt.Errorf("%T says nothing about who a customer is", e)
	}
}

func (t *tables) identify(id uuid.UUID, e account.Identified) error {
	profile := account.Customer{Name: e.Name, Domain: e.Domain, Country: e.Country, TaxID: e.TaxID}.Profile()
	profile.AccountID = id
	for _, key := range profile.Keys() {
		t.lookups.Put(key+" "+id.String(), &lookup{Key: key, Profile: profile})
	}
	return t.records.Update(id.String(), func(r *record) { r.of(id); r.Profile = profile })
}

// link moves the records of a customer to those of another.
func (t *tables) link(alias, to uuid.UUID) error {
	from, err := t.customer(alias)
	if err != nil {
		return err
	}
	into, err := t.customer(to)
	if err != nil || from.ID == into.ID {
		return err
	}
	for _, id := range from.Records {
		if err := t.records.Update(id.String(), func(r *record) { r.of(id); r.Customer = into.ID }); err != nil {
			return err
		}
	}
	if err := t.records.Update(into.ID.String(), func(r *record) { r.of(into.ID) }); err != nil {
		return err
	}
	into.Records = append(into.Records, from.Records...)
	t.customers.Delete(from.ID.String())
	t.customers.Put(into.ID.String(), into)
	return nil
}

// customer is whose record an account is: by itself one of its own.
func (t *tables) customer(id uuid.UUID) (*customer, error) {
	r, err := t.records.Get(id.String())
	if err != nil {
		return nil, err
	}
	if r != nil {
		id = r.Customer
	}
	c, err := t.customers.Get(id.String())
	if c == nil {
		c = &customer{ID: id, Records: []uuid.UUID{id}}
	}
	return c, err
}

// tables are the read model's.
type tables struct {
	records   *projections.Table[record]
	lookups   *projections.Table[lookup]
	customers *projections.Table[customer]
}

// record is one account.
type record struct {
	ID         uuid.UUID       `json:"id"`
	Customer   uuid.UUID       `json:"customer"`   // the account that it was linked to in the end; by default itself
	Registered bool            `json:"registered"` // somebody registered a deal on it
	Profile    account.Profile `json:"profile"`
}

func (r *record) of(id uuid.UUID) {
	if r.ID == uuid.Nil {
		r.ID, r.Customer = id, id
	}
}

// lookup finds an account by one of its keys.
type lookup struct {
	Key     string          `json:"key"`
	Profile account.Profile `json:"profile"`
}

// customer is several records that were linked.
type customer struct {
	ID      uuid.UUID   `json:"id"`
	Records []uuid.UUID `json:"records"`
}

func open(s *projections.Schema) *tables {
	return &tables{
		records:   projections.NewTable[record](s, "records"),
		lookups:   projections.NewTable(s, "lookups", projections.Text("lookup", func(l *lookup) string { return l.Key }).Indexed()),
		customers: projections.NewTable[customer](s, "customers"),
	}
}
