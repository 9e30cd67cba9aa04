package api_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
)

// rolesPage is what people read, and what the code is held against.
const rolesPage = "../docs/explanation/roles.md"

// The cells of the table.
const (
	may    = "yes"
	mayOwn = "own"
	mayNot = "–"
)

// TestRolesMayDoWhatTheTableSays sends every action as every role. A new action needs a row, and an action on a new sort of
// thing needs one of them in newStage.
func TestRolesMayDoWhatTheTableSays(t *testing.T) {
	table, bodies := readTable(t), api.SampleBodies(t)
	demandRows(t, table, slices.Sorted(maps.Keys(bodies)))
	stage := newStage(t)
	for _, path := range slices.Sorted(maps.Keys(bodies)) {
		a := act{stage: stage, path: path, body: stage.fill(path, bodies[path])}
		t.Run(path, func(t *testing.T) {
			require.False(t, a.mayBeDone(t, stage.as("nobody-1")), "without a role")
			for _, role := range domain.Roles() {
				a.hold(t, role, table[path][role])
			}
		})
	}
}

// readTable is the page's cells, by path and role.
func readTable(t *testing.T) map[string]map[domain.Role]string {
	t.Helper()
	page, err := os.ReadFile(rolesPage)
	require.NoError(t, err)
	table, roles := map[string]map[domain.Role]string{}, domain.Roles()
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		path, isRow := strings.CutPrefix(cells[0], "POST ")
		switch {
		case cells[0] == "action":
			roles = nil
			for _, name := range cells[1:] {
				roles = append(roles, domain.Role(name))
			}
			require.ElementsMatch(t, domain.Roles(), roles, "the columns of %s", rolesPage)
		case isRow:
			require.Len(t, cells, 1+len(roles), "%s: %s", rolesPage, line)
			require.NotContains(t, table, path, "%s has two rows", path)
			table[path] = map[domain.Role]string{}
			for i, role := range roles {
				require.Contains(t, []string{may, mayOwn, mayNot}, cells[1+i], "%s: %s", path, role)
				table[path][role] = cells[1+i]
			}
		}
	}
	return table
}

// demandRows prints the rows that are missing, to be filled in by who knows what they should say.
func demandRows(t *testing.T, table map[string]map[domain.Role]string, paths []string) {
	t.Helper()
	var missing strings.Builder
	for _, path := range paths {
		if table[path] == nil {
			fmt.Fprintf(&missing, "| POST %s |%s\n", path, strings.Repeat(" ? |", len(domain.Roles())))
		}
	}
	require.Empty(t, missing.String(), "%s lacks these rows: put each under its heading, with yes, own or – for\n%v", rolesPage, domain.Roles())
	for path := range table {
		require.Contains(t, paths, path, "%s has a row of an action that is no more", rolesPage)
	}
}

// stage is a ledger with one of each sort of thing, north's where it is a partner's.
type stage struct {
	*world
	north, south ally
	things       map[string]string // by the path's parameter that names one
	bodies       map[string]object // where a made-up body is refused before anybody asks who sends it
}

// newStage: a new sort of thing is a line in things.
func newStage(t *testing.T) *stage {
	t.Helper()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	deal := strings.TrimPrefix(north.registers("acme", "GTX", "10.00"), "/v1/deals/")
	agreement, sale := north.sells("10.00")
	marketing := north.markets(w.budget("1000.00"), "500.00")
	w.finance().post("/v1/periods/2026-02/cut", object{}).is(201)
	s := &stage{
		world: w, north: north, south: south,
		things: map[string]string{
			"program_id":   "default",
			"month":        "2026-02",
			"statement_id": w.finance().reconciles(bankFile("1", "100.00", "5.00")),
			"line":         "1",
			"name":         "scheduler",
			"kind":         "catalogue",
			"version":      "1",
			"partner_id":   north.id,
			"parent_id":    south.id,
			"deal_id":      deal,
			"agreement_id": strings.TrimPrefix(agreement, "/v1/rebates/agreements/"),
			"sale_id":      sale,
			"budget_id":    marketing.budget,
			"fund_id":      marketing.fund,
			"request_id":   marketing.request("100.00"),
			"clawback_id":  marketing.owesBack(),
			"claim_id":     marketing.claim("100.00"),
			"account_id":   w.desk().get("/v1/deals/"+deal).is(200).text("data", "account_id"),
		},
		bodies: map[string]object{
			"/v1/deals":      north.registration("globex", "GTX", "10.00"),
			"/v1/statements": {"sha256": strings.Repeat("0a", 32)},
			"/v1/statements/{statement_id}/confirm": {"matches": []object{{"lines": []int{1}, "to": []object{{
				"payable_id": newID(), "payout_id": newID(), "amount": object{"amount": "5.00", "currency": "EUR"},
			}}}}},
			"/v1/accounts": {"customer": object{"name": "Initech", "domain": "initech.de"}},
		},
	}
	registered := w.eventOf(w.streamOf("/v1/deals/"+deal), "deal.registered.v1")
	w.mayBePaid(north) // days later
	claim := object{
		"kind": "deal_ownership", "stream": registered["stream"], "event_id": registered["event_id"],
		"claimant": object{"partner_id": north.id}, "remedy_sought": "protection", "statement": "we were first",
	}
	s.bodies["/v1/disputes"] = claim
	s.things["dispute_id"] = north.admin().post("/v1/disputes", claim).is(201).text("data", "id")
	s.things["payable_id"] = north.owes("10.00")
	s.things["payout_id"] = strings.TrimPrefix(w.prepares(), "/v1/payouts/")
	return s
}

// fill makes a body speak of the things on stage, and of nothing that only few may say.
func (s *stage) fill(path string, body object) object {
	if own, ok := s.bodies[path]; ok {
		return own
	}
	delete(body, "effective_at")
	for name := range body {
		if id, ok := s.things[name]; ok && strings.HasSuffix(name, "_id") {
			body[name] = id
		}
	}
	return body
}

// act is one action on the stage.
type act struct {
	*stage
	path string
	body object
}

// hold demands what a cell says.
func (a act) hold(t *testing.T, role domain.Role, cell string) {
	t.Helper()
	who := a.as("somebody-1", role)
	if role != domain.PartnerSeller && role != domain.PartnerAdmin {
		require.Equal(t, cell == may, a.mayBeDone(t, who), "%s: the table says %s", role, cell)
		return
	}
	require.Equal(t, cell != mayNot, a.mayBeDone(t, who.of(a.north.id)), "%s on the own partner's: the table says %s", role, cell)
	require.Equal(t, cell == may, a.mayBeDone(t, who.of(a.south.id)), "%s on another partner's: the table says %s", role, cell)
}

// refusedWho are the rules that refuse somebody for who they are.
var refusedWho = []string{"role", "own_partner", "vendor_only"}

// mayBeDone sends the action. Whatever else is wrong with it comes behind the question who sends it.
func (a act) mayBeDone(t *testing.T, who caller) bool {
	t.Helper()
	path := parameter.ReplaceAllStringFunc(a.path, func(name string) string {
		if thing, ok := a.things[strings.Trim(name, "{}")]; ok {
			return thing
		}
		return newID() // inside the thing: asked for later
	})
	answer := who.post(path, a.body)
	require.Less(t, answer.status, 500, "%s", answer.body)
	if answer.status != 403 {
		thing, _, _ := strings.Cut(strings.TrimPrefix(parameter.FindString(a.path), "{"), "_id}")
		require.NotContains(t, string(answer.body), `"`+thing+`_unknown"`, "there is none on stage: see newStage")
		return true
	}
	return !slices.ContainsFunc(refusedWho, func(rule string) bool { return strings.Contains(string(answer.body), `"rule":"`+rule+`"`) })
}

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)
