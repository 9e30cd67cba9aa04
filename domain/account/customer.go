package account

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Account is the customer itself: who it is, who sells to it, what the vendor sells to it directly. Like Deal it is the one
// definition of how it changes, for the account's state and for the read models.
type Account struct {
	ID            uuid.UUID                  `json:"id"`
	Key           string                     `json:"key"` // the identity that the id derives from
	Name          string                     `json:"name"`
	Domain        string                     `json:"domain,omitempty"`
	Country       string                     `json:"country,omitempty"`
	TaxID         string                     `json:"tax_id,omitempty"`
	Identified    Step                       `json:"identified,omitzero"`
	Ownership     domain.Dated[Ownership]    `json:"ownership"`
	Preference    domain.Dated[Preference]   `json:"preference,omitzero"`
	Opportunities map[uuid.UUID]*Opportunity `json:"opportunities,omitempty"`
	LinkedTo      uuid.UUID                  `json:"linked_to,omitzero"` // the record of the same customer that takes the registrations
	Linked        Step                       `json:"linked,omitzero"`
	Revision      int64                      `json:"revision"` // of the last event about the account itself
	EventID       uuid.UUID                  `json:"event_id"`
}

// Apply folds one event into the account. Events come in recorded order, and those that took effect after the moment asked
// for are left out.
func (a *Account) Apply(e CustomerEvent, env domain.Envelope) {
	e.applyTo(a, env)
	a.Revision, a.EventID = env.Revision, env.EventID
}

func (e Identified) applyTo(a *Account, env domain.Envelope) {
	a.ID, a.Key, a.Name, a.Domain, a.Country, a.TaxID = e.AccountID, e.Key, e.Name, e.Domain, e.Country, e.TaxID
	a.Identified = stepOf(env, "")
}

func (s *State) applyAccount(e CustomerEvent, env domain.Envelope) {
	s.Account.Apply(e, env)
	switch e := e.(type) {
	case DirectOpportunityOpened:
		s.indexOpportunity(s.Account.Opportunities[e.OpportunityID])
	case DirectOpportunityClosed:
		s.unindexOpportunity(s.Account.Opportunities[e.OpportunityID])
	}
}

// Customer says who the end customer is.
type Customer struct {
	Name    string `json:"name"`
	Domain  string `json:"domain,omitempty"`  // a host name, URL or e-mail address
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2; needed where the domain is no identity
	TaxID   string `json:"tax_id,omitempty"`
}

// Identity is who the customer is. Errors: as of Identify.
func (c Customer) Identity() (Identity, error) { return Identify(c.Name, c.Domain, c.Country, c.TaxID) }

// IdentifyAccount makes a customer known before anybody registers a deal on it. Known already, it records nothing.
type IdentifyAccount struct {
	Customer Customer `json:"customer"`
}

func (IdentifyAccount) roles() []domain.Role { return keeperRoles() }

func (c IdentifyAccount) accountID() (uuid.UUID, error) { return customerID(c.Customer) }

func (c IdentifyAccount) decide(s *State, _ domain.Header, _ Facts) ([]Event, error) {
	_, identified, err := s.identify(uuid.Nil, c.Customer)
	return identified, err
}

func customerID(c Customer) (uuid.UUID, error) {
	identity, err := c.Identity()
	if err != nil {
		return uuid.Nil, under("customer", err)
	}
	return identity.AccountID, nil
}

// identify is the account that a command is for, and the event that makes it known where it isn't yet.
func (s *State) identify(id uuid.UUID, c Customer) (uuid.UUID, []Event, error) {
	if c == (Customer{}) && id != uuid.Nil {
		return id, nil, s.known(id)
	}
	identity, err := c.Identity()
	switch {
	case err != nil:
		return uuid.Nil, nil, under("customer", err)
	case id != uuid.Nil && id != identity.AccountID:
		return uuid.Nil, nil, domain.Refuse("account_mismatch", "account_id", "the customer is account %s", identity.AccountID)
	case s.Account.ID == identity.AccountID:
		return s.Account.ID, nil, nil
	case s.Account.ID != uuid.Nil:
		return uuid.Nil, nil, domain.Refuse("account_mismatch", "customer", "the customer is account %s", identity.AccountID)
	}
	return identity.AccountID, []Event{Identified{
		AccountID: identity.AccountID, Key: identity.Key,
		Name: c.Name, Domain: c.Domain, Country: c.Country, TaxID: c.TaxID,
	}}, nil
}

// known refuses a command on an account that nobody has identified.
func (s *State) known(id uuid.UUID) error {
	if s.Account.ID == uuid.Nil || s.Account.ID != id {
		return domain.NotFound("account_unknown", "account_id", "there is no account %s", id)
	}
	return nil
}

// notLinked refuses what belongs on the other record of the customer.
func (s *State) notLinked() error {
	if s.Account.LinkedTo != uuid.Nil {
		return domain.Refuse("account_linked", "account_id", "the customer is kept as account %s: use that one", s.Account.LinkedTo)
	}
	return nil
}
