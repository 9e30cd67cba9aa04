package disputes

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections/numbers"
)

// Group is what became of the cases that have something in common.
type Group struct {
	Value    string                  `json:"value"`
	Open     int                     `json:"open"`     // not final yet
	Closed   int                     `json:"closed"`   // final, or closed
	Outcomes map[dispute.Outcome]int `json:"outcomes"` // of the closed ones

	OpenAges []Ages  `json:"open_ages"` // of the open ones, youngest first
	Oldest   *Oldest `json:"oldest_open,omitempty"`
	ToRuling Took    `json:"opened_to_ruled"` // to the first ruling, whatever is appealed after it
	ToFinal  Took    `json:"opened_to_final"` // however the case became final

	Missed  map[dispute.Deadline]int `json:"deadlines_missed"`  // how often each was; appeal is the ruling on one
	Overdue int                      `json:"overdue"`           // cases that wait for a response or a ruling beyond its time
	DueSoon int                      `json:"due_within_7_days"` // cases whose next response, ruling or appeal is due within 7 × 24 hours

	Ruled       int    `json:"ruled"`                   // cases with a ruling, whatever was appealed after it
	Escalations int    `json:"escalations"`             // how often a case went one level up; an appeal is none
	Appealed    int    `json:"appealed"`                // appeals that were ruled on
	Overturned  int    `json:"overturned"`              // of them: those that didn't confirm the ruling
	Rate        string `json:"overturn_rate,omitempty"` // overturned ÷ appealed, as metrics write it

	// Last is the case of the group that was ruled on last, or else opened last.
	Last   uuid.UUID `json:"last,omitzero"`
	LastAt time.Time `json:"last_at,omitzero"`

	Changed []Change `json:"changed,omitempty"` // by rule: versions of the policy that were published because of disputes

	lastRule bool // Last was ruled on
	days     struct{ ruled, final []int64 }
}

func newGroup(value string) *Group {
	return &Group{
		Value: value, Outcomes: map[dispute.Outcome]int{}, OpenAges: noAges(),
		Missed: map[dispute.Deadline]int{dispute.DeadlineResponse: 0, dispute.DeadlineRuling: 0, dispute.DeadlineAppeal: 0},
	}
}

// count takes in a case as it is at the question's moment.
func (g *Group) count(c *dispute.Case, q Question) {
	if c.Final.Taken() {
		g.Closed++
		g.Outcomes[c.Outcome]++
		g.days.final = append(g.days.final, numbers.DaysBetween(c.Opened.At, c.Final.At, q.Zone))
	} else {
		g.isOpen(c, q.At)
	}
	if c.Ruling != nil {
		g.Ruled++
		g.days.ruled = append(g.days.ruled, numbers.DaysBetween(c.Opened.At, c.Ruling.Step.At, q.Zone))
	}
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		g.Appealed++
		if !c.Appeal.Confirms {
			g.Overturned++
		}
	}
	for _, m := range c.Missed {
		g.Missed[m.Which]++
	}
	g.Escalations += c.Escalations
	g.isLast(c)
}

func (g *Group) isOpen(c *dispute.Case, at time.Time) {
	g.Open++
	age := AgeDays(c, at)
	g.OpenAges[bucketOf(age)].Cases++
	if g.Oldest == nil { // cases come by their opening
		g.Oldest = &Oldest{DisputeID: c.ID, OpenedAt: c.Opened.At, AgeDays: age}
	}
	if Overdue(c, at) {
		g.Overdue++
	}
	if dueSoon(c, at) {
		g.DueSoon++
	}
}

func (g *Group) isLast(c *dispute.Case) {
	at, ruled := c.Opened.At, c.Ruling != nil
	if ruled {
		at = c.Ruling.Step.At
	}
	if g.Last == uuid.Nil || ruled && !g.lastRule || ruled == g.lastRule && !at.Before(g.LastAt) {
		g.Last, g.LastAt, g.lastRule = c.ID, at, ruled
	}
}

// done is the group once every case was counted.
func (g *Group) done() Group {
	g.ToRuling, g.ToFinal = took(g.days.ruled), took(g.days.final)
	g.Rate = numbers.Ratio(numbers.Whole(int64(g.Overturned)), numbers.Whole(int64(g.Appealed)))
	return *g
}
