package program_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/program"
)

func date(text string) domain.Date { return domain.Must(domain.ParseDate(text)) }

// today is the day that the scenarios begin on.
var today = domain.DateOf(now, time.UTC)

func person(id string, roles ...domain.Role) domaintest.Option {
	return domaintest.By(domain.Actor{ID: id, Kind: domain.User, Roles: roles})
}

var ann, bob = person("ann", domain.Finance), person("bob", domain.DealDesk)

// leave is ann's for so many days from tomorrow on.
func leave(days int) program.GrantDelegation {
	return program.GrantDelegation{From: "ann", To: "bob", Start: today.AddDays(1), End: today.AddDays(days), Reason: "leave"}
}

// nth is the id of a command, whatever the past holds; as gives it.
func nth(command int) uuid.UUID { return domain.CommandID("delegate", strconv.Itoa(command)) }

func as(command int) domaintest.Option { return domaintest.CommandID(nth(command)) }

func granted(c program.GrantDelegation, command int) program.DelegationGranted {
	stream := domain.StreamName(program.Category, program.DefaultID)
	return program.DelegationGranted{
		DelegationID: domain.EntityID(nth(command), stream, "delegation"),
		From:         c.From, To: c.To, Start: c.Start, End: c.End, Reason: c.Reason,
	}
}

func TestGrantDelegation(t *testing.T) {
	t.Parallel()
	first := leave(14)
	own := bootstrapped(t).When(facts, first, ann, as(1)).Then(granted(first, 1))
	// The next days are free again; another may act beside; and the other way round they may stand in for each other.
	next := leave(20)
	next.Start = today.AddDays(15)
	own.When(facts, next, ops, as(2)).Then(granted(next, 2))
	other := leave(14)
	other.To = "carol"
	own.When(facts, other, ann, as(3)).Then(granted(other, 3))
	back := leave(14)
	back.From, back.To = "bob", "ann"
	own.When(facts, back, bob, as(4)).Then(granted(back, 4))

	c := program.GrantDelegation{From: "ann", To: "bob", End: today, Reason: "a day off"}
	begun := c
	begun.Start = today
	bootstrapped(t).When(facts, c, ann, as(1)).Then(granted(begun, 1))
}

func TestGrantDelegationRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*program.GrantDelegation)
		field  string
	}{
		"to nobody":        {func(c *program.GrantDelegation) { c.To = "" }, "to"},
		"to a long id":     {func(c *program.GrantDelegation) { c.To = strings.Repeat("x", program.MaxActor+1) }, "to"},
		"to themselves":    {func(c *program.GrantDelegation) { c.To = "ann" }, "to"},
		"no reason":        {func(c *program.GrantDelegation) { c.Reason = "" }, "reason"},
		"a long reason":    {func(c *program.GrantDelegation) { c.Reason = domain.Personal(strings.Repeat("x", 2001)) }, "reason"},
		"no end":           {func(c *program.GrantDelegation) { c.End = domain.Date{} }, "end"},
		"ends before":      {func(c *program.GrantDelegation) { c.End = today }, "end"},
		"is over":          {func(c *program.GrantDelegation) { c.Start, c.End = today.AddDays(-9), today.AddDays(-1) }, "end"},
		"367 days":         {func(c *program.GrantDelegation) { c.End = c.Start.AddDays(366) }, "end"},
		"long after today": {func(c *program.GrantDelegation) { c.Start, c.End = today.AddDays(367), today.AddDays(368) }, "start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := leave(14)
			c.change(&command)
			bootstrapped(t).When(facts, command, ann).ThenRejected(domain.KindInvalid, "invalid_field", c.field)
		})
	}
	longest := leave(0)
	longest.End = longest.Start.AddDays(365)
	bootstrapped(t).When(facts, longest, ann, as(1)).Then(granted(longest, 1))

	scenario(t).When(facts, leave(14), ann).ThenRejected(domain.KindNotFound, "program", "")
	early := domaintest.Effective(now.Add(-time.Hour))
	bootstrapped(t).When(facts, leave(14), ops, early).ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")

	given := bootstrapped(t).When(facts, leave(14), ann).Outcome()
	again := leave(14)
	again.Start = today.AddDays(14)
	again.End = today.AddDays(15)
	given.When(facts, again, ann).ThenRejected(domain.KindConflict, "delegation_exists", "to")
}

func TestOnlyWhoeverIsAwayDelegates(t *testing.T) {
	t.Parallel()
	north := domain.DeriveID("partner", "north")
	for name, c := range map[string]struct {
		by   domaintest.Option
		rule string
	}{
		"another":                         {person("carol", domain.Finance), "own_delegation"},
		"the delegate":                    {bob, "own_delegation"},
		"the delegate, of partner_ops":    {person("bob", domain.PartnerOps), "own_delegation"},
		"an auditor":                      {person("ann", domain.Auditor), "role"},
		"a service":                       {domaintest.By(domaintest.Importer()), "role"},
		"a partner's people":              {domaintest.By(domaintest.Admin(north)), "role"},
		"a partner's, with a vendor role": {domaintest.By(domain.Actor{ID: "ann", Roles: []domain.Role{domain.Finance}, PartnerID: north}), "vendor_only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bootstrapped(t).When(facts, leave(14), c.by).ThenRejected(domain.KindForbidden, c.rule, "")
		})
	}
	for _, role := range []domain.Role{domain.DealDesk, domain.PartnerOps, domain.Finance, domain.Treasury, domain.Adjudicator} {
		bootstrapped(t).When(facts, leave(14), person("ann", role), as(1)).Then(granted(leave(14), 1))
	}
}

func TestDelegationsAreNotWithoutNumber(t *testing.T) {
	t.Parallel()
	past := events("UTC")
	for i := range program.MaxDelegations {
		past = append(past, program.DelegationGranted{
			DelegationID: domain.DeriveID(string(rune('a' + i))), From: "ann", To: string(rune('a' + i)), Start: today, End: today.AddDays(i),
		})
	}
	full := domaintest.For(t, program.Decider()).Given(past...)
	full.When(facts, leave(14), ann).ThenRejected(domain.KindConflict, "too_many", "from").
		When(facts, leave(14), ann, domaintest.At(now.AddDate(0, 0, 1)), as(1)).Then(granted(leave(14), 1)) // the first is over
}

func TestRevokeDelegation(t *testing.T) {
	t.Parallel()
	one := granted(leave(14), 1)
	running := func() outcome { return bootstrapped(t).When(facts, leave(14), ann, as(1)).Then(one) }
	revoke := program.RevokeDelegation{DelegationID: one.DelegationID, Reason: "back early"}
	revoked := program.DelegationRevoked{DelegationID: one.DelegationID, Reason: "back early"}
	for _, who := range []domaintest.Option{ann, bob, ops} {
		running().When(facts, revoke, who).Then(revoked).
			When(facts, revoke, who).ThenRejected(domain.KindConflict, "delegation_over", "delegation_id").
			When(facts, leave(14), ann, as(4)).Then(granted(leave(14), 4)) // the days are free again
	}
	running().When(facts, revoke, person("carol", domain.Finance)).ThenRejected(domain.KindForbidden, "own_delegation", "")
	running().When(facts, revoke, person("ann", domain.Auditor)).ThenRejected(domain.KindForbidden, "role", "")
	ofPartner := domain.Actor{ID: "ann", Roles: []domain.Role{domain.Finance}, PartnerID: domain.DeriveID("north")}
	running().When(facts, revoke, domaintest.By(ofPartner)).ThenRejected(domain.KindForbidden, "vendor_only", "")
	running().When(facts, revoke, ann, domaintest.At(now.AddDate(0, 0, 15))).
		ThenRejected(domain.KindConflict, "delegation_over", "delegation_id")
	revoke.Reason = ""
	running().When(facts, revoke, ann).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	unknown := program.RevokeDelegation{DelegationID: uuid.Nil, Reason: "x"}
	running().When(facts, unknown, ann).ThenRejected(domain.KindNotFound, "delegation_unknown", "delegation_id")
}

// A delegation holds whole days in the program's zone, never before it was granted nor from its revocation on.
func TestDelegationsAt(t *testing.T) {
	t.Parallel()
	berlin := domain.Must(time.LoadLocation("Europe/Berlin"))
	begins := today.AddDays(1).In(berlin)
	inTime, late, early := domain.DeriveID("in time"), domain.DeriveID("late"), domain.DeriveID("revoked")
	grant := func(id uuid.UUID, at time.Time) domain.Event {
		return domaintest.Past(program.DelegationGranted{
			DelegationID: id, From: "ann", To: "bob", Start: today.AddDays(1), End: today.AddDays(2),
		}, domaintest.At(at))
	}
	state := domaintest.For(t, program.Decider()).Given(append(events("Europe/Berlin"),
		grant(inTime, now), grant(late, begins.Add(time.Hour)), grant(early, begins.Add(2*time.Hour)),
		domaintest.Past(program.DelegationRevoked{DelegationID: early}, domaintest.At(begins.Add(3*time.Hour))),
		program.DelegationRevoked{DelegationID: uuid.Nil},
	)...).State()
	assert.Len(t, state.Delegations(), 3)
	for _, c := range []struct {
		at   time.Time
		want []uuid.UUID
	}{
		{begins.Add(-time.Microsecond), nil},
		{begins, []uuid.UUID{inTime}},
		{begins.Add(time.Hour), []uuid.UUID{inTime, late}},
		{begins.Add(2 * time.Hour), []uuid.UUID{inTime, late, early}},
		{begins.Add(3 * time.Hour), []uuid.UUID{inTime, late}},
		{today.AddDays(3).In(berlin).Add(-time.Microsecond), []uuid.UUID{inTime, late}},
		{today.AddDays(3).In(berlin), nil},
	} {
		var found []uuid.UUID
		for _, d := range state.DelegationsAt(c.at) {
			found = append(found, d.ID)
		}
		assert.Equal(t, c.want, found, "at %s", c.at)
	}
}
