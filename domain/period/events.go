package period

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "period"

// Event is a fact in a period's stream.
type Event interface {
	domain.Event
	evolve(*Period, domain.Envelope)
}

// Types lists every event type that a period's stream may hold.
func Types() []domain.Type {
	return []domain.Type{
		domain.TypeOf[Cut](),
		domain.TypeOf[Closed](),
		domain.TypeOf[ReopeningRequested](),
		domain.TypeOf[Reopened](),
	}
}

// Cut divides the log: what is recorded behind it no longer posts in the month, whenever it took effect.
type Cut struct {
	Month   Month     `json:"month"`   // yyyy-mm
	Version int       `json:"version"` // 1, and one more each time that it is cut again
	From    time.Time `json:"from"`    // start of the month in the program's zone
	Until   time.Time `json:"until"`   // its end, exclusive
}

// EventType is period.cut.v1.
func (Cut) EventType() string { return "period.cut.v1" }

// Closed says: these are the month's books.
type Closed struct {
	Month              Month        `json:"month"`
	Version            int          `json:"version"`              // of the cut
	Cut                uuid.UUID    `json:"cut"`                  // the event
	TrialBalanceSHA256 string       `json:"trial_balance_sha256"` // of the trial balance at the cut as CSV, 64 hex digits
	Checks             []Check      `json:"checks"`               // each that was made, and what it found
	Accepted           []Acceptance `json:"accepted,omitempty"`   // of those that failed
}

// EventType is period.closed.v1.
func (Closed) EventType() string { return "period.closed.v1" }

// Result is what a check came to.
type Result string

// The results.
const (
	Passed Result = "passed"
	Warned Result = "warned" // worth a look; the month can be closed
	Failed Result = "failed" // the month can be closed only where somebody accepts it, and says why
)

// Results lists every result.
func Results() []Result { return []Result{Passed, Warned, Failed} }

// Check is one look at the books before they are closed.
type Check struct {
	Name   string `json:"name"` // as in open_suspense
	Result Result `json:"result"`
	Found  int    `json:"found"` // how many things
}

// Acceptance says: the check failed, and the month is closed all the same.
type Acceptance struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
}

// ReopeningRequested says: somebody wants the cut lifted. A second person decides.
type ReopeningRequested struct {
	Month   Month  `json:"month"`
	Version int    `json:"version"`
	Reason  string `json:"reason"`
}

// EventType is period.reopening_requested.v1.
func (ReopeningRequested) EventType() string { return "period.reopening_requested.v1" }

// Reopened lifts the cut: from here on, late facts post in the month again until it is cut anew.
type Reopened struct {
	Month   Month  `json:"month"`
	Version int    `json:"version"` // of the cut that is lifted
	Reason  string `json:"reason,omitempty"`
}

// EventType is period.reopened.v1.
func (Reopened) EventType() string { return "period.reopened.v1" }
