package partner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
)

var (
	dach        = partner.TerritoryAssigned{Territory: "DACH", Countries: []string{"DE", "AT", "CH"}}
	distributor = domain.DeriveID("distributor")
)

func TestTerritoriesAreDated(t *testing.T) {
	narrower := partner.AssignTerritory{Territory: "dach", Countries: []string{"DE"}}
	p := onboarded(t).When(facts, partner.AssignTerritory(dach), on(10)).Then(dach).
		When(facts, partner.AssignTerritory{Territory: "Benelux", Countries: []string{"NL"}}, on(12)).Outcome().
		When(facts, partner.RemoveTerritory{Territory: "dach"}, on(30)).Then(partner.TerritoryRemoved{Territory: "DACH"}).
		When(facts, narrower, on(40), takes(20)).Then(partner.TerritoryAssigned(narrower)).State()
	for n, want := range map[int]string{
		9: "[]", 10: "[{DACH [DE AT CH]}]", 19: "[{DACH [DE AT CH]} {Benelux [NL]}]",
		20: "[{DACH [DE]} {Benelux [NL]}]", 29: "[{DACH [DE]} {Benelux [NL]}]", 30: "[{Benelux [NL]}]",
	} {
		assert.Equal(t, want, fmt.Sprint(p.StandingAt(now.AddDate(0, 0, n)).Territories), "day %d", n)
	}
}

func TestTerritoriesAreRefused(t *testing.T) {
	assign := partner.AssignTerritory(dach)
	onboarded(t, dach).When(facts, assign, ops).ThenRejected(domain.KindConflict, "same_territory", "territory")
	onboarded(t, dach, partner.TerritoryRemoved{Territory: "DACH"}).When(facts, assign, ops).Then(dach)
	onboarded(t).When(facts, assign, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied).When(facts, assign, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	remove := partner.RemoveTerritory{Territory: "DACH"}
	onboarded(t).When(facts, remove, ops).ThenRejected(domain.KindNotFound, "territory", "territory")
	onboarded(t, dach).When(facts, remove, admin).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t, dach, partner.TerritoryRemoved{Territory: "DACH"}).When(facts, remove, ops).
		ThenRejected(domain.KindNotFound, "territory", "territory")
	for field, c := range map[string]partner.AssignTerritory{
		"territory":    {Territory: strings.Repeat("x", 201), Countries: []string{"DE"}},
		"countries":    {Territory: "DACH"},
		"countries[0]": {Territory: "DACH", Countries: []string{"de"}},
		"countries[1]": {Territory: "DACH", Countries: []string{"DE", "DE"}},
	} {
		onboarded(t).When(facts, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
	var many []domain.Event
	for i := range 100 {
		many = append(many, partner.TerritoryAssigned{Territory: fmt.Sprint(i), Countries: []string{"DE"}})
	}
	onboarded(t, many...).When(facts, assign, ops).ThenRejected(domain.KindConflict, "too_many", "")
}

func TestAssignParent(t *testing.T) {
	assign := partner.AssignParent{ParentID: distributor}
	below := onboarded(t).When(tiered, assign, ops).Then(partner.ParentAssigned(assign))
	below.When(tiered, assign, ops).ThenRejected(domain.KindConflict, "same_parent", "parent_id")
	assert.Equal(t, distributor, below.State().StandingAt(now).ParentID)
	removed := below.When(tiered, partner.RemoveParent{}, on(5)).Then(partner.ParentRemoved(assign))
	removed.When(tiered, partner.RemoveParent{}, on(6)).ThenRejected(domain.KindNotFound, "parent", "")
	assert.Equal(t, uuid.Nil, removed.State().StandingAt(now.AddDate(0, 0, 5)).ParentID)
	assert.Equal(t, distributor, removed.State().StandingAt(now.AddDate(0, 0, 4)).ParentID)

	onboarded(t).When(tiered, assign, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied).When(tiered, assign, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	for _, id := range []uuid.UUID{self, uuid.Nil} {
		onboarded(t).When(tiered, partner.AssignParent{ParentID: id}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "parent_id")
	}
	onboarded(t).When(facts, assign, ops).ThenRejected(domain.KindNotFound, "partner_unknown", "parent_id")
	for rule, change := range map[string]func(*partner.Above){
		"not_a_distributor": func(a *partner.Above) { a.Parent.Kind = partner.Reseller },
		"parent_status":     func(a *partner.Above) { a.Parent.Status = partner.StatusDeactivated },
		"parent_cycle":      func(a *partner.Above) { a.All = []uuid.UUID{agreement, self} },
		"too_many":          func(a *partner.Above) { a.All = make([]uuid.UUID, partner.MaxAbove+1) },
	} {
		above := tiered
		change(&above.Above)
		onboarded(t).When(above, assign, ops).ThenRejected(domain.KindConflict, rule, "parent_id")
	}
}

func TestParentsFrom(t *testing.T) {
	second := domain.DeriveID("another distributor")
	p := onboarded(t).When(tiered, partner.AssignParent{ParentID: distributor}, on(1)).Outcome().
		When(tiered, partner.RemoveParent{}, on(3)).Outcome().State()
	p.Parent.Set(now.AddDate(0, 0, 5), second)
	assert.Equal(t, []uuid.UUID{distributor, second}, p.ParentsFrom(now))
	assert.Equal(t, []uuid.UUID{distributor, second}, p.ParentsFrom(now.AddDate(0, 0, 1)))
	assert.Equal(t, []uuid.UUID{second}, p.ParentsFrom(now.AddDate(0, 0, 3)))
}
