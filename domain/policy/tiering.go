package policy

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a tiering policy.
const (
	MaxTiers    = 20
	maxTierName = 100
)

// Tiering says which tiers there are, and how long a partner that fails its tier keeps it.
type Tiering struct {
	Tiers     []Tier `json:"tiers"`      // lowest first; an onboarded partner starts on the first
	GraceDays int    `json:"grace_days"` // calendar days between failing a tier and going down, 0 to 3650
}

// Tier is one level of the program. It is an object so that what a tier asks for can be said beside its name.
type Tier struct {
	Name string `json:"name"` // a short name: a-z, 0-9 and _, as in gold
}

// DefaultTiering is registered, silver, gold and platinum, and 90 days of grace.
func DefaultTiering() Tiering {
	return Tiering{Tiers: []Tier{{"registered"}, {"silver"}, {"gold"}, {"platinum"}}, GraceDays: 90}
}

// Kind is tiering.
func (Tiering) Kind() Kind { return KindTiering }

// Rank is how high a tier is, 0 for the lowest; -1 for a name that is no tier.
func (t Tiering) Rank(name string) int {
	return slices.IndexFunc(t.Tiers, func(tier Tier) bool { return tier.Name == name })
}

// Lowest is the name of the tier that everybody starts on; empty where there are no tiers.
func (t Tiering) Lowest() string {
	if len(t.Tiers) == 0 {
		return ""
	}
	return t.Tiers[0].Name
}

// Names are those of all tiers, lowest first.
func (t Tiering) Names() []string {
	names := make([]string, len(t.Tiers))
	for i, tier := range t.Tiers {
		names[i] = tier.Name
	}
	return names
}

var tierName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Validate refuses no tiers, too many, names that are no short names or are there twice, and a grace outside its range.
func (t Tiering) Validate() error {
	if len(t.Tiers) == 0 || len(t.Tiers) > MaxTiers {
		return domain.Invalid("tiers", "want 1 to %d tiers, lowest first", MaxTiers)
	}
	for i, tier := range t.Tiers {
		path := fmt.Sprintf("tiers[%d].name", i)
		if len(tier.Name) > maxTierName || !tierName.MatchString(tier.Name) {
			return domain.Invalid(path, "want a short name of a-z, 0-9 and _ that starts with a letter, at most %d", maxTierName)
		}
		if t.Rank(tier.Name) < i {
			return domain.Invalid(path, "%s is there already", tier.Name)
		}
	}
	return inRange("grace_days", t.GraceDays, 0, maxDays)
}
