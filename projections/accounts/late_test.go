package accounts_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/listing/histories"
)

// TestALateFactOfTheOwner: an owner and a preference that took effect at e and were recorded at r. Known before r nothing of
// them shows; known since, the answers from e to the next owner change, and no other.
func TestALateFactOfTheOwner(t *testing.T) {
	t.Parallel()
	h := histories.New(0)
	customer := h.Customers[0]
	id := domain.Must(customer.Identity()).AccountID
	day := func(n int) time.Time { return histories.Begin.AddDate(0, 0, n) }
	do := func(recorded, effective int, c account.Command) {
		h.Now = day(recorded)
		header := h.Header()
		header.EffectiveAt = day(effective)
		require.True(t, h.Account(id, header, c), "%#v", c)
	}
	do(0, 0, account.IdentifyAccount{Customer: customer})
	do(2, 2, account.SetOwnership{AccountID: id, Owner: account.OwnerChannel, Reason: "partners"})
	do(30, 30, account.SetOwnership{AccountID: id, Owner: account.OwnerDirect, Reason: "a named account"})
	const e, r = 10, 40
	do(r, e, account.SetOwnership{AccountID: id, Owner: account.OwnerHouse, Reason: "as it was then"})
	do(r, e, account.RecordPreference{AccountID: id, PartnerID: h.Partners[0]})

	at := func(known, effective int) *account.Account {
		view := h.View(t, accounts.Projection(), projections.Bounds{KnownAt: day(known), EffectiveAt: day(effective)})
		return histories.Ask(t, view, func(q projections.Querier) (*account.Account, error) { return accounts.Get(t.Context(), q, id) })
	}
	for effective, want := range map[int][2]account.Owner{ // before it was known, and since
		1:     {"", ""},
		e - 1: {account.OwnerChannel, account.OwnerChannel},
		e:     {account.OwnerChannel, account.OwnerHouse},
		29:    {account.OwnerChannel, account.OwnerHouse},
		30:    {account.OwnerDirect, account.OwnerDirect},
	} {
		require.Equal(t, want[0], at(r-1, effective).Ownership.Latest().Owner, "effective on day %d, not known yet", effective)
		require.Equal(t, want[1], at(r, effective).Ownership.Latest().Owner, "effective on day %d, known", effective)
		require.Empty(t, at(r-1, effective).Preference.Entries)
		require.Equal(t, effective >= e, at(r, effective).Preference.Latest().PartnerID == h.Partners[0])
	}
}
