package ledger

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
)

// maxWithholding is for how many partners one payout may withhold.
const maxWithholding = 1000

// PayoutRequest says what a payout is to pay, and on which terms.
type PayoutRequest struct {
	Currency    string        `json:"currency"` // ISO 4217
	Filter      payout.Filter `json:"filter,omitzero"`
	Debtor      payout.Debtor `json:"debtor"`
	ExecutionOn domain.Date   `json:"execution_on"` // today or later
	Rates       []PayoutRate  `json:"rates,omitempty"`
	Withholding []Withholding `json:"withholding,omitempty"`
}

// PayoutRate lets a payout pay what is owed in another currency.
type PayoutRate struct {
	Currency string      `json:"currency"` // of payables
	Rate     domain.Rate `json:"rate"`     // units of the payout's currency for one of it
	Source   string      `json:"source"`   // as in "ECB reference rate 2026-03-02"
}

// Withholding is what is kept back of a partner's money for the tax office.
type Withholding struct {
	PartnerID uuid.UUID   `json:"partner_id"`
	Percent   domain.Rate `json:"percent"` // 0 to less than 100
}

// check refuses terms that are wrong by themselves; what else is asked for, the payout's opening checks.
func (r PayoutRequest) check() error {
	for i, rate := range r.Rates {
		path := fmt.Sprintf("rates[%d]", i)
		if err := rate.check(path, r.Currency); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Rates[:i], func(x PayoutRate) bool { return x.Currency == rate.Currency }) {
			return domain.Invalid(path+".currency", "is there twice")
		}
	}
	if len(r.Withholding) > maxWithholding {
		return domain.Invalid("withholding", "at most %d partners", maxWithholding)
	}
	for i, w := range r.Withholding {
		path := fmt.Sprintf("withholding[%d]", i)
		if w.Percent.Sign() < 0 || w.Percent.Compare(hundred) >= 0 {
			return domain.Invalid(path+".percent", "want 0 to less than 100")
		}
		if slices.ContainsFunc(r.Withholding[:i], func(x Withholding) bool { return x.PartnerID == w.PartnerID }) {
			return domain.Invalid(path+".partner_id", "is there twice")
		}
	}
	return nil
}

var hundred = domain.Must(domain.ParseRate("100"))

func (r PayoutRate) check(path, currency string) error {
	_, err := domain.NewMoney(0, r.Currency)
	switch {
	case err != nil:
		return domain.Invalid(path+".currency", "want an ISO 4217 code in capitals, such as EUR")
	case r.Currency == currency:
		return domain.Invalid(path+".currency", "is the payout's own")
	case r.Rate.Sign() <= 0:
		return domain.Invalid(path+".rate", "want how many %s one %s is", currency, r.Currency)
	}
	return domain.AdmitText(path+".source", r.Source, payout.MaxSource)
}

// remittanceOf is what the payee reads: what it is for, by the id that the partner knows it by.
func remittanceOf(s payable.Source) string {
	switch s.Kind {
	case payable.KindClaim:
		return "MDF claim " + s.ID.String()
	case payable.KindRebate:
		return "Rebate " + s.ID.String()
	case payable.KindSpiff:
		return "SPIFF " + s.ID.String()
	}
	return string(s.Kind) + " " + s.ID.String()
}
