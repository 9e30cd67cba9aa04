package account

import (
	"time"

	"github.com/channelledger/channelledger/domain/policy"
)

// liveRegistrations finds every registration of another partner on one of the lines that is submitted, returned or
// protected. Of those that wait only the ones submitted earlier count. A protection counts until it is over, also one
// that began later than a claim that is recorded late: their intervals would overlap.
func liveRegistrations(c Claim, s *State, _ Facts, at time.Time) (found []Finding) {
	for _, name := range c.Lines {
		l := s.line(keyOf(name))
		for _, rival := range l.pending {
			if rival.Place >= c.Place {
				break
			}
			if rival.PartnerID != c.PartnerID {
				found = append(found, c.pendingFinding(rival))
			}
		}
		for rival := range l.protectedAfter(at) {
			if rival.PartnerID != c.PartnerID {
				_, until := rival.Protection()
				found = append(found, c.protectedFinding(rival, until))
			}
		}
	}
	return found
}

func (c Claim) pendingFinding(rival *Deal) Finding {
	return c.finding(policy.RuleLiveRegistration, With{DealID: rival.ID}, map[string]string{
		"state":        "pending",
		"lines":        c.shared(rival.lineKeys()),
		"partner_id":   rival.PartnerID.String(),
		"submitted_at": stamp(rival.Submitted.At),
	})
}

func (c Claim) protectedFinding(rival *Deal, until time.Time) Finding {
	f := c.pendingFinding(rival)
	f.Evidence["state"] = "protected"
	f.Evidence["protected_until"] = stamp(until)
	if until.Equal(endless) {
		f.Evidence["protected_until"] = stamp(rival.ProtectedUntil)
		f.Evidence["extension"] = string(ExtensionPending)
	}
	return f
}

// ownedAccount finds that the vendor keeps the account for itself, as its owner at that moment says.
func ownedAccount(c Claim, s *State, _ Facts, at time.Time) []Finding {
	if o, _ := s.Account.Ownership.At(at); o.Owner == OwnerDirect || o.Owner == OwnerHouse {
		return []Finding{c.ownerFinding(o)}
	}
	return nil
}

func (c Claim) ownerFinding(o Ownership) Finding {
	evidence := map[string]string{"owner": string(o.Owner)}
	if o.Rep != "" {
		evidence["rep"] = o.Rep
	}
	return c.finding(policy.RuleOwnedAccount, With{Owner: o.Owner}, evidence)
}

// directOpportunities finds the vendor's own opportunities on one of the lines that were opened before the claim was
// submitted and are still open.
func directOpportunities(c Claim, s *State, _ Facts, _ time.Time) (found []Finding) {
	for _, name := range c.Lines {
		for _, o := range s.line(keyOf(name)).opportunities {
			if o.Opened.At.Before(c.PlacedAt) {
				found = append(found, c.opportunityFinding(o))
			}
		}
	}
	return found
}

func (c Claim) opportunityFinding(o *Opportunity) Finding {
	evidence := map[string]string{"lines": c.shared(o.lineKeys()), "opened_at": stamp(o.Opened.At)}
	if o.Reference != "" {
		evidence["reference"] = o.Reference
	}
	return c.finding(policy.RuleDirectOpportunity, With{OpportunityID: o.ID}, evidence)
}

// coolOff finds the partner's own registrations on one of the lines that expired within the policy's days before the claim
// was submitted, recorded as expired or not. One that was won or lost after all is no such thing.
func coolOff(c Claim, s *State, f Facts, _ time.Time) (found []Finding) {
	from := f.days(c.PlacedAt, -f.registration().ReregisterCoolOffDays)
	for _, name := range c.Lines {
		for own := range s.line(keyOf(name)).protectedAfter(from) {
			_, until := own.Protection()
			expired := (own.Status == StatusExpired || own.Status == StatusApproved) && !until.After(c.PlacedAt)
			if expired && own.PartnerID == c.PartnerID && own.ID != c.DealID {
				found = append(found, c.coolOffFinding(own, until))
			}
		}
	}
	return found
}

func (c Claim) coolOffFinding(own *Deal, expired time.Time) Finding {
	return c.finding(RuleCoolOff, With{DealID: own.ID}, map[string]string{
		"lines":      c.shared(own.lineKeys()),
		"expired_at": stamp(expired),
	})
}
