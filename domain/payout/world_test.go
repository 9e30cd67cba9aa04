package payout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/policy"
)

var (
	id    = payout.IDOf(domaintest.NthCommand(1))
	north = domain.DeriveID("partner", "north")
	south = domain.DeriveID("partner", "south")
	sha   = strings.Repeat("0a", 32)
	iban  = "DE89370400440532013000"
	today = domain.DateOf(domaintest.Epoch, time.UTC)

	opener, checker, second = domaintest.Treasurer(), domaintest.Finance(), domaintest.Another(domaintest.Treasurer())
)

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}
func eur(amount string) domain.Money { return money(amount, "EUR") }
func rate(text string) domain.Rate   { return domain.Must(domain.ParseRate(text)) }

func facts() payout.Facts {
	return payout.Facts{Rules: policy.Rules{
		Zone:     time.UTC,
		Approval: policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
	}}
}

// limited are facts under which one person approves so much alone.
func limited(upTo domain.Money) payout.Facts {
	f := facts()
	f.Rules.Approval.Body.Limits = []policy.Limit{{Action: policy.ApprovePayout, UpTo: upTo}}
	return f
}

func open() payout.Open {
	return payout.Open{
		Currency: "EUR", Debtor: payout.Debtor{Name: "Vendor SE", IBAN: iban, BIC: "DEUTDEFF"}, ExecutionOn: today.AddDays(2),
	}
}

func payable(name string) uuid.UUID { return domain.DeriveID("payable", name) }

// item pays an amount of euros, all of it.
func item(name string, partner uuid.UUID, amount string) payout.Item {
	return payout.Item{
		PayableID: payable(name), PartnerID: partner, PayeeID: domain.DeriveID("payee", partner.String()), Kind: "mdf_claim",
		Amount: eur(amount), Paid: eur(amount), Withheld: eur("0.00"), Remittance: "MDF claim " + name,
	}
}

func prepare() payout.Prepare {
	return payout.Prepare{Items: []payout.Item{item("a", north, "60.00"), item("b", south, "40.00")}}
}

func send(held ...payout.Held) payout.Send {
	return payout.Send{Format: payout.Pain001, SHA256: sha, Held: held}
}

type when = domaintest.When[*payout.Payout, payout.Command, payout.Facts, payout.Event]

// story gives one command after another to one payout.
type story struct {
	t    *testing.T
	then interface {
		When(payout.Facts, payout.Command, ...domaintest.Option) when
	}
	facts payout.Facts
	state *payout.Payout
}

func newStory(t *testing.T) *story {
	t.Helper()
	return &story{
		t: t, facts: facts(), state: &payout.Payout{},
		then: domaintest.For(t, payout.Decider(), domaintest.StreamID(id)).Given(),
	}
}

// usual is who gives such a command in most stories.
func usual(c payout.Command) domain.Actor {
	switch c.(type) {
	case payout.Approve:
		return checker
	case payout.Complete, payout.GiveUp:
		return domaintest.Scheduler()
	default:
		return opener
	}
}

func (s *story) when(c payout.Command, options ...domaintest.Option) when {
	s.t.Helper()
	return s.then.When(s.facts, c, append([]domaintest.Option{domaintest.By(usual(c))}, options...)...)
}

// do gives a command that must be taken, and is what it led to.
func (s *story) do(c payout.Command, options ...domaintest.Option) []payout.Event {
	s.t.Helper()
	o := s.when(c, options...).Outcome()
	require.NoError(s.t, o.Err())
	s.then, s.state = o, o.State()
	return o.Events()
}

func (s *story) wants(c payout.Command, event payout.Event, options ...domaintest.Option) {
	s.t.Helper()
	o := s.when(c, options...).Then(event)
	s.then, s.state = o, o.State()
}

func (s *story) refuses(c payout.Command, kind domain.RejectionKind, rule, field string, options ...domaintest.Option) {
	s.t.Helper()
	s.then = s.when(c, options...).ThenRejected(kind, rule, field)
}

// at is a payout in a state.
func at(t *testing.T, status payout.Status) *story {
	t.Helper()
	s := newStory(t)
	steps := map[payout.Status][]payout.Command{
		"":                         {},
		payout.StatusOpen:          {open()},
		payout.StatusPrepared:      {open(), prepare()},
		payout.StatusFirstApproved: {open(), prepare(), payout.Approve{}},
		payout.StatusApproved:      {open(), prepare(), payout.Approve{}},
		payout.StatusSent:          {open(), prepare(), payout.Approve{}, send()},
		payout.StatusCompleted:     {open(), prepare(), payout.Approve{}, send(), payout.Complete{}},
		payout.StatusAbandoned:     {open(), payout.Abandon{Reason: "a mistake"}},
	}
	if status == payout.StatusFirstApproved {
		s.facts = limited(eur("99.99"))
	}
	for _, c := range steps[status] {
		s.do(c)
	}
	require.Equal(t, status, s.state.Status)
	return s
}

const (
	invalid   = domain.KindInvalid
	forbidden = domain.KindForbidden
	missing   = domain.KindNotFound
	conflict  = domain.KindConflict
)
