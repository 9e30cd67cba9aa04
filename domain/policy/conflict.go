package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// ConflictRule names a reason why a registration conflicts with something; each finding carries one.
type ConflictRule string

// The rules of conflict, in the order they are looked at (domain.md section 4).
const (
	// RuleLiveRegistration: another partner's submitted, returned or protected registration on the account and line.
	RuleLiveRegistration ConflictRule = "live_registration"
	// RuleOwnedAccount: the account is sold to directly, or is a house account.
	RuleOwnedAccount ConflictRule = "owned_account"
	// RuleDirectOpportunity: the vendor's own opportunity on the line was opened earlier and is still open.
	RuleDirectOpportunity ConflictRule = "direct_opportunity"
	// RuleCustomerPreference: the customer said in writing that it wants another partner, or the vendor.
	RuleCustomerPreference ConflictRule = "customer_preference"
	// RuleSameDomain: another account has the registrable domain.
	RuleSameDomain ConflictRule = "same_domain"
	// RuleSameTaxID: another account has the tax id.
	RuleSameTaxID ConflictRule = "same_tax_id"
	// RuleSimilarName: another account of the country has a similar name.
	RuleSimilarName ConflictRule = "similar_name"
	// RuleOutsideTerritory: the customer is outside the partner's territories.
	RuleOutsideTerritory ConflictRule = "outside_territory"
)

// ConflictRules lists every rule, in order.
func ConflictRules() []ConflictRule {
	return []ConflictRule{
		RuleLiveRegistration, RuleOwnedAccount, RuleDirectOpportunity, RuleCustomerPreference,
		RuleSameDomain, RuleSameTaxID, RuleSimilarName, RuleOutsideTerritory,
	}
}

// Conflict says when names are similar, and which findings stand in the way of an approval until they are overridden; the
// others are warnings.
type Conflict struct {
	Similarity string         `json:"similarity"` // Jaro-Winkler, decimal in (0, 1], at most 4 decimals; from it on similar
	Blocking   []ConflictRule `json:"blocking"`
}

// DefaultConflict takes names as similar from 0.92 on; every rule blocks but a customer outside the territory, which is a warning.
func DefaultConflict() Conflict {
	rules := ConflictRules()
	return Conflict{Similarity: "0.92", Blocking: rules[:len(rules)-1]}
}

// Kind is conflict.
func (Conflict) Kind() Kind { return KindConflict }

// Blocks reports whether a finding of the rule keeps a registration from being approved unless it is overridden.
func (c Conflict) Blocks(rule ConflictRule) bool { return slices.Contains(c.Blocking, rule) }

// Threshold is the similarity in ten-thousandths, 1 to 10000: 0.92 is 9200. Zero for a body that isn't valid.
func (c Conflict) Threshold() int {
	if !unitDecimal.MatchString(c.Similarity) {
		return 0
	}
	whole, fraction, _ := strings.Cut(c.Similarity, ".")
	n, err := strconv.Atoi(whole + (fraction + "0000")[:4])
	if err != nil {
		return 0 // five digits at most, so it can't happen
	}
	return n
}

// unitDecimal: 0 to 1, without exponent, with at most 4 decimals.
var unitDecimal = regexp.MustCompile(`^(0(\.\d{1,4})?|1(\.0{1,4})?)$`)

// Validate refuses a similarity outside (0, 1], unknown and repeated rules, and a policy under which another partner's
// live registration wouldn't block: exclusivity is what a registration is for.
func (c Conflict) Validate() error {
	if c.Threshold() == 0 {
		return domain.Invalid("similarity", "want a decimal above 0 and up to 1 with at most 4 decimals, as in 0.92")
	}
	for i, rule := range c.Blocking {
		path := fmt.Sprintf("blocking[%d]", i)
		if !slices.Contains(ConflictRules(), rule) {
			return domain.Invalid(path, "unknown rule %q: want one of %v", rule, ConflictRules())
		}
		if slices.Contains(c.Blocking[:i], rule) {
			return domain.Invalid(path, "%s is named twice", rule)
		}
	}
	if !c.Blocks(RuleLiveRegistration) {
		return domain.Invalid("blocking", "must hold %s: exclusivity is no option", RuleLiveRegistration)
	}
	return nil
}
