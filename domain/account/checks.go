package account

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Bounds of what a command may hold; texts are counted in characters.
const (
	MaxLines     = 100
	MaxFindings  = 1000 // overridden by one command
	MaxName      = 200
	MaxReference = 200
	MaxReason    = 2000 // also notes and evidence

	// MaxLineAmount in minor units, so that the amounts of a deal's lines always add up within int64.
	MaxLineAmount = 90_000_000_000_000_000
)

// under puts the path of a field's owner before the path in a rejection.
func under(owner string, err error) error {
	r := domain.AsRejection(err)
	if r == nil {
		return err
	}
	prefixed := *r
	prefixed.Field = owner
	if r.Field != "" {
		prefixed.Field = owner + "." + r.Field
	}
	return &prefixed
}

// firstOf is the first thing that is wrong, or nil.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func optionalText(field, text string, limit int) error {
	if text == "" {
		return nil
	}
	return domain.AdmitText(field, text, limit)
}

func oneOf[T ~string](field string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return domain.Invalid(field, "unknown value %.50q: want one of %v", value, allowed)
}

// orDefault lets a command leave a field out.
func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// notBefore refuses what would take effect before the step that it needs.
func notBefore(h domain.Header, step string, at time.Time) error {
	if h.EffectiveAt.Before(at) {
		return domain.Refuse("out_of_order", "effective_at", "%s is before the %s that it needs, effective %s",
			stamp(h.EffectiveAt), step, stamp(at))
	}
	return nil
}

// stepFrom refuses a step that the deal's status doesn't allow, or that would take effect before what led to that status.
func (d *Deal) stepFrom(h domain.Header, allowed ...Status) error {
	if !slices.Contains(allowed, d.Status) {
		return domain.Refuse("wrong_status", "deal_id", "the deal is %s: want %v", d.Status, allowed)
	}
	return notBefore(h, "step", d.since())
}

// mayReview holds that neither who submitted the deal nor anyone of its partner reviews it.
func (d *Deal) mayReview(h domain.Header, action, reason string) error {
	for _, maker := range d.makers() {
		if err := domain.AdmitChecker(action, maker, h.Actor, d.PartnerID, reason); err != nil {
			return err
		}
	}
	return nil
}

// LineAmount names a product and an amount.
type LineAmount struct {
	Product string       `json:"product"`
	Amount  domain.Money `json:"amount"` // 0 or more
}

// registeredLines are the lines of a new deal, each with the product line that the catalogue gives.
func registeredLines(amounts []LineAmount, catalogue policy.Catalogue) ([]Line, error) {
	lines := make([]Line, 0, len(amounts))
	err := eachAmount(amounts, "", func(path string, l LineAmount) error {
		product := catalogue.Product(l.Product)
		if slices.ContainsFunc(lines, func(other Line) bool { return keyOf(other.Product) == keyOf(product) }) {
			return domain.Invalid(path+".product", "%q is named twice", product)
		}
		lines = append(lines, Line{Product: product, Line: catalogue.Line(l.Product), Amount: l.Amount})
		return nil
	})
	return lines, err
}

// linesOf are lines that the deal has, in the order given, with other amounts.
func (d *Deal) linesOf(amounts []LineAmount, catalogue policy.Catalogue) ([]Line, error) {
	lines := make([]Line, 0, len(amounts))
	err := eachAmount(amounts, d.Currency(), func(path string, l LineAmount) error {
		own := d.lineFor(l.Product, catalogue)
		switch {
		case own == nil:
			return domain.NotFound("product_unknown", path+".product", "the deal has no product %q", l.Product)
		case slices.ContainsFunc(lines, func(other Line) bool { return other.Product == own.Product }):
			return domain.Invalid(path+".product", "%q is named twice", own.Product)
		}
		lines = append(lines, Line{Product: own.Product, Line: own.Line, Amount: l.Amount})
		return nil
	})
	return lines, err
}

// lineFor finds a product by the name it was registered under, or by what today's catalogue makes of the name.
func (d *Deal) lineFor(product string, catalogue policy.Catalogue) *DealLine {
	for _, name := range []string{product, catalogue.Product(product)} {
		for i := range d.Lines {
			if keyOf(d.Lines[i].Product) == keyOf(name) {
				return &d.Lines[i]
			}
		}
	}
	return nil
}

// eachAmount checks each line by itself. Without a currency the first line's is that of all.
func eachAmount(amounts []LineAmount, currency string, then func(path string, l LineAmount) error) error {
	if len(amounts) == 0 || len(amounts) > MaxLines {
		return domain.Invalid("lines", "want 1 to %d lines, not %d", MaxLines, len(amounts))
	}
	for i, l := range amounts {
		path := fmt.Sprintf("lines[%d]", i)
		currency = orDefault(currency, l.Amount.Currency())
		if err := firstOf(
			domain.AdmitText(path+".product", l.Product, MaxName),
			checkLineAmount(path+".amount", l.Amount, currency),
		); err != nil {
			return err
		}
		if err := then(path, l); err != nil {
			return err
		}
	}
	return nil
}

func checkLineAmount(field string, amount domain.Money, currency string) error {
	if amount.Minor() > MaxLineAmount {
		return domain.Invalid(field, "want at most %d minor units", int64(MaxLineAmount))
	}
	return checkAmount(field, amount, currency)
}

func checkAmount(field string, amount domain.Money, currency string) error {
	switch {
	case amount.IsZero():
		return domain.Invalid(field, "want an amount and its currency")
	case amount.Sign() < 0:
		return domain.Invalid(field, "want 0 or more, not %s", amount)
	case currency != "" && amount.Currency() != currency:
		return domain.Invalid(field, "want %s: the amounts of a deal have one currency", currency)
	}
	return nil
}

func givenID(field string, id uuid.UUID) error {
	if id == uuid.Nil {
		return domain.Invalid(field, "must not be empty")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
