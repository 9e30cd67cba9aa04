package rebate_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// The people and things that the stories are about.
var (
	north  = domain.DeriveID("partner", "north")
	seller = domain.DeriveID("seller", "ada")

	year   = rebate.Period{FirstDay: domain.Date{Year: 2026, Month: 1, Day: 1}, LastDay: domain.Date{Year: 2026, Month: 3, Day: 31}}
	id     = rebate.AgreementID(north, "standard", year)
	stream = domain.StreamName(rebate.Category, id)

	day0  = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	after = time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC) // the first moment behind the period
)

func money(amount string) domain.Money { return in(amount, "EUR") }

func in(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}

func rate(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }

// bands are pairs of a start and a percentage.
func bands(pairs ...string) (all []policy.Band) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, policy.Band{From: money(pairs[i]), Percent: rate(pairs[i+1])})
	}
	return all
}

// scheme is one on sell-out with the bands of the issue.
func scheme(kind policy.SchemeKind) policy.Scheme {
	return policy.Scheme{
		Name: "standard", Kind: kind, Basis: policy.BasisSellOut, Currency: "EUR", Bands: bands("0", "0", "10000", "2", "50000", "5"),
	}
}

// facts are those of a partner in good standing, and of a policy with the scheme.
func facts(s policy.Scheme) rebate.Facts {
	return rebate.Facts{
		Partner: rebate.Standing{PartnerID: north, Known: true, Active: true},
		Seller:  true,
		Rules: policy.Rules{
			Zone: time.UTC,
			Catalogue: policy.Versioned[policy.Catalogue]{Version: 1, Body: policy.Catalogue{Products: []policy.Product{
				{Name: "GTX Pro", Aliases: []string{"GTXPro"}, Line: "GTX"}, {Name: "MG Special", Line: "MG"},
			}}},
			Approval: policy.Versioned[policy.Approval]{Version: 2, Body: policy.DefaultApproval()},
		},
		Pinned: policy.Versioned[policy.Rebate]{Version: 3, Body: policy.Rebate{Schemes: []policy.Scheme{s}}},
	}
}

// limited are facts with limits on one approver.
func limited(s policy.Scheme, rebates, adjustments string) rebate.Facts {
	f := facts(s)
	f.Rules.Approval.Body.Limits = []policy.Limit{
		{Action: policy.ApproveRebate, UpTo: money(rebates)}, {Action: policy.ApproveAdjustment, UpTo: money(adjustments)},
	}
	return f
}

func opening(s policy.Scheme) rebate.OpenAgreement {
	return rebate.OpenAgreement{PartnerID: north, Scheme: s.Name, Period: year}
}

func sale(ref, amount string) rebate.RecordSale {
	return rebate.RecordSale{Source: policy.BasisSellOut, SourceRef: ref, Product: "GTXPro", Amount: money(amount)}
}

func saleID(ref string) uuid.UUID { return rebate.SaleID("standard", policy.BasisSellOut, ref) }

func reversal(ref, amount string) rebate.ReverseSale {
	return rebate.ReverseSale{SaleID: saleID(ref), Amount: money(amount), Reason: rebate.ReversalReturned}
}

type when = domaintest.When[*rebate.State, rebate.Command, rebate.Facts, rebate.Event]

// story gives one command after another to one agreement, each by somebody who may.
type story struct {
	t    *testing.T
	then interface {
		When(rebate.Facts, rebate.Command, ...domaintest.Option) when
	}
	facts    rebate.Facts
	events   []recorded
	state    *rebate.State
	commands int
}

func newStory(t *testing.T, f rebate.Facts) *story {
	t.Helper()
	return &story{t: t, then: domaintest.For(t, rebate.Decider(), domaintest.StreamID(id), domaintest.At(day0)), facts: f}
}

// opened is a story of an open agreement.
func opened(t *testing.T, s policy.Scheme, options ...func(*rebate.OpenAgreement)) *story {
	t.Helper()
	return openedWith(t, facts(s), options...)
}

func openedWith(t *testing.T, f rebate.Facts, options ...func(*rebate.OpenAgreement)) *story {
	t.Helper()
	c := opening(f.Pinned.Body.Schemes[0])
	for _, set := range options {
		set(&c)
	}
	st := newStory(t, f)
	st.do(c)
	return st
}

func prior(amount string) func(*rebate.OpenAgreement) {
	return func(c *rebate.OpenAgreement) { c.PriorPeriodRevenue = money(amount) }
}

// closed is a story of an agreement with two sales that was closed by finance, or by somebody else.
func closed(t *testing.T, f rebate.Facts, by ...domaintest.Option) *story {
	t.Helper()
	st := openedWith(t, f)
	st.do(sale("1", "30000"))
	st.do(sale("2", "40000"))
	st.do(rebate.ClosePeriod{}, append([]domaintest.Option{finance(), domaintest.At(after)}, by...)...)
	return st
}

// late is when commands come behind the close.
func late() domaintest.Option { return domaintest.At(after.AddDate(0, 0, 2)) }

// approver is somebody of finance who had no hand in the amount.
func approver() domaintest.Option { return domaintest.By(domaintest.Another(domaintest.Finance())) }

func importer() domaintest.Option { return domaintest.By(domaintest.Importer()) }

func finance() domaintest.Option { return domaintest.By(domaintest.Finance()) }

// approved is a story of an approved agreement that nothing was paid of: 1800 are payable.
func approved(t *testing.T) *story {
	t.Helper()
	st := closed(t, facts(scheme(policy.SchemeIncremental)))
	st.do(rebate.ApproveRebate{}, approver(), late())
	return st
}

// do gives a command that must be taken, and is what it led to.
func (s *story) do(c rebate.Command, options ...domaintest.Option) []rebate.Event {
	s.t.Helper()
	s.commands++
	o := s.then.When(s.facts, c, options...).Outcome()
	require.NoError(s.t, o.Err())
	s.then, s.state = o, o.State()
	for _, e := range o.Events() {
		s.events = append(s.events, recorded{e, domain.Envelope{Stream: stream, Revision: int64(len(s.events))}})
	}
	return o.Events()
}

// log is what do led to.
func (s *story) log() []recorded { return s.events }

// wants gives a command that must lead to exactly these events.
func (s *story) wants(c rebate.Command, events []rebate.Event, options ...domaintest.Option) {
	s.t.Helper()
	s.commands++
	o := s.then.When(s.facts, c, options...).Then(events...)
	s.then, s.state = o, o.State()
}

// refuses gives a command that must be refused.
func (s *story) refuses(c rebate.Command, kind domain.RejectionKind, rule, field string, options ...domaintest.Option) {
	s.t.Helper()
	s.commands++
	s.then = s.then.When(s.facts, c, options...).ThenRejected(kind, rule, field)
}

func (s *story) agreement() *rebate.Agreement { return &s.state.Agreement }

// made is the id of what the last command made.
func (s *story) made(kind string) uuid.UUID {
	return domain.EntityID(domaintest.NthCommand(s.commands), stream, kind)
}

// delta is what a sale or reversal accrued, or adjusted behind the close.
func delta(t require.TestingT, events []rebate.Event) domain.Money {
	require.Len(t, events, 2, "a sale or reversal, and what it accrues, in one append")
	switch e := events[1].(type) {
	case rebate.Accrued:
		return e.Delta
	case rebate.Adjusted:
		return e.Delta
	}
	require.Fail(t, "want an accrual or adjustment", "%T", events[1])
	return domain.Money{}
}
