package account

import (
	"bytes"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

func (e AliasLinked) applyTo(a *Account, env domain.Envelope) {
	a.LinkedTo, a.Linked = e.AccountID, stepOf(env, e.Reason)
}

// LinkAlias says that two records are one customer. It is given on the one with the greater id, so that both orders of
// the same link meet in one stream; from then on that one takes no registration. The deals on it live on there.
type LinkAlias struct {
	AccountID uuid.UUID `json:"account_id"` // the greater id
	To        uuid.UUID `json:"to"`         // the other, which takes the registrations
	Reason    string    `json:"reason"`
}

func (LinkAlias) roles() []domain.Role { return keeperRoles() }

func (c LinkAlias) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c LinkAlias) decide(s *State, _ domain.Header, _ Facts) ([]Event, error) {
	if err := firstOf(
		s.known(c.AccountID),
		givenID("to", c.To),
		domain.AdmitText("reason", c.Reason, MaxReason),
	); err != nil {
		return nil, err
	}
	switch {
	case c.To == c.AccountID:
		return nil, domain.Invalid("to", "an account can't be linked to itself")
	case bytes.Compare(c.To[:], c.AccountID[:]) > 0:
		return nil, domain.Refuse("link_direction", "to", "the link belongs on account %s, which has the greater id", c.To)
	case s.Account.LinkedTo == c.To:
		return nil, nil
	case s.Account.LinkedTo != uuid.Nil:
		return nil, s.notLinked()
	}
	return []Event{AliasLinked{AccountID: c.To, Reason: c.Reason}}, nil
}

func (e CRMLinked) link() CRMLink { return CRMLink{System: e.System, Reference: e.Reference} }

func (e CRMLinked) apply(d *Deal, _ domain.Envelope) { d.CRM = append(d.CRM, e.link()) }

// LinkCRM says which record of another system the deal is. A deal may be several; a record is one deal of the account.
type LinkCRM struct {
	DealID    uuid.UUID `json:"deal_id"`
	System    string    `json:"system"`
	Reference string    `json:"reference"`
}

func (LinkCRM) roles() []domain.Role { return keeperRoles() }

func (c LinkCRM) dealID() uuid.UUID { return c.DealID }

func (c LinkCRM) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("system", c.System, MaxName),
		domain.AdmitText("reference", c.Reference, MaxReference),
		notBefore(h, "submission", d.Submitted.At),
	); err != nil {
		return nil, err
	}
	switch other, taken := s.crm[CRMLink{System: c.System, Reference: c.Reference}]; {
	case taken && other == d.ID:
		return nil, nil
	case taken:
		return nil, domain.Refuse("crm_reference_taken", "reference", "%s %q is deal %s already", c.System, c.Reference, other)
	}
	return []Event{CRMLinked(c)}, nil
}
