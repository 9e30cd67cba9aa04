package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// The people and things that the stories are about.
var (
	customer = account.Customer{Name: "Acme GmbH", Domain: "acme.de", Country: "DE"}
	acme     = domain.Must(account.Identify(customer.Name, customer.Domain, customer.Country, "")).AccountID
	stream   = domain.StreamName(account.Category, acme)

	north, south             = domain.DeriveID("partner", "north"), domain.DeriveID("partner", "south")
	west                     = domain.DeriveID("partner", "west")
	northSeller, southSeller = domain.DeriveID("seller", "north"), domain.DeriveID("seller", "south")
	westSeller               = domain.DeriveID("seller", "west")

	day0 = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) // a Monday
)

// day is a moment so many days into a story.
func day(n int) time.Time { return day0.AddDate(0, 0, n) }

// on lets a command come, and take effect, on a day.
func on(n int) domaintest.Option { return domaintest.At(day(n)) }

// since lets what it says take effect on an earlier day: put it behind on.
func since(n int) domaintest.Option { return domaintest.Effective(day(n)) }

func money(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func amounts(pairs ...string) (lines []account.LineAmount) {
	for i := 0; i < len(pairs); i += 2 {
		lines = append(lines, account.LineAmount{Product: pairs[i], Amount: money(pairs[i+1])})
	}
	return lines
}

func rules() policy.Rules {
	return policy.Rules{
		Zone: time.UTC,
		Catalogue: policy.Versioned[policy.Catalogue]{Version: 1, Body: policy.Catalogue{Products: []policy.Product{
			{Name: "GTX Basic", Line: "GTX"}, {Name: "GTX Pro", Aliases: []string{"GTXPro"}, Line: "GTX"}, {Name: "MG Special", Line: "MG"},
		}}},
		DealRegistration: policy.Versioned[policy.DealRegistration]{Version: 1, Body: policy.DefaultDealRegistration()},
		Conflict:         policy.Versioned[policy.Conflict]{Version: 1, Body: policy.DefaultConflict()},
		Approval:         policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
	}
}

// facts are those of a partner in good standing, with one seller.
func facts(partner uuid.UUID) account.Facts {
	f := account.Facts{Rules: rules()}
	sellers := map[uuid.UUID]uuid.UUID{north: northSeller, south: southSeller, west: westSeller}
	if seller, ok := sellers[partner]; ok {
		f.Partner = account.Standing{PartnerID: partner, Known: true, Active: true, Sellers: map[uuid.UUID]bool{seller: true}}
	}
	return f
}

func register(partner uuid.UUID, lines ...string) account.RegisterDeal {
	sellers := map[uuid.UUID]uuid.UUID{north: northSeller, south: southSeller, west: westSeller}
	return account.RegisterDeal{
		Customer: customer, PartnerID: partner, SellerID: sellers[partner], Lines: amounts(lines...),
	}
}

type (
	when = domaintest.When[*account.State, account.Command, account.Facts, account.Event]
)

// story gives one command after another to one account, each by somebody who may and with the facts that it needs.
type story struct {
	t    *testing.T
	then interface {
		When(account.Facts, account.Command, ...domaintest.Option) when
	}
	state    *account.State
	commands int
	facts    func(uuid.UUID) account.Facts
}

func newStory(t *testing.T, past ...domain.Event) *story {
	t.Helper()
	begun := domaintest.For(t, account.Decider(), domaintest.StreamID(acme), on(0)).Given(past...)
	return &story{t: t, then: begun, state: begun.State(), commands: len(past), facts: facts}
}

// when gives a command.
func (s *story) when(c account.Command, options ...domaintest.Option) when {
	s.t.Helper()
	s.commands++
	partner, _ := account.PartnerOf(s.state, c)
	options = append([]domaintest.Option{domaintest.By(usual(c, partner))}, options...)
	return s.then.When(s.facts(partner), c, options...)
}

// do gives a command that must be taken, and is what it led to.
func (s *story) do(c account.Command, options ...domaintest.Option) []account.Event {
	s.t.Helper()
	o := s.when(c, options...).Outcome()
	require.NoError(s.t, o.Err())
	s.then, s.state = o, o.State()
	return o.Events()
}

// wants gives a command that must lead to exactly these events.
func (s *story) wants(c account.Command, events []account.Event, options ...domaintest.Option) {
	s.t.Helper()
	o := s.when(c, options...).Then(events...)
	s.then, s.state = o, o.State()
}

// refuses gives a command that must be refused.
func (s *story) refuses(c account.Command, kind domain.RejectionKind, rule, field string, options ...domaintest.Option) {
	s.t.Helper()
	s.then = s.when(c, options...).ThenRejected(kind, rule, field)
}

// registers is the id of the deal that a partner registers.
func (s *story) registers(partner uuid.UUID, lines []string, options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	s.do(register(partner, lines...), options...)
	return domain.EntityID(domaintest.NthCommand(s.commands), stream, "deal")
}

func (s *story) deal(id uuid.UUID) *account.Deal {
	s.t.Helper()
	require.Contains(s.t, s.state.Deals, id)
	return s.state.Deals[id]
}

// approved is a deal of a partner on GTX that is protected since a day.
func (s *story) approved(partner uuid.UUID, on domaintest.Option) uuid.UUID {
	s.t.Helper()
	id := s.registers(partner, gtx, on)
	s.do(account.ApproveDeal{DealID: id}, on)
	return id
}

// overrideAll overrides every finding of the deal.
func (s *story) overrideAll(id uuid.UUID, options ...domaintest.Option) {
	s.t.Helper()
	override := account.OverrideConflicts{DealID: id, Reason: "agreed with both"}
	for _, f := range s.deal(id).Findings {
		override.FindingIDs = append(override.FindingIDs, f.ID)
	}
	s.do(override, options...)
}

// letter is the hash of what a customer wrote.
var letter = strings.Repeat("1e", 32)

var gtx = []string{"GTX Basic", "550.00"}

// usual is who gives such a command in most stories.
func usual(c account.Command, partner uuid.UUID) domain.Actor {
	switch c.(type) {
	case account.RegisterDeal, account.ResubmitDeal, account.WithdrawDeal, account.RequestExtension, account.ReportWin:
		return domaintest.Seller(partner)
	case account.ExpireDeal, account.WindDownDeal, account.PlaceHold, account.LiftHold, account.ReassignDeal,
		account.SplitCredit, account.ReinstateDeal, account.UndoReinstatement, account.OverrideByRuling, account.UndoOverride:
		return domaintest.Scheduler()
	case account.IdentifyAccount, account.LinkAlias, account.LinkCRM, account.SetOwnership,
		account.RecordPreference, account.WithdrawPreference, account.RecordInfluence, account.RevokeInfluence,
		account.OpenDirectOpportunity, account.CloseDirectOpportunity:
		return domaintest.Ops()
	default:
		return domaintest.Desk()
	}
}

const (
	invalid   = domain.KindInvalid
	forbidden = domain.KindForbidden
	missing   = domain.KindNotFound
	conflict  = domain.KindConflict
)
