package partner

import (
	"cmp"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// SellerEvent is an event about one of the partner's people.
type SellerEvent interface {
	Event
	Seller() uuid.UUID
}

// Seller is who it is about.
func (e SellerAdded) Seller() uuid.UUID { return e.SellerID }

// Seller is who it is about.
func (e SellerRemoved) Seller() uuid.UUID { return e.SellerID }

// Seller is who it is about.
func (e TrainingCompleted) Seller() uuid.UUID { return e.SellerID }

// Seller is who it is about.
func (e CertificationEarned) Seller() uuid.UUID { return e.SellerID }

// Seller is who it is about.
func (e CertificationExpired) Seller() uuid.UUID { return e.SellerID }

// AddSeller says that a person sells for the partner from then on: a new one, one who comes back, or, effective before the
// time known until now, one who was there earlier.
// Errors: a field is wrong; the partner isn't in the program; the person is a seller at that moment (seller_exists).
type AddSeller struct {
	SellerID uuid.UUID       `json:"seller_id,omitzero"` // zero: derived from the command
	Name     domain.Personal `json:"name"`               // at most 200 characters
	Email    domain.Personal `json:"email,omitempty"`    // at most 254 characters
}

func (AddSeller) admits() (string, []domain.Role) { return "add a seller", own }

func (c AddSeller) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := cmp.Or(domain.AdmitText("name", string(c.Name), maxText), checkEmail(string(c.Email))); err != nil {
		return nil, err
	}
	if err := p.mustBeIn(h, "add a seller"); err != nil {
		return nil, err
	}
	id := p.newID(h, c.SellerID, "seller")
	if p.SellerAt(id, h.EffectiveAt) {
		return nil, domain.Refuse("seller_exists", "seller_id", "seller %s is one of the partner's already", id)
	}
	if len(p.Sellers) >= maxSellers && p.seller(id) == nil {
		return nil, domain.Refuse("too_many", "", "at most %d sellers", maxSellers)
	}
	return []Event{SellerAdded{SellerID: id, Name: c.Name, Email: c.Email}}, nil
}

// RemoveSeller says that a person sells for the partner no longer.
// Errors: the person isn't a seller of the partner at that moment (seller).
type RemoveSeller struct {
	SellerID uuid.UUID `json:"seller_id"`
}

func (RemoveSeller) admits() (string, []domain.Role) { return "remove a seller", own }

func (c RemoveSeller) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if !p.SellerAt(c.SellerID, h.EffectiveAt) {
		return nil, domain.NotFound("seller", "seller_id", "%s is no seller of the partner at %s", c.SellerID, stamp(h.EffectiveAt))
	}
	return []Event{SellerRemoved(c)}, nil
}
