package account

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Peer is another account that may be of the same customer, as far as decisions on this one look at it.
type Peer struct {
	Profile
	LinkedTo uuid.UUID // the record of its customer that takes the registrations
	Rivals   []Rival   // in the order of submission
}

// Rival is a registration on another account that is submitted, returned or protected.
type Rival struct {
	AccountID uuid.UUID
	DealID    uuid.UUID
	PartnerID uuid.UUID
	Lines     []string  // product lines
	Pending   bool      // submitted or returned; else protected
	PlacedAt  time.Time // when the submission that counts took effect
	RankedAt  time.Time // when it was recorded
	Until     time.Time // exclusive end of the protection; the year 9999 while an extension is undecided
}

// Rival is the deal as registrations on other accounts meet it.
func (d *Deal) Rival() Rival {
	_, until := d.Protection()
	return Rival{
		AccountID: d.AccountID, DealID: d.ID, PartnerID: d.PartnerID, Lines: d.claim().Lines, Pending: d.Pending(),
		PlacedAt: d.PlacedAt, RankedAt: d.RankedAt, Until: until,
	}
}

// Live reports whether registrations on other accounts can meet the deal, as far as its recorded status tells.
func (d *Deal) Live() bool { return d.Pending() || d.Status == StatusApproved }

// Peer is the account as decisions on another one look at it: with what waits, and what is protected beyond a moment. It
// shares nothing with the state.
func (s *State) Peer(at time.Time) Peer {
	p := Peer{Profile: s.Account.Profile(), LinkedTo: s.Account.LinkedTo}
	seen := map[uuid.UUID]bool{}
	add := func(d *Deal) {
		if !seen[d.ID] {
			seen[d.ID] = true
			p.Rivals = append(p.Rivals, d.Rival())
		}
	}
	for _, l := range s.lines {
		for _, d := range l.pending {
			add(d)
		}
		for d := range l.protectedAfter(at) {
			add(d)
		}
	}
	slices.SortFunc(p.Rivals, Rival.compare)
	return p
}

// compare orders registrations on several accounts: by when the ledger recorded the submission that counts, equal times by
// id. Within an account the place in its stream says the same.
func (r Rival) compare(other Rival) int {
	if order := r.RankedAt.Compare(other.RankedAt); order != 0 {
		return order
	}
	return bytes.Compare(r.DealID[:], other.DealID[:])
}

// Meets reports whether two registrations compete: they are of different partners, on one product line, and neither's
// protection was over when the other was submitted.
func (r Rival) Meets(other Rival) bool {
	over := func(a, b Rival) bool { return !a.Pending && !a.Until.After(b.PlacedAt) }
	return r.PartnerID != other.PartnerID && r.claim().shared(keysOf(other.Lines)) != "" && !over(r, other) && !over(other, r)
}

func (r Rival) claim() Claim {
	return Claim{DealID: r.DealID, PartnerID: r.PartnerID, Lines: r.Lines, PlacedAt: r.PlacedAt, RankedAt: r.RankedAt}
}

func keysOf(lines []string) (keys []string) {
	for _, l := range lines {
		keys = append(keys, keyOf(l))
	}
	return keys
}

// Comparison is what decides which other accounts a command has to know.
type Comparison struct {
	Customer Profile
	Known    []uuid.UUID // accounts that earlier findings name and that the account is linked to
}

// CompareWith tells whether a command is decided by looking at other records of the customer, and what finds them.
func CompareWith(s *State, c Command) (Comparison, bool) {
	switch c := c.(type) {
	case RegisterDeal:
		if s.Account.ID == uuid.Nil {
			id, _ := c.accountID() // what is wrong with it the decision says
			p := c.Customer.Profile()
			p.AccountID = id
			return Comparison{Customer: p}, true
		}
		return s.comparison(nil), true
	case ApproveDeal, ResubmitDeal, OverrideConflicts, ReferConflicts:
		d, ok := s.Deals[c.(dealCommand).dealID()]
		return s.comparison(d), ok
	}
	return Comparison{}, false
}

func (s *State) comparison(d *Deal) Comparison {
	c := Comparison{Customer: s.Account.Profile()}
	if s.Account.LinkedTo != uuid.Nil {
		c.Known = append(c.Known, s.Account.LinkedTo)
	}
	if d != nil {
		for _, f := range d.Findings {
			if f.With.AccountID != uuid.Nil && !slices.Contains(c.Known, f.With.AccountID) {
				c.Known = append(c.Known, f.With.AccountID)
			}
		}
	}
	return c
}

// otherRecords finds registrations of other partners on other accounts that are of the same customer: linked to this one,
// or alike by domain, tax id or name. As on one account those count that are protected, and those that wait and were
// submitted earlier.
func otherRecords(c Claim, s *State, f Facts, at time.Time) (found []Finding) {
	for _, related := range s.related(c, f) {
		for _, r := range related.peer.Rivals {
			counts := r.Pending && r.compare(c.rank()) < 0 || !r.Pending && r.Until.After(at)
			if !counts || r.PartnerID == c.PartnerID || c.shared(keysOf(r.Lines)) == "" {
				continue
			}
			for _, m := range related.matches {
				found = append(found, c.rivalFinding(r, m))
			}
		}
	}
	return found
}

func (c Claim) rank() Rival { return Rival{DealID: c.DealID, RankedAt: c.RankedAt} }

// rivalFinding is found on the claim's side of two registrations on two accounts.
func (c Claim) rivalFinding(r Rival, m Match) Finding {
	evidence := map[string]string{
		"state":        "pending",
		"lines":        c.shared(keysOf(r.Lines)),
		"partner_id":   r.PartnerID.String(),
		"submitted_at": stamp(r.PlacedAt),
		"order":        "later",
	}
	if r.compare(c.rank()) < 0 {
		evidence["order"] = "earlier"
	}
	if !r.Pending {
		evidence["state"] = "protected"
		if !r.Until.Equal(endless) {
			evidence["protected_until"] = stamp(r.Until)
		}
	}
	maps.Copy(evidence, m.Evidence)
	if evidence[otherAccount] == r.AccountID.String() {
		delete(evidence, otherAccount) // the finding names it already
	}
	found := c.finding(m.Rule, With{AccountID: r.AccountID, DealID: r.DealID}, evidence)
	found.Score = scoreText(m.Score)
	return found
}

// relation is a peer that is taken for the same customer, and why.
type relation struct {
	peer    Peer
	matches []Match
}

// related are the peers that are taken for the claim's customer. Records that are linked count as one: what speaks for one
// of them speaks for all.
func (s *State) related(c Claim, f Facts) (all []relation) {
	own := Peer{Profile: s.Account.Profile(), LinkedTo: s.Account.LinkedTo}
	if s.Account.ID == uuid.Nil {
		own = Peer{Profile: c.Customer}
	}
	records := map[uuid.UUID][]Profile{} // by the record that each customer's others are linked to
	customer := customers(append([]Peer{own}, f.Peers...))
	for _, p := range append([]Peer{own}, f.Peers...) {
		root := customer(p)
		records[root] = append(records[root], p.Profile)
	}
	for _, p := range f.Peers {
		related := relation{peer: p, matches: []Match{Linked()}}
		if customer(p) != customer(own) {
			related.matches = slices.DeleteFunc(Compare(records[customer(own)], records[customer(p)]), func(m Match) bool {
				return !m.Holds(f.Rules.Conflict.Body.Threshold())
			})
		}
		all = append(all, related)
	}
	return all
}

// customers tells, of some records, which record each customer's registrations go to. Links lead from greater ids to
// lesser ones, so that following them ends.
func customers(peers []Peer) func(Peer) uuid.UUID {
	links := map[uuid.UUID]uuid.UUID{}
	for _, p := range peers {
		links[p.AccountID] = p.LinkedTo
	}
	return func(p Peer) uuid.UUID {
		id := p.AccountID
		for links[id] != uuid.Nil {
			id = links[id]
		}
		return id
	}
}

// RecordRival records on a deal that a registration on another account is of the same customer. A reactor gives it for what
// nobody could see when the two were decided. The deal may be protected by now, and stays so: see OverrideConflicts. There
// is nothing to record for a deal that is closed, and for what is recorded already.
type RecordRival struct {
	DealID  uuid.UUID
	Rival   Rival
	Matches []Match
}

func (RecordRival) roles() []domain.Role { return []domain.Role{domain.ServiceRole} }

func (c RecordRival) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if h.Actor.Kind != domain.Reactor {
		return nil, domain.Forbid("reactor_only", "what two accounts hide from each other is recorded by the reactor alone")
	}
	d := s.Deals[c.DealID]
	if d == nil || !d.Live() {
		return nil, nil
	}
	var found []Finding
	for _, m := range c.Matches {
		found = append(found, d.claim().rivalFinding(c.Rival, m))
	}
	return d.claim().record(d, found), nil
}

// Lacks are those of the reasons against a rival that no finding of the deal tells yet.
func (d *Deal) Lacks(r Rival, matches []Match) []Match {
	return slices.DeleteFunc(slices.Clone(matches), func(m Match) bool {
		return d.finding(d.claim().rivalFinding(r, m).ID) != nil
	})
}
