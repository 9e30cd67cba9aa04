package partner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
)

// tiered are facts with the default tiers, and a distributor above.
var tiered = partner.Facts{
	Tiering: policy.Versioned[policy.Tiering]{Version: 1, Body: policy.DefaultTiering()},
	Above: partner.Above{Parent: partner.Standing{
		PartnerID: distributor, Known: true, Kind: partner.Distributor, Status: partner.StatusOnboarded,
	}},
}

var grace = partner.TierGraceStarted{
	From: "gold", To: "silver", Until: now.AddDate(0, 0, 90), Failing: []string{"certified_sellers", "revenue"}, Policy: "tiering@1",
}

func tierTo(from, to string) partner.TierChanged {
	return partner.TierChanged{From: from, To: to, Reason: partner.TierByHand, Note: "r", Policy: "tiering@1"}
}

// golden is a partner that is gold from Epoch on.
func golden(t *testing.T, since ...domain.Event) given {
	t.Helper()
	return onboarded(t, append([]domain.Event{tierTo("registered", "gold")}, since...)...)
}

func on(n int) domaintest.Option          { return domaintest.At(now.AddDate(0, 0, n)) }
func takes(n int) domaintest.Option       { return domaintest.Effective(now.AddDate(0, 0, n)) }
func byScheduler() domaintest.Option      { return domaintest.By(domaintest.Scheduler()) }
func tier(p *partner.State, n int) string { return p.TierAt(now.AddDate(0, 0, n)) }

// Whoever is onboarded starts on the lowest tier, also who comes back.
func TestOnboardingStartsOnTheLowestTier(t *testing.T) {
	start := partner.Onboarded{Tier: "registered"}
	p := scenario(t).Given(applied, partner.Approved{}, signed).When(tiered, partner.Onboard{}, on(1)).Then(start).
		When(tiered, partner.ChangeTier{To: "gold", Reason: "r"}, on(2)).Then(tierTo("registered", "gold")).
		When(tiered, partner.Deactivate{Reason: "r"}, on(3)).Then(partner.Deactivated{Reason: "r"}).
		When(tiered, partner.Apply(applied), on(4)).Then(applied).
		When(tiered, partner.Approve{}, on(5), domaintest.By(domaintest.Another(domaintest.Ops()))).Then(partner.Approved{}).
		When(tiered, partner.Onboard{}, on(6)).Then(start).State()
	for n, want := range map[int]string{0: "", 1: "registered", 2: "gold", 3: "gold", 4: "", 5: "", 6: "registered"} {
		assert.Equal(t, want, tier(p, n), "day %d", n)
		assert.Equal(t, want, p.StandingAt(now.AddDate(0, 0, n)).Tier, "day %d", n)
	}
}

func TestChangeTier(t *testing.T) {
	change := partner.ChangeTier{To: "gold", Reason: "r"}
	changed := onboarded(t).When(tiered, change, ops).Then(tierTo("", "gold"))
	changed.When(tiered, change, ops).ThenRejected(domain.KindConflict, "same_tier", "to")
	onboarded(t).When(tiered, change, importer).Then(tierTo("", "gold"))
	onboarded(t).When(tiered, change, admin).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t).When(tiered, change, desk).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t, partner.Suspended{Reason: "r"}).When(tiered, change, ops).Then(tierTo("", "gold"))
	onboarded(t, partner.Deactivated{Reason: "r"}).When(tiered, change, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	onboarded(t).When(tiered, change, ops, takes(-1)).ThenRejected(domain.KindConflict, "partner_status", "")
	onboarded(t).When(tiered, change, ops, takes(1)).ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
	onboarded(t).When(tiered, partner.ChangeTier{To: "Gold", Reason: "r"}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "to")
	onboarded(t).When(facts, change, ops).ThenRejected(domain.KindInvalid, "invalid_field", "to")
	onboarded(t).When(tiered, partner.ChangeTier{To: "gold"}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
}

// A tier that is known late holds from when it took effect until the next such change, and says what it was changed from.
func TestATierIsDated(t *testing.T) {
	p := golden(t).
		When(tiered, partner.ChangeTier{To: "platinum", Reason: "r"}, on(30)).Then(tierTo("gold", "platinum")).
		When(tiered, partner.ChangeTier{To: "silver", Reason: "r"}, on(40), takes(10)).Then(tierTo("gold", "silver")).
		When(tiered, partner.ChangeTier{To: "platinum", Reason: "r"}, on(40)).
		ThenRejected(domain.KindConflict, "same_tier", "to").State()
	for n, want := range map[int]string{-1: "", 0: "gold", 9: "gold", 10: "silver", 29: "silver", 30: "platinum", 99: "platinum"} {
		assert.Equal(t, want, tier(p, n), "day %d", n)
	}
}

func TestAGraceThatRunsOutMovesThePartnerDown(t *testing.T) {
	start := partner.StartTierGrace{To: "silver", Failing: grace.Failing}
	started := golden(t).When(tiered, start, ops).Then(grace)
	started.When(tiered, partner.EndTierGrace{}, byScheduler(), on(89)).Then()
	p := started.State()
	assert.Equal(t, "silver", p.StandingAt(now.AddDate(0, 0, 89)).Grace.To)
	assert.Nil(t, p.StandingAt(now.AddDate(0, 0, 90)).Grace)

	down := partner.TierChanged{From: "gold", To: "silver", Reason: partner.TierByEvaluation, Policy: "tiering@1"}
	ended := started.When(tiered, partner.EndTierGrace{}, byScheduler(), on(91), takes(90)).Then(down)
	ended.When(tiered, partner.EndTierGrace{}, byScheduler(), on(92), takes(90)).Then()
	assert.Equal(t, "gold", tier(ended.State(), 89))
	assert.Equal(t, "silver", tier(ended.State(), 90))
}

func TestWhatEndsAGrace(t *testing.T) {
	for name, end := range map[string]struct {
		by   partner.Command
		then []partner.Event
	}{
		"recovered":    {partner.LiftTierGrace{}, []partner.Event{partner.TierGraceLifted{Reason: partner.GraceRecovered}}},
		"another tier": {partner.ChangeTier{To: "platinum", Reason: "r"}, []partner.Event{tierTo("gold", "platinum")}},
		"deactivated":  {partner.Deactivate{Reason: "r"}, []partner.Event{partner.Deactivated{Reason: "r"}}},
		"waived": {partner.GrantTierWaiver{ValidTo: date(2026, 2, 28), Reason: "r"}, []partner.Event{
			partner.TierWaiverGranted{ValidTo: date(2026, 2, 28), Until: day(2026, 3, 1), Reason: "r"},
			partner.TierGraceLifted{Reason: partner.GraceWaived},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			ended := golden(t, grace).When(tiered, end.by, on(10)).Then(end.then...)
			p := ended.State()
			assert.NotNil(t, p.GraceAt(now.AddDate(0, 0, 9)))
			assert.Nil(t, p.GraceAt(now.AddDate(0, 0, 10)))
			ended.When(tiered, partner.EndTierGrace{}, byScheduler(), on(90)).Then()
			ended.When(tiered, partner.LiftTierGrace{}, ops, on(11)).ThenRejected(domain.KindConflict, "tier_grace", "")
		})
	}
	// A waiver that takes effect late keeps the tier too, whatever the grace says.
	golden(t, grace).When(tiered, partner.GrantTierWaiver{ValidTo: date(2026, 12, 31), Reason: "r"}, on(90)).
		Then(partner.TierWaiverGranted{ValidTo: date(2026, 12, 31), Until: day(2027, 1, 1), Reason: "r"}).
		When(tiered, partner.EndTierGrace{}, byScheduler(), on(90)).Then()
}

func TestStartTierGraceIsRefused(t *testing.T) {
	start := partner.StartTierGrace{To: "silver", Failing: []string{"revenue"}}
	golden(t, grace).When(tiered, start, ops).ThenRejected(domain.KindConflict, "tier_grace_running", "")
	golden(t, partner.TierWaiverGranted{Until: day(2026, 2, 1)}).When(tiered, start, ops).ThenRejected(domain.KindConflict, "tier_waived", "")
	golden(t, partner.TierWaiverGranted{Until: day(2026, 2, 1)}).When(tiered, start, on(31)).Outcome()
	golden(t).When(tiered, start, admin).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t).When(tiered, start, ops).ThenRejected(domain.KindInvalid, "invalid_field", "to")
	scenario(t).Given(applied, partner.Approved{}).When(tiered, start, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	for field, c := range map[string]partner.StartTierGrace{
		"to":         {To: "gold", Failing: start.Failing},
		"failing":    {To: "silver"},
		"failing[0]": {To: "silver", Failing: []string{"Revenue"}},
		"failing[1]": {To: "silver", Failing: []string{"revenue", "revenue"}},
	} {
		golden(t).When(tiered, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
}

func TestGrantTierWaiver(t *testing.T) {
	waiver := partner.TierWaiverGranted{ValidTo: date(2026, 6, 30), Until: day(2026, 7, 1), Reason: "merger"}
	grant := partner.GrantTierWaiver{ValidTo: date(2026, 6, 30), Reason: "merger"}
	p := golden(t).When(tiered, grant, ops).Then(waiver).State()
	assert.Equal(t, "merger", p.StandingAt(day(2026, 6, 30)).Waiver.Reason)
	assert.Nil(t, p.StandingAt(day(2026, 7, 1)).Waiver)

	grant.Tier = "platinum"
	golden(t).When(tiered, grant, ops).Then(waiver, partner.TierChanged{
		From: "gold", To: "platinum", Reason: partner.TierByWaiver, Note: "merger", Policy: "tiering@1",
	})
	grant.Tier = "gold"
	golden(t).When(tiered, grant, ops).Then(waiver)
	grant.Tier = "tin"
	golden(t).When(tiered, grant, ops).ThenRejected(domain.KindInvalid, "invalid_field", "tier")
	grant.Tier = ""
	golden(t).When(tiered, grant, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied).When(tiered, grant, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	golden(t).When(tiered, partner.GrantTierWaiver{ValidTo: date(2025, 12, 31), Reason: "r"}, ops).
		ThenRejected(domain.KindInvalid, "invalid_field", "valid_to")
	golden(t).When(tiered, partner.GrantTierWaiver{Reason: "r"}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "valid_to")
	golden(t).When(tiered, partner.GrantTierWaiver{ValidTo: date(2026, 6, 30), Reason: strings.Repeat("x", 2001)}, ops).
		ThenRejected(domain.KindInvalid, "invalid_field", "reason")
}

// A moment in the program's zone: a grace is so many days long there, over a change of clocks too.
func TestAGraceCountsDaysOfTheZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	there := tiered
	there.Zone = berlin
	events := golden(t).When(there, partner.StartTierGrace{To: "silver", Failing: []string{"revenue"}}, ops).Outcome().Events()
	assert.Equal(t, now.AddDate(0, 0, 90).Add(-time.Hour), events[0].(partner.TierGraceStarted).Until)
}

func TestARulingSetsTheTier(t *testing.T) {
	c := partner.SetTierByRuling{To: "platinum", Reason: "dispute 1"}
	golden(t).When(tiered, c, on(1)).ThenRejected(domain.KindForbidden, "role", "")
	golden(t).When(tiered, c, on(1), domaintest.By(domaintest.Importer())).ThenRejected(domain.KindForbidden, "reactor_only", "")
	golden(t).When(tiered, partner.SetTierByRuling{To: "platinum"}, on(1), byScheduler()).
		ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	golden(t).When(tiered, partner.SetTierByRuling{To: "gold", Reason: "r"}, on(1), byScheduler()).
		ThenRejected(domain.KindConflict, "same_tier", "to")
	golden(t).When(tiered, c, on(1), byScheduler()).Then(partner.TierChanged{
		From: "gold", To: "platinum", Reason: partner.TierByRuling, Note: "dispute 1", Policy: "tiering@1",
	})
}
