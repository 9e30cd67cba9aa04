package reactor

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

// Departures ends what a partner has in the pipeline when it is deactivated: each of its deals that waits or is protected is
// wound down. It doesn't matter which is recorded first, what happened to the deal or that the partner left: by their
// effective times it is told what the partner did before it left, and what since it is back.
type Departures struct {
	partners map[uuid.UUID]*ally
	deals    map[uuid.UUID]*allysDeal // those that are over for good are forgotten
	out      outbox
}

// ally is a partner, as far as it has deals or left.
type ally struct {
	away domain.Dated[bool]       // since it was deactivated, until it is onboarded again
	open map[uuid.UUID]*allysDeal // waiting or approved
}

type allysDeal struct {
	id, account uuid.UUID
	partner     *ally
	decidedAt   time.Time // when the latest of its steps took effect
}

// NewDepartures knows nobody.
func NewDepartures() *Departures {
	return &Departures{partners: map[uuid.UUID]*ally{}, deals: map[uuid.UUID]*allysDeal{}, out: newOutbox("departures")}
}

// Name is departures.
func (d *Departures) Name() string { return d.out.rule }

// Types are the events that say who is in the program, and which deals wait or are protected.
func (*Departures) Types() []string {
	return []string{
		partner.Onboarded{}.EventType(),
		partner.Deactivated{}.EventType(),
		account.DealRegistered{}.EventType(),
		account.DealReturned{}.EventType(),
		account.DealResubmitted{}.EventType(),
		account.DealApproved{}.EventType(),
		account.ExtensionRequested{}.EventType(),
		account.ExtensionGranted{}.EventType(),
		account.ExtensionDeclined{}.EventType(),
		account.DealReopened{}.EventType(),
		account.ProtectionShortened{}.EventType(),
		account.DealRejected{}.EventType(),
		account.DealWithdrawn{}.EventType(),
		account.DealWon{}.EventType(),
		account.DealLost{}.EventType(),
		account.DealExpired{}.EventType(),
		account.DealReassigned{}.EventType(),
		account.DealReinstated{}.EventType(),
	}
}

// Observe folds partners and deals.
func (d *Departures) Observe(event domain.Event, env domain.Envelope) {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return // no stream of ours
	}
	d.out.shown(env.CommandID)
	switch e := event.(type) {
	case partner.Onboarded:
		d.partner(id).away.Set(env.EffectiveAt, false)
	case partner.Deactivated:
		p := d.partner(id)
		p.away.Set(env.EffectiveAt, true)
		for _, own := range p.inOrder() {
			d.windDown(own, env)
		}
	case account.DealEvent:
		d.observeDeal(id, e, env)
	}
}

func (d *Departures) partner(id uuid.UUID) *ally {
	if d.partners[id] == nil {
		d.partners[id] = &ally{open: map[uuid.UUID]*allysDeal{}}
	}
	return d.partners[id]
}

func (d *Departures) observeDeal(home uuid.UUID, event account.DealEvent, env domain.Envelope) {
	if e, ok := event.(account.DealRegistered); ok {
		d.deals[e.DealID] = &allysDeal{id: e.DealID, account: home, partner: d.partner(e.PartnerID)}
	}
	own := d.deals[event.Deal()]
	if own == nil {
		return
	}
	if own.decidedAt.Before(env.EffectiveAt) {
		own.decidedAt = env.EffectiveAt
	}
	wasOpen := own.partner.open[own.id] != nil
	delete(own.partner.open, own.id)
	switch e := event.(type) {
	case account.DealReassigned:
		own.partner = d.partner(e.To)
		if wasOpen {
			d.opened(own, env)
		}
	case account.DealRejected, account.DealWithdrawn:
		delete(d.deals, own.id)
	case account.DealWon, account.DealLost, account.DealExpired:
	case account.DealReopened:
		if e.To == account.StatusApproved {
			d.opened(own, env)
		}
	case account.ProtectionShortened: // what was ordered
		own.partner.open[own.id] = own
	default:
		d.opened(own, env)
	}
}

// opened notes that the deal waits or is protected. Its partner may have left by then, as only a later record says.
func (d *Departures) opened(own *allysDeal, env domain.Envelope) {
	own.partner.open[own.id] = own
	d.windDown(own, env)
}

// windDown orders the end of a deal, if its partner left at, or behind, the last thing that happened to the deal.
func (d *Departures) windDown(own *allysDeal, cause domain.Envelope) {
	left, ok := own.partner.leftBehind(own.decidedAt)
	if !ok {
		return
	}
	at := left
	if at.Before(own.decidedAt) {
		at = own.decidedAt
	}
	d.out.order(Order{
		Stream:  domain.StreamName(account.Category, own.account),
		Command: account.WindDownDeal{DealID: own.id, LeftAt: left},
		Cause:   causeOf(cause), Step: "wind_down " + own.id.String(), EffectiveAt: at,
	})
}

// leftBehind is when the absence began that the partner was in at a moment, or else the next one.
func (p *ally) leftBehind(moment time.Time) (left time.Time, ok bool) {
	for _, entry := range p.away.Entries {
		switch {
		case entry.Value && !ok:
			left, ok = entry.From, true
		case !entry.Value && ok && entry.From.After(moment):
			return left, true
		case !entry.Value:
			ok = false // it was back by then
		}
	}
	return left, ok
}

// inOrder are the open deals, the same way each time.
func (p *ally) inOrder() []*allysDeal {
	return slices.SortedFunc(maps.Values(p.open), func(a, b *allysDeal) int { return bytes.Compare(a.id[:], b.id[:]) })
}

// Due hands out what follows from the log and isn't in it yet.
func (d *Departures) Due(time.Time) []Order { return d.out.take() }

// Next is at once, where there is anything to do.
func (d *Departures) Next() (time.Time, bool) { return d.out.next() }
