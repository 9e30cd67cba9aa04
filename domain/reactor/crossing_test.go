package reactor_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/reactor"
)

// Two records of a customer, by tax id, and a third by a like name.
var (
	acme  = account.Customer{Name: "Acme Logistics GmbH", Domain: "acme.de", Country: "DE", TaxID: "811222333"}
	twin  = account.Customer{Name: "Speditionsgruppe Nord", Domain: "nord.de", Country: "DE", TaxID: "DE 811 222 333"}
	alike = account.Customer{Name: "ACME Logistic", Domain: "acmelog.de", Country: "DE"}
)

func idOf(c account.Customer) uuid.UUID { return domain.Must(c.Identity()).AccountID }

// tape is a log that a crossing is fed with.
type tape struct {
	crossing  *reactor.Crossing
	revisions map[string]int64
	n         int
	all       []func(*reactor.Crossing)
}

func newTape() *tape { return &tape{crossing: reactor.NewCrossing(), revisions: map[string]int64{}} }

func (t *tape) feed(id uuid.UUID, events ...domain.Event) {
	stream := domain.StreamName(account.Category, id)
	for _, e := range events {
		t.n++
		env := domain.Envelope{
			EventID: domain.DeriveID("test", "event", time.Duration(t.n).String()), Type: e.EventType(), Stream: stream,
			Revision: t.revisions[stream], RecordedAt: start.Add(time.Duration(t.n) * time.Hour),
		}
		env.EffectiveAt = env.RecordedAt
		t.revisions[stream]++
		observe := func(c *reactor.Crossing) { c.Observe(e, env) }
		t.all = append(t.all, observe)
		observe(t.crossing)
	}
}

// knows is a customer with a registration of a partner on a line.
func (t *tape) registers(c account.Customer, by, line string) uuid.UUID {
	id, deal := idOf(c), domain.DeriveID("test", "deal", c.Name, by)
	if t.revisions[domain.StreamName(account.Category, id)] == 0 {
		t.feed(id, account.Identified{AccountID: id, Name: c.Name, Domain: c.Domain, Country: c.Country, TaxID: c.TaxID})
	}
	t.feed(id, account.DealRegistered{
		DealID: deal, PartnerID: domain.DeriveID("partner", by), Lines: []account.Line{{Product: line, Line: line}},
	})
	return deal
}

// found are the deals that a finding is to be recorded on, as of now, with the first rule of each.
func (t *tape) found() map[uuid.UUID]policy.ConflictRule {
	return told(t.crossing)
}

func told(c *reactor.Crossing) map[uuid.UUID]policy.ConflictRule {
	all := map[uuid.UUID]policy.ConflictRule{}
	for _, o := range c.Due(start) {
		command := o.Command.(account.RecordRival)
		all[command.DealID] = command.Matches[0].Rule
	}
	return all
}

// again is what a crossing that reads the log from its beginning would order.
func (t *tape) again() map[uuid.UUID]policy.ConflictRule {
	fresh := reactor.NewCrossing()
	for _, observe := range t.all {
		observe(fresh)
	}
	return told(fresh)
}

func TestCrossingTellsBothHalves(t *testing.T) {
	tape := newTape()
	a := tape.registers(acme, "north", "GTX")
	require.Empty(t, tape.found())
	b := tape.registers(twin, "south", "gtx")
	both := map[uuid.UUID]policy.ConflictRule{a: policy.RuleSameTaxID, b: policy.RuleSameTaxID}
	require.Equal(t, both, tape.found())
	require.Empty(t, tape.found(), "handed out once")
	require.Equal(t, both, tape.again(), "nothing is recorded yet")
}

func TestCrossingKnowsWhatIsRecorded(t *testing.T) {
	tape := newTape()
	a := tape.registers(acme, "north", "GTX")
	b := tape.registers(twin, "south", "GTX")
	record := func(on, with uuid.UUID, c account.Customer) {
		tape.feed(idOf(c), account.ConflictFound{
			FindingID: domain.DeriveID("finding", on.String(), "same_tax_id", with.String(), uuid.Nil.String(), ""),
			DealID:    on, With: account.With{DealID: with}, Rule: policy.RuleSameTaxID,
		})
	}
	record(b, a, twin)
	require.Equal(t, map[uuid.UUID]policy.ConflictRule{a: policy.RuleSameTaxID}, tape.found(), "the other half")
	record(a, b, acme)
	require.Empty(t, tape.found())
	require.Empty(t, tape.again())
}

func TestCrossingPassesOverWhatDoesNotMeet(t *testing.T) {
	for name, second := range map[string]struct {
		customer account.Customer
		by, line string
	}{
		"another line":     {twin, "south", "MG"},
		"the same partner": {twin, "north", "GTX"},
		"one account":      {acme, "south", "GTX"},
		"another customer": {account.Customer{Name: "Globex", Domain: "globex.de", Country: "DE"}, "south", "GTX"},
	} {
		tape := newTape()
		tape.registers(acme, "north", "GTX")
		tape.registers(second.customer, second.by, second.line)
		require.Empty(t, tape.found(), name)
	}
}

func TestCrossingForgetsWhatIsClosedUnlessItIsReopened(t *testing.T) {
	tape := newTape()
	a := tape.registers(acme, "north", "GTX")
	tape.feed(idOf(acme), account.DealApproved{DealID: a, ProtectedUntil: day(99)}, account.DealLost{DealID: a})
	b := tape.registers(twin, "south", "GTX")
	require.Empty(t, tape.found())
	tape.feed(idOf(acme), account.DealReopened{DealID: a, From: account.StatusLost, To: account.StatusExpired, ProtectedUntil: day(0)})
	require.Empty(t, tape.found(), "open without protection")
	tape.feed(idOf(acme), account.DealWon{DealID: a}, account.DealReopened{DealID: a, To: account.StatusApproved, ProtectedUntil: day(99)})
	require.Equal(t, map[uuid.UUID]policy.ConflictRule{a: policy.RuleSameTaxID, b: policy.RuleSameTaxID}, tape.found())

	tape = newTape()
	a = tape.registers(acme, "north", "GTX")
	tape.registers(twin, "south", "GTX")
	tape.feed(idOf(acme), account.DealWithdrawn{DealID: a})
	require.Empty(t, tape.found(), "closed before anybody asked")
}

func TestCrossingMindsWhenAProtectionEnded(t *testing.T) {
	tape := newTape()
	a := tape.registers(acme, "north", "GTX")
	tape.feed(idOf(acme), account.DealApproved{DealID: a, ProtectedUntil: start.Add(4 * time.Hour)})
	tape.registers(twin, "south", "GTX") // its fifth event
	require.Empty(t, tape.found(), "over, though nobody recorded it yet")
}

func TestCrossingFollowsLinks(t *testing.T) {
	other := account.Customer{Name: "Quite Different", Domain: "different.fr", Country: "FR"}
	tape := newTape()
	a, b := tape.registers(acme, "north", "GTX"), tape.registers(other, "south", "GTX")
	require.Empty(t, tape.found())
	tape.feed(idOf(other), account.AliasLinked{AccountID: idOf(acme)})
	require.Equal(t, map[uuid.UUID]policy.ConflictRule{a: policy.RuleLiveRegistration, b: policy.RuleLiveRegistration}, tape.found())
	c := tape.registers(twin, "west", "GTX")
	require.Equal(t, map[uuid.UUID]policy.ConflictRule{
		a: policy.RuleSameTaxID, b: policy.RuleSameTaxID, c: policy.RuleSameTaxID,
	}, tape.found(), "what is alike is one of the linked records")
	tape.feed(idOf(other), account.AliasLinked{AccountID: idOf(acme)})
	require.Empty(t, tape.found()[c], "linked already")
}

func TestCrossingGoesByThePolicysThreshold(t *testing.T) {
	tape := newTape()
	publish := func(similarity string, from time.Time) {
		body := fmt.Sprintf(`{"similarity": %q, "blocking": ["live_registration"]}`, similarity)
		tape.feed(program.DefaultID, program.PolicyPublished{
			Kind: policy.KindConflict, Version: 2, EffectiveFrom: from, Body: json.RawMessage(body),
		})
	}
	publish("0.999", day(-9))
	a, b := tape.registers(acme, "north", "GTX"), tape.registers(alike, "south", "GTX")
	require.Empty(t, tape.found())
	publish("0.9", day(-8))
	require.Equal(t, map[uuid.UUID]policy.ConflictRule{a: policy.RuleSimilarName, b: policy.RuleSimilarName}, tape.found())
}

func TestEveryTypeThatCrossingTakesIsAnEventOfAnAggregate(t *testing.T) {
	known := map[string]bool{}
	for _, list := range [][]domain.Type{account.Types(), partner.Types(), program.Types()} {
		for _, typ := range list {
			known[typ.Name] = true
		}
	}
	for _, name := range reactor.NewCrossing().Types() {
		require.True(t, known[name], name)
	}
}
