package policy

import (
	"fmt"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// MaxBenefits bounds how many benefits a policy has.
const MaxBenefits = 200

// DealKind says what a deal is to the customer.
type DealKind string

// The kinds of deal.
const (
	DealNew       DealKind = "new"
	DealExpansion DealKind = "expansion"
	DealRenewal   DealKind = "renewal"
)

// DealKinds lists every kind.
func DealKinds() []DealKind { return []DealKind{DealNew, DealExpansion, DealRenewal} }

// DealRegistration says how long a registration is protected and what keeps its place in the order of submission.
type DealRegistration struct {
	ProtectionDays        int `json:"protection_days"`          // calendar days from the approval, 1 to 3650
	ExtensionDays         int `json:"extension_days"`           // calendar days, counted from the old end, 1 to 3650
	MaxExtensions         int `json:"max_extensions"`           // granted ones, 0 to 20; 0 allows none
	ReviewBusinessDays    int `json:"review_business_days"`     // a review is due so long after the submission, 1 to 260
	ResubmitBusinessDays  int `json:"resubmit_business_days"`   // a returned registration resubmitted within keeps its place, 0 to 260
	ReregisterCoolOffDays int `json:"reregister_cool_off_days"` // the same partner after an expiry, 0 to 3650; others at once

	// WindDownDays: the protections of a partner that leaves the program end so many calendar days later, 1 to 3650; left
	// out, 30.
	WindDownDays int `json:"wind_down_days,omitempty"`

	Kinds    []KindTerms `json:"kinds,omitempty"`    // what is otherwise for some kinds of deal
	Benefits []Benefit   `json:"benefits,omitempty"` // what a registration earns: the first that fits
}

// KindTerms says what is otherwise for deals of one kind.
type KindTerms struct {
	Kind           DealKind `json:"kind"`            // each once
	ProtectionDays int      `json:"protection_days"` // calendar days from the approval, 1 to 3650
}

// Benefit is what a partner gets for deals that it registered, as long as they are protected.
type Benefit struct {
	Kind            DealKind    `json:"kind,omitempty"`   // of the deal; left out: every kind
	Tier            string      `json:"tier,omitempty"`   // the partner's at the approval; left out: every tier, and none
	DiscountPercent domain.Rate `json:"discount_percent"` // on top of the partner's usual one: above 0, up to 100
}

// ProtectionFor is how many calendar days a deal of that kind is protected.
func (d DealRegistration) ProtectionFor(kind DealKind) int {
	for _, k := range d.Kinds {
		if k.Kind == kind {
			return k.ProtectionDays
		}
	}
	return d.ProtectionDays
}

// BenefitFor is the first benefit that fits a deal of that kind of a partner on that tier; false where none does.
func (d DealRegistration) BenefitFor(kind DealKind, tier string) (Benefit, bool) {
	for _, b := range d.Benefits {
		if b.fits(kind, tier) {
			return b, true
		}
	}
	return Benefit{}, false
}

func (b Benefit) fits(kind DealKind, tier string) bool {
	return (b.Kind == "" || b.Kind == kind) && (b.Tier == "" || b.Tier == tier)
}

// WindDown is how many calendar days a protection goes on when its partner has left.
func (d DealRegistration) WindDown() int {
	const usual = 30
	if d.WindDownDays == 0 {
		return usual
	}
	return d.WindDownDays
}

// Kind is deal_registration.
func (DealRegistration) Kind() Kind { return KindDealRegistration }

// DefaultDealRegistration is 180 days of protection, one extension of 90, review in 3 business days, resubmission in 5, 30 days
// between an expiry and the same partner's next registration.
func DefaultDealRegistration() DealRegistration {
	return DealRegistration{
		ProtectionDays: 180, ExtensionDays: 90, MaxExtensions: 1,
		ReviewBusinessDays: 3, ResubmitBusinessDays: 5, ReregisterCoolOffDays: 30,
	}
}

// Validate refuses numbers outside their ranges, unknown and repeated kinds, and a benefit that never applies.
func (d DealRegistration) Validate() error {
	for _, f := range []struct {
		path         string
		n, low, high int
	}{
		{"protection_days", d.ProtectionDays, 1, maxDays},
		{"extension_days", d.ExtensionDays, 1, maxDays},
		{"max_extensions", d.MaxExtensions, 0, 20},
		{"review_business_days", d.ReviewBusinessDays, 1, maxBusinessDays},
		{"resubmit_business_days", d.ResubmitBusinessDays, 0, maxBusinessDays},
		{"reregister_cool_off_days", d.ReregisterCoolOffDays, 0, maxDays},
		{"wind_down_days", d.WindDownDays, 0, maxDays},
	} {
		if err := inRange(f.path, f.n, f.low, f.high); err != nil {
			return err
		}
	}
	if err := d.validateKinds(); err != nil {
		return err
	}
	return d.validateBenefits()
}

func (d DealRegistration) validateKinds() error {
	for i, k := range d.Kinds {
		path := fmt.Sprintf("kinds[%d]", i)
		if err := checkDealKind(path+".kind", k.Kind); err != nil {
			return err
		}
		if slices.ContainsFunc(d.Kinds[:i], func(other KindTerms) bool { return other.Kind == k.Kind }) {
			return domain.Invalid(path+".kind", "%s is there twice", k.Kind)
		}
		if err := inRange(path+".protection_days", k.ProtectionDays, 1, maxDays); err != nil {
			return err
		}
	}
	return nil
}

func (d DealRegistration) validateBenefits() error {
	if len(d.Benefits) > MaxBenefits {
		return domain.Invalid("benefits", "at most %d benefits", MaxBenefits)
	}
	for i, b := range d.Benefits {
		path := fmt.Sprintf("benefits[%d]", i)
		if err := b.validate(path); err != nil {
			return err
		}
		if before := slices.IndexFunc(d.Benefits[:i], func(other Benefit) bool { return other.fits(b.Kind, b.Tier) }); before >= 0 {
			return domain.Invalid(path, "never applies: benefits[%d] fits the same deals", before)
		}
	}
	return nil
}

func (b Benefit) validate(path string) error {
	if b.Kind != "" {
		if err := checkDealKind(path+".kind", b.Kind); err != nil {
			return err
		}
	}
	if b.Tier != "" {
		if err := domain.AdmitText(path+".tier", b.Tier, MaxNameLength); err != nil {
			return err
		}
	}
	if b.DiscountPercent.Sign() <= 0 || b.DiscountPercent.Compare(domain.Must(domain.ParseRate("100"))) > 0 {
		return domain.Invalid(path+".discount_percent", "want more than 0 and at most 100, not %s", b.DiscountPercent)
	}
	return nil
}

func checkDealKind(path string, kind DealKind) error {
	if !slices.Contains(DealKinds(), kind) {
		return domain.Invalid(path, "unknown kind of deal %.50q: want one of %v", kind, DealKinds())
	}
	return nil
}

// Ten years, and one year of business days: beyond is a typing error.
const (
	maxDays         = 3650
	maxBusinessDays = 260
)
