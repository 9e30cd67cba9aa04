package timeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/timeline"
)

// seenOfRival is every field that a partner may see of a rival's registration, and of what was said about the customer; of
// each event type that isn't here, nothing but that it happened. A new field is hidden until it is named here.
var seenOfRival = map[string][]string{
	"account.identified.v1":                   {"account_id", "country", "domain", "name", "tax_id"},
	"account.ownership_set.v1":                {"owner"},
	"account.customer_preference_recorded.v1": {"direct", "partner_id"},
	"account.direct_opportunity_opened.v1":    {"lines", "opportunity_id"},
	"account.direct_opportunity_closed.v1":    {"opportunity_id"},
	"deal.registered.v1":                      {"deal_id", "lines.line", "partner_id"},
	"deal.conflict_found.v1":                  {"deal_id", "finding_id", "rule", "score"},
	"deal.approved.v1":                        {"deal_id", "protected_until"},
	"deal.extension_granted.v1":               {"deal_id", "protected_until"},
	"deal.extension_declined.v1":              {"deal_id", "protected_until"},
	"deal.protection_shortened.v1":            {"deal_id", "protected_until"},
	"deal.reassigned.v1":                      {"deal_id", "from", "to"},
	"deal.hold_lifted.v1":                     {"deal_id", "protected_until"},
	"deal.reopened.v1":                        {"deal_id", "from", "protected_until", "to"},
}

// TestOfARivalNothingMoreIsSeen goes over every field of every event of an account, by the frozen fixtures.
func TestOfARivalNothingMoreIsSeen(t *testing.T) {
	t.Parallel()
	viewer := domain.DeriveID("somebody else")
	for _, typ := range account.Types() {
		raw, err := os.ReadFile(filepath.Join("..", "..", "domain", "account", "testdata", "events", typ.Name+".json"))
		require.NoError(t, err)
		value := typ.New()
		require.NoError(t, json.Unmarshal(raw, value))
		told := told(t, typ.Value(value), viewer)
		var shown, hidden []string
		leaves("", parsed(t, told.Entries[0].Data), func(path, leaf string) {
			if strings.HasPrefix(leaf, "[withheld: ") {
				hidden = append(hidden, path)
			} else if !slices.Contains(shown, path) {
				shown = append(shown, path)
			}
		})
		slices.Sort(shown)
		want, named := seenOfRival[typ.Name]
		if !named && strings.HasPrefix(typ.Name, "deal.") {
			want = []string{"deal_id"}
		}
		require.ElementsMatch(t, want, shown, typ.Name)
		counted := 0
		for _, n := range told.Withheld.Fields {
			counted += n
		}
		require.Equal(t, len(hidden)+1, counted, "%s: each withheld field is counted, and who it was", typ.Name)
		require.Empty(t, told.Entries[0].Changes)
		require.Empty(t, told.Entries[0].Money)
		require.Empty(t, told.Entries[0].DecidedFrom)
		require.Equal(t, "[withheld: internal]", told.Entries[0].Actor.ID)
	}
}

// told is how one event reads to a partner.
func told(t *testing.T, e domain.Event, viewer uuid.UUID) *timeline.Told {
	t.Helper()
	home := domain.DeriveID("account")
	c := timeline.Case{
		Subject: timeline.Of(timeline.Account, home, home),
		Facts: []projections.Fact{{Event: e, Envelope: domain.Envelope{
			Type: e.EventType(), Stream: domain.StreamName(account.Category, home),
			Metadata: domain.Metadata{Actor: domain.Actor{ID: "u-1"}, Basis: domain.Basis{DecidedFrom: []domain.Source{{Stream: "partner-x"}}}},
		}}},
	}
	return tell(t, &c, timeline.Reader{Partner: viewer}, -1)
}

func parsed(t *testing.T, raw json.RawMessage) (v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func leaves(path string, v any, visit func(path, leaf string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			leaves(strings.TrimPrefix(path+"."+key, "."), inner, visit)
		}
	case []any:
		for _, inner := range v {
			leaves(path, inner, visit)
		}
	case string:
		visit(path, v)
	default:
		visit(path, "")
	}
}

// A partner sees its own deals whole, of others' deals how they stand, and of others' affairs nothing; every entry is either
// told or counted.
func TestEveryEntryIsToldOrCounted(t *testing.T) {
	t.Parallel()
	h := histories.New(3).Run(300)
	deals, homes := dealsOf(h)
	rivals := 0
	for i, deal := range deals {
		c := gather(t, h, timeline.Of(timeline.Deal, deal.DealID, homes[i]), projections.Bounds{})
		seen := tell(t, c, timeline.Reader{Partner: deal.PartnerID}, -1)
		left := 0
		for _, n := range seen.Withheld.Entries {
			left += n
		}
		require.Len(t, c.Facts, len(seen.Entries)+left)
		for _, e := range seen.Entries {
			fact := c.Facts[e.Number-1]
			require.Equal(t, fact.Envelope.EventID, e.EventID)
			registered, ok := fact.Event.(account.DealRegistered)
			switch {
			case !ok:
			case registered.PartnerID == deal.PartnerID:
				require.JSONEq(t, asJSON(t, registered), string(e.Data))
			default:
				rivals++
				require.NotContains(t, string(e.Data), registered.SellerID.String())
				require.Contains(t, string(e.Data), "[withheld: rival]")
			}
		}
	}
	require.NotZero(t, rivals)
}

// Of what is its own a partner reads in no document, state or change, who of the vendor's people took a step.
func TestDocumentsNameNobodyOfTheVendors(t *testing.T) {
	t.Parallel()
	h := histories.New(13)
	activity := h.Funds(h.Partners[0])
	h.Claims(activity, uuid.Nil, uuid.Nil)
	h.Run(300)
	subjects := map[uuid.UUID][]timeline.Subject{
		h.Partners[0]: {timeline.Of(timeline.Fund, activity.Fund, activity.Fund), timeline.Of(timeline.Request, activity.Request, activity.Fund)},
	}
	for id := range h.FundState(activity.Fund).Claims {
		subjects[h.Partners[0]] = append(subjects[h.Partners[0]], timeline.Of(timeline.Claim, id, activity.Fund))
	}
	for _, of := range h.Partners {
		subjects[of] = append(subjects[of], timeline.Of(timeline.Partner, of, of))
	}
	deals, homes := dealsOf(h)
	for i, d := range deals {
		subjects[d.PartnerID] = append(subjects[d.PartnerID], timeline.Of(timeline.Deal, d.DealID, homes[i]))
	}
	documents := map[timeline.Kind]int{}
	for of, all := range subjects {
		for _, subject := range all {
			c := gather(t, h, subject, projections.Bounds{})
			for i := range c.Facts {
				c.Facts[i].Envelope.Actor = domain.Actor{ID: "vera of the vendor's", OnBehalfOf: "her boss"}
			}
			require.Contains(t, asJSON(t, tell(t, c, timeline.Reader{EachState: true}, -1).Entries), "vera of", subject.Kind)
			told := tell(t, c, timeline.Reader{Partner: of, EachState: true}, -1)
			for _, secret := range []string{"vera of", "her boss"} {
				require.NotContains(t, asJSON(t, told.Entries), secret, subject.Kind)
				require.NotContains(t, asJSON(t, told.State), secret, subject.Kind)
			}
			if told.State != nil {
				documents[subject.Kind]++
			}
		}
	}
	for _, kind := range []timeline.Kind{timeline.Deal, timeline.Partner, timeline.Fund, timeline.Request, timeline.Claim} {
		require.NotZero(t, documents[kind], kind)
	}
}
