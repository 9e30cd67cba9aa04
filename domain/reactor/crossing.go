package reactor

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
)

// Crossing finds registrations on different accounts that are of one customer, and records each on the other's deal: what
// two partners who register at the same moment can't see, what a candidate list didn't tell yet, and what a link between
// two records brings to light. It looks at what is live when it is asked, so a log that is read from its beginning leads to
// the findings that stand in it already, and to no others.
//
// In memory it keeps one small record for each account, one for each deal that may still be reopened, and whole only the
// deals that are live, which alone are in the index.
type Crossing struct {
	accounts map[uuid.UUID]*customer
	records  map[uuid.UUID]*accountRecord
	live     map[uuid.UUID]*account.Deal
	closed   map[uuid.UUID]closedDeal // may be reopened
	index    map[string]map[*customer]bool
	rules    *program.State

	changed  map[uuid.UUID]touch // live deals that may meet others, since it was asked last
	observed int                 // events so far
}

// customer is the records that are linked: one customer as far as anybody said.
type customer struct {
	records  []uuid.UUID                 // the one that takes the registrations first
	deals    map[uuid.UUID]*account.Deal // live ones
	profiles []account.Profile           // of the records, while it has live deals
}

// accountRecord is who an account is.
type accountRecord struct{ name, domain, country, taxID string }

// closedDeal is what of a deal is needed if it is reopened.
type closedDeal struct {
	account, partner             uuid.UUID
	lines                        []string
	place                        int64
	placedAt, rankedAt, approved time.Time
	approval                     uuid.UUID
}

// touch is an event after which a deal may meet others.
type touch struct {
	order int // among the events observed
	cause domain.Envelope
}

// NewCrossing knows nothing yet.
func NewCrossing() *Crossing {
	return &Crossing{
		accounts: map[uuid.UUID]*customer{},
		records:  map[uuid.UUID]*accountRecord{},
		live:     map[uuid.UUID]*account.Deal{},
		closed:   map[uuid.UUID]closedDeal{},
		index:    map[string]map[*customer]bool{},
		rules:    program.Decider().Initial(),
		changed:  map[uuid.UUID]touch{},
	}
}

// Name is crossing.
func (*Crossing) Name() string { return "crossing" }

// Types are those that say who a customer is, which deals are live, and when names are similar.
func (*Crossing) Types() []string {
	return []string{
		program.Created{}.EventType(),
		program.PolicyPublished{}.EventType(),
		program.PolicyRetired{}.EventType(),
		account.Identified{}.EventType(),
		account.AliasLinked{}.EventType(),
		account.DealRegistered{}.EventType(),
		account.ConflictFound{}.EventType(),
		account.DealResubmitted{}.EventType(),
		account.DealRejected{}.EventType(),
		account.DealWithdrawn{}.EventType(),
		account.DealApproved{}.EventType(),
		account.ExtensionRequested{}.EventType(),
		account.ExtensionGranted{}.EventType(),
		account.ExtensionDeclined{}.EventType(),
		account.ProtectionShortened{}.EventType(),
		account.DealWon{}.EventType(),
		account.DealLost{}.EventType(),
		account.DealReopened{}.EventType(),
		account.DealExpired{}.EventType(),
		account.HoldPlaced{}.EventType(),
		account.HoldLifted{}.EventType(),
		account.DealReassigned{}.EventType(),
		account.DealReinstated{}.EventType(),
	}
}

// Observe keeps what is live, and notes what may meet others from now on.
func (c *Crossing) Observe(event domain.Event, env domain.Envelope) {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return // no stream of ours
	}
	c.observed++
	switch e := event.(type) {
	case account.Identified:
		c.records[id] = &accountRecord{name: e.Name, domain: e.Domain, country: e.Country, taxID: e.TaxID}
		c.customer(id)
	case account.AliasLinked:
		c.link(id, e.AccountID, env)
	case account.DealEvent:
		c.observeDeal(id, e, env)
	case program.Event:
		c.rules = program.Decider().Evolve(c.rules, e, env)
		if aboutConflicts(e) {
			c.recheck(c.live, env)
		}
	}
}

// aboutConflicts reports whether names may be similar from now on that weren't.
func aboutConflicts(e program.Event) bool {
	switch e := e.(type) {
	case program.PolicyPublished:
		return e.Kind == policy.KindConflict
	case program.PolicyRetired:
		return e.Kind == policy.KindConflict
	}
	return false
}

func (c *Crossing) observeDeal(accountID uuid.UUID, e account.DealEvent, env domain.Envelope) {
	d := c.live[e.Deal()]
	if d == nil {
		d = c.closed[e.Deal()].reopen(e.Deal())
	}
	d.Apply(e, env)
	if d.ID == uuid.Nil {
		return
	}
	delete(c.closed, d.ID)
	switch on := c.customer(accountID); {
	case d.Live():
		c.live[d.ID] = d
		c.add(on, d)
		if _, found := e.(account.ConflictFound); !found {
			c.recheck(map[uuid.UUID]*account.Deal{d.ID: d}, env)
		}
	default:
		c.remove(on, d)
		delete(c.live, d.ID)
		delete(c.changed, d.ID)
		if d.Status != account.StatusRejected && d.Status != account.StatusWithdrawn {
			c.closed[d.ID] = remains(d)
		}
	}
}

// remains are what a deal that was closed needs to be reopened.
func remains(d *account.Deal) closedDeal {
	return closedDeal{
		account: d.AccountID, partner: d.PartnerID, lines: d.Rival().Lines, place: d.Place, placedAt: d.PlacedAt, rankedAt: d.RankedAt,
		approved: d.Approved.At, approval: d.Approved.EventID,
	}
}

// reopen is the deal as far as it was kept; an empty one where there was none.
func (k closedDeal) reopen(id uuid.UUID) *account.Deal {
	if k.account == uuid.Nil {
		return &account.Deal{}
	}
	d := &account.Deal{
		ID: id, AccountID: k.account, PartnerID: k.partner, Place: k.place, PlacedAt: k.placedAt, RankedAt: k.rankedAt,
	}
	for _, l := range k.lines {
		d.Lines = append(d.Lines, account.DealLine{Line: l})
	}
	d.Approved.At, d.Approved.EventID = k.approved, k.approval
	return d
}

// customer is whose record the account is.
func (c *Crossing) customer(id uuid.UUID) *customer {
	if c.accounts[id] == nil {
		c.accounts[id] = &customer{records: []uuid.UUID{id}, deals: map[uuid.UUID]*account.Deal{}}
	}
	return c.accounts[id]
}

// link makes two customers one. Their deals meet anew.
func (c *Crossing) link(alias, to uuid.UUID, env domain.Envelope) {
	from, into := c.customer(alias), c.customer(to)
	if from == into {
		return
	}
	c.unindex(from)
	c.unindex(into)
	into.records = append(into.records, from.records...)
	maps.Copy(into.deals, from.deals)
	for _, id := range from.records {
		c.accounts[id] = into
	}
	c.reindex(into)
	c.recheck(into.deals, env)
}

func (c *Crossing) add(on *customer, d *account.Deal) {
	on.deals[d.ID] = d
	if on.profiles == nil {
		c.reindex(on)
	}
}

func (c *Crossing) remove(on *customer, d *account.Deal) {
	delete(on.deals, d.ID)
	if len(on.deals) == 0 {
		c.unindex(on)
	}
}

func (c *Crossing) reindex(on *customer) {
	if len(on.deals) == 0 {
		return
	}
	on.profiles = []account.Profile{}
	for _, id := range on.records {
		r := c.records[id]
		if r == nil {
			continue // linked to before anybody identified it
		}
		p := account.Customer{Name: r.name, Domain: r.domain, Country: r.country, TaxID: r.taxID}.Profile()
		p.AccountID = id
		on.profiles = append(on.profiles, p)
		for _, key := range p.Keys() {
			if c.index[key] == nil {
				c.index[key] = map[*customer]bool{}
			}
			c.index[key][on] = true
		}
	}
}

func (c *Crossing) unindex(on *customer) {
	for _, p := range on.profiles {
		for _, key := range p.Keys() {
			if delete(c.index[key], on); len(c.index[key]) == 0 {
				delete(c.index, key)
			}
		}
	}
	on.profiles = nil
}

// recheck notes that deals may meet others because of an event.
func (c *Crossing) recheck(deals map[uuid.UUID]*account.Deal, cause domain.Envelope) {
	for id := range deals {
		c.changed[id] = touch{order: c.observed, cause: cause}
	}
}

func byDealID(a, b *account.Deal) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// Due are the findings that are missing on deals that meet by now, each order once.
func (c *Crossing) Due(time.Time) (orders []Order) {
	given := map[string]bool{}
	for _, at := range c.takeChanged() {
		for _, o := range c.meetings(c.live[at.deal], at.cause) {
			if !given[o.Step] {
				given[o.Step] = true
				orders = append(orders, o)
			}
		}
	}
	return orders
}

type touchedDeal struct {
	touch
	deal uuid.UUID
}

// takeChanged hands out what changed, in an order that the log alone decides.
func (c *Crossing) takeChanged() []touchedDeal {
	all := make([]touchedDeal, 0, len(c.changed))
	for id, at := range c.changed {
		all = append(all, touchedDeal{at, id})
	}
	clear(c.changed)
	slices.SortFunc(all, func(a, b touchedDeal) int {
		return cmp.Or(cmp.Compare(a.order, b.order), bytes.Compare(a.deal[:], b.deal[:]))
	})
	return all
}

// Next is never: nothing here waits for a day.
func (*Crossing) Next() (time.Time, bool) { return time.Time{}, false }

// meetings are the orders for both halves of every pair that the deal is one of.
func (c *Crossing) meetings(d *account.Deal, cause domain.Envelope) (orders []Order) {
	own := c.customer(d.AccountID)
	for _, other := range c.candidates(own) {
		matches := func(from, to *customer) []account.Match {
			if own == other {
				return []account.Match{account.Linked()}
			}
			return account.Compare(from.profiles, to.profiles)
		}
		toward, back := matches(own, other), matches(other, own)
		for _, rival := range slices.SortedFunc(maps.Values(other.deals), byDealID) {
			if rival.AccountID == d.AccountID || !d.Rival().Meets(rival.Rival()) {
				continue // on one account they meet by themselves
			}
			threshold := c.threshold(d, rival)
			orders = append(orders, halfOf(d, rival, holding(toward, threshold), cause)...)
			orders = append(orders, halfOf(rival, d, holding(back, threshold), cause)...)
		}
	}
	return orders
}

// candidates are the customers with live deals that share a key with this one, itself among them.
func (c *Crossing) candidates(own *customer) []*customer {
	all := map[*customer]bool{own: true}
	for _, p := range own.profiles {
		for _, key := range p.Keys() {
			maps.Copy(all, c.index[key])
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b *customer) int {
		return bytes.Compare(a.records[0][:], b.records[0][:])
	})
}

// threshold is that of the policy in force when the later of the two was submitted.
func (c *Crossing) threshold(a, b *account.Deal) int {
	at := a.PlacedAt
	if b.PlacedAt.After(at) {
		at = b.PlacedAt
	}
	if v, ok := c.rules.InForce(policy.KindConflict, at); ok {
		if body, ok := v.Body.(policy.Conflict); ok {
			return body.Threshold()
		}
	}
	return policy.DefaultConflict().Threshold()
}

func holding(matches []account.Match, threshold int) []account.Match {
	return slices.DeleteFunc(slices.Clone(matches), func(m account.Match) bool { return !m.Holds(threshold) })
}

// halfOf is the order for one half, where anything is missing on it.
func halfOf(d, rival *account.Deal, matches []account.Match, cause domain.Envelope) []Order {
	matches = d.Lacks(rival.Rival(), matches)
	if len(matches) == 0 {
		return nil
	}
	return []Order{{
		Stream:  domain.StreamName(account.Category, d.AccountID),
		Command: account.RecordRival{DealID: d.ID, Rival: rival.Rival(), Matches: matches},
		Cause:   cause,
		Step:    d.ID.String() + " meets " + rival.ID.String(),
	}}
}
