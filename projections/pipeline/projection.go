package pipeline

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "pipeline"

// Projection is the read model of deals. Months are those of the program's zone, which never changes; nil is UTC. It is
// given and not read from the log, where an answer bounded by effective_at leaves the program's creation out.
func Projection(zone *time.Location) projections.Projection[*tables] {
	if zone == nil {
		zone = time.UTC
	}
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 4,
		Types:   listing.TypeNames(account.Types(), aboutDeal),
		Open:    func(s *projections.Schema) *tables { return open(s, zone) },
		Apply:   apply,
	}
}

func aboutDeal(e domain.Event) bool {
	_, ok := e.(account.DealEvent)
	return ok
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	event, ok := e.(account.DealEvent)
	if !ok {
		return fmt.Errorf("%T is no event of a deal", e)
	}
	key := event.Deal().String()
	d, err := t.deals.Edit(key)
	if err != nil {
		return err
	}
	if d == nil {
		d = &deal{}
	}
	t.before = contributions(t.before[:0], d)
	if d.Apply(event, env); d.ID == uuid.Nil {
		return nil // its registration is left out, and so is the deal
	}
	d.Month = monthOf(&d.Deal, t.zone)
	t.deals.Put(key, d)
	t.addLinks(d, e)
	t.after = contributions(t.after[:0], d)
	return t.move(t.before, t.after)
}

// addLinks keeps every link but the first.
func (t *tables) addLinks(d *deal, e domain.Event) {
	if n := len(d.CRM) - 1; n > 0 {
		if _, ok := e.(account.CRMLinked); ok {
			t.links.Put(d.ID.String()+"/"+strconv.Itoa(n), &link{DealID: d.ID, CRMLink: d.CRM[n]})
		}
	}
}
