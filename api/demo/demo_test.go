package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/demo"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

var today = domain.Date{Year: 2026, Month: time.November, Day: 22}

func open(t *testing.T) *ledger.Ledger {
	t.Helper()
	now := func() time.Time { return today.AddDays(1).In(time.UTC) }
	store, err := embedded.OpenMemory(embedded.Options{Clock: now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), now)
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", now()))
	return l
}

// events is every event's id, in order, and how often each type occurs.
func events(t *testing.T, l *ledger.Ledger) (ids []string, counts map[string]int) {
	t.Helper()
	counts = map[string]int{}
	for message, err := range l.Store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if message.Kind == eventstore.CaughtUp {
			break
		}
		ids = append(ids, message.Event.ID.String())
		counts[message.Event.Type]++
	}
	return ids, counts
}

func TestTheStoryIsTheSameOnEveryMachine(t *testing.T) {
	one, two := open(t), open(t)
	require.NoError(t, demo.Load(t.Context(), one, today))
	require.NoError(t, demo.Load(t.Context(), two, today))
	first, counts := events(t, one)
	second, _ := events(t, two)
	require.Equal(t, first, second)

	require.Equal(t, 40, counts["partner.onboarded.v1"])
	require.Equal(t, 34, counts["partner.deactivated.v1"])
	for _, told := range []string{
		"deal.conflict_found.v1", "deal.conflict_overridden.v1", "deal.protection_breached.v1", "deal.extension_granted.v1",
		"deal.win_reversed.v1", "deal.rejected.v1", "deal.returned.v1", "account.ownership_set.v1",
		"account.customer_preference_recorded.v1", "deal.influence_recorded.v1", "partner.tier_changed.v1", "partner.tier_grace_started.v1",
		"partner.tier_waiver_granted.v1", "partner.certification_earned.v1", "partner.territory_assigned.v1", "partner.parent_assigned.v1",
		"mdf.fund_credited.v1", "mdf.request_submitted.v1", "mdf.obligation_accrued.v1", "mdf.claim_returned.v1", "mdf.claim_refiled.v1",
		"mdf.claim_first_approved.v1", "mdf.claim_approved.v1", "mdf.claim_denied.v1", "mdf.claim_withdrawn.v1", "mdf.claim_paid.v1",
		"mdf.claim_clawed_back.v1", "rebate.sale_recorded.v1", "rebate.sale_reversed.v1", "rebate.approved.v1", "rebate.clawed_back.v1",
		"rebate.spiff_earned.v1",
		"dispute.opened.v1", "dispute.evidence_submitted.v1", "dispute.sealing_granted.v1", "dispute.ruling_issued.v1", "dispute.appealed.v1",
		"dispute.appeal_ruled.v1", "dispute.appeal_waived.v1", "dispute.remedy_applied.v1", "dispute.closed.v1", "deal.hold_placed.v1",
		"deal.hold_lifted.v1", "deal.reassigned.v1",
	} {
		require.NotZero(t, counts[told], told)
	}
	rules := rulesFound(t, one)
	for _, rule := range append(policy.ConflictRules(), account.RuleCoolOff) {
		require.Contains(t, rules, rule, "the story holds a finding of each rule")
	}
}

// rulesFound are the rules that findings of the story name.
func rulesFound(t *testing.T, l *ledger.Ledger) (rules []policy.ConflictRule) {
	t.Helper()
	found := account.ConflictFound{}.EventType()
	for message, err := range l.Store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{Types: []string{found}}) {
		require.NoError(t, err)
		if message.Kind == eventstore.CaughtUp {
			return rules
		}
		if message.Kind == eventstore.Appeared {
			event, _, err := l.Codec.Decode(message.Event)
			require.NoError(t, err)
			rules = append(rules, event.(account.ConflictFound).Rule)
		}
	}
	return rules
}

func TestAToldStoryIsNotToldAgainOnAnotherDay(t *testing.T) {
	l := open(t)
	require.NoError(t, demo.Load(t.Context(), l, today.AddDays(-3)))
	before, _ := events(t, l)
	require.NoError(t, demo.Load(t.Context(), l, today))
	after, _ := events(t, l)
	require.Equal(t, before, after)
}

func TestAStoryThatWasCutOffIsToldToItsEnd(t *testing.T) {
	whole := open(t)
	require.NoError(t, demo.Load(t.Context(), whole, today))
	want, _ := events(t, whole)

	counting := &cutOff{Store: open(t).Store, left: len(want)}
	require.NoError(t, demo.Load(t.Context(), reopened(t, counting), today))
	appends := len(want) - counting.left
	for _, after := range []int{100, appends - 31, appends - 24, appends - 12, appends - 3} { // the last ones are the disputes'
		l := open(t)
		broken := reopened(t, &cutOff{Store: l.Store, left: after})
		require.ErrorIs(t, demo.Load(t.Context(), broken, today), eventstore.ErrUnavailable)
		require.NoError(t, demo.Load(t.Context(), l, today))
		got, _ := events(t, l)
		require.Equal(t, want, got, "cut off after %d of %d appends", after, appends)
	}
}

// reopened is a ledger on a store, with what is personal in it readable.
func reopened(t *testing.T, store eventstore.Store) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return today.AddDays(1).In(time.UTC) })
	require.NoError(t, err)
	return l
}

// The cases of the story: one overturned and taken back, one paid, one that waits for its ruling; a rule was changed because
// of one of them.
func TestTheDisputesOfTheStory(t *testing.T) {
	l := open(t)
	require.NoError(t, demo.Load(t.Context(), l, today))
	cases, deals := map[dispute.Kind]*dispute.Case{}, account.NewHistory()
	var because []uuid.UUID
	for message, err := range l.Store.Follow(t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(t, err)
		if message.Kind == eventstore.CaughtUp {
			break
		}
		event, env, err := l.Codec.Decode(message.Event)
		require.NoError(t, err)
		switch e := event.(type) {
		case dispute.Opened:
			cases[e.Kind] = &dispute.Case{}
			cases[e.Kind].Apply(e, env)
		case dispute.Event:
			for _, c := range cases {
				if env.Stream == domain.StreamName(dispute.Category, c.ID) {
					c.Apply(e, env)
				}
			}
		case account.Event:
			deals.Apply(e, env)
		case program.PolicyPublished:
			because = append(because, e.BecauseOf...)
		}
	}
	require.Len(t, cases, 3)
	overturned, paid, open := cases[dispute.KindDealOwnership], cases[dispute.KindMDFDenial], cases[dispute.KindDirectConflict]
	require.Equal(t, dispute.StatusClosed, overturned.Status)
	require.Equal(t, dispute.OutcomeDenied, overturned.Outcome)
	require.Equal(t, dispute.RemedyIsUndone, overturned.Remedies[0].Status)
	require.Equal(t, overturned.Respondents[0].PartnerID, deals.Deals[overturned.Subject.DealID].PartnerID, "the deal went back")
	require.Equal(t, dispute.SealingIsGranted, overturned.Evidence[1].Sealing)

	require.Equal(t, dispute.StatusClosed, paid.Status)
	require.Equal(t, dispute.RemedyIsApplied, paid.Remedies[0].Status)
	require.Equal(t, []uuid.UUID{paid.ID}, because)

	require.Equal(t, dispute.StatusOpen, open.Status)
	require.NotEmpty(t, open.Adjudicator)
	require.True(t, open.RulingDue.After(open.Opened.At))
	require.True(t, open.ResponseDue.IsZero(), "it was answered")
}

// cutOff is a store that goes out of reach after some appends.
type cutOff struct {
	eventstore.Store
	left int
}

func (c *cutOff) Append(ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	if c.left--; c.left < 0 {
		return eventstore.Appended{}, eventstore.ErrUnavailable
	}
	return c.Store.Append(ctx, stream, expected, events)
}

func TestTheStoryStaysOutOfALedgerInUse(t *testing.T) {
	l := open(t)
	_, err := l.Partners.Do(t.Context(), domain.DeriveID("test"), domain.Header{
		CommandID: domain.CommandID("test", "1"),
		Actor:     domain.Actor{ID: "ops", Kind: domain.User, Roles: []domain.Role{domain.PartnerOps}},
	}, partner.Apply{LegalName: "Real Partner", Kind: partner.Reseller, Country: "DE"})
	require.NoError(t, err)
	require.ErrorIs(t, demo.Load(t.Context(), l, today), demo.ErrNotEmpty)
}

// The vectors of the activation rate: of 40 partners 4 sell; without the 34 that were never heard of, 4 of 6 do.
func TestTheRatesOfTheStory(t *testing.T) {
	l := open(t)
	require.NoError(t, demo.Load(t.Context(), l, today))
	view := projectionstest.View(t, projections.Source{Store: l.Store, Codec: l.Codec}, metrics.Projection(), projections.Bounds{})
	for daysAgo, want := range map[int]metrics.Value{
		8: {Numerator: "4", Denominator: "40", Ratio: "0.1"}, // the clean-up is 7 days ago
		0: {Numerator: "4", Denominator: "6", Ratio: "0.666667"},
	} {
		question := metrics.Question{Metric: domain.Must(metrics.Parse("activation_rate@1")), At: today.AddDays(-daysAgo).In(time.UTC)}
		require.NoError(t, view.Read(t.Context(), func(q projections.Querier) error {
			answer, err := metrics.Ask(t.Context(), q, question)
			require.Equal(t, []metrics.Value{want}, answer.Total, "%d days ago", daysAgo)
			return err
		}))
	}
}

// olderStory is a ledger whose story was told when it had no disputes yet, so many days ago.
func olderStory(t *testing.T, days int) *ledger.Ledger {
	t.Helper()
	clock := today.AddDays(1).In(time.UTC)
	store, err := embedded.OpenMemory(embedded.Options{Clock: func() time.Time { return clock }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	l, err := ledger.Open(noDisputes{store}, eventstore.NewMemoryKeyring(), func() time.Time { return clock })
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", clock))
	require.ErrorIs(t, demo.Load(t.Context(), l, today), eventstore.ErrUnavailable)
	clock = today.AddDays(1 + days).In(time.UTC)
	l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return clock })
	require.NoError(t, err)
	return l
}

// noDisputes is a store for a story that has none.
type noDisputes struct{ eventstore.Store }

func (s noDisputes) Append(
	ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed,
) (eventstore.Appended, error) {
	if category, _, _ := domain.ParseStream(stream); category == dispute.Category {
		return eventstore.Appended{}, eventstore.ErrUnavailable
	}
	return s.Store.Append(ctx, stream, expected, events)
}

// In a ledger with an older story the cases are opened late, and it is said why; again it is the same.
func TestAnOlderStoryGetsItsDisputesLate(t *testing.T) {
	l := olderStory(t, 60)
	require.NoError(t, demo.Load(t.Context(), l, today.AddDays(60)))
	told, counts := events(t, l)
	require.Equal(t, 3, counts["dispute.opened.v1"])
	require.Equal(t, 2, counts["dispute.closed.v1"])
	require.NoError(t, demo.Load(t.Context(), l, today.AddDays(61)))
	again, _ := events(t, l)
	require.Equal(t, told, again)
}

// What doesn't fit an older ledger any more is said, and the ledger can be worked with.
func TestAnOlderStoryThatCannotBeToldToTheEnd(t *testing.T) {
	l := olderStory(t, 60)
	ops := domain.Actor{ID: "ops", Kind: domain.User, Roles: []domain.Role{domain.PartnerOps}}
	_, err := l.Programs.Do(t.Context(), program.DefaultID, domain.Header{CommandID: domain.CommandID("test", "1"), Actor: ops},
		program.GrantDelegation{From: "demo:mediator", To: "demo:deal-desk", End: today.AddDays(90), Reason: "away"})
	require.NoError(t, err)
	var older *demo.OlderError
	require.ErrorAs(t, demo.Load(t.Context(), l, today.AddDays(60)), &older)
	require.Contains(t, older.Error(), "demo:mediator")
	require.NotContains(t, older.Error(), "\n", "it is one line")
}
