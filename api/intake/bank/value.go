package bank

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of what a file says.
const (
	maxText     = 4096     // bytes of one text; the message's own longest has 500 signs
	maxTexts    = 16 << 10 // bytes of a line's remittance together
	firstYear   = 1970
	lastYear    = 2199
	maxAccount  = 34  // signs of an account number
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

// accountOf is an account number without the spaces that people read it with, in capitals.
// Errors: there is none, or it is too long.
func accountOf(text string) (string, error) {
	number := domain.CompactIBAN(text)
	switch {
	case number == "":
		return "", errors.New("want an account number")
	case len(number) > maxAccount:
		return "", fmt.Errorf("an account number has at most %d signs", maxAccount)
	}
	return number, nil
}

// ibanLike is what a number without its element says of itself: country, check digits and at least eleven more.
var ibanLike = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)

// accountIn is accountOf for a format that doesn't say what sort of number it is.
// Errors: those of accountOf; it looks like an IBAN and is none.
func accountIn(text string) (string, error) {
	number, err := accountOf(text)
	if err == nil && ibanLike.MatchString(number) {
		err = domain.AdmitIBAN("", number)
	}
	return number, err
}

// oneSpaced is the text without white space around it, and one space wherever there is any.
func oneSpaced(text string) string { return strings.Join(strings.Fields(text), " ") }
