package dispute

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of remedies.
const (
	MaxRemedies = 20
	MaxShares   = 20
	MaxFindings = 100 // that one remedy overrides
)

// Remedy is one thing that is to be done, carried out on one stream. Its kind says which fields it has:
//
//	reassign              stream account-…, deal_id, partner_id, seller_id
//	split_credit          stream account-…, deal_id, shares
//	reinstate_protection  stream account-…, deal_id, protected_until
//	approve_claim         stream mdf_fund-…, claim_id, amount; input_tax where recoverable tax is paid along, fx where the fund
//	                      has another currency, reserve where the request has ended
//	undo_clawback         stream mdf_fund-… or rebate-…, clawback_id; claim_id in a fund
//	adjust_amount         stream rebate-…, amount: what is added; below 0 it is taken
//	set_tier              stream partner-…, tier
//	override_conflicts    stream account-…, deal_id, finding_ids
type Remedy struct {
	RemedyID       uuid.UUID    `json:"remedy_id,omitzero"` // given by the ledger
	Kind           RemedyKind   `json:"kind"`
	Stream         string       `json:"stream"` // that it is carried out on
	DealID         uuid.UUID    `json:"deal_id,omitzero"`
	PartnerID      uuid.UUID    `json:"partner_id,omitzero"` // whose deal it is from then on
	SellerID       uuid.UUID    `json:"seller_id,omitzero"`  // of that partner
	Shares         []Share      `json:"shares,omitempty"`
	ProtectedUntil time.Time    `json:"protected_until,omitzero"` // exclusive
	ClaimID        uuid.UUID    `json:"claim_id,omitzero"`
	ClawbackID     uuid.UUID    `json:"clawback_id,omitzero"`
	Amount         domain.Money `json:"amount,omitzero"`
	Reserve        domain.Money `json:"reserve,omitzero"`   // to be reserved anew, in the fund's currency
	InputTax       domain.Money `json:"input_tax,omitzero"` // paid along with the amount, in its currency; it draws no fund
	FX             FX           `json:"fx,omitzero"`        // of a claim in another currency than its fund's
	Tier           string       `json:"tier,omitempty"`
	FindingIDs     []uuid.UUID  `json:"finding_ids,omitempty"` // of the deal
	// AtOnce: it is carried out before the ruling is final; an appeal that overturns the ruling takes it back.
	AtOnce bool `json:"at_once,omitempty"`
}

// FX is what a claim in another currency is worth in its fund's.
type FX struct {
	Rate   domain.Rate `json:"rate"`   // units of the fund's currency for one of the claim's
	Source string      `json:"source"` // as in "ECB reference rate 2026-03-02"
}

// Share is one partner's part of a deal's credit.
type Share struct {
	PartnerID uuid.UUID   `json:"partner_id"`
	Share     domain.Rate `json:"share"` // above 0; those of a remedy sum to 1
}

// categories that a remedy of each kind is carried out on.
func (k RemedyKind) categories() []string {
	switch k {
	case RemedyReassign, RemedySplitCredit, RemedyReinstateProtection, RemedyOverrideConflicts:
		return []string{"account"}
	case RemedyApproveClaim:
		return []string{"mdf_fund"}
	case RemedyUndoClawback:
		return []string{"mdf_fund", "rebate"}
	case RemedyAdjustAmount:
		return []string{"rebate"}
	case RemedySetTier:
		return []string{"partner"}
	}
	return nil
}

// ordered checks what somebody wants to be done, and gives each its id. Remedies stay with the streams that the case is
// about, and with its parties.
func (c *Case) ordered(h domain.Header, f Facts, field string, remedies []Remedy) ([]Remedy, error) {
	if len(remedies) > MaxRemedies {
		return nil, domain.Invalid(field, "at most %d remedies", MaxRemedies)
	}
	var given []Remedy
	for i, r := range remedies {
		path := fmt.Sprintf("%s[%d]", field, i)
		if r.RemedyID != uuid.Nil {
			return nil, domain.Invalid(path+".remedy_id", "the ledger gives it: leave it out")
		}
		if err := domain.FirstOf(r.check(path), c.concerns(path, r), r.checkKnown(path, f)); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(remedies[:i], r.contradicts) {
			return nil, domain.Invalid(path, "another remedy does the same to the same thing")
		}
		if !r.ProtectedUntil.IsZero() {
			r.ProtectedUntil = r.ProtectedUntil.UTC().Truncate(time.Microsecond)
		}
		r.RemedyID = c.newID(h, fmt.Sprintf("remedy %d", i))
		given = append(given, r)
	}
	return given, nil
}

// concerns refuses a remedy on a stream that the case isn't about, or for somebody who is no party.
func (c *Case) concerns(path string, r Remedy) error {
	category, id, _ := domain.ParseStream(r.Stream)
	about := r.Stream == c.Subject.Stream || slices.Contains(c.Streams, r.Stream) || category == "partner" && c.IsParty(id)
	if !about {
		return domain.Refuse("stream_not_involved", path+".stream", "the case is not about %s", r.Stream)
	}
	if r.Kind == RemedyReassign && !c.IsParty(r.PartnerID) {
		return domain.Refuse("partner_not_party", path+".partner_id", "partner %s is no party", r.PartnerID)
	}
	for i, s := range r.Shares {
		if !c.IsParty(s.PartnerID) {
			return domain.Refuse("partner_not_party", fmt.Sprintf("%s.shares[%d].partner_id", path, i), "partner %s is no party", s.PartnerID)
		}
	}
	return nil
}

// contradicts reports whether two remedies do the same to one thing: the later would undo the earlier. Of one deal each
// finding is a thing by itself.
func (r Remedy) contradicts(other Remedy) bool {
	if r.Kind == RemedyOverrideConflicts && other.Kind == r.Kind {
		return slices.ContainsFunc(r.FindingIDs, func(id uuid.UUID) bool { return slices.Contains(other.FindingIDs, id) })
	}
	return r.Kind == other.Kind && r.Stream == other.Stream && r.DealID == other.DealID && r.ClaimID == other.ClaimID &&
		r.ClawbackID == other.ClawbackID
}

func (r Remedy) check(path string) error {
	if err := domain.AdmitOneOf(path+".kind", r.Kind, RemedyKinds()...); err != nil {
		return err
	}
	category, _, err := domain.ParseStream(r.Stream)
	if err != nil || !slices.Contains(r.Kind.categories(), category) {
		return domain.Invalid(path+".stream", "want the stream of %v that it is carried out on", r.Kind.categories())
	}
	if err := r.checkOnly(path, category); err != nil {
		return err
	}
	return r.checkTerms(path)
}

// checkOnly wants the fields of the kind, and no other.
func (r Remedy) checkOnly(path, category string) error {
	deal := slices.Contains(RemedyReassign.categories(), category)
	for _, f := range []struct {
		name   string
		wanted bool
		given  bool
		what   string
	}{
		{"deal_id", deal, r.DealID != uuid.Nil, "the deal"},
		{"partner_id", r.Kind == RemedyReassign, r.PartnerID != uuid.Nil, "the partner who gets the deal"},
		{"seller_id", r.Kind == RemedyReassign, r.SellerID != uuid.Nil, "who sells it for that partner"},
		{"shares", r.Kind == RemedySplitCredit, len(r.Shares) > 0, "each partner's part"},
		{"protected_until", r.Kind == RemedyReinstateProtection, !r.ProtectedUntil.IsZero(), "the end of the protection"},
		{"claim_id", category == "mdf_fund", r.ClaimID != uuid.Nil, "the claim"},
		{"clawback_id", r.Kind == RemedyUndoClawback, r.ClawbackID != uuid.Nil, "the claw-back"},
		{"amount", r.Kind == RemedyApproveClaim || r.Kind == RemedyAdjustAmount, !r.Amount.IsZero(), "an amount and its currency"},
		{"tier", r.Kind == RemedySetTier, r.Tier != "", "a tier"},
		{"finding_ids", r.Kind == RemedyOverrideConflicts, len(r.FindingIDs) > 0, "the findings that it lets stand"},
	} {
		switch {
		case f.wanted && !f.given:
			return domain.Invalid(path+"."+f.name, "%s needs %s", r.Kind, f.what)
		case f.given && !f.wanted:
			return domain.Invalid(path+"."+f.name, "%s has none", r.Kind)
		}
	}
	return nil
}

func (r Remedy) checkTerms(path string) error {
	switch {
	case r.Kind == RemedySplitCredit:
		return r.checkShares(path + ".shares")
	case r.Kind == RemedyApproveClaim && r.Amount.Sign() <= 0, r.Kind == RemedyAdjustAmount && r.Amount.Sign() == 0:
		return domain.Invalid(path+".amount", "want more than 0")
	case !r.Reserve.IsZero() && (r.Kind != RemedyApproveClaim || r.Reserve.Sign() <= 0):
		return domain.Invalid(path+".reserve", "want more than 0, and that only to approve a claim")
	case !r.InputTax.IsZero() && (r.Kind != RemedyApproveClaim || r.InputTax.Sign() <= 0):
		return domain.Invalid(path+".input_tax", "want more than 0, and that only to approve a claim")
	case r.FX != FX{}:
		return r.checkFX(path + ".fx")
	case r.Kind == RemedyOverrideConflicts:
		return r.checkFindings(path + ".finding_ids")
	}
	return domain.AdmitOptionalText(path+".tier", r.Tier, MaxName)
}

// checkFX wants a rate and where it is from. Whether the claim needs one, the fund says when the remedy is carried out.
func (r Remedy) checkFX(path string) error {
	switch {
	case r.Kind != RemedyApproveClaim:
		return domain.Invalid(path, "%s has none", r.Kind)
	case r.FX.Rate.Sign() <= 0:
		return domain.Invalid(path+".rate", "want how many of the fund's currency one %s is", r.Amount.Currency())
	}
	return domain.AdmitText(path+".source", r.FX.Source, MaxName)
}

func (r Remedy) checkFindings(path string) error {
	if len(r.FindingIDs) > MaxFindings {
		return domain.Invalid(path, "at most %d findings", MaxFindings)
	}
	for i, id := range r.FindingIDs {
		if id == uuid.Nil || slices.Contains(r.FindingIDs[:i], id) {
			return domain.Invalid(fmt.Sprintf("%s[%d]", path, i), "want each finding once")
		}
	}
	return nil
}

func (r Remedy) checkShares(path string) error {
	if len(r.Shares) < 2 || len(r.Shares) > MaxShares {
		return domain.Invalid(path, "want 2 to %d partners", MaxShares)
	}
	var sum domain.Rate
	for i, s := range r.Shares {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case s.PartnerID == uuid.Nil:
			return domain.Invalid(at+".partner_id", "must not be empty")
		case slices.ContainsFunc(r.Shares[:i], func(o Share) bool { return o.PartnerID == s.PartnerID }):
			return domain.Invalid(at+".partner_id", "the partner is there already")
		case s.Share.Sign() <= 0:
			return domain.Invalid(at+".share", "want more than 0")
		}
		var err error
		if sum, err = sum.Add(s.Share); err != nil {
			return domain.Invalid(at+".share", "%v", err)
		}
	}
	if sum.Compare(whole) != 0 {
		return domain.Invalid(path, "sum to %s, not to 1", sum)
	}
	return nil
}

var whole = domain.Must(domain.ParseRate("1"))
