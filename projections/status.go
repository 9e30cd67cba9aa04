package projections

import (
	"errors"
	"fmt"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// State is how a projection is doing.
type State string

// The states of a projection.
const (
	Building   State = "building"    // its first build of this version is being filled: nothing to read yet
	CatchingUp State = "catching_up" // it can be read, and reads what was recorded while it was away
	Live       State = "live"        // it follows the log
	Halted     State = "halted"      // it stands before an event that it can't apply; what came before can be read
	Failed     State = "error"       // log or storage can't be used; it tries again, unless another process moves its checkpoint
)

// Status is what is known of a projection.
type Status struct {
	Name       string
	Version    int
	State      State
	Position   eventstore.Position // what can be read holds the log up to here
	Head       eventstore.Position // how far the log is known to go
	Lag        uint64              // events seen behind Position, since the process started; 0 while building
	Reason     string              // why it is halted, failed, or had to be rebuilt
	Halt       *HaltError          // the event that it stands before; nil where it isn't halted
	Build      Progress            // of the first build, or of a rebuild
	Rebuilding bool                // a second build is being filled; reads go on on the first
}

// Progress is how far a build is.
type Progress struct {
	Events   uint64              // applied so far, of the types taken
	Position eventstore.Position // how far the log was read
	Fraction float64             // 0 to 1, of the log's length; -1 where that isn't known
	Rate     float64             // events a second
	Since    time.Time           // when it began
}

// BuildingError says that a read model can't be read, since its first build of this version isn't ready.
type BuildingError struct {
	Projection string
	Version    int
	Progress   Progress
	Reason     string // what went wrong last; empty where it is just not done
}

// ErrBuilding is what every *BuildingError is.
var ErrBuilding = errors.New("read model is being built")

// Error says how far it is.
func (e *BuildingError) Error() string {
	text := fmt.Sprintf("read model %s version %d is being built: %d events so far", e.Projection, e.Version, e.Progress.Events)
	if e.Progress.Fraction >= 0 {
		text += fmt.Sprintf(", %.0f %%", 100*e.Progress.Fraction)
	}
	if e.Reason != "" {
		text += "; last problem: " + e.Reason
	}
	return text
}

// Is makes it ErrBuilding.
func (e *BuildingError) Is(target error) bool { return target == ErrBuilding }

// Head is the end of the log as far as it was followed.
type Head struct {
	Position   eventstore.Position
	RecordedAt time.Time // of the last event of ours; zero where there is none
}
