package bank

import (
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a file says.
const (
	maxText     = 4096     // bytes of one text; the message's own longest has 500 signs
	maxTexts    = 16 << 10 // bytes of a line's remittance together
	firstYear   = 1970
	lastYear    = 2199
	maxDaysAway = 366 // that a line's day may be away from its statement's
)

// amountOf reads a decimal as the message writes it (xs:decimal): a plus, zeros in front, and more zeros behind than the
// currency has decimals say nothing.
func amountOf(text, currency string) (domain.Money, error) {
	text = strings.TrimPrefix(text, "+")
	unsigned, negative := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(unsigned, ".")
	if whole == "" && fraction == "" {
		return domain.ParseMoney(text, currency) // which says what is wrong
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" || whole[0] < '0' || whole[0] > '9' {
		whole = "0" + whole
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	if negative {
		whole = "-" + whole
	}
	return domain.ParseMoney(whole, currency)
}

// dayOf reads xs:date or xs:dateTime: the day as the bank writes it, in its own zone.
func dayOf(text string) (domain.Date, bool) {
	if len(text) < len("2006-01-02") || strings.Trim(text[10:], "0123456789:.TZ+-") != "" {
		return domain.Date{}, false
	}
	day, err := domain.ParseDate(text[:10])
	return day, err == nil && day.Year >= firstYear && day.Year <= lastYear
}

// accountOf is an account number without the spaces that people read it with. The fault is empty, or says: there is none, it
// is too long, or looks like an IBAN whose check digits are wrong (ISO 13616).
func accountOf(text string) (number, fault string) {
	switch number = plainAccount(text); {
	case number == "":
		return "", "want an account number"
	case len(number) > 34:
		return "", "an account number has at most 34 signs"
	case looksLikeIBAN(number) && !validIBAN(number):
		return "", "the check digits of the IBAN are wrong"
	}
	return number, ""
}

// plainAccount is the number without spaces, in capitals.
func plainAccount(text string) string { return strings.ToUpper(strings.Join(strings.Fields(text), "")) }

// looksLikeIBAN reports two letters, two digits, and at least eleven more.
func looksLikeIBAN(number string) bool {
	if len(number) < 15 || strings.Trim(number, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return false
	}
	return isLetter(number[0]) && isLetter(number[1]) && isDigit(number[2]) && isDigit(number[3])
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

// validIBAN checks the digits by ISO 7064 mod 97-10.
func validIBAN(number string) bool {
	rest := 0
	for _, b := range []byte(number[4:] + number[:4]) {
		if isDigit(b) {
			rest = (rest*10 + int(b-'0')) % 97
		} else {
			rest = (rest*100 + int(b-'A') + 10) % 97
		}
	}
	return rest == 1
}

// oneSpaced is the text without white space around it, and one space wherever there is any.
func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }
