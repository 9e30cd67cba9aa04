package account

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxInfluences bounds how much help a deal can have had, what was revoked included.
const MaxInfluences = 100

// Influence is another partner's help with a deal. It counts unless it was revoked.
type Influence struct {
	PartnerID uuid.UUID     `json:"partner_id"`
	Role      InfluenceRole `json:"role"`
	Note      string        `json:"note,omitempty" partner:"internal"`
	Recorded  Step          `json:"recorded"`
	Revoked   Step          `json:"revoked,omitzero"`
}

// Counts reports whether nobody revoked it.
func (i Influence) Counts() bool { return !i.Revoked.Taken() }

// Influencers are the partners whose help counts, each once, as they were recorded.
func (d *Deal) Influencers() (partners []uuid.UUID) {
	for _, i := range d.Influences {
		if i.Counts() && !slices.Contains(partners, i.PartnerID) {
			partners = append(partners, i.PartnerID)
		}
	}
	return partners
}

// influence is the partner's help in that role which counts, or nil.
func (d *Deal) influence(partner uuid.UUID, role InfluenceRole) *Influence {
	at := slices.IndexFunc(d.Influences, func(i Influence) bool {
		return i.PartnerID == partner && i.Role == role && i.Counts()
	})
	if at < 0 {
		return nil
	}
	return &d.Influences[at]
}

func (e InfluenceRecorded) apply(d *Deal, env domain.Envelope) {
	d.Influences = append(d.Influences, Influence{PartnerID: e.PartnerID, Role: e.Role, Note: e.Note, Recorded: stepOf(env, "")})
}

func (e InfluenceRevoked) apply(d *Deal, env domain.Envelope) {
	if i := d.influence(e.PartnerID, e.Role); i != nil {
		i.Revoked = stepOf(env, e.Reason)
	}
}

// RecordInfluence says that another partner helped to sell the deal; the vendor's people judge that. It may come after the
// win. Once for each partner and role: the same again is refused, unless it was revoked.
// Errors: a field is wrong; the deal is the partner's own (own_deal), or it has a part of its credit, which no metric counts
// beside its help (own_credit); nothing is sold (wrong_status); it is recorded already (influence_recorded).
type RecordInfluence struct {
	DealID    uuid.UUID     `json:"deal_id"`
	PartnerID uuid.UUID     `json:"partner_id"` // known in the program; neither the deal's own, nor with a part of its credit
	Role      InfluenceRole `json:"role"`
	Note      string        `json:"note,omitempty"` // what it did
}

func (RecordInfluence) roles() []domain.Role { return keeperRoles() }

func (c RecordInfluence) dealID() uuid.UUID { return c.DealID }

func (c RecordInfluence) partnerID() uuid.UUID { return c.PartnerID }

// credits reports whether a ruling or settlement gives the partner a part of what the deal brings.
func (d *Deal) credits(partner uuid.UUID) bool {
	return slices.ContainsFunc(d.Credit, func(s CreditShare) bool { return s.PartnerID == partner })
}

func (c RecordInfluence) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		givenID("partner_id", c.PartnerID),
		oneOf("role", c.Role, InfluenceRoles()...),
		optionalText("note", c.Note, MaxReason),
		f.known(c.PartnerID),
		notBefore(h, "submission", d.Submitted.At),
	); err != nil {
		return nil, err
	}
	switch {
	case c.PartnerID == d.PartnerID:
		return nil, domain.Refuse("own_deal", "partner_id", "the deal is the partner's own: only others' help is influence")
	case d.credits(c.PartnerID):
		return nil, domain.Refuse("own_credit", "partner_id", "the partner has a part of the deal's credit: that is what its help is worth")
	case d.Status == StatusRejected || d.Status == StatusWithdrawn:
		return nil, domain.Refuse("wrong_status", "deal_id", "the deal is %s: nothing is sold that anybody could help with", d.Status)
	case d.influence(c.PartnerID, c.Role) != nil:
		return nil, domain.Refuse("influence_recorded", "role", "that the partner helped as %s is recorded already", c.Role)
	case len(d.Influences) >= MaxInfluences:
		return nil, domain.Refuse("too_many", "deal_id", "a deal takes at most %d records of influence", MaxInfluences)
	}
	return []Event{InfluenceRecorded(c)}, nil
}

// RevokeInfluence says that a partner did not help in that role after all: it was recorded by mistake, or without proof.
type RevokeInfluence struct {
	DealID    uuid.UUID     `json:"deal_id"`
	PartnerID uuid.UUID     `json:"partner_id"`
	Role      InfluenceRole `json:"role"`
	Reason    string        `json:"reason"`
}

func (RevokeInfluence) roles() []domain.Role { return keeperRoles() }

func (c RevokeInfluence) dealID() uuid.UUID { return c.DealID }

func (c RevokeInfluence) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	i := d.influence(c.PartnerID, c.Role)
	if i == nil {
		return nil, domain.NotFound("influence_unknown", "partner_id", "no help of partner %s as %.50s is recorded", c.PartnerID, c.Role)
	}
	if err := notBefore(h, "influence", i.Recorded.At); err != nil {
		return nil, err
	}
	return []Event{InfluenceRevoked(c)}, nil
}
