package program_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
)

var (
	facts = program.Facts{}
	now   = domaintest.Epoch
	ops   = domaintest.By(domaintest.Ops())
	boot  = domaintest.By(program.Bootstrap{}.Header(now).Actor)
)

func TestFixtures(t *testing.T) {
	from := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	domaintest.Fixtures(t, "testdata/events", program.Types(), map[string]any{
		"program.created.v1": program.Created{Zone: "Europe/Berlin"},
		"program.policy_published.v1": program.PolicyPublished{
			Kind: policy.KindDealRegistration, Version: 2, EffectiveFrom: from, Body: deals(120),
			BecauseOf: []uuid.UUID{domain.DeriveID("dispute")},
		},
		"program.policy_retired.v1": program.PolicyRetired{Kind: policy.KindDealRegistration, Version: 2, Reason: "too short"},
		"program.delegation_granted.v1": program.DelegationGranted{
			DelegationID: domain.DeriveID("delegation"), From: "ann", To: "bob", Start: date("2026-04-01"), End: date("2026-04-14"),
			Reason: "two weeks of leave",
		},
		"program.delegation_revoked.v1": program.DelegationRevoked{DelegationID: domain.DeriveID("delegation"), Reason: "back early"},
	})
}

func TestBootstrap(t *testing.T) {
	created := scenario(t).When(facts, program.Bootstrap{Zone: "Europe/Berlin"}, boot).Then(defaults("Europe/Berlin")...)
	state := created.State()
	assert.True(t, state.Exists())
	assert.Equal(t, "Europe/Berlin", state.Zone().String())

	created.When(facts, program.Bootstrap{}, boot).Then()
	created.When(facts, program.Bootstrap{Zone: "Europe/Berlin"}, boot).Then()
	created.When(facts, program.Bootstrap{Zone: "UTC"}, boot).ThenRejected(domain.KindConflict, "zone_fixed", "zone")

	scenario(t).When(facts, program.Bootstrap{}, boot).Then(defaults("UTC")...)
}

// A newer program knows more kinds: they get their defaults, and what is there stays.
func TestBootstrapAddsWhatIsMissing(t *testing.T) {
	all := defaults("UTC")
	scenario(t).Given(all[0], all[2]).When(facts, program.Bootstrap{}, boot).Then(slices.Concat(all[1:2], all[3:])...)
}

// Every ledger's program has this id, for ever.
func TestDefaultID(t *testing.T) {
	assert.Equal(t, "50050d8b-e487-5b58-b8cf-ee98f54283d6", program.DefaultID.String())
}

func TestBootstrapRefusals(t *testing.T) {
	for _, zone := range []string{"Mars/Olympus", "Local", "../etc", "Europe/Berlin "} {
		scenario(t).When(facts, program.Bootstrap{Zone: zone}, boot).ThenRejected(domain.KindInvalid, "invalid_field", "zone")
	}
	scenario(t).When(facts, program.Bootstrap{}, ops).ThenRejected(domain.KindForbidden, "role", "")
}

// The ledger gives the command at each start: the same command, unless it would ask for more.
func TestBootstrapHeader(t *testing.T) {
	h := program.Bootstrap{Zone: "UTC"}.Header(now)
	assert.Equal(t, h, program.Bootstrap{Zone: "UTC"}.Header(now))
	assert.NotEqual(t, h.CommandID, program.Bootstrap{}.Header(now).CommandID)
	assert.Equal(t, "channelledger", h.Actor.ID)
	assert.Equal(t, domain.Service, h.Actor.Kind)
}

func TestPublish(t *testing.T) {
	berlin := domaintest.For(t, program.Decider()).Given(events("Europe/Berlin")...)
	because := []uuid.UUID{domain.DeriveID("dispute")}
	published := func(version int, from time.Time) program.PolicyPublished {
		return program.PolicyPublished{
			Kind: policy.KindDealRegistration, Version: version, EffectiveFrom: from.UTC(), Body: deals(90), BecauseOf: because,
		}
	}
	publish := program.Publish{Kind: policy.KindDealRegistration, Body: deals(90), BecauseOf: because}

	publish.EffectiveFrom = "2026-04-01"
	second := berlin.When(facts, publish, ops).Then(published(2, time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)))
	publish.EffectiveFrom = "2026-05-01T12:00:00+02:00"
	third := second.When(facts, publish, ops).Then(published(3, time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)))
	publish.EffectiveFrom = ""
	third.When(facts, publish, ops).Then(published(4, now))
}

// The body is written the one way its type is written, whatever spaces and order it came in.
func TestPublishWritesTheBodyCanonically(t *testing.T) {
	body := json.RawMessage(` { "blocking" : ["live_registration"] , "similarity":"0.95" } `)
	bootstrapped(t).When(facts, program.Publish{Kind: policy.KindConflict, Body: body}, ops).Then(program.PolicyPublished{
		Kind: policy.KindConflict, Version: 2, EffectiveFrom: now,
		Body: json.RawMessage(`{"similarity":"0.95","blocking":["live_registration"]}`),
	})
}

func TestPublishRefusals(t *testing.T) {
	id := domain.DeriveID("dispute")
	with := func(change func(*program.Publish)) program.Publish {
		c := program.Publish{Kind: policy.KindDealRegistration, Body: deals(90)}
		change(&c)
		return c
	}
	for field, c := range map[string]program.Publish{
		"kind":           with(func(c *program.Publish) { c.Kind = "weather" }),
		"effective_from": with(func(c *program.Publish) { c.EffectiveFrom = "1 April" }),
		"body":           with(func(c *program.Publish) { c.Body = nil }),
		"body.products[1].aliases[0]": with(func(c *program.Publish) {
			c.Kind = policy.KindCatalogue
			c.Body = json.RawMessage(`{"products":[{"name":"A"},{"name":"B","aliases":["a"]}]}`)
		}),
		"body.protection_days": with(func(c *program.Publish) { c.Body = deals(0) }),
		"because_of":           with(func(c *program.Publish) { c.BecauseOf = make([]uuid.UUID, program.MaxBecauseOf+1) }),
		"because_of[0]":        with(func(c *program.Publish) { c.BecauseOf = []uuid.UUID{uuid.Nil} }),
		"because_of[1]":        with(func(c *program.Publish) { c.BecauseOf = []uuid.UUID{id, id} }),
	} {
		bootstrapped(t).When(facts, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
	late := with(func(c *program.Publish) { c.EffectiveFrom = "9999-12-31T23:59:59-12:00" })
	bootstrapped(t).When(facts, late, ops).ThenRejected(domain.KindInvalid, "invalid_field", "effective_from")
	good := with(func(*program.Publish) {})
	scenario(t).When(facts, good, ops).ThenRejected(domain.KindNotFound, "program", "")
	bootstrapped(t).When(facts, good, ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
	for _, actor := range []domain.Actor{domaintest.Desk(), domaintest.Importer(), domaintest.Auditor(), domaintest.Finance()} {
		bootstrapped(t).When(facts, good, domaintest.By(actor)).ThenRejected(domain.KindForbidden, "role", "")
	}
}

func TestRetire(t *testing.T) {
	second := func() outcome {
		return bootstrapped(t).When(facts, program.Publish{Kind: policy.KindConflict, Body: loose()}, ops).Outcome()
	}
	retire := program.Retire{Kind: policy.KindConflict, Version: 2, Reason: "too strict"}
	retired := second().When(facts, retire, ops).
		Then(program.PolicyRetired{Kind: policy.KindConflict, Version: 2, Reason: "too strict"})
	retired.When(facts, retire, ops).ThenRejected(domain.KindConflict, "policy_retired", "version")

	retire.Version = 3
	second().When(facts, retire, ops).ThenRejected(domain.KindNotFound, "policy_version", "version")
	retire.Version = 1
	second().When(facts, retire, ops).ThenRejected(domain.KindConflict, "first_version", "version")
	retire.Reason = strings.Repeat("x", program.MaxReason+1)
	second().When(facts, retire, ops).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	scenario(t).When(facts, retire, ops).ThenRejected(domain.KindNotFound, "program", "")
	second().When(facts, retire, domaintest.By(domaintest.Desk())).ThenRejected(domain.KindForbidden, "role", "")

	// The number of a retired version is not given again.
	published := retired.When(facts, program.Publish{Kind: policy.KindConflict, Body: loose()}, ops).Outcome()
	assert.Equal(t, 3, published.Events()[0].(program.PolicyPublished).Version)
}

func TestRulesAt(t *testing.T) {
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	publish := func(days, from int) program.PolicyPublished {
		return program.PolicyPublished{Kind: policy.KindDealRegistration, Version: days, EffectiveFrom: day(from), Body: deals(days)}
	}
	state := domaintest.For(t, program.Decider()).Given(append(events("UTC"),
		publish(2, 10),
		publish(3, 20),
		publish(4, 20), // a tie: the later published holds
		publish(5, 15), // published later, holds only in between
		domaintest.Past(program.PolicyRetired{Kind: policy.KindDealRegistration, Version: 4}, domaintest.At(day(30))),
		domaintest.Past(program.PolicyRetired{Kind: policy.KindDealRegistration, Version: 2}, domaintest.At(day(5))),
	)...).State()

	for at, version := range map[int]int{-100_000: 1, 9: 1, 10: 1, 14: 1, 15: 5, 19: 5, 20: 4, 29: 4, 30: 3, 400: 3} {
		rules, refs := state.RulesAt(day(at))
		want := policy.Versioned[policy.DealRegistration]{Version: version, Body: policy.DefaultDealRegistration()}
		if version > 1 {
			want.Body.ProtectionDays = version
		}
		assert.Equal(t, want, rules.DealRegistration, "day %d", at)
		var refsWanted []string
		for _, kind := range policy.Kinds() {
			refsWanted = append(refsWanted, fmt.Sprintf("%s@1", kind))
		}
		refsWanted[slices.Index(policy.Kinds(), policy.KindDealRegistration)] = fmt.Sprintf("deal_registration@%d", version)
		assert.Equal(t, refsWanted, refs)
		assert.Equal(t, policy.Versioned[policy.Catalogue]{Version: 1, Body: policy.DefaultCatalogue()}, rules.Catalogue)
		assert.Equal(t, policy.Versioned[policy.Conflict]{Version: 1, Body: policy.DefaultConflict()}, rules.Conflict)
		assert.Equal(t, policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()}, rules.Approval)
		assert.Equal(t, time.UTC, rules.Zone)
	}
	versions := state.Versions(policy.KindDealRegistration)
	require.Len(t, versions, 5)
	assert.Equal(t, day(30), versions[3].RetiredAt)
	assert.Equal(t, now, versions[3].PublishedAt)
}

// Before 0001-01-01 in UTC there is nothing, nor before the program exists.
func TestRulesOfNoProgram(t *testing.T) {
	rules, refs := program.Decider().Initial().RulesAt(now)
	assert.Empty(t, refs)
	assert.Equal(t, policy.Rules{Zone: time.UTC}, rules)
}

// What a newer program wrote, or what is bounded by effective time, folds.
func TestFoldTakesWhatItDoesNotKnow(t *testing.T) {
	state := domaintest.For(t, program.Decider()).Given(
		program.PolicyRetired{Kind: policy.KindConflict, Version: 7},
		program.Created{Zone: "Mars/Olympus"},
		program.PolicyPublished{Kind: "weather", Version: 1, Body: json.RawMessage(`{}`)},
		program.PolicyPublished{Kind: policy.KindConflict, Version: 1, Body: json.RawMessage(`[]`)},
	).State()
	assert.Equal(t, time.UTC, state.Zone())
	_, refs := state.RulesAt(now)
	assert.Empty(t, refs)
}

// Versions are numbered without gaps, at every moment each kind has one in force, and folding a part never panics.
func TestProgramProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := program.Decider()
		state, part := d.Initial(), d.Initial()
		next := 0
		give := func(c program.Command, actor domain.Actor, at time.Time) {
			next++
			h := domain.Header{CommandID: domaintest.NthCommand(next), Actor: actor, Now: at, EffectiveAt: at}
			decided, err := d.Decide(state, h, facts, c)
			if err != nil {
				require.NotNil(r, domain.AsRejection(err))
				return
			}
			for _, e := range decided {
				env := domain.Envelope{Metadata: h.Metadata(domain.Basis{})}
				d.Evolve(state, e, env)
				if rapid.Bool().Draw(r, "known") {
					d.Evolve(part, e, env)
				}
			}
		}
		give(program.Bootstrap{}, domaintest.Importer(), now)
		for range rapid.IntRange(0, 30).Draw(r, "commands") {
			at := now.AddDate(0, 0, rapid.IntRange(0, 50).Draw(r, "at"))
			if rapid.Bool().Draw(r, "publish") {
				from := now.AddDate(0, 0, rapid.IntRange(-20, 70).Draw(r, "from")).Format(time.DateOnly)
				give(program.Publish{Kind: policy.KindConflict, EffectiveFrom: from, Body: loose()}, domaintest.Ops(), at)
				continue
			}
			version := rapid.IntRange(0, 10).Draw(r, "version")
			give(program.Retire{Kind: policy.KindConflict, Version: version, Reason: "r"}, domaintest.Ops(), at)
		}
		for i, v := range state.Versions(policy.KindConflict) {
			require.Equal(r, i+1, v.Version)
		}
		asked := now.AddDate(0, 0, rapid.IntRange(-100, 100).Draw(r, "asked"))
		_, refs := state.RulesAt(asked)
		require.Len(r, refs, len(policy.Kinds()))
		part.RulesAt(asked)
	})
}

type (
	start   = domaintest.Start[*program.State, program.Command, program.Facts, program.Event]
	given   = domaintest.Given[*program.State, program.Command, program.Facts, program.Event]
	outcome = domaintest.Outcome[*program.State, program.Command, program.Facts, program.Event]
)

func scenario(t *testing.T) start {
	t.Helper()
	return domaintest.For(t, program.Decider(), domaintest.StreamID(program.DefaultID))
}

func bootstrapped(t *testing.T) given {
	t.Helper()
	return scenario(t).Given(events("UTC")...)
}

func defaults(zone string) []program.Event {
	list := []program.Event{program.Created{Zone: zone}}
	for _, body := range policy.Defaults() {
		list = append(list, program.PolicyPublished{Kind: body.Kind(), Version: 1, Body: domain.Must(json.Marshal(body))})
	}
	return list
}

func events(zone string) (list []domain.Event) {
	for _, e := range defaults(zone) {
		list = append(list, e)
	}
	return list
}

func deals(protection int) json.RawMessage {
	body := policy.DefaultDealRegistration()
	body.ProtectionDays = protection
	return domain.Must(json.Marshal(body))
}

func loose() json.RawMessage {
	return json.RawMessage(`{"similarity":"1","blocking":["live_registration"]}`)
}
