package bank

import (
	"regexp"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// numberForm is how a CSV writes numbers without their sign: groups of three, where there are any, are all of three.
func numberForm(decimal, grouping string) *regexp.Regexp {
	whole := `\d+`
	switch grouping {
	case "":
	case "space":
		whole += `|\d{1,3}(?:[ \x{a0}\x{202f}]\d{3})+`
	default:
		whole += `|\d{1,3}(?:` + regexp.QuoteMeta(grouping) + `\d{3})+`
	}
	return regexp.MustCompile(`^(` + whole + `)(?:` + regexp.QuoteMeta(decimal) + `(\d+))?$`)
}

// money reads a cell: a sign before or behind the number or parentheses around it, and the currency before or behind.
// Errors: without place: CodeCurrency, CodeAmount.
func (m *Mapping) money(cell, currency string) (domain.Money, error) {
	text, code := withoutCurrency(strings.TrimSpace(cell))
	if code != "" && code != currency {
		return domain.Money{}, wrong(CodeCurrency, Position{}, "%.40q: the account's currency is %s", cell, currency)
	}
	unsigned, negative := withoutSign(text)
	parts := m.number.FindStringSubmatch(unsigned)
	if parts == nil {
		return domain.Money{}, wrong(CodeAmount, Position{}, "%.40q: want a number as the mapping writes it, with %q before the decimals%s",
			cell, m.Decimal, m.groups())
	}
	number := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, parts[1])
	if parts[2] != "" {
		number += "." + parts[2]
	}
	if negative {
		number = "-" + number
	}
	amount, err := amountOf(number, currency)
	if err != nil {
		return domain.Money{}, wrong(CodeAmount, Position{}, "%v", err)
	}
	return amount, nil
}

func (m *Mapping) groups() string {
	if m.Grouping == "" {
		return " and nothing between thousands"
	}
	return ", and " + m.Grouping + " between thousands or nothing"
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// withoutCurrency takes three capitals off either end.
func withoutCurrency(text string) (rest, code string) {
	for _, at := range []int{0, len(text) - 3} {
		if at < 0 || at+3 > len(text) {
			continue
		}
		code = text[at : at+3]
		if strings.Trim(code, capitals) == "" {
			return strings.TrimSpace(text[:at] + text[at+3:]), code
		}
	}
	return text, ""
}

// withoutSign takes the sign off: -5, 5-, +5, −5 (U+2212) or (5).
func withoutSign(text string) (rest string, negative bool) {
	if inside, ok := strings.CutPrefix(text, "("); ok {
		if inside, ok = strings.CutSuffix(inside, ")"); ok {
			return strings.TrimSpace(inside), true
		}
		return text, false
	}
	for _, minus := range []string{"-", "−"} {
		if rest, ok := strings.CutPrefix(text, minus); ok {
			return strings.TrimSpace(rest), true
		}
		if rest, ok := strings.CutSuffix(text, minus); ok {
			return strings.TrimSpace(rest), true
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(text, "+")), false
}

// among reports whether one of the words is meant.
func among(words []string, text string) bool {
	for _, word := range words {
		if strings.EqualFold(strings.TrimSpace(word), strings.TrimSpace(text)) {
			return true
		}
	}
	return false
}
