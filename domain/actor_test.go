package domain

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var (
	ours   = DeriveID("partner", "ours")
	theirs = DeriveID("partner", "theirs")
	seller = Actor{ID: "s", Kind: User, Roles: []Role{PartnerSeller}, PartnerID: ours}
	desk   = Actor{ID: "d", Kind: User, Roles: []Role{DealDesk, Auditor}}
	timer  = Actor{ID: "t", Kind: Reactor}
)

func TestRolesAreAllDifferent(t *testing.T) {
	seen := map[Role]bool{}
	for _, r := range Roles() {
		require.NotEmpty(t, r)
		require.False(t, seen[r], r)
		seen[r] = true
	}
	require.Len(t, seen, 9)
}

func TestActorAllow(t *testing.T) {
	require.NoError(t, desk.Allow("review", PartnerOps, Auditor))
	require.NoError(t, timer.Allow("expire"), "a reactor acts on the program's own rules")
	err := seller.Allow("review", DealDesk, PartnerOps)
	require.Equal(t, &Rejection{
		Kind: KindForbidden, Rule: "role", Detail: "review needs one of the roles deal_desk, partner_ops",
	}, AsRejection(err))
	require.Error(t, Actor{}.Allow("review", DealDesk))
	require.Error(t, desk.Allow("review"), "no role named: nobody but a reactor")
}

func TestActorAllowPartner(t *testing.T) {
	require.NoError(t, seller.AllowPartner("register", ours))
	require.NoError(t, desk.AllowPartner("register", theirs), "the vendor's people act for any partner")
	err := seller.AllowPartner("register", theirs)
	require.Equal(t, KindForbidden, AsRejection(err).Kind)
	require.Equal(t, "own_partner", AsRejection(err).Rule)
	lost := Actor{ID: "x", Kind: User, Roles: []Role{PartnerSeller}}
	require.Error(t, lost.AllowPartner("register", ours), "a seller of no partner acts for none")
}

func TestActorOfPartner(t *testing.T) {
	require.True(t, seller.OfPartner())
	require.True(t, Actor{Roles: []Role{PartnerAdmin}}.OfPartner())
	require.True(t, Actor{Roles: []Role{Auditor}, PartnerID: ours}.OfPartner())
	require.False(t, desk.OfPartner())
}

func TestActorMayBackdate(t *testing.T) {
	may := map[Role]bool{ServiceRole: true, Finance: true, PartnerOps: true}
	for _, r := range Roles() {
		require.Equal(t, may[r], Actor{Kind: User, Roles: []Role{r}}.MayBackdate(), r)
	}
	require.True(t, timer.MayBackdate())
}

func TestActorJSONLeavesOutWhatIsNotThere(t *testing.T) {
	data := requireJSON(t, `{"id":"t","kind":"reactor"}`, Actor{ID: "t", Kind: Reactor})
	var back Actor
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, uuid.Nil, back.PartnerID)
}
