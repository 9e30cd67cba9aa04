package timeline

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// Reader is whose eyes a case is told for.
type Reader struct {
	Partner uuid.UUID     // zero: the vendor's own people and its auditors, who see everything but sealed papers
	Actor   domain.Actor  // who asks, and sees no paper by a partner's eyes that isn't for its own; zero: whoever holds the ledger's files
	Mask    func(any) any // takes out of an event or document the personal text that this reader may not see; nil: nothing

	EachState bool // each entry is told with the subject as it is behind it
}

// The rules that something is withheld by.
const (
	RuleRival    = "rival"    // another partner's: amounts, contacts, prices, whatever is not how its registration stands
	RuleInternal = "internal" // the vendor's own notes, people and dealings with others
	RuleSealed   = "sealed"   // evidence that only the adjudicator sees
)

// WithheldBy is what stands in the place of what the rule withholds.
func WithheldBy(rule string) string { return fmt.Sprintf("[withheld: %s]", rule) }

// Withheld counts, by rule, what a reader doesn't see: of an entry its stream and fields of data and actor that read [withheld: rule], and
// entries left out altogether. What why, changes and state repeat of those fields isn't counted again.
type Withheld struct {
	Fields  map[string]int `json:"fields"`
	Entries map[string]int `json:"entries"`
}

// tenure is since when a deal is a partner's.
type tenure struct {
	since   eventstore.Position
	partner uuid.UUID
}

// ownerAt is whose a deal was when an event was recorded.
func (c *Case) ownerAt(deal uuid.UUID, at eventstore.Position) (owner uuid.UUID) {
	for _, t := range c.deals[deal] {
		if t.since.Compare(at) <= 0 {
			owner = t.partner
		}
	}
	return owner
}

// owned reports whether a deal was ever the partner's.
func owned(by uuid.UUID, tenures []tenure) bool {
	return slices.ContainsFunc(tenures, func(t tenure) bool { return t.partner == by })
}

// note keeps whose a deal or a stream of money is.
func (c *Case) note(fact projections.Fact) {
	switch e := fact.Event.(type) {
	case account.DealRegistered:
		c.deals[e.DealID] = append(c.deals[e.DealID], tenure{fact.Position, e.PartnerID})
	case account.DealReassigned:
		c.deals[e.DealID] = append(c.deals[e.DealID], tenure{fact.Position, e.To})
	case dispute.Event:
		if c.disputes[fact.Envelope.Stream] == nil {
			c.disputes[fact.Envelope.Stream] = &dispute.Case{}
		}
		c.disputes[fact.Envelope.Stream].Apply(e, fact.Envelope)
	}
	field := reflect.ValueOf(fact.Event).FieldByName("PartnerID")
	if !field.IsValid() {
		return
	}
	if id, ok := field.Interface().(uuid.UUID); ok && id != uuid.Nil {
		c.partners[fact.Envelope.Stream] = id
	}
}

// Concerns reports whether a partner has a part in the case: its subject is the partner's, or on a customer of its.
func (c *Case) Concerns(viewer uuid.UUID) bool {
	switch c.Subject.Kind {
	case Partner:
		return c.Subject.ID == viewer
	case Deal:
		return owned(viewer, c.deals[c.Subject.ID])
	case Dispute:
		return c.dispute(c.Subject.Home).IsParty(viewer)
	case Account:
		for _, tenures := range c.deals {
			if owned(viewer, tenures) {
				return true
			}
		}
		return false
	}
	return c.partners[c.Subject.Home] == viewer
}

// sightOf is what a reader sees of an event: by a partner's eyes what that partner may, and of sealed papers what is for them.
func (c *Case) sightOf(r Reader, fact projections.Fact) sight {
	seen := everything
	if r.Partner != uuid.Nil {
		seen = c.sightOfPartner(r.Partner, fact)
	}
	switch papers := c.sightOfPapers(r, fact); {
	case papers.none, !papers.all && !seen.none: // what is in the case because of a paper alone falls under the paper's rule
		return papers
	}
	return seen
}

// sightOfPartner is what a partner may see of an event: its own affairs whole, of a rival's how its registration stands, and of
// the vendor's what decided about its own. What nobody thought of is not shown.
// Source: domain.md section 7, viewpoints.
func (c *Case) sightOfPartner(viewer uuid.UUID, fact projections.Fact) sight {
	category, id, err := domain.ParseStream(fact.Envelope.Stream)
	switch {
	case err != nil:
		return sight{none: true, rule: RuleInternal}
	case category == account.Category:
		return c.sightOfAccount(viewer, fact)
	case category == dispute.Category:
		return c.sightOfDispute(viewer, fact)
	case category == program.Category:
		return everything // the rules are for everybody
	case category == partner.Category && id == viewer:
		return sightOfOwn(fact.Event)
	case slices.Contains(ofOnePartner(), category) && c.partners[fact.Envelope.Stream] == viewer:
		return sightOfOwn(fact.Event)
	case slices.Contains(ofOnePartner(), category), category == partner.Category:
		return sight{none: true, rule: RuleRival}
	}
	return sight{none: true, rule: RuleInternal}
}

// ofOnePartner are the sorts of stream each of which is one partner's.
func ofOnePartner() []string {
	return []string{mdf.FundCategory, rebate.Category, payable.Category, clawback.Category}
}

func (c *Case) sightOfAccount(viewer uuid.UUID, fact projections.Fact) sight {
	e := fact.Event
	about, ok := e.(ofDeal)
	switch {
	case !ok && !c.knows(viewer, fact.Envelope.Stream):
		return sight{none: true, rule: RuleRival} // of a rival's customer on another account not even who it is
	case !ok:
		return sight{open: openOfAccount()[e.EventType()], rule: RuleInternal}
	case c.ownerAt(about.Deal(), fact.Position) == viewer:
		return sightOfOwn(e)
	}
	open, ok := openOfRival()[e.EventType()]
	if !ok {
		open = []string{"deal_id"}
	}
	return sight{open: open, rule: RuleRival}
}

// knows reports whether a partner may see what was said about a customer: the case is on that record, the partner registered
// something there, or the customer named it.
func (c *Case) knows(viewer uuid.UUID, stream string) bool {
	return stream == c.Subject.Home || slices.Contains(c.customers[stream], viewer)
}

// locates reports whether a partner may know which stream that is: an account's id derives from who the customer is. What a
// dispute of its own names, it knows.
func (c *Case) locates(viewer uuid.UUID, stream string) bool {
	if category, _, _ := domain.ParseStream(stream); category != account.Category || c.knows(viewer, stream) {
		return true
	}
	for _, of := range c.disputes {
		if of.IsParty(viewer) && (of.Subject.Stream == stream || slices.Contains(of.Streams, stream)) {
			return true
		}
	}
	return false
}

// openOfRival is what a partner may see of a rival's registration: that it is there, since when, on which line, how it stands.
// Of every other event it sees only that it happened.
func openOfRival() map[string][]string {
	protection := []string{"deal_id", "protected_until"}
	return map[string][]string{
		account.DealRegistered{}.EventType():      {"deal_id", "partner_id", "lines.line"},
		account.ConflictFound{}.EventType():       {"deal_id", "finding_id", "rule", "score"},
		account.DealApproved{}.EventType():        protection,
		account.ExtensionGranted{}.EventType():    protection,
		account.ExtensionDeclined{}.EventType():   protection,
		account.ProtectionShortened{}.EventType(): protection,
		account.HoldLifted{}.EventType():          protection,
		account.DealReassigned{}.EventType():      {"deal_id", "from", "to"},
		account.DealReopened{}.EventType():        {"deal_id", "from", "to", "protected_until"},
	}
}

// openOfAccount is what a partner may see of what was said about the customer.
func openOfAccount() map[string][]string {
	return map[string][]string{
		account.Identified{}.EventType():              {"account_id", "name", "domain", "country", "tax_id"},
		account.OwnershipSet{}.EventType():            {"owner"},
		account.PreferenceRecorded{}.EventType():      {"partner_id", "direct"},
		account.PreferenceWithdrawn{}.EventType():     {},
		account.DirectOpportunityOpened{}.EventType(): {"opportunity_id", "lines"},
		account.DirectOpportunityClosed{}.EventType(): {"opportunity_id"},
	}
}

// seen is a thing as a reader may see it: a partner sees its own.
func (c *Case) seen(of thing, r Reader) (any, bool) {
	partner := r.Partner != uuid.Nil
	if partner && !slices.Contains(of.of, r.Partner) {
		return nil, false
	}
	switch doc := of.doc.(type) {
	case *account.Deal:
		if partner {
			return r.masked(doc.ForPartner()), true
		}
	case *dispute.Case:
		return r.masked(c.seenDispute(doc, r)), true
	}
	if partner {
		return r.masked(domain.Unsigned(of.doc, r.Partner)), true
	}
	return r.masked(of.doc), true
}

func (r Reader) masked(v any) any {
	if r.Mask == nil {
		return v
	}
	return r.Mask(v)
}

// actor is who did something. A partner sees who of its own people it was, and of others only which sort of person.
func (r Reader) actor(a domain.Actor, count map[string]int) domain.Actor {
	if a.PartnerID == r.Partner {
		return a
	}
	count[RuleInternal]++
	return domain.Actor{ID: WithheldBy(RuleInternal), Kind: a.Kind, Roles: a.Roles}
}
