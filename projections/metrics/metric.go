package metrics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// All lists the metrics, in the order of the documentation. A new one is a file and a line here.
func All() []Metric {
	return []Metric{
		activationRate(), sourcedActivationRate(),
		activeSellerRate(), engagedSellerRate(),
		timeToFirstDeal(),
		registrationVolume(), registrationConversion(),
		sourcedPipeline(), sourcedRevenue(), influencedRevenue(),
		dealSizeByTier(),
		pipelineVelocity(),
		mdfToPipelineRate(), mdfUtilisation(),
		disputeRate(), disputeResolutionTime(),
	}
}

// Metric is one version of one number. A version that was published keeps its meaning for ever; another meaning is another
// version.
type Metric struct {
	Name        string    `json:"name"`
	Version     int       `json:"version"`
	Title       string    `json:"title"`
	Counts      string    `json:"counts"` // what it counts, in words
	Unit        Unit      `json:"unit"`   // of what is counted
	Numerator   string    `json:"numerator"`
	Denominator string    `json:"denominator,omitempty"` // empty: there is none, the numerator is the answer
	Ratio       string    `json:"ratio,omitempty"`       // what numerator ÷ denominator is, where it isn't a share
	Apart       []Note    `json:"apart,omitempty"`       // what stands beside the two and is never added to them
	Figures     []Note    `json:"figures,omitempty"`     // further numbers
	Span        Span      `json:"span"`
	Groups      []GroupBy `json:"groups"`
	GroupedBy   GroupBy   `json:"grouped_by,omitempty"`  // unless another grouping is asked for
	Source      string    `json:"source"`                // where the definition comes from
	VendorOnly  bool      `json:"vendor_only,omitempty"` // it would show a partner what another one does

	wholeBelow bool // a group is a part of the whole denominator: its things can be in several groups, or in none

	needs needs
	count func(*Facts) []Entry
	sum   func(Metric, []Entry) ([]Value, error)
}

// Note is a named number and what it says.
type Note struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Unit is what a number counts.
type Unit string

// The units. Amounts are kept apart by currency.
const (
	Partners Unit = "partners"
	Sellers  Unit = "sellers"
	Deals    Unit = "deals"
	Money    Unit = "money"
	Days     Unit = "days"
	Matters  Unit = "matters" // that may be disputed
	Disputes Unit = "disputes"
)

// GroupBy is what an answer is grouped by. Tier, kind and country are the partner's, at the moment asked for; the matter is what
// a dispute is about.
type GroupBy string

// The groupings.
const (
	ByPartner GroupBy = "partner"
	ByTier    GroupBy = "tier"
	ByKind    GroupBy = "kind"
	ByCountry GroupBy = "country"
	ByMatter  GroupBy = "matter"
)

// GroupBys lists the groupings by partner, which every metric has.
func GroupBys() []GroupBy { return []GroupBy{ByPartner, ByTier, ByKind, ByCountry} }

// AllGroupBys lists every grouping: that by matter is for disputes.
func AllGroupBys() []GroupBy { return append(GroupBys(), ByMatter) }

// ID is name@version.
func (m Metric) ID() string { return m.Name + "@" + strconv.Itoa(m.Version) }

// Find is a metric by its name and version; version 0 is its first, so that a question without one never changes its
// meaning.
// Errors: a Rejection of kind NotFound that names metric, or version.
func Find(name string, version int) (Metric, error) {
	var versions []string
	for _, m := range All() {
		if m.Name != name {
			continue
		}
		if version == 0 || m.Version == version {
			return m, nil
		}
		versions = append(versions, strconv.Itoa(m.Version))
	}
	if versions == nil {
		return Metric{}, domain.NotFound("metric_unknown", "name", "there is no metric %.50q", name)
	}
	return Metric{}, domain.NotFound("metric_unknown", "version", "%s has no version %d: it has %s", name, version, strings.Join(versions, ", "))
}

// Parse is a metric by its name, or by name@version.
// Errors: those of Find.
func Parse(text string) (Metric, error) {
	name, suffix, versioned := strings.Cut(text, "@")
	if !versioned {
		return Find(name, 0)
	}
	version, err := strconv.Atoi(suffix)
	if err != nil || version < 1 {
		return Metric{}, domain.NotFound("metric_unknown", "version", "%.50q is no version", suffix)
	}
	return Find(name, version)
}

func (m Metric) check(by GroupBy) error {
	if by != "" && !slices.Contains(m.Groups, by) {
		return domain.Invalid("group_by", "%s isn't grouped by %.50q: want one of %s", m.ID(), string(by), fmt.Sprint(m.Groups))
	}
	return nil
}
