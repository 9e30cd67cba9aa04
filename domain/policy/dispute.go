package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of a dispute policy.
const (
	MaxLevels   = 10
	MaxHolidays = 1000
)

// Dispute says how a dispute runs: until when each step may be taken, and who hears it. A dispute keeps the version that it
// was opened under. Every time runs to the end of its last day in the program's zone.
type Dispute struct {
	OpenDays             int `json:"open_days"`              // calendar days after the disputed event was recorded, 0 to 3650
	ResponseBusinessDays int `json:"response_business_days"` // after the opening, 1 to 260
	RulingBusinessDays   int `json:"ruling_business_days"`   // after the time for responses, an escalation or an appeal, 1 to 260
	AppealDays           int `json:"appeal_days"`            // calendar days after the ruling was recorded, 1 to 3650
	// Levels hear a dispute, lowest first, by short names as in channel_manager: at least two. The last one hears appeals.
	Levels []string `json:"levels"`
	// VendorLevel is where a dispute starts that the vendor is a party of; one of Levels.
	VendorLevel string        `json:"vendor_level"`
	Holidays    []domain.Date `json:"holidays"` // no business days, besides Saturdays and Sundays
}

// Kind is dispute.
func (Dispute) Kind() Kind { return KindDispute }

// DefaultDispute is 30 days to open, 5 business days to respond, 10 to rule, 15 days to appeal; from the channel manager
// to partner operations to the appeal board; no holidays, since those differ from place to place.
func DefaultDispute() Dispute {
	return Dispute{
		OpenDays: 30, ResponseBusinessDays: 5, RulingBusinessDays: 10, AppealDays: 15,
		Levels:      []string{"channel_manager", "partner_operations", "appeal_board"},
		VendorLevel: "partner_operations", Holidays: []domain.Date{},
	}
}

// Validate refuses numbers outside their ranges, fewer than two levels, names that are no short names or are there twice,
// a vendor's level that is none, and days that aren't there or are there twice.
func (d Dispute) Validate() error {
	for _, f := range []struct {
		path         string
		n, low, high int
	}{
		{"open_days", d.OpenDays, 0, maxDays},
		{"response_business_days", d.ResponseBusinessDays, 1, maxBusinessDays},
		{"ruling_business_days", d.RulingBusinessDays, 1, maxBusinessDays},
		{"appeal_days", d.AppealDays, 1, maxDays},
		{"levels", len(d.Levels), 2, MaxLevels},
		{"holidays", len(d.Holidays), 0, MaxHolidays},
	} {
		if err := inRange(f.path, f.n, f.low, f.high); err != nil {
			return err
		}
	}
	if err := d.validateLevels(); err != nil {
		return err
	}
	for i, day := range d.Holidays {
		if day.IsZero() || slices.Contains(d.Holidays[:i], day) {
			return domain.Invalid(fmt.Sprintf("holidays[%d]", i), "want a day as yyyy-mm-dd, each once")
		}
	}
	return nil
}

func (d Dispute) validateLevels() error {
	for i, name := range d.Levels {
		if !tierName.MatchString(name) || len(name) > maxTierName {
			return domain.Invalid(fmt.Sprintf("levels[%d]", i), "want a short name: a-z, 0-9 and _, at most %d", maxTierName)
		}
		if slices.Contains(d.Levels[:i], name) {
			return domain.Invalid(fmt.Sprintf("levels[%d]", i), "%s is there already", name)
		}
	}
	if !slices.Contains(d.Levels, d.VendorLevel) {
		return domain.Invalid("vendor_level", "want one of the levels %v", d.Levels)
	}
	return nil
}

// FirstLevel is where a dispute starts.
func (d Dispute) FirstLevel(vendorIsParty bool) string {
	if vendorIsParty {
		return d.VendorLevel
	}
	return d.Levels[0]
}

// Above is the level above another; empty for the last one, and for a name that is no level.
func (d Dispute) Above(level string) string {
	at := slices.Index(d.Levels, level)
	if at < 0 || at+1 == len(d.Levels) {
		return ""
	}
	return d.Levels[at+1]
}

// AppealLevel is the one that hears appeals.
func (d Dispute) AppealLevel() string { return d.Levels[len(d.Levels)-1] }

// OpenUntil is when it is too late to dispute what was recorded at a moment.
func (d Dispute) OpenUntil(recorded time.Time, zone *time.Location) time.Time {
	return endOfDay(AddDays(recorded, d.OpenDays, zone), zone)
}

// ResponseDue is when the time for responses ends.
func (d Dispute) ResponseDue(opened time.Time, zone *time.Location) time.Time {
	return endOfDay(AddBusinessDays(opened, d.ResponseBusinessDays, zone, d.Holidays...), zone)
}

// RulingDue is when the time for a ruling ends that runs from a moment.
func (d Dispute) RulingDue(from time.Time, zone *time.Location) time.Time {
	return endOfDay(AddBusinessDays(from, d.RulingBusinessDays, zone, d.Holidays...), zone)
}

// AppealUntil is when the time for an appeal ends.
func (d Dispute) AppealUntil(ruled time.Time, zone *time.Location) time.Time {
	return endOfDay(AddDays(ruled, d.AppealDays, zone), zone)
}

// endOfDay is the end of the day that t falls on, exclusive: the start of the next one.
func endOfDay(t time.Time, zone *time.Location) time.Time {
	return domain.DateOf(t, zone).AddDays(1).In(zone).UTC()
}
