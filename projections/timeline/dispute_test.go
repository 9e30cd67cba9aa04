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

// told here are two rivals, and a dispute between them with one sealed paper.
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
	q.papers = []uuid.UUID{domain.DeriveID("open"), domain.DeriveID("sealed")}
	stream := domain.StreamName(account.Category, home)
	record(dispute.Category, id, of(q.claimant), dispute.Opened{
		DisputeID: id, Subject: dispute.Subject{EventRef: dispute.EventRef{Stream: stream, Revision: 2, EventID: approved}},
		Claimant: dispute.Party{PartnerID: q.claimant}, Respondents: []dispute.Party{{PartnerID: q.rival}}, Statement: "we were first",
		ExcludedActors: []dispute.Excluded{{Actor: "desk-1", BecauseOf: dispute.EventRef{Stream: stream, EventID: approved}}},
	})
	record(dispute.Category, id, vendor, dispute.Acknowledged{Note: "odd one"})
	record(dispute.Category, id, of(q.rival), dispute.EvidenceSubmitted{
		EvidenceID: q.papers[0], By: dispute.Party{PartnerID: q.rival}, Name: "mail.eml", Visibility: dispute.VisibleToParties,
	})
	record(dispute.Category, id, of(q.rival), dispute.EvidenceSubmitted{
		EvidenceID: q.papers[1], By: dispute.Party{PartnerID: q.rival}, Name: "price list", Note: "ours", Visibility: dispute.VisibleToAdjudicator,
		SealingReason: "prices",
	})
	record(dispute.Category, id, vendor, dispute.SealingGranted{EvidenceID: q.papers[1], Reason: "it is", Summary: "an earlier quote"})
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
		if strings.HasPrefix(e.Actor.ID, "[withheld: ") {
			count++
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
	sealed := map[string][]string{
		"dispute.evidence_submitted.v1": {"name", "note", "sealing_reason"},
		"dispute.sealing_granted.v1":    {"reason"},
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
	require.Equal(t, map[string]int{timeline.RuleRival: 1}, told.Withheld.Entries, "of the rival's own stream nothing")
	require.Len(t, told.Entries, whole-1)
	require.NotContains(t, asJSON(t, told.Entries), "price list")
	require.NotContains(t, asJSON(t, told.State), "price list")
	require.Contains(t, asJSON(t, told.Entries), "an earlier quote")

	hidden, told = q.tells(t, q.rival)
	require.Empty(t, hidden["dispute.evidence_submitted.v1"], "it is its own paper")
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
