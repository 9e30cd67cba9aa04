package rebate

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Calculation is how revenue became a rebate, step by step. It is always of the cumulative revenue and rounded once, so
// that deltas add up exactly and no order of sales gives another total.
type Calculation struct {
	Revenue   domain.Money `json:"revenue"`        // all sales, net of reversals
	Counted   domain.Money `json:"counted"`        // of it: nought below the minimum, no more than the maximum
	Prior     domain.Money `json:"prior,omitzero"` // growth: the prior period's revenue, or the baseline
	Base      domain.Money `json:"base"`           // what the bands apply to: counted, or its growth over prior
	Bands     []BandShare  `json:"bands,omitempty"`
	Unrounded string       `json:"unrounded"`    // decimal, exact
	Rounded   domain.Money `json:"rounded"`      // half to even, to the minor unit
	Cap       domain.Money `json:"cap,omitzero"` // where the scheme's cap cut it
}

// BandShare is what one band gives.
type BandShare struct {
	From      domain.Money `json:"from"` // where the band starts
	Percent   domain.Rate  `json:"percent"`
	Amount    domain.Money `json:"amount"`    // of the base, that the percentage applies to
	Unrounded string       `json:"unrounded"` // decimal, exact
}

// Result is what the revenue earns.
func (c Calculation) Result() domain.Money {
	if !c.Cap.IsZero() {
		return c.Cap
	}
	return c.Rounded
}

// Calculate applies a scheme to revenue of its currency. Prior is the prior period's revenue; no amount where there was none.
// Errors: a Rejection where an amount gets out of range.
func Calculate(s policy.Scheme, prior, revenue domain.Money) (Calculation, error) {
	nought := domain.Must(domain.NewMoney(0, s.Currency))
	c := Calculation{Revenue: revenue, Counted: counted(s, revenue, nought)}
	c.Base = c.Counted
	if s.Kind == policy.SchemeGrowth {
		c.Prior = orDefault(prior, s.Baseline)
		c.Base = growth(c.Counted, c.Prior, nought)
	}
	var sum domain.Exact
	for _, share := range sharesOf(s, c.Base) {
		exact := share.Amount.PercentExact(share.Percent)
		share.Unrounded = exact.String()
		c.Bands = append(c.Bands, share)
		sum = domain.Must(sum.Add(exact)) // of one currency
	}
	var err error
	if c.Rounded, err = sum.Round(); err != nil {
		return c, err
	}
	if len(c.Bands) == 0 {
		c.Rounded = nought
		sum = nought.PercentExact(domain.Rate{})
	}
	c.Unrounded = sum.String()
	if !s.Cap.IsZero() && c.Rounded.Minor() > s.Cap.Minor() {
		c.Cap = s.Cap
	}
	return c, nil
}

func counted(s policy.Scheme, revenue, nought domain.Money) domain.Money {
	switch {
	case !s.Minimum.IsZero() && revenue.Minor() < s.Minimum.Minor():
		return nought
	case !s.Maximum.IsZero() && revenue.Minor() > s.Maximum.Minor():
		return s.Maximum
	}
	return revenue
}

// growth is what is above the prior period's; without one there is none.
func growth(counted, prior, nought domain.Money) domain.Money {
	if prior.IsZero() || counted.Minor() <= prior.Minor() {
		return nought
	}
	return domain.Must(counted.Sub(prior)) // both are 0 or more
}

// sharesOf are the bands that the base reaches, and how much of it each applies to.
func sharesOf(s policy.Scheme, base domain.Money) (shares []BandShare) {
	for i, b := range s.Bands {
		if base.Minor() < b.From.Minor() {
			break
		}
		share := BandShare{From: b.From, Percent: b.Percent, Amount: base}
		if s.Kind == policy.SchemeRetroactive { // the last one reached applies to all
			shares = []BandShare{share}
			continue
		}
		if i+1 < len(s.Bands) && s.Bands[i+1].From.Minor() < base.Minor() {
			share.Amount = s.Bands[i+1].From
		}
		share.Amount = domain.Must(share.Amount.Sub(b.From)) // both are 0 or more
		if share.Amount.Sign() > 0 {
			shares = append(shares, share)
		}
	}
	return shares
}
