package period_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/period"
)

type (
	start = domaintest.Start[*period.Period, period.Command, period.Facts, period.Event]
)

var (
	october  = month("2026-10")
	now      = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	first    = period.Facts{Zone: time.UTC}
	hash     = strings.Repeat("0a", 32)
	passed   = period.Check{Name: "open_suspense", Result: period.Passed}
	failed   = period.Check{Name: "open_clearing", Result: period.Failed, Found: 3}
	warned   = period.Check{Name: "rebate_bands", Result: period.Warned, Found: 1}
	accepted = period.Acceptance{Check: "open_clearing", Reason: "paid on the last day; the bank shows it on the first"}
	finance  = domaintest.By(domaintest.Finance())
	other    = domaintest.By(domaintest.Another(domaintest.Finance()))
)

func TestFixtures(t *testing.T) {
	domaintest.Fixtures(t, "testdata/events", period.Types(), map[string]any{
		"period.cut.v1": cutOf(1),
		"period.closed.v1": period.Closed{
			Month: october, Version: 1, Cut: uuid.MustParse("9f6961ce-e894-5cc1-a3fe-f584b9f7c909"), TrialBalanceSHA256: hash,
			Checks: []period.Check{passed, failed, warned}, Accepted: []period.Acceptance{accepted},
		},
		"period.reopening_requested.v1": period.ReopeningRequested{Month: october, Version: 1, Reason: "an invoice came late"},
		"period.reopened.v1":            period.Reopened{Month: october, Version: 1, Reason: "agreed"},
	})
}

func cutOf(version int) period.Cut {
	from, until := october.In(time.UTC)
	return period.Cut{Month: october, Version: version, From: from, Until: until}
}

func scenario(t *testing.T) start {
	t.Helper()
	return domaintest.For(t, period.Decider(), domaintest.StreamID(period.IDOf(october)), domaintest.At(now), finance)
}

func closing(checks ...period.Check) period.ClosePeriod {
	return period.ClosePeriod{Version: 1, TrialBalanceSHA256: hash, Books: period.Books{TrialBalanceSHA256: hash, Checks: checks}}
}

func TestAMonthFromCutToReopening(t *testing.T) {
	t.Parallel()
	cut := scenario(t).When(first, period.CutPeriod{Month: october}).Then(cutOf(1))
	cutID := domain.EventID(domaintest.NthCommand(1), domain.StreamName(period.Category, period.IDOf(october)), 0)
	assert.Equal(t, period.StatusCut, cut.State().Status)

	c := closing(passed, failed, warned)
	c.Accepted = []period.Acceptance{accepted}
	closed := cut.When(first, c).Then(period.Closed{
		Month: october, Version: 1, Cut: cutID, TrialBalanceSHA256: hash, Checks: c.Books.Checks, Accepted: c.Accepted,
	})
	asked := closed.When(first, period.RequestReopening{Reason: "an invoice came late"}).
		Then(period.ReopeningRequested{Month: october, Version: 1, Reason: "an invoice came late"})
	reopened := asked.When(first, period.ReopenPeriod{}, other).Then(period.Reopened{Month: october, Version: 1})
	again := reopened.When(first, period.CutPeriod{Month: october}).Then(cutOf(2))
	c.Version = 2
	p := again.When(first, c).Outcome().State()
	assert.Equal(t, period.StatusClosed, p.Status)
	require.Len(t, p.Versions, 2)
	assert.True(t, p.Find(1).Closed.Taken() && p.Find(1).Requested.Taken() && p.Find(1).Reopened.Taken())
	assert.True(t, p.Find(2).Closed.Taken())
	assert.False(t, p.Find(2).Requested.Taken())
	assert.Nil(t, p.Find(3))
	assert.Equal(t, cutID, p.Find(1).Cut.EventID)
}

// Each command in each state: what it leads to, or the rule that refuses it.
func TestCommandsByState(t *testing.T) {
	t.Parallel()
	states := map[string][]domain.Event{
		"none":       nil,
		"cut":        {cutOf(1)},
		"closed":     {cutOf(1), period.Closed{Month: october, Version: 1}},
		"asked":      {cutOf(1), period.ReopeningRequested{Month: october, Version: 1}},
		"asked late": {cutOf(1), period.Closed{Month: october, Version: 1}, period.ReopeningRequested{Month: october, Version: 1}},
		"reopened":   {cutOf(1), period.ReopeningRequested{Month: october, Version: 1}, period.Reopened{Month: october, Version: 1}},
	}
	for command, c := range map[string]struct {
		command period.Command
		refused map[string]string // by state; none: it is taken
	}{
		"cut": {period.CutPeriod{Month: october}, map[string]string{
			"cut": "wrong_status", "closed": "wrong_status", "asked": "wrong_status", "asked late": "wrong_status",
		}},
		"close": {closing(passed), map[string]string{
			"none": "period_unknown", "closed": "wrong_status", "asked late": "wrong_status", "reopened": "wrong_status",
		}},
		"request": {period.RequestReopening{Reason: "late"}, map[string]string{
			"none": "period_unknown", "asked": "reopening_requested", "asked late": "reopening_requested", "reopened": "wrong_status",
		}},
		"reopen": {period.ReopenPeriod{}, map[string]string{
			"none": "period_unknown", "cut": "reopening_unknown", "closed": "reopening_unknown", "reopened": "wrong_status",
		}},
	} {
		for state, past := range states {
			err := scenario(t).Given(past...).When(first, c.command, other).Outcome().Err()
			if rule := c.refused[state]; rule != "" {
				require.NotNil(t, domain.AsRejection(err), "%s when %s", command, state)
				assert.Equal(t, rule, domain.AsRejection(err).Rule, "%s when %s", command, state)
			} else {
				require.NoError(t, err, "%s when %s", command, state)
			}
		}
	}
}

func TestWhoAndWhen(t *testing.T) {
	t.Parallel()
	cut := period.CutPeriod{Month: october}
	for _, actor := range []domain.Actor{domaintest.Desk(), domaintest.Ops(), domaintest.Treasurer(), domaintest.Auditor(), domaintest.Admin(domain.DeriveID("north"))} {
		scenario(t).When(first, cut, domaintest.By(actor)).ThenRejected(domain.KindForbidden, "role", "")
	}
	partners := domaintest.Finance()
	partners.PartnerID = domain.DeriveID("north")
	scenario(t).When(first, cut, domaintest.By(partners)).ThenRejected(domain.KindForbidden, "vendor_only", "")
	scenario(t).When(first, cut, domaintest.Effective(now.Add(-time.Hour))).ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
	scenario(t).When(first, cut, domaintest.By(domaintest.Importer())).Then(cutOf(1))

	asked := scenario(t).Given(cutOf(1)).When(first, period.RequestReopening{Reason: "late"}).Outcome()
	asked.When(first, period.ReopenPeriod{Reason: "me again"}).ThenRejected(domain.KindForbidden, "maker_is_checker", "")
	asked.When(first, period.ReopenPeriod{}, other).Then(period.Reopened{Month: october, Version: 1})
}

func TestCutIsRefused(t *testing.T) {
	t.Parallel()
	end := month("2026-11").First().In(time.UTC)
	cut := period.CutPeriod{Month: october}
	scenario(t).When(first, cut, domaintest.At(end.Add(-time.Microsecond))).ThenRejected(domain.KindConflict, "month_running", "month")
	scenario(t).When(first, cut, domaintest.At(end)).Then(cutOf(1))
	scenario(t).When(first, period.CutPeriod{}).ThenRejected(domain.KindInvalid, "invalid_field", "month")
	scenario(t).Given(cutOf(1)).When(first, period.CutPeriod{Month: month("2026-09")}).ThenRejected(domain.KindInvalid, "invalid_field", "month")

	with := func(earlier bool, neighbours ...period.Neighbour) period.Facts {
		return period.Facts{Zone: time.UTC, Earlier: earlier, Neighbours: neighbours}
	}
	september, november := month("2026-09"), month("2026-11")
	scenario(t).When(with(true), cut).ThenRejected(domain.KindConflict, "out_of_order", "month")
	scenario(t).When(with(true, period.Neighbour{Month: september}), cut).ThenRejected(domain.KindConflict, "out_of_order", "month")
	scenario(t).When(with(true, period.Neighbour{Month: september, Cut: true}), cut).Then(cutOf(1))
	scenario(t).When(with(false, period.Neighbour{Month: november, Cut: true}), cut).ThenRejected(domain.KindConflict, "later_cut", "month")
	scenario(t).When(with(false, period.Neighbour{Month: november}), cut).Then(cutOf(1))

	asked := period.ReopeningRequested{Month: october, Version: 1}
	scenario(t).Given(cutOf(1), asked).When(with(true, period.Neighbour{Month: november, Cut: true}), period.ReopenPeriod{}, other).
		ThenRejected(domain.KindConflict, "later_cut", "")
	scenario(t).Given(cutOf(1), asked).When(with(true, period.Neighbour{Month: november}), period.ReopenPeriod{}, other).
		Then(period.Reopened{Month: october, Version: 1})
}

func TestNeighbours(t *testing.T) {
	t.Parallel()
	known := []period.Month{month("2026-12"), month("2026-08"), month("2026-09"), month("2026-10"), month("2026-11")}
	assert.Equal(t, []period.Month{month("2026-09"), month("2026-11"), month("2026-12")}, period.Neighbours(october, known))
	assert.Equal(t, []period.Month{month("2026-09")}, period.Neighbours(october, nil))
}

func TestCloseIsRefused(t *testing.T) {
	t.Parallel()
	with := func(change func(*period.ClosePeriod)) period.ClosePeriod {
		c := closing(passed, failed, warned)
		c.Accepted = []period.Acceptance{accepted}
		change(&c)
		return c
	}
	for field, c := range map[string]period.ClosePeriod{
		"trial_balance_sha256": with(func(c *period.ClosePeriod) { c.TrialBalanceSHA256 = strings.ToUpper(hash) }),
		"accepted[1].check":    with(func(c *period.ClosePeriod) { c.Accepted = append(c.Accepted, period.Acceptance{Check: "moon"}) }),
		"accepted[0].check":    with(func(c *period.ClosePeriod) { c.Accepted = []period.Acceptance{{Check: warned.Name, Reason: "x"}} }),
		"accepted[0].reason":   with(func(c *period.ClosePeriod) { c.Accepted = []period.Acceptance{{Check: failed.Name}} }),
	} {
		scenario(t).Given(cutOf(1)).When(first, c).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
	twice := with(func(c *period.ClosePeriod) { c.Accepted = []period.Acceptance{accepted, accepted} })
	scenario(t).Given(cutOf(1)).When(first, twice).ThenRejected(domain.KindInvalid, "invalid_field", "accepted[1].check")
	scenario(t).Given(cutOf(1)).When(first, closing(failed)).ThenRejected(domain.KindConflict, "check_failed", "accepted")
	differs := with(func(c *period.ClosePeriod) { c.Books.TrialBalanceSHA256 = strings.Repeat("0b", 32) })
	scenario(t).Given(cutOf(1)).When(first, differs).ThenRejected(domain.KindConflict, "trial_balance_differs", "trial_balance_sha256")
	unseen := with(func(c *period.ClosePeriod) { c.Books, c.Accepted = period.Books{}, nil })
	require.ErrorContains(t, scenario(t).Given(cutOf(1)).When(first, unseen).Outcome().Err(), "no books")
	anew := with(func(c *period.ClosePeriod) { c.Version = 2 })
	scenario(t).Given(cutOf(1)).When(first, anew).ThenRejected(domain.KindConflict, "cut_anew", "version")
}

// Whatever is asked for in whatever order: cuts that hold follow each other without a gap, the calendar opens behind
// them, and each version of a month keeps the hash that it was closed with.
func TestPeriodsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		books := map[period.Month]*period.Period{}
		hashes := map[period.Month]map[int]string{}
		var calendar period.Calendar
		for i := range rapid.IntRange(1, 60).Draw(r, "commands") {
			m := october.Add(rapid.IntRange(0, 4).Draw(r, "month"))
			c := drawCommand(r, m, books[m])
			actor := rapid.SampledFrom([]domain.Actor{domaintest.Finance(), domaintest.Another(domaintest.Finance())}).Draw(r, "who")
			h := domain.Header{CommandID: domaintest.NthCommand(i + 1), Actor: actor, Now: now.AddDate(1, 0, i), EffectiveAt: now.AddDate(1, 0, i)}
			state := books[m]
			if state == nil {
				state = period.Decider().Initial()
			}
			events, err := period.Decider().Decide(state, h, factsOf(books, m), c)
			if err != nil {
				require.NotNil(r, domain.AsRejection(err))
				continue
			}
			for _, e := range events {
				state.Apply(e, domain.Envelope{EventID: domaintest.NthCommand(i + 1), Metadata: h.Metadata(domain.Basis{})})
				calendar.Apply(e)
				keepHash(hashes, e)
			}
			books[m] = state
			requireInOrder(r, books, calendar)
		}
		for m, versions := range hashes {
			for version, want := range versions {
				require.Equal(r, want, books[m].Find(version).TrialBalanceSHA256)
			}
		}
	})
}

func drawCommand(r *rapid.T, m period.Month, p *period.Period) period.Command {
	version := 1
	if p != nil {
		version = p.Version
	}
	digit := rapid.SampledFrom([]string{"0", "1", "2"}).Draw(r, "hash")
	return rapid.SampledFrom([]period.Command{
		period.CutPeriod{Month: m},
		period.ClosePeriod{
			Version: version, TrialBalanceSHA256: strings.Repeat(digit, 64),
			Books: period.Books{TrialBalanceSHA256: strings.Repeat(digit, 64), Checks: []period.Check{passed}},
		},
		period.RequestReopening{Reason: "late"},
		period.ReopenPeriod{},
	}).Draw(r, "command")
}

func factsOf(books map[period.Month]*period.Period, m period.Month) period.Facts {
	facts := period.Facts{Zone: time.UTC}
	var known []period.Month
	for k := range books {
		known = append(known, k)
		facts.Earlier = facts.Earlier || k.Compare(m) < 0
	}
	for _, n := range period.Neighbours(m, known) {
		facts.Neighbours = append(facts.Neighbours, period.Neighbour{Month: n, Cut: books[n] != nil && books[n].IsCut()})
	}
	return facts
}

func keepHash(hashes map[period.Month]map[int]string, e period.Event) {
	if e, ok := e.(period.Closed); ok {
		if hashes[e.Month] == nil {
			hashes[e.Month] = map[int]string{}
		}
		hashes[e.Month][e.Version] = e.TrialBalanceSHA256
	}
}

func requireInOrder(r *rapid.T, books map[period.Month]*period.Period, calendar period.Calendar) {
	var last period.Month
	gap := false
	for m := october; m != october.Add(5); m = m.Next() {
		switch p := books[m]; {
		case p == nil || !p.IsCut():
			gap = !last.IsZero()
		default:
			require.False(r, gap, "%s is cut behind a month that isn't", m)
			last = m
		}
	}
	if !last.IsZero() {
		require.GreaterOrEqual(r, calendar.Open.Compare(last.Next()), 0) // more only where the first of all was reopened, and an earlier one cut
	}
}
