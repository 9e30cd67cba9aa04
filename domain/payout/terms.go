package payout

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxWithholding is for how many partners one payout may withhold.
const MaxWithholding = 1000

// Terms are what a payout's amounts are worked out by.
type Terms struct {
	Currency    string // of what is paid
	Rates       []ExchangeRate
	Withholding []Withholding
}

// Terms of a payout that is to be opened.
func (c Open) Terms() Terms { return Terms{c.Currency, c.Rates, c.Withholding} }

// Terms that the payout was opened on.
func (p *Payout) Terms() Terms { return Terms{p.Currency, p.Rates, p.Withholding} }

func (t Terms) check() error {
	for i, r := range t.Rates {
		path := fmt.Sprintf("rates[%d]", i)
		if err := r.check(path, t.Currency); err != nil {
			return err
		}
		if slices.ContainsFunc(t.Rates[:i], func(x ExchangeRate) bool { return x.Currency == r.Currency }) {
			return domain.Invalid(path+".currency", "is there twice")
		}
	}
	if len(t.Withholding) > MaxWithholding {
		return domain.Invalid("withholding", "at most %d partners", MaxWithholding)
	}
	for i, w := range t.Withholding {
		path := fmt.Sprintf("withholding[%d]", i)
		if slices.ContainsFunc(t.Withholding[:i], func(x Withholding) bool { return x.PartnerID == w.PartnerID }) {
			return domain.Invalid(path+".partner_id", "is there twice")
		}
		if w.Percent.Sign() < 0 || w.Percent.Compare(hundred) >= 0 {
			return domain.Invalid(path+".percent", "want 0 to less than 100, not %s", w.Percent)
		}
	}
	return nil
}

var hundred = domain.Must(domain.ParseRate("100"))

func (r ExchangeRate) check(path, currency string) error {
	_, err := domain.NewMoney(0, r.Currency)
	switch {
	case err != nil:
		return named(path+".currency", err)
	case r.Currency == currency:
		return domain.Invalid(path+".currency", "is the payout's own")
	case r.Rate.Sign() <= 0:
		return domain.Invalid(path+".rate", "want how many %s one %s is", currency, r.Currency)
	}
	return domain.AdmitText(path+".source", r.Source, MaxSource)
}

// Takes reports whether the payout can pay what is owed in a currency: its own, or one that it has a rate for.
func (t Terms) Takes(currency string) bool {
	_, ok := t.rate(currency)
	return ok
}

// rate is how a currency is converted; nothing where it is the payout's own.
func (t Terms) rate(currency string) (FX, bool) {
	if currency == t.Currency {
		return FX{}, true
	}
	at := slices.IndexFunc(t.Rates, func(r ExchangeRate) bool { return r.Currency == currency })
	if at < 0 {
		return FX{}, false
	}
	return FX{Rate: t.Rates[at].Rate, Source: t.Rates[at].Source}, true
}

func (t Terms) percent(partner uuid.UUID) domain.Rate {
	at := slices.IndexFunc(t.Withholding, func(w Withholding) bool { return w.PartnerID == partner })
	if at < 0 {
		return domain.Rate{}
	}
	return t.Withholding[at].Percent
}

// Pay works out what an item's amount comes to: how it is converted, what is withheld, what the partner gets.
// Errors: a Rejection of kind Invalid that names amount or paid: there is no rate, or nothing is left to pay.
func (t Terms) Pay(item *Item) (err error) {
	gross, ok := item.Amount, false
	if item.FX, ok = t.rate(gross.Currency()); !ok {
		return domain.Invalid("amount", "no rate from %s to %s was given", gross.Currency(), t.Currency)
	}
	if item.FX != (FX{}) {
		if gross, err = gross.Convert(item.FX.Rate, t.Currency); err != nil {
			return named("amount", err)
		}
	}
	item.Percent = t.percent(item.PartnerID)
	if item.Withheld, err = gross.Percent(item.Percent); err != nil {
		return named("amount", err)
	}
	if item.Paid, err = gross.Sub(item.Withheld); err == nil && item.Paid.Sign() <= 0 {
		return domain.Invalid("paid", "nothing is left to pay of %s", item.Amount)
	}
	return named("paid", err)
}
