package disputes

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections/numbers"
)

// AgeDays is how old a case is at a moment: whole days of 24 hours from its opening, to its final decision where there is one.
func AgeDays(c *dispute.Case, at time.Time) int {
	if c.Final.Taken() && c.Final.At.Before(at) {
		at = c.Final.At
	}
	return max(0, int(at.Sub(c.Opened.At)/(24*time.Hour)))
}

// Ages says how many cases are of an age.
type Ages struct {
	Days  string `json:"days"` // of AgeDays, both ends included: 0-7, 8-14, 15-30, 31-60 or 61+
	Cases int    `json:"cases"`
}

// noAges is a bucket for each age, all empty: two weeks apart, as responses and rulings fall due within them, then by months.
func noAges() []Ages {
	return []Ages{{Days: "0-7"}, {Days: "8-14"}, {Days: "15-30"}, {Days: "31-60"}, {Days: "61+"}}
}

func bucketOf(days int) (n int) {
	for _, most := range []int{7, 14, 30, 60} {
		if days > most {
			n++
		}
	}
	return n
}

// Oldest is the case that has been open for longest.
type Oldest struct {
	DisputeID uuid.UUID `json:"dispute_id"`
	OpenedAt  time.Time `json:"opened_at"`
	AgeDays   int       `json:"age_days"`
}

// Took is how long cases took: calendar days of the program's zone, by nearest rank, as dispute_resolution_time@1 has them.
type Took struct {
	Cases  int    `json:"cases"`
	Median string `json:"median_days,omitempty"`
	P90    string `json:"p90_days,omitempty"`
}

func took(days []int64) Took {
	return Took{Cases: len(days), Median: numbers.RankText(days, 50), P90: numbers.RankText(days, 90)}
}
