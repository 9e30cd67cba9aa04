package account

import (
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a customer's identity, in characters.
const (
	maxHostText = 300
	maxTaxID    = 50
)

// Identity is who a customer is, and the account id that derives from it. Frozen: it never changes for equal input.
type Identity struct {
	Key       string // domain:<registrable domain>, tax:<country>:<id> or name:<country>:<normalised name>
	AccountID uuid.UUID
}

// Identify tells customers apart: by their registrable domain; else by country and tax id; else by country and name.
//
// Free mail and domains that many share say nothing about who somebody is, nor do hosts below a suffix that a company runs
// for its customers (the public suffix list's private section); then the next identity is taken. The domain may be a host
// name, a URL or an e-mail address. The country is ISO 3166-1 alpha-2.
// Errors: a Rejection of kind Invalid on name, domain, country or tax_id.
// Source: domain.md section 4.
func Identify(name, domainText, country, taxID string) (Identity, error) {
	if err := firstOf(domain.AdmitText("name", name, MaxName), optionalText("tax_id", taxID, maxTaxID)); err != nil {
		return Identity{}, err
	}
	code, err := countryCode(country)
	if err != nil {
		return Identity{}, err
	}
	host, err := hostOf(domainText)
	if err != nil {
		return Identity{}, err
	}
	if registrable, ok := registrableDomain(host); ok {
		return identity("domain:" + registrable), nil
	}
	if code == "" {
		return Identity{}, domain.Invalid("country", "needed, since no domain of its own says who the customer is")
	}
	if id, ok := normalTaxID(code, taxID); ok {
		return identity("tax:" + code + ":" + id), nil
	}
	return identity("name:" + code + ":" + normalName(name)), nil
}

func identity(key string) Identity {
	return Identity{Key: key, AccountID: domain.DeriveID("account", key)}
}

// countryCode is the code in capitals; UK and EL are in common use for GB and GR.
func countryCode(country string) (string, error) {
	code := strings.ToUpper(strings.TrimSpace(country))
	switch {
	case code == "":
		return "", nil
	case len(code) != 2 || !isCapital(code[0]) || !isCapital(code[1]):
		return "", domain.Invalid("country", "want two letters as of ISO 3166-1, such as DE, not %.20q", country)
	case code == "UK":
		return "GB", nil
	case code == "EL":
		return "GR", nil
	}
	return code, nil
}

func isCapital(b byte) bool { return 'A' <= b && b <= 'Z' }

// normalTaxID is the id in capitals without punctuation and without the country in front, as VAT numbers have it. Texts
// with fewer than three digits, or with noughts only, are no tax ids.
func normalTaxID(country, taxID string) (string, bool) {
	digits, significant := 0, false
	id := strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			digits, significant = digits+1, significant || r != '0'
			return r
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r
		}
		return -1
	}, taxID)
	return withoutVATMarks(country, id), digits >= 3 && significant
}

// withoutVATMarks takes off what a VAT number has around the tax id: the country in front, which is EL for Greece, and
// Switzerland's word for VAT behind.
func withoutVATMarks(country, id string) string {
	switch country {
	case "GR":
		return strings.TrimPrefix(id, "EL")
	case "CH":
		for _, word := range []string{"MWST", "TVA", "IVA"} {
			id = strings.TrimSuffix(id, word)
		}
	}
	return strings.TrimPrefix(id, country)
}
