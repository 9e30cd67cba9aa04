package partner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a command's input and of what one partner holds.
const (
	maxText       = 200 // characters
	maxReason     = 2000
	maxName       = 100
	maxEmail      = 254 // RFC 5321
	maxDomain     = 253 // RFC 1035
	maxList       = 100 // territories, verticals
	maxSteps      = 100
	maxAgreements = 500
	maxSellers    = 10_000
	maxGraces     = 500
	maxWaivers    = 500
	maxFailing    = 20 // criteria of one grace
	maxPayees     = 100
	maxPayeeName  = 140 // what a payment carries (ISO 20022, Max140Text)

	maxTrainings      = 1000 // of one seller
	maxCertifications = 1000
)

var (
	shortName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)
	hostName  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$`)
	email     = regexp.MustCompile(`^[^\s@<>"(),;:\\\[\]]+@[^\s@<>"(),;:\\\[\]]+\.[^\s@<>"(),;:\\\[\].]+$`)
)

func checkReason(reason string) error { return domain.AdmitText("reason", reason, maxReason) }

func checkName(field, name string) error {
	if len(name) > maxName || !shortName.MatchString(name) {
		return domain.Invalid(field, "want a short name of a-z, 0-9 and _ that starts with a letter, at most %d", maxName)
	}
	return nil
}

func checkKind(field string, kind Kind) error {
	if !slices.Contains(Kinds(), kind) {
		return domain.Invalid(field, "unknown kind %q: want one of %v", kind, Kinds())
	}
	return nil
}

func checkCountry(code string, actor domain.Actor) error {
	if (code == "" && mayLackDetail(actor)) || isCountry(code) {
		return nil
	}
	return domain.Invalid("country", "want a country of ISO 3166-1 alpha-2, as in DE")
}

func checkDomain(name string) error {
	if name == "" || len(name) <= maxDomain && hostName.MatchString(name) {
		return nil
	}
	return domain.Invalid("domain", "want a domain in lower case, as in example.com; others than ASCII as xn--…")
}

func checkDocument(sha256 string, actor domain.Actor) error {
	if (sha256 == "" && mayLackDetail(actor)) || sha256Hex.MatchString(sha256) {
		return nil
	}
	return domain.Invalid("document_sha256", "want the SHA-256 of the document, 64 hex digits in lower case")
}

// checkStored refuses a document that nobody handed in.
// Rule: document_unknown.
func (f Facts) checkStored(actor domain.Actor) error {
	if f.DocumentStored || mayLackDetail(actor) {
		return nil
	}
	return domain.Refuse("document_unknown", "document_sha256", "no document with that hash is stored: hand it in first")
}

// mayLackDetail: a service that imports history can only say what the old system knows; people look it up.
func mayLackDetail(actor domain.Actor) bool {
	return actor.Kind == domain.Service && actor.Is(domain.ServiceRole)
}

func checkTexts(field string, texts []string) error {
	if len(texts) > maxList {
		return domain.Invalid(field, "at most %d", maxList)
	}
	for i, text := range texts {
		path := fmt.Sprintf("%s[%d]", field, i)
		if err := domain.AdmitText(path, text, maxText); err != nil {
			return err
		}
		if slices.ContainsFunc(texts[:i], func(t string) bool { return strings.EqualFold(t, text) }) {
			return domain.Invalid(path, "%q is there already", text)
		}
	}
	return nil
}

func checkEmail(address string) error {
	if address == "" || len(address) <= maxEmail && email.MatchString(address) {
		return nil
	}
	return domain.Invalid("email", "want an e-mail address, as in name@example.com")
}

// checkDay keeps dates among those that a contract can name, and that time can add to.
func checkDay(field string, day domain.Date) error {
	if day.Year < 1900 || day.Year > 2999 {
		return domain.Invalid(field, "want a day from 1900-01-01 to 2999-12-31")
	}
	return nil
}
