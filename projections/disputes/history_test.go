package disputes_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/disputes"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

// desk is five cases, told by hand so that their numbers are known:
//
//	slow     opened on day 0; response and ruling missed, escalated on day 10, the top level's ruling missed on day 20
//	plain    opened on day 1, denied on day 4, final on day 19
//	appealed opened on day 2, answered on day 6, denied on day 12, overturned and final on day 25
//	given    opened on day 3, withdrawn on day 6
//	young    opened on day 70; a response is due on day 75
type desk struct {
	*histories.History
	t         *testing.T
	revisions map[string]int64
}

func day(n int) time.Time { return histories.Begin.AddDate(0, 0, n) }

func caseID(name string) uuid.UUID { return domain.DeriveID("dispute", name) }

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{History: histories.New(0), t: t, revisions: map[string]int64{}}
	d.opens("slow", 0, 5, 10)
	d.opens("plain", 1, 6, 11)
	d.opens("appealed", 2, 7, 12)
	d.opens("given", 3, 8, 13)
	d.on(4, "plain", "judge-1", dispute.RulingIssued{Decision: decides(dispute.OutcomeDenied), Level: "first", AppealUntil: day(19)})
	d.on(5, "slow", "", dispute.DeadlineMissed{Which: dispute.DeadlineResponse, Due: day(5)})
	d.on(6, "given", "", dispute.Withdrawn{}, dispute.BecameFinal{Outcome: dispute.OutcomeWithdrawn, Because: dispute.FinalByWithdrawal})
	d.on(6, "appealed", "", dispute.ResponseFiled{By: dispute.Party{Vendor: true}})
	d.on(10, "slow", "", dispute.DeadlineMissed{Which: dispute.DeadlineRuling, Due: day(10)},
		dispute.Escalated{From: "first", To: "second", RulingDue: day(20)})
	d.on(12, "appealed", "judge-1", dispute.RulingIssued{Decision: decides(dispute.OutcomeDenied), Level: "first", AppealUntil: day(27)})
	d.on(13, "appealed", "", dispute.Appealed{Level: "board", RulingDue: day(30)})
	d.on(19, "plain", "", dispute.BecameFinal{Outcome: dispute.OutcomeDenied, Because: dispute.FinalByTime})
	d.on(20, "slow", "", dispute.DeadlineMissed{Which: dispute.DeadlineRuling, Due: day(20)})
	d.on(25, "appealed", "judge-3", dispute.AppealRuled{Decision: decides(dispute.OutcomeUpheld), Level: "board"},
		dispute.BecameFinal{Outcome: dispute.OutcomeUpheld, Because: dispute.FinalByAppeal})
	d.opens("young", 70, 75, 85)
	d.on(71, "young", "", dispute.AdjudicatorAssigned{Level: "first", Adjudicator: "judge-2"})
	return d
}

func decides(o dispute.Outcome) dispute.Decision {
	return dispute.Decision{Outcome: o, Policy: "conflict@1", Rationale: "r"}
}

func (d *desk) opens(name string, at, response, ruling int) {
	about := dispute.EventRef{Stream: "partner-" + d.Partners[0].String(), EventID: domain.DeriveID("event", name)}
	d.on(at, name, "", dispute.Opened{
		DisputeID: caseID(name), Kind: dispute.KindTierDecision, Subject: dispute.Subject{EventRef: about, Type: "partner.tier_changed.v1"},
		Claimant: dispute.Party{PartnerID: d.Partners[0]}, Respondents: []dispute.Party{{Vendor: true}},
		Terms: policy.DefaultDispute(), Level: "first", ResponseDue: day(response), RulingDue: day(ruling),
	})
}

// on records events of a case, by somebody.
func (d *desk) on(n int, name, by string, events ...dispute.Event) {
	d.Now = day(n)
	for _, e := range events {
		header := d.Header()
		header.Actor.ID = cmp.Or(by, header.Actor.ID)
		d.NoteBy(header, dispute.Category, caseID(name), d.revisions[name], e)
		d.revisions[name]++
	}
}

func (d *desk) view(bounds projections.Bounds) projections.Reader {
	d.t.Helper()
	return d.View(d.t, disputes.Projection(), bounds)
}

func (d *desk) told(q disputes.Question) map[string]disputes.Group {
	d.t.Helper()
	q.Zone = time.UTC
	groups := map[string]disputes.Group{}
	view := d.view(projections.Bounds{EffectiveAt: q.At})
	for _, g := range histories.Ask(d.t, view, func(from projections.Querier) ([]disputes.Group, error) {
		return disputes.History(d.t.Context(), from, q)
	}) {
		groups[g.Value] = g
	}
	return groups
}

func cases(n ...int) (ages []disputes.Ages) {
	for i, of := range []string{"0-7", "8-14", "15-30", "31-60", "61+"} {
		ages = append(ages, disputes.Ages{Days: of, Cases: n[i]})
	}
	return ages
}

func missed(response, ruling, appeal int) map[dispute.Deadline]int {
	return map[dispute.Deadline]int{dispute.DeadlineResponse: response, dispute.DeadlineRuling: ruling, dispute.DeadlineAppeal: appeal}
}

func TestWhatBecameOfCases(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	early := d.told(disputes.Question{By: disputes.ByKind, At: day(8)})["tier_decision"]
	require.Equal(t, cases(2, 1, 0, 0, 0), early.OpenAges)
	require.Equal(t, []int{3, 1, 0, 2}, []int{early.Open, early.Closed, early.Overdue, early.DueSoon}, "rulings are due on days 10 and 12")
	require.Equal(t, missed(1, 0, 0), early.Missed)
	require.Equal(t, disputes.Took{Cases: 1, Median: "3", P90: "3"}, early.ToFinal)
	require.Empty(t, early.Rate)

	late := d.told(disputes.Question{By: disputes.ByKind, At: day(72)})["tier_decision"]
	require.Equal(t, cases(1, 0, 0, 0, 1), late.OpenAges)
	require.Equal(t, &disputes.Oldest{DisputeID: caseID("slow"), OpenedAt: day(0), AgeDays: 72}, late.Oldest)
	require.Equal(t, []int{2, 3, 1, 1}, []int{late.Open, late.Closed, late.Overdue, late.DueSoon}, "the missed ruling is owed still")
	require.Equal(t, map[dispute.Outcome]int{"denied": 1, "upheld": 1, "withdrawn": 1}, late.Outcomes)
	require.Equal(t, missed(1, 2, 0), late.Missed)
	require.Equal(t, disputes.Took{Cases: 2, Median: "3", P90: "10"}, late.ToRuling)
	require.Equal(t, disputes.Took{Cases: 3, Median: "18", P90: "23"}, late.ToFinal)
	require.Equal(t, []int{2, 1, 1, 1}, []int{late.Ruled, late.Escalations, late.Appealed, late.Overturned})
	require.Equal(t, "1", late.Rate)
	require.Equal(t, caseID("appealed"), late.Last)
	projectionstest.Check(t, disputes.Projection(), d.Codec, d.Log)
}

func TestGroupsOfCases(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	levels := d.told(disputes.Question{By: disputes.ByLevel, At: day(72)})
	require.Len(t, levels, 2)
	first, second := levels["first"], levels["second"]
	require.Equal(t, []int{1, 3, 1}, []int{first.Open, first.Closed, first.Overturned}, "the level that ruled first, or hears it")
	require.Equal(t, []int{1, 1, 1}, []int{second.Open, second.Overdue, second.Escalations})
	judges := d.told(disputes.Question{By: disputes.ByAdjudicator, At: day(72)})
	require.Len(t, judges, 2)
	require.Equal(t, []int{2, 1, 0}, []int{judges["judge-1"].Ruled, judges["judge-1"].Overturned, judges["judge-1"].Open})
	require.Equal(t, []int{0, 1}, []int{judges["judge-2"].Ruled, judges["judge-2"].Open}, "who hears a case, before anybody ruled")
	require.Empty(t, d.told(disputes.Question{By: disputes.ByLevel, At: day(72), Scope: d.Partners[1]}), "no party")
	own := d.told(disputes.Question{By: disputes.ByPartner, At: day(72), Scope: d.Partners[0]})
	require.Equal(t, 5, own[d.Partners[0].String()].Open+own[d.Partners[0].String()].Closed)
}

// The history and the metric tell the same of the same cases.
func TestTheHistoryAgreesWithTheMetric(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, at := range []time.Time{day(8), day(20), day(72)} {
		g := d.told(disputes.Question{By: disputes.ByKind, At: at})["tier_decision"]
		metric, err := metrics.Parse("dispute_resolution_time@1")
		require.NoError(t, err)
		a := histories.Ask(t, d.View(t, metrics.Projection(), projections.Bounds{}), func(from projections.Querier) (metrics.Answer, error) {
			return metrics.Ask(t.Context(), from, metrics.Question{Metric: metric, At: at})
		})
		said := map[string]string{}
		for _, f := range a.Total[0].Figures {
			said[f.Name] = f.Value
		}
		require.Equal(t, []string{said["ruled_median_days"], said["ruled_p90_days"], said["overturn_rate"]},
			[]string{g.ToRuling.Median, g.ToRuling.P90, g.Rate}, "%s", at)
	}
}

func TestCasesByWhatIsDue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	yes, no := true, false
	list := func(at time.Time, q disputes.Query) (ids []uuid.UUID) {
		t.Helper()
		q.At, q.Limit = at, 1
		view := d.view(projections.Bounds{EffectiveAt: at})
		for {
			page := histories.Ask(t, view, func(from projections.Querier) (listing.Page[dispute.Case], error) {
				return disputes.List(t.Context(), from, q)
			})
			for _, c := range page.Items {
				ids = append(ids, c.ID)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return ids
			}
			q.At = q.At.Add(time.Millisecond) // it is later when the next page is asked for
		}
	}
	of := func(names ...string) (ids []uuid.UUID) {
		for _, name := range names {
			ids = append(ids, caseID(name))
		}
		return ids
	}
	byDue := disputes.Query{Request: listing.Request{Sort: "due"}}
	require.Equal(t, of("slow", "appealed", "plain", "given"), list(day(8), byDue), "what waits for nothing comes last")
	require.Equal(t, of("appealed", "slow"), list(day(8), disputes.Query{DueBefore: day(13)}))
	require.Equal(t, of("slow"), list(day(8), disputes.Query{DueBefore: day(12)}), "exclusive")
	require.Empty(t, list(day(19), disputes.Query{Overdue: &yes}), "escalated, it has more time")
	require.Equal(t, of("slow"), list(day(20), disputes.Query{Overdue: &yes}), "a deadline is exclusive")
	require.Equal(t, of("slow"), list(day(72), disputes.Query{DueBefore: day(75)}), "what is overdue is due before")
	require.Equal(t, of("young", "given", "appealed", "plain"), list(day(72), disputes.Query{Overdue: &no}))
	require.Equal(t, of("young", "slow"), list(day(76), disputes.Query{Overdue: &yes}), "nobody has recorded yet that it was missed")
	require.Equal(t, of("plain"), list(day(18), disputes.Query{Status: []dispute.Status{dispute.StatusRuled}, Overdue: &no}))
}
