package projections

import (
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// Bounds say how much of the log an answer is made from. The zero value takes all of it.
type Bounds struct {
	KnownAt       time.Time           // the log as it stood then: all before the first event recorded later
	KnownPosition eventstore.Position // the log up to here, this event included
	EffectiveAt   time.Time           // without the events that took effect later
}

// over reports whether a message lies behind what was known.
func (b Bounds) over(m eventstore.Message) bool {
	if !b.KnownPosition.IsStart() && m.Position.Compare(b.KnownPosition) > 0 {
		return true
	}
	return m.Kind == eventstore.Appeared && !b.KnownAt.IsZero() && m.Event.RecordedAt.After(b.KnownAt)
}

// leavesOut reports whether an event took effect too late.
func (b Bounds) leavesOut(effectiveAt time.Time) bool {
	return !b.EffectiveAt.IsZero() && effectiveAt.After(b.EffectiveAt)
}
