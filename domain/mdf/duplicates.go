package mdf

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// keyOf is what names and numbers are compared by: letters and digits, capitals or not.
func keyOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

func (i Invoice) key() string { return keyOf(i.Supplier) + "/" + keyOf(i.InvoiceNumber) }

func (i Invoice) amountKey() string { return i.InvoiceDate.String() + " " + i.Gross.String() }

func (s *FundState) index(c *Claim) {
	if c.Status != ClaimIsWithdrawn {
		s.byInvoice[c.key()] = append(s.byInvoice[c.key()], c.ID)
		s.byAmount[c.amountKey()] = append(s.byAmount[c.amountKey()], c.ID)
	}
}

func (s *FundState) unindex(c *Claim) {
	if c.ID != uuid.Nil && c.Status != ClaimIsWithdrawn {
		drop(s.byInvoice, c.key(), c.ID)
		drop(s.byAmount, c.amountKey(), c.ID)
	}
}

func drop(index map[string][]uuid.UUID, key string, id uuid.UUID) {
	rest := slices.DeleteFunc(index[key], func(other uuid.UUID) bool { return other == id })
	if index[key] = rest; len(rest) == 0 {
		delete(index, key)
	}
}

// noDuplicate refuses an invoice that another claim of the fund has, unless that one was withdrawn.
func (s *FundState) noDuplicate(claim uuid.UUID, i Invoice) error {
	for _, other := range s.byInvoice[i.key()] {
		if other != claim {
			return domain.Refuse("duplicate_invoice", "invoice_number", "claim %s has invoice %s of %s already", other, i.InvoiceNumber, i.Supplier)
		}
	}
	return nil
}

// looksLike are the fund's claims that look like an invoice, as another fund sees them.
func (s *FundState) looksLike(i Invoice) (found []Finding) {
	for _, id := range sorted(s.byInvoice[i.key()]) {
		found = append(found, s.findingOf(id, SameInvoice))
	}
	return append(found, s.sameAmount(i)...)
}

// sameAmount are the fund's claims of the invoice's date and amount under another number.
func (s *FundState) sameAmount(i Invoice) (found []Finding) {
	for _, id := range sorted(s.byAmount[i.amountKey()]) {
		if s.Claims[id].key() != i.key() {
			found = append(found, s.findingOf(id, SameAmount))
		}
	}
	return found
}

func sorted(ids []uuid.UUID) []uuid.UUID {
	return slices.SortedFunc(slices.Values(ids), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
}

func (s *FundState) findingOf(id uuid.UUID, rule DuplicateRule) Finding {
	c := s.Claims[id]
	return Finding{
		With: DuplicateOf{FundID: s.Fund.ID, ClaimID: id}, Rule: rule,
		Evidence: map[string]string{
			"supplier": c.Supplier, "invoice_number": c.InvoiceNumber, "invoice_date": c.InvoiceDate.String(),
			"gross": c.Gross.String(), "status": string(c.Status),
		},
	}
}

// duplicates are what a claim looks like by now: in its own fund and, by the facts, in the partner's others. Each has the
// id that it is recorded under.
func (s *FundState) duplicates(claim uuid.UUID, i Invoice, f FundFacts) (found []Finding) {
	for _, own := range s.sameAmount(i) {
		if own.With.ClaimID != claim {
			found = append(found, own)
		}
	}
	for _, e := range f.Elsewhere {
		found = append(found, e.Duplicates...)
	}
	for at := range found {
		found[at].ID = domain.DeriveID("mdf duplicate", claim.String(), string(found[at].Rule), found[at].With.ClaimID.String())
	}
	return found
}

// findings records what a claim looks like, as far as that isn't recorded on it yet.
func (s *FundState) findings(of OfClaim, i Invoice, known *Claim, f FundFacts) (events []FundEvent) {
	for _, d := range s.duplicates(of.ClaimID, i, f) {
		if known == nil || known.finding(d.ID) == nil {
			events = append(events, DuplicateFound{OfClaim: of, FindingID: d.ID, With: d.With, Rule: d.Rule, Evidence: d.Evidence})
		}
	}
	return events
}

// noObstacle refuses to approve a claim that looks like another one, until somebody says that it is none.
func (s *FundState) noObstacle(c *Claim, f FundFacts) error {
	const shown = 5
	var names []string
	for _, d := range s.duplicates(c.ID, c.Invoice, f) {
		if known := c.finding(d.ID); known == nil || !known.Override.Taken() {
			names = append(names, fmt.Sprintf("%s as claim %s of fund %s (finding %s)", d.Rule, d.With.ClaimID, d.With.FundID, d.ID))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return domain.Refuse("duplicate_claim", "claim_id", "%d findings stand in the way: %s",
		len(names), strings.Join(names[:min(shown, len(names))], "; "))
}

// OverrideDuplicate says that a claim is no duplicate, for the findings named. One that an approval was refused for, and
// that isn't recorded yet, is recorded with its override.
type OverrideDuplicate struct {
	ClaimID    uuid.UUID   `json:"claim_id"`
	FindingIDs []uuid.UUID `json:"finding_ids"` // 1 to 1000, none overridden yet
	Reason     string      `json:"reason"`
}

func (OverrideDuplicate) roles() []domain.Role { return financeRoles() }

func (c OverrideDuplicate) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, err := s.reviewed(c.ClaimID, h, "OverrideDuplicate", c.Reason)
	if err != nil {
		return nil, err
	}
	if len(c.FindingIDs) == 0 || len(c.FindingIDs) > MaxFindings {
		return nil, domain.Invalid("finding_ids", "want 1 to %d findings, not %d", MaxFindings, len(c.FindingIDs))
	}
	unrecorded := slices.DeleteFunc(s.findings(claim.of(), claim.Invoice, claim, f), func(e FundEvent) bool {
		return !slices.Contains(c.FindingIDs, e.(DuplicateFound).FindingID)
	})
	for at, id := range c.FindingIDs {
		path, known := fmt.Sprintf("finding_ids[%d]", at), claim.finding(id)
		isNew := slices.ContainsFunc(unrecorded, func(e FundEvent) bool { return e.(DuplicateFound).FindingID == id })
		switch {
		case slices.Contains(c.FindingIDs[:at], id):
			return nil, domain.Invalid(path, "%s is named twice", id)
		case known == nil && !isNew:
			return nil, domain.NotFound("finding_unknown", path, "the claim has no finding %s", id)
		case known != nil && known.Override.Taken():
			return nil, domain.Refuse("finding_overridden", path, "%s is overridden already", id)
		}
	}
	overridden := DuplicateOverridden{OfClaim: claim.of(), FindingIDs: c.FindingIDs, Reason: c.Reason}
	return append(unrecorded, overridden), nil
}

func (c OverrideDuplicate) elsewhere(own, other *FundState, _ policy.Rules) Elsewhere {
	return duplicatesOf(c.ClaimID, own, other)
}

func duplicatesOf(claim uuid.UUID, own, other *FundState) Elsewhere {
	c, ok := own.Claims[claim]
	if !ok {
		return Elsewhere{}
	}
	return Elsewhere{Duplicates: other.looksLike(c.Invoice)}
}
