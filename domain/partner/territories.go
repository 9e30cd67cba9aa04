package partner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// Territory is where a partner may sell, or might once: the countries that it covered, and since when. None: taken away.
type Territory struct {
	Name      string                 `json:"territory"`
	Countries domain.Dated[[]string] `json:"countries"` // ISO 3166-1 alpha-2
}

// AssignedTerritory is a territory as it stands at a moment.
type AssignedTerritory struct {
	Name      string   `json:"territory"`
	Countries []string `json:"countries"`
}

// AssignTerritory says where a partner may sell from then on. A partner without any territory may sell everywhere. Assigned
// again, a territory's countries are replaced; territories of several partners may overlap.
// Errors: a field is wrong; the partner isn't in the program at that moment; the territory has these countries then already
// (same_territory).
type AssignTerritory struct {
	Territory string   `json:"territory"` // a name, told apart without case; at most 200 characters
	Countries []string `json:"countries"` // ISO 3166-1 alpha-2, each once, at least one
}

func (AssignTerritory) admits() (string, []domain.Role) { return "assign a territory", vendor }

func (c AssignTerritory) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := p.mustBeIn(h, "assign a territory"); err != nil {
		return nil, err
	}
	t := p.territory(c.Territory)
	if t == nil && len(p.Assigned) >= maxList {
		return nil, domain.Refuse("too_many", "", "at most %d territories", maxList)
	}
	if t != nil && slices.Equal(t.countriesAt(h.EffectiveAt), c.Countries) {
		return nil, domain.Refuse("same_territory", "territory", "%s is assigned with these countries already", c.Territory)
	}
	return []Event{TerritoryAssigned(c)}, nil
}

func (c AssignTerritory) check() error {
	if err := domain.AdmitText("territory", c.Territory, maxText); err != nil {
		return err
	}
	if len(c.Countries) == 0 {
		return domain.Invalid("countries", "want at least one country")
	}
	for i, code := range c.Countries {
		path := fmt.Sprintf("countries[%d]", i)
		if !isCountry(code) {
			return domain.Invalid(path, "want a country of ISO 3166-1 alpha-2, as in DE")
		}
		if slices.Contains(c.Countries[:i], code) {
			return domain.Invalid(path, "%s is there already", code)
		}
	}
	return nil
}

// RemoveTerritory takes a territory away from then on.
// Errors: the partner doesn't have it at that moment (territory).
type RemoveTerritory struct {
	Territory string `json:"territory"` // its name, without case
}

func (RemoveTerritory) admits() (string, []domain.Role) { return "remove a territory", vendor }

func (c RemoveTerritory) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	t := p.territory(c.Territory)
	if t == nil || t.countriesAt(h.EffectiveAt) == nil {
		return nil, domain.NotFound("territory", "territory", "the partner has no territory %.200q at %s", c.Territory, stamp(h.EffectiveAt))
	}
	return []Event{TerritoryRemoved{Territory: t.Name}}, nil
}

// TerritoriesAt are the territories that the partner has at t, in the order they were first assigned.
func (p *Partner) TerritoriesAt(t time.Time) (assigned []AssignedTerritory) {
	for _, territory := range p.Assigned {
		if countries := territory.countriesAt(t); countries != nil {
			assigned = append(assigned, AssignedTerritory{territory.Name, countries})
		}
	}
	return assigned
}

func (t *Territory) countriesAt(moment time.Time) []string {
	countries, _ := t.Countries.At(moment)
	return countries
}

// territory is the one with the name, or nil.
func (p *Partner) territory(name string) *Territory {
	i := slices.IndexFunc(p.Assigned, func(t Territory) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		return nil
	}
	return &p.Assigned[i]
}

func (e TerritoryAssigned) evolve(p *Partner, env domain.Envelope) {
	t := p.territory(e.Territory)
	if t == nil {
		p.Assigned = append(p.Assigned, Territory{Name: e.Territory})
		t = &p.Assigned[len(p.Assigned)-1]
	}
	t.Countries.Set(env.EffectiveAt, e.Countries)
}

func (e TerritoryRemoved) evolve(p *Partner, env domain.Envelope) {
	if t := p.territory(e.Territory); t != nil {
		t.Countries.Set(env.EffectiveAt, nil)
	}
}

// HasTerritory reports whether the partner has a territory of the name, without case.
func (s Standing) HasTerritory(name string) bool {
	return slices.ContainsFunc(s.Territories, func(t AssignedTerritory) bool { return strings.EqualFold(t.Name, name) })
}

// SellsIn reports whether the partner may sell in the country: one of its territories covers it, or it has none.
func (s Standing) SellsIn(country string) bool {
	return len(s.Territories) == 0 ||
		slices.ContainsFunc(s.Territories, func(t AssignedTerritory) bool { return slices.Contains(t.Countries, country) })
}
