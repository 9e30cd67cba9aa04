package intake

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// unit is the steps of one row that belong together, and their place in time.
type unit struct {
	row     *row
	day     domain.Date
	closing bool
	steps   []step
}

// importing is the day of what takes effect with the import itself: behind everything else.
var importing = domain.Date{Year: 9999, Month: 12, Day: 31}

// order is that of history: by day, on one day what is closed before what is registered, then as in the files.
func (u unit) order(other unit) int {
	rank := map[bool]int{true: 0, false: 1}
	return cmp.Or(u.day.Compare(other.day), cmp.Compare(rank[u.closing], rank[other.closing]), cmp.Compare(u.row.place, other.row.place))
}

// plan is what is to be done for all rows, in order. A row of which something changed that must not is set aside.
func (i *importer) plan() (units []unit) {
	for _, r := range i.rows {
		if r.rejected != nil {
			continue
		}
		for _, u := range i.planRow(r) {
			if len(u.steps) > 0 {
				units = append(units, u)
			}
		}
	}
	slices.SortStableFunc(units, unit.order)
	return units
}

func (i *importer) planRow(r *row) []unit {
	said := i.memory.said[i.mapping.commandID(r.id, registering)]
	if said == nil {
		return i.planNew(r)
	}
	found := i.changes(r, said)
	if r.rejected = i.forbidden(r, found); r.rejected != nil {
		return nil
	}
	if r.rejected = i.tooEarly(r, said, found); r.rejected != nil {
		return nil
	}
	return i.planKnown(r, said, found)
}

// planNew is a row that was never imported. Closed on the day it came, it is closed after it came.
func (i *importer) planNew(r *row) []unit {
	come := unit{row: r, day: r.registeredOn, steps: []step{i.registration(r), i.link(r), i.approval(r)}}
	if r.status == Open {
		if r.stage != "" {
			come.steps = append(come.steps, i.firstStage(r))
		}
		return []unit{come}
	}
	if r.closedOn == r.registeredOn {
		come.steps = append(come.steps, i.closing(r))
		return []unit{come}
	}
	return []unit{come, {row: r, day: r.closedOn, closing: true, steps: []step{i.closing(r)}}}
}

// planKnown is what is missing of a row that was imported before: the rest of what an interrupted import left, and what
// happened since.
func (i *importer) planKnown(r *row, said *account.Deal, found []change) []unit {
	come := unit{row: r, day: r.registeredOn}
	if len(said.CRM) == 0 {
		come.steps = append(come.steps, i.link(r))
	}
	if !taken(said.Approved) {
		come.steps = append(come.steps, i.approval(r))
	}
	on := unit{row: r, day: importing}
	if !r.changedOn.IsZero() {
		on.day = r.changedOn
	}
	end := i.planEnd(r, said, found)
	switch {
	case r.status != Open || r.stage == "" || said.Stage.Latest() == r.stage:
	case len(said.Stage.Entries) == 0 && !taken(said.Reopened) && len(end.steps) == 0:
		come.steps = append(come.steps, i.firstStage(r))
	default:
		on.steps = append(on.steps, i.laterStage(r, said))
	}
	if slices.ContainsFunc(found, func(c change) bool { return !isOutcome(c) }) {
		on.steps = append(on.steps, i.revision(r, said))
	}
	if r.closedOn == r.registeredOn {
		come.steps = append(come.steps, end.steps...)
		return []unit{come, on}
	}
	return []unit{come, end, on}
}

// planEnd is how the deal ends, or that it hasn't after all.
func (i *importer) planEnd(r *row, said *account.Deal, found []change) unit {
	end := unit{row: r, day: r.closedOn, closing: true}
	switch {
	case !isClosed(said) && r.status == Open:
	case !isClosed(said) && !taken(said.Reopened):
		end.steps = []step{i.closing(r)}
	case !isClosed(said):
		end.steps = []step{i.reclosing(r, said)}
	case slices.ContainsFunc(found, isOutcome):
		end.steps = []step{i.reopen(r, said)}
		if r.status == Open {
			end.day = i.day(said.Closed)
		} else {
			end.steps = append(end.steps, i.reclosing(r, said))
		}
	}
	return end
}

// tooEarly sets a row aside that would end before the outcome that it corrects: what is recorded can be taken back only from
// its own moment on.
func (i *importer) tooEarly(r *row, said *account.Deal, found []change) *Reject {
	if !isClosed(said) || r.status == Open || !r.closedOn.In(i.zone).Before(said.Closed.At) {
		return nil
	}
	return r.reject(fault{
		i.mapping.column(ClosedOn), Changed, i.shown(found) + ": a revision can't move the end of a deal to an earlier day",
	})
}

func isClosed(d *account.Deal) bool {
	return d.Status == account.StatusWon || d.Status == account.StatusLost
}

func taken(s account.Step) bool { return s.EventID != uuid.Nil }
