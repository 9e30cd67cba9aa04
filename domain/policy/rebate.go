package policy

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a rebate policy.
const (
	MaxSchemes      = 200
	MaxBands        = 50
	MaxProductLines = 500
)

// Rebate holds the schemes that agreements with partners can be made on. An agreement pins the scheme as it is in one
// version: later versions never move it.
type Rebate struct {
	Schemes []Scheme `json:"schemes"`
}

// SchemeKind says how revenue becomes a rebate.
type SchemeKind string

// The kinds of scheme (domain.md section 6).
const (
	// SchemeFlat: one percentage of all revenue.
	SchemeFlat SchemeKind = "flat"
	// SchemeIncremental: marginal bands, each percentage on the revenue inside its band.
	SchemeIncremental SchemeKind = "incremental"
	// SchemeRetroactive: the percentage of the band that is reached, on all revenue from the first unit on.
	SchemeRetroactive SchemeKind = "retroactive"
	// SchemeGrowth: marginal bands on what the revenue is above that of the prior period.
	SchemeGrowth SchemeKind = "growth"
)

// SchemeKinds lists every kind of scheme.
func SchemeKinds() []SchemeKind {
	return []SchemeKind{SchemeFlat, SchemeIncremental, SchemeRetroactive, SchemeGrowth}
}

// Basis is where the sales of a scheme come from. A scheme names one, so that nothing counts twice.
type Basis string

// The sources of sales.
const (
	BasisWonDeals Basis = "won_deals" // deals of the partner that were won, as the ledger has them
	BasisSellIn   Basis = "sell_in"   // what the partner bought
	BasisSellOut  Basis = "sell_out"  // what the partner sold on, as it reports
)

// Bases lists every basis.
func Bases() []Basis { return []Basis{BasisWonDeals, BasisSellIn, BasisSellOut} }

// Scheme is one way to earn a rebate. Revenue is the sum of an agreement's sales, net of reversals, tax, freight and
// discounts, in the scheme's currency; every amount here is of that currency.
type Scheme struct {
	Name     string     `json:"name"` // a-z, 0-9 and _, unique in the policy; the same scheme keeps its name over versions
	Kind     SchemeKind `json:"kind"`
	Basis    Basis      `json:"basis"`
	Currency string     `json:"currency"` // ISO 4217
	// Bands rise by their start. Below the first one nothing accrues. A flat scheme has one, from 0.
	Bands        []Band       `json:"bands"`
	Minimum      domain.Money `json:"minimum,omitzero"`        // revenue below which nothing accrues
	Maximum      domain.Money `json:"maximum,omitzero"`        // revenue above which nothing more counts
	Cap          domain.Money `json:"cap,omitzero"`            // the highest accrual
	Baseline     domain.Money `json:"baseline,omitzero"`       // growth: stands in where there is no prior period
	ProductLines []string     `json:"product_lines,omitempty"` // what counts; empty: every line
}

// Band is a percentage from some revenue on; of a growth scheme, from some growth on.
type Band struct {
	From    domain.Money `json:"from"`    // inclusive, 0 or more
	Percent domain.Rate  `json:"percent"` // 0 to 100
}

// DefaultRebate has one scheme on what partners won, with marginal bands. It pays nobody before somebody opens an
// agreement on it.
func DefaultRebate() Rebate {
	euros := func(minor int64) domain.Money { return domain.Must(domain.NewMoney(minor, "EUR")) }
	percent := func(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }
	return Rebate{Schemes: []Scheme{{
		Name: "standard", Kind: SchemeIncremental, Basis: BasisWonDeals, Currency: "EUR",
		Bands: []Band{{euros(0), percent("0")}, {euros(10_000_00), percent("2")}, {euros(50_000_00), percent("5")}},
	}}}
}

// Kind is rebate.
func (Rebate) Kind() Kind { return KindRebate }

// Scheme finds a scheme by its name.
func (r Rebate) Scheme(name string) (Scheme, bool) {
	for _, s := range r.Schemes {
		if s.Name == name {
			return s, true
		}
	}
	return Scheme{}, false
}

// Counts reports whether sales of a product line count.
func (s Scheme) Counts(line string) bool {
	return len(s.ProductLines) == 0 ||
		slices.ContainsFunc(s.ProductLines, func(own string) bool { return Key(own) == Key(line) })
}

// Validate refuses schemes that could be read in two ways, with the path of the first wrong field.
func (r Rebate) Validate() error {
	if len(r.Schemes) > MaxSchemes {
		return domain.Invalid("schemes", "at most %d schemes", MaxSchemes)
	}
	for i, s := range r.Schemes {
		path := fmt.Sprintf("schemes[%d]", i)
		if slices.ContainsFunc(r.Schemes[:i], func(other Scheme) bool { return other.Name == s.Name }) {
			return domain.Invalid(path+".name", "%q is there already", s.Name)
		}
		if err := s.validate(path); err != nil {
			return err
		}
	}
	return nil
}

var schemeName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

func (s Scheme) validate(path string) error {
	_, unknown := domain.NewMoney(0, s.Currency)
	switch {
	case !schemeName.MatchString(s.Name):
		return domain.Invalid(path+".name", "want a short name of a-z, 0-9 and _ that starts with a letter, at most 100")
	case !slices.Contains(SchemeKinds(), s.Kind):
		return domain.Invalid(path+".kind", "unknown kind %q: want one of %v", s.Kind, SchemeKinds())
	case !slices.Contains(Bases(), s.Basis):
		return domain.Invalid(path+".basis", "unknown basis %q: want one of %v", s.Basis, Bases())
	case unknown != nil:
		return domain.Invalid(path+".currency", "want an ISO 4217 code in capitals, such as EUR")
	case !s.Baseline.IsZero() && s.Kind != SchemeGrowth:
		return domain.Invalid(path+".baseline", "only a growth scheme compares with a prior period")
	}
	for _, check := range []func(string) error{s.validateBands, s.validateLimits, s.validateLines} {
		if err := check(path); err != nil {
			return err
		}
	}
	return nil
}

func (s Scheme) validateBands(path string) error {
	path += ".bands"
	switch {
	case len(s.Bands) == 0 || len(s.Bands) > MaxBands:
		return domain.Invalid(path, "want 1 to %d bands, not %d", MaxBands, len(s.Bands))
	case s.Kind == SchemeFlat && (len(s.Bands) > 1 || s.Bands[0].From.Sign() != 0):
		return domain.Invalid(path, "a flat scheme has one band, from 0")
	}
	hundred := domain.Must(domain.ParseRate("100"))
	for i, b := range s.Bands {
		at := fmt.Sprintf("%s[%d]", path, i)
		if err := s.validateAmount(at+".from", b.From); err != nil {
			return err
		}
		switch {
		case i > 0 && b.From.Minor() <= s.Bands[i-1].From.Minor():
			return domain.Invalid(at+".from", "want more than %s of the band before", s.Bands[i-1].From)
		case b.Percent.Sign() < 0 || b.Percent.Compare(hundred) > 0:
			return domain.Invalid(at+".percent", "want 0 to 100, not %s", b.Percent)
		}
	}
	return nil
}

func (s Scheme) validateLimits(path string) error {
	for _, f := range []struct {
		name   string
		amount domain.Money
	}{{"minimum", s.Minimum}, {"maximum", s.Maximum}, {"cap", s.Cap}, {"baseline", s.Baseline}} {
		if f.amount.IsZero() {
			continue
		}
		if err := s.validateAmount(path+"."+f.name, f.amount); err != nil {
			return err
		}
	}
	if !s.Maximum.IsZero() && s.Maximum.Minor() < s.Minimum.Minor() {
		return domain.Invalid(path+".maximum", "want %s or more: below the minimum nothing ever accrues", s.Minimum)
	}
	return nil
}

func (s Scheme) validateAmount(path string, amount domain.Money) error {
	if amount.Currency() != s.Currency || amount.Sign() < 0 {
		return domain.Invalid(path, "want 0 or more in %s", s.Currency)
	}
	return nil
}

func (s Scheme) validateLines(path string) error {
	path += ".product_lines"
	if len(s.ProductLines) > MaxProductLines {
		return domain.Invalid(path, "at most %d product lines", MaxProductLines)
	}
	for i, line := range s.ProductLines {
		at := fmt.Sprintf("%s[%d]", path, i)
		if err := domain.AdmitText(at, line, MaxNameLength); err != nil {
			return err
		}
		if slices.ContainsFunc(s.ProductLines[:i], func(other string) bool { return Key(other) == Key(line) }) {
			return domain.Invalid(at, "%q is there already", line)
		}
	}
	return nil
}
