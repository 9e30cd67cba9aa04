package dispute

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// ProposeSettlement offers to end the case. Its terms are remedies, carried out once every other party agreed. Where the
// vendor is no party, they can only be about whose deal it is; where the vendor pays, its finance speaks for it.
// Errors: a field is wrong; the terms bind the vendor, who is no party (vendor_not_party); the vendor's actor may not promise
// money (role); too many offers.
type ProposeSettlement struct {
	Text  string   `json:"text"`
	Terms []Remedy `json:"terms,omitempty"`
}

func (ProposeSettlement) roles() []domain.Role { return bindingRoles() }

func (ProposeSettlement) in() []Status { return []Status{StatusOpen, StatusRuled, StatusAppealed} }

func (c ProposeSettlement) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	by, err := s.party(h, "ProposeSettlement")
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitText("text", c.Text, MaxText); err != nil {
		return nil, err
	}
	terms, err := s.ordered(h, f, "terms", c.Terms)
	if err != nil {
		return nil, err
	}
	for i, r := range terms {
		switch {
		case r.AtOnce:
			return nil, domain.Invalid(fmt.Sprintf("terms[%d].at_once", i), "a settlement is final as soon as it is accepted")
		case !s.VendorIsParty() && r.Kind != RemedyReassign && r.Kind != RemedySplitCredit:
			return nil, domain.Refuse("vendor_not_party", fmt.Sprintf("terms[%d].kind", i), "%s binds the vendor, who is no party", r.Kind)
		}
	}
	if err := mayPromise(h, "ProposeSettlement", by, terms); err != nil {
		return nil, err
	}
	return []Event{SettlementProposed{SettlementID: s.newID(h, "settlement"), By: by, Text: c.Text, Terms: terms}}, nil
}

// mayPromise holds that only finance promises the vendor's money.
func mayPromise(h domain.Header, action string, by Party, terms []Remedy) error {
	if by.Vendor && slices.ContainsFunc(terms, func(r Remedy) bool { return r.Kind.movesMoney() }) {
		return h.Actor.Allow(action+" with money", domain.Finance)
	}
	return nil
}

// AcceptSettlement agrees to the last offer. Once every party but its own did, the case is final on its terms.
// Errors: there is no such offer, or another took its place (settlement_unknown); the party made it, or agreed already
// (settlement_agreed).
type AcceptSettlement struct {
	SettlementID uuid.UUID `json:"settlement_id"`
}

func (AcceptSettlement) roles() []domain.Role { return bindingRoles() }

func (AcceptSettlement) in() []Status { return []Status{StatusOpen, StatusRuled, StatusAppealed} }

func (c AcceptSettlement) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	by, err := s.party(h, "AcceptSettlement")
	if err != nil {
		return nil, err
	}
	offer := s.Settlement
	switch {
	case offer == nil || offer.SettlementID != c.SettlementID:
		return nil, domain.NotFound("settlement_unknown", "settlement_id", "there is no such offer, or another took its place")
	case by == offer.By || slices.Contains(offer.Accepted, by):
		return nil, domain.Refuse("settlement_agreed", "settlement_id", "the party agrees already")
	}
	if err := mayPromise(h, "AcceptSettlement", by, offer.Terms); err != nil {
		return nil, err
	}
	events := []Event{SettlementAccepted{SettlementID: offer.SettlementID, By: by}}
	if len(offer.Accepted)+2 == len(s.Parties()) {
		events = append(events, s.final(OutcomeSettled, FinalBySettlement, offer.Terms, true))
	}
	return events, nil
}

// Withdraw gives up the dispute: its claimant does while it is open. On appeal, whoever appealed gives up the appeal, and
// the ruling stands.
// Errors: another party asks (not_the_claimant, not_the_appellant).
type Withdraw struct {
	Reason string `json:"reason"`
}

func (Withdraw) roles() []domain.Role { return bindingRoles() }

func (Withdraw) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (c Withdraw) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	by, err := s.party(h, "Withdraw")
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	if s.Status == StatusAppealed {
		if by != s.Appeal.By {
			return nil, domain.Forbid("not_the_appellant", "Withdraw: another party appealed")
		}
		return []Event{Withdrawn{By: by, Appeal: true, Reason: c.Reason}, s.final(s.Outcome, FinalByWithdrawal, nil, false)}, nil
	}
	if by != s.Claimant {
		return nil, domain.Forbid("not_the_claimant", "Withdraw: another party opened the dispute")
	}
	return []Event{Withdrawn{By: by, Reason: c.Reason}, s.final(OutcomeWithdrawn, FinalByWithdrawal, nil, true)}, nil
}
