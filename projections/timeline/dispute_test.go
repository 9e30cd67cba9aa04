package timeline_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/timeline"
)

// told here are two rivals, and a dispute between them with one open paper and two sealed ones, one of the rival's, which
// points at another customer, and one of the vendor's.
type quarrel struct {
	source          projections.Source
	subject         timeline.Subject
	claimant, rival uuid.UUID
	papers          []uuid.UUID
}

func newQuarrel(t *testing.T) quarrel {
	t.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	codec, err := eventstore.NewCodec(eventstore.NewMemoryKeyring(), account.Types(), partner.Types(), dispute.Types(), program.Types())
	require.NoError(t, err)
	q := quarrel{source: projections.Source{Store: store, Codec: codec}, claimant: domain.DeriveID("north"), rival: domain.DeriveID("south")}
	n, ends := 0, map[string]eventstore.Revision{}
	record := func(category string, id uuid.UUID, by domain.Actor, events ...domain.Event) (last uuid.UUID) {
		n++
		stream := domain.StreamName(category, id)
		if _, ok := ends[stream]; !ok {
			ends[stream] = eventstore.NoStream
		}
		var proposed []eventstore.Proposed
		for i, e := range events {
			m := domain.Metadata{CommandID: domain.CommandID("test", strconv.Itoa(n)), Actor: by, EffectiveAt: time.Unix(int64(n), 0).UTC()}
			p, err := codec.Encode(stream, i, e, m)
			require.NoError(t, err)
			proposed, last = append(proposed, p), p.ID
		}
		at, err := store.Append(t.Context(), stream, ends[stream], proposed)
		require.NoError(t, err)
		ends[stream] = at.Revision
		return last
	}
	vendor := domain.Actor{ID: "desk-1", Kind: domain.User, Roles: []domain.Role{domain.DealDesk}}
	of := func(p uuid.UUID) domain.Actor {
		return domain.Actor{ID: "u-" + p.String()[:4], Kind: domain.User, Roles: []domain.Role{domain.PartnerAdmin}, PartnerID: p}
	}
	home, id := domain.DeriveID("acme"), domain.DeriveID("the dispute")
	for _, p := range []uuid.UUID{q.claimant, q.rival} {
		record(partner.Category, p, vendor, partner.Applied{LegalName: "P " + p.String()[:4], Kind: partner.Reseller})
		record(account.Category, home, of(p), account.DealRegistered{DealID: domain.DeriveID("deal", p.String()), PartnerID: p, SellerID: p})
	}
	approved := record(account.Category, home, vendor, account.DealApproved{DealID: domain.DeriveID("deal", q.rival.String()), Reason: "first"})
	q.papers = []uuid.UUID{domain.DeriveID("open"), domain.DeriveID("sealed"), domain.DeriveID("the vendor's")}
	elsewhere := domain.DeriveID("elsewhere")
	quoted := record(account.Category, elsewhere, of(q.rival), account.Identified{AccountID: elsewhere, Name: "Other Customer"})
	record(account.Category, elsewhere, of(q.rival), account.DealRegistered{DealID: domain.DeriveID("quoted"), PartnerID: q.rival, SellerID: q.rival})
	at := dispute.EventRef{Stream: domain.StreamName(account.Category, elsewhere), EventID: quoted}
	stream := domain.StreamName(account.Category, home)
	record(dispute.Category, id, of(q.claimant), dispute.Opened{
		DisputeID: id, Subject: dispute.Subject{EventRef: dispute.EventRef{Stream: stream, Revision: 2, EventID: approved}},
		Claimant: dispute.Party{PartnerID: q.claimant}, Respondents: []dispute.Party{{PartnerID: q.rival}}, Statement: "we were first",
		ExcludedActors: []dispute.Excluded{{Actor: "desk-1", BecauseOf: dispute.EventRef{Stream: stream, EventID: approved}}},
	})
	record(dispute.Category, id, vendor, dispute.Acknowledged{Note: "odd one"})
	record(dispute.Category, id, vendor, dispute.AdjudicatorAssigned{Level: "first", Adjudicator: "judge-0"})
	record(dispute.Category, id, vendor, dispute.Escalated{From: "first", To: "second", Reason: "too close"})
	record(dispute.Category, id, of(q.rival), dispute.EvidenceSubmitted{
		EvidenceID: q.papers[0], By: dispute.Party{PartnerID: q.rival}, Name: "mail.eml", Visibility: dispute.VisibleToParties,
	})
	record(dispute.Category, id, of(q.rival), dispute.EvidenceSubmitted{
		EvidenceID: q.papers[1], By: dispute.Party{PartnerID: q.rival}, Name: "price list", Note: "ours", Visibility: dispute.VisibleToAdjudicator,
		SealingReason: "prices", EventRefs: []dispute.EventRef{at},
	})
	record(dispute.Category, id, vendor, dispute.EvidenceSubmitted{
		EvidenceID: q.papers[2], By: dispute.Party{Vendor: true}, Name: "call notes", Visibility: dispute.VisibleToAdjudicator, SealingReason: "staff",
	})
	record(dispute.Category, id, vendor, dispute.AdjudicatorAssigned{Level: "second", Adjudicator: "judge-1"})
	judge := domain.Actor{ID: "judge-1", Kind: domain.User, Roles: []domain.Role{domain.Adjudicator}}
	record(dispute.Category, id, judge, dispute.SealingGranted{EvidenceID: q.papers[1], Reason: "it is so", Summary: "an earlier quote"})
	record(dispute.Category, id, judge, dispute.SealingRefused{EvidenceID: q.papers[2], Reason: "no secret"})
	q.subject = timeline.Of(timeline.Dispute, id, id)
	return q
}

// tells what a viewer doesn't see of each entry of the dispute itself.
func (q quarrel) tells(t *testing.T, viewer uuid.UUID) (hidden map[string][]string, told *timeline.Told) {
	t.Helper()
	c, err := timeline.Gather(t.Context(), q.source, q.subject, projections.Bounds{})
	require.NoError(t, err)
	told = tell(t, c, timeline.Reader{Partner: viewer}, -1)
	hidden = map[string][]string{}
	count := 0
	for _, e := range told.Entries {
		leaves("", parsed(t, e.Data), func(path, leaf string) {
			if strings.HasPrefix(leaf, "[withheld: ") {
				count++
				if e.Stream == q.subject.Home {
					hidden[e.Type] = append(hidden[e.Type], path)
				}
			}
		})
		slices.Sort(hidden[e.Type])
		for _, text := range []string{e.Actor.ID, e.Stream} {
			if strings.HasPrefix(text, "[withheld: ") {
				count++
			}
		}
	}
	sum := 0
	for _, n := range told.Withheld.Fields {
		sum += n
	}
	require.Equal(t, count, sum, "each withheld field is counted, once")
	return hidden, told
}

func TestRivalsSeeWhatTheyMay(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	own := map[string][]string{
		"dispute.opened.v1": {
			"excluded_actors.actor", "excluded_actors.because_of.event_id", "excluded_actors.because_of.revision", "excluded_actors.because_of.stream",
		},
		"dispute.acknowledged.v1": {"note"},
	}
	vendors := []string{"name", "sealing_reason"}
	sealed := map[string][]string{
		"dispute.evidence_submitted.v1": slices.Sorted(slices.Values(append(vendors,
			"event_refs.event_id", "event_refs.revision", "event_refs.stream", "name", "note", "sealing_reason"))),
		"dispute.sealing_granted.v1": {"reason"},
		"dispute.sealing_refused.v1": {"reason"},
	}
	hidden, told := q.tells(t, uuid.Nil)
	require.Empty(t, compact(hidden))
	require.Empty(t, told.Withheld.Entries)
	whole := len(told.Entries)

	hidden, told = q.tells(t, q.claimant)
	for typ, paths := range own {
		require.Equal(t, paths, hidden[typ], typ)
	}
	for typ, paths := range sealed {
		require.Equal(t, paths, hidden[typ], typ)
	}
	require.Equal(t, map[string]int{timeline.RuleRival: 1, timeline.RuleSealed: 1}, told.Withheld.Entries,
		"of the rival's own stream nothing, nor where its paper points")
	require.Len(t, told.Entries, whole-2)
	require.NotContains(t, asJSON(t, told.Entries), "price list")
	require.NotContains(t, asJSON(t, told.State), "price list")
	require.Contains(t, asJSON(t, told.Entries), "an earlier quote")

	hidden, told = q.tells(t, q.rival)
	require.Equal(t, vendors, hidden["dispute.evidence_submitted.v1"], "of its own paper all")
	require.Empty(t, hidden["dispute.sealing_granted.v1"], "and what was decided on it")
	require.Contains(t, asJSON(t, told.Entries), "price list")

	_, told = q.tells(t, domain.DeriveID("a stranger"))
	for _, e := range told.Entries {
		require.NotEqual(t, q.subject.Home, e.Stream, "whoever is no party sees nothing of a dispute")
	}
	require.Nil(t, told.State)
}

func compact(hidden map[string][]string) map[string][]string {
	for typ, paths := range hidden {
		if len(paths) == 0 {
			delete(hidden, typ)
		}
	}
	return hidden
}

// Whoever asks, by whichever eyes: what it doesn't see of papers stands nowhere in the answer, every mark is counted by its
// rule, and every entry is told or counted.
func TestEveryReaderSeesThePapersThatItMay(t *testing.T) {
	t.Parallel()
	q := newQuarrel(t)
	c, err := timeline.Gather(t.Context(), q.source, q.subject, projections.Bounds{})
	require.NoError(t, err)
	who := func(id string, role domain.Role, of uuid.UUID) domain.Actor {
		return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{role}, PartnerID: of}
	}
	desk, auditor := who("desk-9", domain.DealDesk, uuid.Nil), who("audra", domain.Auditor, uuid.Nil)
	for name, x := range map[string]struct {
		reader          timeline.Reader
		rivals, vendors bool // sealed papers that it sees
	}{
		"who holds the files":          {timeline.Reader{}, true, true},
		"the claimant":                 {timeline.Reader{Partner: q.claimant, Actor: who("u-c", domain.PartnerAdmin, q.claimant)}, false, false},
		"the rival":                    {timeline.Reader{Partner: q.rival, Actor: who("u-r", domain.PartnerAdmin, q.rival)}, true, false},
		"the desk":                     {timeline.Reader{Actor: desk}, false, true},
		"the desk, as the claimant":    {timeline.Reader{Actor: desk, Partner: q.claimant}, false, false},
		"the desk, as the rival":       {timeline.Reader{Actor: desk, Partner: q.rival}, false, false},
		"who hears it":                 {timeline.Reader{Actor: who("judge-1", domain.Adjudicator, uuid.Nil)}, true, true},
		"who heard it":                 {timeline.Reader{Actor: who("judge-0", domain.Adjudicator, uuid.Nil)}, true, true},
		"who hears it, as the rival":   {timeline.Reader{Actor: who("judge-1", domain.Adjudicator, uuid.Nil), Partner: q.rival}, true, false},
		"who hears others":             {timeline.Reader{Actor: who("judge-2", domain.Adjudicator, uuid.Nil)}, false, true},
		"the auditor":                  {timeline.Reader{Actor: auditor}, true, true},
		"the auditor, as the claimant": {timeline.Reader{Actor: auditor, Partner: q.claimant}, false, false},
		"the auditor, as the rival":    {timeline.Reader{Actor: auditor, Partner: q.rival}, true, false},
		"an auditor of the claimant's": {timeline.Reader{Partner: q.claimant, Actor: who("u-a", domain.Auditor, q.claimant)}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x.reader.EachState = true
			told := tell(t, c, x.reader, -1)
			answer := asJSON(t, told.Entries) + asJSON(t, told.State)
			for secret, sees := range map[string]bool{
				"price list": x.rivals, "ours": x.rivals, "prices": x.rivals, "it is so": x.rivals, "Other Customer": x.rivals,
				domain.DeriveID("elsewhere").String(): x.rivals, "call notes": x.vendors, "staff": x.vendors, "no secret": x.vendors,
			} {
				require.Equal(t, sees, strings.Contains(answer, secret), secret)
			}
			require.Contains(t, answer, "an earlier quote")

			marks := marksOf(t, told)
			require.Equal(t, marks, told.Withheld.Fields)
			sealed, left := 0, 0
			if !x.rivals {
				sealed, left = 7, 1 // name, note, why, three of where it points; the decision's reason
			}
			if !x.vendors {
				sealed += 3
			}
			require.Equal(t, sealed, marks[timeline.RuleSealed])
			require.Equal(t, left, told.Withheld.Entries[timeline.RuleSealed])
			out := 0
			for _, n := range told.Withheld.Entries {
				out += n
			}
			require.Len(t, c.Facts, len(told.Entries)+out)
		})
	}
}

// marksOf counts what reads withheld, by rule, in what was recorded and in who did it.
func marksOf(t *testing.T, told *timeline.Told) map[string]int {
	t.Helper()
	marks := map[string]int{}
	for _, e := range told.Entries {
		for _, part := range []any{parsed(t, e.Data), e.Actor.ID, e.Stream} {
			leaves("", part, func(_, leaf string) {
				if rule, ok := strings.CutPrefix(leaf, "[withheld: "); ok {
					marks[strings.TrimSuffix(rule, "]")]++
				}
			})
		}
	}
	return marks
}
