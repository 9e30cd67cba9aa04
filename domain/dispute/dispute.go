package dispute

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Category is the first part of the stream's name.
const Category = "dispute"

// Bounds of what a command and a case may hold; texts are counted in characters.
const (
	MaxName        = 200    // of evidence, tiers and actors, and sources of rates
	MaxText        = 10_000 // statements, grounds, rationales, offers
	MaxReason      = 2000   // also notes and summaries
	MaxRespondents = 20
	MaxStreams     = 20  // that a case is about besides the disputed one
	MaxEvidence    = 200 // pieces in one case
	MaxCites       = 200 // of one ruling, and events of one piece of evidence
	MaxFileSize    = 1 << 40
	MaxExcluded    = 2000 // actors
	MaxAssignments = 50
	MaxOffers      = 50
)

// Decider is the case seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{} },
		Decide:   decide,
		Evolve: func(s *State, e Event, env domain.Envelope) *State {
			s.Apply(e, env)
			return s
		},
	}
}

// State is what the aggregate decides on: the case itself.
type State = Case

// Command is what somebody wants of a case.
type Command interface {
	decide(*State, domain.Header, Facts) ([]Event, error)
	roles() []domain.Role
	// in are the states of the case that the command is taken in; none: it opens one.
	in() []Status
}

// Facts are what other streams say, as far as a decision on a case needs it.
type Facts struct {
	Rules policy.Rules // in force when the command takes effect

	// Of an opening.
	Subject  *Subject             // the event that SubjectOf names; nil: it isn't in its stream
	Involved []Excluded           // whoever recorded anything in the disputed streams, each once
	Related  []uuid.UUID          // parents and children of the parties, as far as is known
	Partners map[uuid.UUID]bool   // of the parties: those that are there
	Streams  map[string]bool      // of the further streams: those that hold anything
	Found    map[uuid.UUID]string // what EventsOf names and is there: type by event id, where stream and revision are right

	Unknown []uuid.UUID // of what RemediesOf names: the things that aren't in their stream, and who sells for no partner named with them

	DocumentStored bool // whether the document that DocumentOf names was handed in

	// Of what JudgesOf names: as it is when the command comes in.
	Hands       []Excluded          // whoever has recorded anything in the disputed streams by now, each once
	Delegations []domain.Delegation // in force between those who judge and others

	// Of a ruling: what was in force at the disputed moment.
	Policies   []string // kind@version
	Agreements []AgreementRef
}

// SubjectOf is the stream and event that an opening contests; empty for other commands.
func SubjectOf(c Command) (stream string, event uuid.UUID) {
	if c, ok := c.(Open); ok {
		return c.Stream, c.EventID
	}
	return "", uuid.Nil
}

// EventsOf are the events that a command names, which have to be there.
func EventsOf(c Command) []EventRef {
	switch c := c.(type) {
	case SubmitEvidence:
		return c.EventRefs
	case IssueRuling:
		return c.Cites
	case RuleOnAppeal:
		return c.Cites
	case RecordRemedy:
		return []EventRef{c.Event}
	}
	return nil
}

// DocumentOf is the document that a command names, by its hash, or empty.
func DocumentOf(c Command) string {
	if c, ok := c.(SubmitEvidence); ok {
		return c.SHA256
	}
	return ""
}

// JudgesOf are the actors whom a command lets judge a case, or who judge by it: the adjudicator, and whom they act for. None
// where nobody does.
func JudgesOf(c Command, a domain.Actor) []string {
	switch c := c.(type) {
	case AssignAdjudicator:
		return []string{c.Adjudicator}
	case Escalate:
		if !a.Is(officeRoles()...) {
			return a.Hands()
		}
	case GrantSealing, RefuseSealing, IssueRuling, RuleOnAppeal:
		return a.Hands()
	}
	return nil
}

// Judges reports whether a command decides a case, and so needs what was in force at the disputed moment.
func Judges(c Command) bool {
	switch c.(type) {
	case IssueRuling, RuleOnAppeal:
		return true
	}
	return false
}

// Times run from when things are recorded, so everything takes effect then; only what a deadline itself leads to is
// effective at the deadline.
func decide(s *State, h domain.Header, f Facts, c Command) ([]Event, error) {
	action := actionOf(c)
	if err := domain.Admit(h, action, c.roles()); err != nil {
		return nil, err
	}
	if h.Actor.Kind != domain.Reactor && !h.EffectiveAt.Equal(h.Now) {
		return nil, domain.Invalid("effective_at", "%s takes effect when it is recorded", action)
	}
	if h.Actor.OfPartner() && !slices.ContainsFunc(c.roles(), ofParties) {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	_, opens := c.(Open)
	if h.Actor.OfPartner() && !opens && s.ID != uuid.Nil && !s.IsParty(h.Actor.PartnerID) && !h.Actor.Is(domain.Adjudicator) {
		return nil, domain.Forbid("own_partner", "%s: a partner's user acts in the own partner's disputes only", action)
	}
	switch {
	case opens && s.ID != uuid.Nil:
		return nil, domain.Refuse("dispute_exists", "", "the dispute is there already")
	case !opens && s.ID == uuid.Nil:
		return nil, domain.NotFound("dispute_unknown", "", "there is no such dispute")
	case !opens && !slices.Contains(c.in(), s.Status):
		if _, quiet := c.(scheduled); quiet {
			return nil, nil
		}
		return nil, refuseIn(s.Status, c)
	}
	return c.decide(s, h, f)
}

// scheduled is a command that follows from a date: where nothing is due any more it changes nothing.
type scheduled interface{ scheduled() }

func refuseIn(status Status, c Command) error {
	switch _, evidence := c.(SubmitEvidence); {
	case status == StatusClosed:
		return domain.Refuse("dispute_closed", "", "the case is closed: it takes nothing any more")
	case evidence:
		return domain.Refuse("evidence_too_late", "", "the case is %s: after a ruling there is evidence only on appeal", status)
	default:
		return domain.Refuse("wrong_status", "", "the case is %s: want %v", status, c.in())
	}
}

// ofParties are roles by which a partner's people may give a command.
func ofParties(r domain.Role) bool {
	return r == domain.PartnerAdmin || r == domain.PartnerSeller || r == domain.Adjudicator
}

// actionOf is the command's name, for people.
func actionOf(c any) string {
	_, name, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	return name
}

// The roles that give commands. For a partner its admin speaks, and its sellers; for the vendor whoever answers for deals,
// partners or money.
func partyRoles() []domain.Role {
	return []domain.Role{domain.PartnerSeller, domain.PartnerAdmin, domain.DealDesk, domain.PartnerOps, domain.Finance, domain.ServiceRole}
}

// bindingRoles speak for a party where it gives something up.
func bindingRoles() []domain.Role {
	return []domain.Role{domain.PartnerAdmin, domain.PartnerOps, domain.Finance, domain.ServiceRole}
}

func officeRoles() []domain.Role { return []domain.Role{domain.PartnerOps, domain.ServiceRole} }

func judgeRoles() []domain.Role { return []domain.Role{domain.Adjudicator} }

func reactorRoles() []domain.Role { return []domain.Role{domain.ServiceRole} }

func (f Facts) zone() *time.Location {
	if f.Rules.Zone == nil {
		return time.UTC
	}
	return f.Rules.Zone
}

// party is whom an actor speaks for. Nobody who judges, or judged, the case speaks for a side.
func (c *Case) party(h domain.Header, action string) (Party, error) {
	party, ok := c.PartyOf(h.Actor)
	switch {
	case !ok:
		return party, domain.Forbid("not_a_party", "%s: only a party of the dispute may do it", action)
	case c.Heard(h.Actor):
		return party, domain.Forbid("adjudicator_is_no_party", "%s: whoever hears the case speaks for nobody in it", action)
	}
	return party, nil
}

// Heard reports whether the actor hears the case, or heard it: not where it turns out to be somebody of a party, or of a partner
// above or below one, whom the assignment named by an id that doesn't say so.
func (c *Case) Heard(a domain.Actor) bool {
	named := func(x Assignment) bool { return x.Adjudicator == a.ID }
	return !slices.Contains(c.ExcludedPartners, a.PartnerID) && slices.ContainsFunc(c.Assignments, named)
}
