package account

import (
	"slices"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain/policy"
)

// outsideTerritory finds that the customer's country is in none of the partner's territories. A partner without any may
// sell anywhere, and of a customer without a country nothing is found.
func outsideTerritory(c Claim, s *State, f Facts, _ time.Time) []Finding {
	country, err := countryCode(orDefault(s.Account.Country, c.Customer.Country))
	if err != nil || country == "" || f.Partner.PartnerID != c.PartnerID {
		return nil
	}
	if len(f.Partner.Countries) == 0 || slices.Contains(f.Partner.Countries, country) {
		return nil
	}
	return []Finding{c.finding(policy.RuleOutsideTerritory, With{}, map[string]string{
		"country":     country,
		"territories": strings.Join(slices.Compact(slices.Sorted(slices.Values(f.Partner.Countries))), ", "),
	})}
}
