package domain

import (
	"strings"
)

// ibanLengths is how long an account number of each country is (ISO 13616-1, SWIFT's IBAN registry).
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
	"IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
	"LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
	"NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
	"SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
	"UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

// CompactIBAN is an account number as machines write it: without the spaces that people group it by, in capitals.
func CompactIBAN(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text), ""))
}

// AdmitIBAN lets in an international bank account number as machines write it: country, two check digits and the bank's
// number, without spaces, of the country's length, with the right remainder (ISO 13616-1; ISO/IEC 7064 MOD 97-10).
// Errors: a Rejection of kind Invalid that names the field, and never the account.
func AdmitIBAN(field, iban string) error {
	if len(iban) < 4 || !are(iban[:2], isCapital) || !are(iban[2:4], isDigit) || !are(iban[4:], isCapitalOrDigit) {
		return Invalid(field, "want an IBAN without spaces, in capitals: country, two check digits, account")
	}
	length, known := ibanLengths[iban[:2]]
	switch {
	case !known:
		return Invalid(field, "no IBANs are known of country %s", iban[:2])
	case len(iban) != length:
		return Invalid(field, "an IBAN of %s has %d characters, not %d", iban[:2], length, len(iban))
	case ibanRemainder(iban) != 1:
		return Invalid(field, "the IBAN's check digits are wrong")
	}
	return nil
}

// ibanRemainder is that of the number by 97, letters as 10 to 35, the first four characters last.
func ibanRemainder(iban string) int {
	rest := 0
	for _, c := range iban[4:] + iban[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
			continue
		}
		rest = (rest*10 + int(c-'0')) % 97
	}
	return rest
}

// AdmitBIC lets in a business identifier code: four letters or digits, a country's two letters, two letters or digits, and
// three more of a branch or none (ISO 9362). Whether there is such a bank only its directory knows.
// Errors: a Rejection of kind Invalid that names the field.
func AdmitBIC(field, bic string) error {
	if (len(bic) != 8 && len(bic) != 11) || !are(bic, isCapitalOrDigit) || !are(bic[4:6], isCapital) {
		return Invalid(field, "want a BIC of 8 or 11 capitals and digits, as in DEUTDEFF")
	}
	return nil
}

func are(text string, kind func(byte) bool) bool {
	for i := range len(text) {
		if !kind(text[i]) {
			return false
		}
	}
	return true
}

func isCapital(c byte) bool        { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool          { return c >= '0' && c <= '9' }
func isCapitalOrDigit(c byte) bool { return isCapital(c) || isDigit(c) }
