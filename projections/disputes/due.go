package disputes

import (
	"time"

	"github.com/channelledger/channelledger/domain/dispute"
)

// Due is until when the case waits for what comes next, exclusive: a response, a ruling, or an appeal. A ruling that wasn't
// there in time is waited for still, unless the next level has a time of its own; without a response the case goes on. The
// zero time: it waits for nothing.
func Due(c *dispute.Case) (first time.Time) {
	for _, due := range []time.Time{c.ResponseDue, c.RulingDue, c.AppealUntil} {
		if !due.IsZero() && (first.IsZero() || due.Before(first)) {
			first = due
		}
	}
	if n := len(c.Missed); n > 0 && first.IsZero() && unruled(c) {
		return c.Missed[n-1].Due
	}
	return first
}

// unruled reports whether somebody has to rule.
func unruled(c *dispute.Case) bool {
	switch c.Status {
	case dispute.StatusOpen:
		return true
	case dispute.StatusAppealed:
		return c.Appeal == nil || c.Appeal.Ruling == nil
	case dispute.StatusRuled, dispute.StatusFinal, dispute.StatusClosed:
	}
	return false
}

// Overdue reports whether a response or a ruling should have been there by a moment. The end of the time for an appeal is
// nobody's delay.
func Overdue(c *dispute.Case, at time.Time) bool {
	due := Due(c)
	return !due.IsZero() && unruled(c) && !due.After(at)
}

// soon is how long ahead the history looks.
const soon = 7 * 24 * time.Hour

func dueSoon(c *dispute.Case, at time.Time) bool {
	due := Due(c)
	return due.After(at) && !due.After(at.Add(soon))
}
