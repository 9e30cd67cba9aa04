package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

type paper struct {
	Made    domain.Step            `json:"made"`
	Checked domain.Step            `json:"checked" partner:"internal"`
	Note    string                 `json:"note" partner:"internal"`
	Maker   domain.Actor           `json:"maker"`
	Pages   []*page                `json:"pages"`
	Named   map[string]domain.Step `json:"named"`
	Any     any                    `json:"any"`
	Told    domain.Step            `json:"told" partner:"decided"`
	Empty   *page                  `json:"empty"`
	own     string
}

type page struct{ Turned domain.Step }

func TestUnsignedShowsAPartnerItsOwnPeople(t *testing.T) {
	t.Parallel()
	north, south := domain.DeriveID("north"), domain.DeriveID("south")
	by := func(id string, of uuid.UUID) domain.Step {
		return domain.StepOf(domain.Envelope{
			EventID: domain.DeriveID(id), Metadata: domain.Metadata{Actor: domain.Actor{ID: id, PartnerID: of, OnBehalfOf: "boss of " + id}},
		}, "because of "+id)
	}
	doc := func() *paper {
		return &paper{
			Made: by("ada", north), Checked: by("vera", uuid.Nil), Note: "vera: odd", Told: by("judge", uuid.Nil),
			Maker: domain.Actor{ID: "vic", Kind: domain.User, Roles: []domain.Role{domain.Finance}},
			Pages: []*page{{by("sam", south)}, nil, {by("ada", north)}},
			Named: map[string]domain.Step{"x": by("victor", uuid.Nil)}, Any: page{by("vera", uuid.Nil)}, own: "kept",
		}
	}
	before := doc()
	seen := domain.Unsigned(before, north)
	require.Equal(t, doc(), before, "what it is made of stays")
	require.Equal(t, by("ada", north), seen.Made)
	require.Equal(t, by("ada", north), seen.Pages[2].Turned)
	require.Equal(t, by("judge", uuid.Nil), seen.Told)
	require.Equal(t, "because of sam", seen.Pages[0].Turned.Reason, "why is told")
	require.True(t, seen.Checked.Taken())
	require.Equal(t, domain.Actor{Kind: domain.User, Roles: []domain.Role{domain.Finance}}, seen.Maker)
	require.Equal(t, "kept", seen.own)
	raw, err := json.Marshal(seen)
	require.NoError(t, err)
	for _, secret := range []string{`"vera"`, `"vic"`, `"victor"`, `"sam"`, "boss of sam", "boss of v", "odd", south.String()} {
		require.NotContains(t, string(raw), secret)
	}
	require.Equal(t, domain.Step{}.By, domain.Unsigned(by("vera", uuid.Nil), uuid.Nil).By, "whoever is of no partner is nobody's own")
	require.Nil(t, domain.Unsigned[any](nil, north))
}
