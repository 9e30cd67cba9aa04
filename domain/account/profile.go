package account

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
)

// Profile is a customer as others are compared with it to find out whether both are one. No id derives from it: how its
// forms are made may get better at any time.
type Profile struct {
	AccountID uuid.UUID `json:"account_id,omitzero"` // zero: a customer that isn't known yet
	Name      string    `json:"name"`                // as it was given
	Lookalike string    `json:"lookalike"`           // the name as it is compared
	Country   string    `json:"country,omitempty"`   // ISO 3166-1 alpha-2; empty: unknown
	Domain    string    `json:"domain,omitempty"`    // that nobody else has, as far as can be told
	TaxID     string    `json:"tax_id,omitempty"`    // COUNTRY:ID
}

// Profile is the customer as others are compared with it. What is wrong with the customer is left out.
func (c Customer) Profile() Profile {
	p := Profile{Name: c.Name, Lookalike: lookalike(c.Name)}
	p.Country, _ = countryCode(c.Country)
	if host, err := hostOf(c.Domain); err == nil {
		p.Domain = ownDomain(host)
	}
	p.TaxID = comparableTaxID(p.Country, c.TaxID)
	return p
}

// Profile is the account as others are compared with it.
func (a *Account) Profile() Profile {
	p := Customer{Name: a.Name, Domain: a.Domain, Country: a.Country, TaxID: a.TaxID}.Profile()
	p.AccountID = a.ID
	return p
}

// ownDomain is the domain that two records of one customer share. It goes beyond registrableDomain, which makes ids: below
// a suffix that the frozen list doesn't know, such as a new one, it takes the last two labels (the algorithm's rule *), and
// below one that a company runs for its customers the customer's own name.
func ownDomain(host string) string {
	if registrable, ok := registrableDomain(host); ok {
		return registrable
	}
	labels := strings.Split(host, ".")
	section, from := publicSuffix(labels)
	if section == noRule {
		from = len(labels) - 1
	}
	if section == icann || from < 1 {
		return ""
	}
	for i := range from {
		if sharedDomains()[strings.Join(labels[i:], ".")] {
			return ""
		}
	}
	return strings.Join(labels[from-1:], ".")
}

// comparableTaxID is COUNTRY:ID. Where the country isn't known a VAT number names it.
func comparableTaxID(country, taxID string) string {
	text := strings.ToUpper(strings.TrimSpace(taxID))
	if country == "" && len(text) > 2 && isCapital(text[0]) && isCapital(text[1]) {
		country, _ = countryCode(text[:2])
	}
	id, ok := normalTaxID(country, taxID)
	if !ok || country == "" {
		return ""
	}
	return country + ":" + id
}

// Lengths of the pieces of a name that an index goes by, in letters.
const (
	headKey = 3
	tailKey = 4
)

// Keys are what an index finds candidates by: two customers that any rule takes for one share a key. For names that is the
// country with the first three letters or with the last four: names that differ in both have too little in common to be
// similar, unless a policy's threshold is far below the default.
func (p Profile) Keys() (keys []string) {
	if p.Domain != "" {
		keys = append(keys, "domain:"+p.Domain)
	}
	if p.TaxID != "" {
		keys = append(keys, "tax:"+p.TaxID)
	}
	if letters := []rune(p.Lookalike); len(letters) > 0 {
		keys = append(keys,
			"head:"+p.Country+":"+string(letters[:min(headKey, len(letters))]),
			"tail:"+p.Country+":"+string(letters[max(0, len(letters)-tailKey):]))
	}
	return keys
}

// Match is a reason to take two records for one customer.
type Match struct {
	Rule     policy.ConflictRule `json:"rule"`
	Score    int                 `json:"score"` // ten-thousandths, 1 to 10000
	Evidence map[string]string   `json:"evidence"`
}

// Holds reports whether the reason is good enough: an exact one always is, a similar name from the threshold on, which is
// in ten-thousandths.
func (m Match) Holds(threshold int) bool {
	return m.Rule != policy.RuleSimilarName || m.Score >= threshold
}

// otherAccount is the evidence that names the record which was alike, where the rival stands on one that it is linked to.
const otherAccount = "other_account_id"

// Compare are the reasons to take two customers for one, each of whom may be kept as several records that are linked. Of
// each rule it is the best, of equals the first. Similar names are told whatever their score: see Match.Holds.
// Source: domain.md section 4, "Further rules".
func Compare(a, b []Profile) (matches []Match) {
	best := map[policy.ConflictRule]Match{}
	for _, x := range a {
		for _, y := range b {
			for _, m := range x.compare(y) {
				if m.Score > best[m.Rule].Score {
					best[m.Rule] = m
				}
			}
		}
	}
	for _, rule := range []policy.ConflictRule{policy.RuleSameDomain, policy.RuleSameTaxID, policy.RuleSimilarName} {
		if m, ok := best[rule]; ok {
			matches = append(matches, m)
		}
	}
	return matches
}

func (p Profile) compare(other Profile) (matches []Match) {
	add := func(rule policy.ConflictRule, score int, what, value string) {
		evidence := map[string]string{what: value, "other_name": other.Name}
		if other.AccountID != uuid.Nil {
			evidence[otherAccount] = other.AccountID.String()
		}
		matches = append(matches, Match{Rule: rule, Score: score, Evidence: evidence})
	}
	if p.Domain != "" && p.Domain == other.Domain {
		add(policy.RuleSameDomain, exactly, "domain", p.Domain)
	}
	if p.TaxID != "" && p.TaxID == other.TaxID {
		add(policy.RuleSameTaxID, exactly, "tax_id", p.TaxID)
	}
	if p.Country == other.Country && p.Lookalike != "" && other.Lookalike != "" {
		if score := nameScore(p.Lookalike, other.Lookalike); score > 0 {
			add(policy.RuleSimilarName, score, "name", p.Name)
		}
	}
	return matches
}

// Linked is the reason to take two records for one customer that somebody linked.
func Linked() Match {
	return Match{Rule: policy.RuleLiveRegistration, Score: exactly, Evidence: map[string]string{"linked": "true"}}
}

// scoreText is a score as events show it: a decimal from 0 to 1 without noughts at its end.
func scoreText(score int) string {
	if score >= exactly {
		return "1"
	}
	text := strings.TrimRight(fmt.Sprintf("0.%04d", score), "0")
	return strings.TrimSuffix(text, ".")
}
