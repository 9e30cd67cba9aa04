package accounts_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(250)
	projectionstest.Check(t, accounts.Projection(), h.Codec, h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(250)
	for range 8 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		for _, a := range list(t, h.View(t, accounts.Projection(), projections.Bounds{EffectiveAt: bound}), accounts.Query{}) {
			require.False(t, a.Identified.At.After(bound), "a customer that wasn't known yet")
		}
	}
}

func list(t *testing.T, r projections.Reader, query accounts.Query) (all []account.Account) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[account.Account], error) {
			return accounts.List(t.Context(), q, query)
		})
		all = append(all, page.Items...)
		if query.Cursor = page.Next; page.Next == "" {
			return all
		}
	}
}

// story: North has a deal with Acme, which the vendor sells to; nobody has one with Beta, which is linked to Acme.
func story(t *testing.T) (h *histories.History, acme, beta uuid.UUID) {
	t.Helper()
	h = histories.New(0)
	customers := []account.Customer{
		{Name: "Acme GmbH", Domain: "https://www.ACME.de/", Country: "DE", TaxID: "DE1"}, {Name: "acme Sverige", Domain: "acme.se", Country: "SE"},
	}
	acme, beta = domain.Must(customers[0].Identity()).AccountID, domain.Must(customers[1].Identity()).AccountID
	if acme.String() > beta.String() { // the greater id is linked to the lesser
		customers[0], customers[1], acme, beta = customers[1], customers[0], beta, acme
	}
	do := func(id uuid.UUID, c account.Command) { require.True(t, h.Account(id, h.Header(), c), "%#v", c) }
	do(acme, h.Register(h.Partners[0], customers[0]))
	do(acme, account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "key account"})
	h.Now = h.Now.AddDate(0, 0, 1)
	do(beta, account.IdentifyAccount{Customer: customers[1]})
	do(beta, account.LinkAlias{AccountID: beta, To: acme, Reason: "the same customer"})
	return h, acme, beta
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	h, acme, beta := story(t)
	r := h.View(t, accounts.Projection(), projections.Bounds{})
	get := func(id uuid.UUID) *account.Account {
		return histories.Ask(t, r, func(q projections.Querier) (*account.Account, error) { return accounts.Get(t.Context(), q, id) })
	}
	require.Equal(t, account.OwnerHouse, get(acme).Ownership.Latest().Owner)
	require.Equal(t, acme, get(beta).LinkedTo)
	require.Nil(t, get(h.Partners[0]))
	yes := true
	for name, c := range map[string]struct {
		query accounts.Query
		want  []uuid.UUID
	}{
		"in order":   {accounts.Query{Request: listing.Request{Sort: "identified_at", Limit: 1}}, []uuid.UUID{acme, beta}},
		"scope":      {accounts.Query{Scope: h.Partners[0]}, []uuid.UUID{acme}},
		"other":      {accounts.Query{Scope: h.Partners[1]}, nil},
		"registrant": {accounts.Query{Partner: h.Partners}, []uuid.UUID{acme}},
		"id":         {accounts.Query{ID: []uuid.UUID{beta}}, []uuid.UUID{beta}},
		"linked":     {accounts.Query{Linked: &yes}, []uuid.UUID{beta}},
		"owner":      {accounts.Query{Owner: []account.Owner{account.OwnerChannel}}, []uuid.UUID{beta}},
		"text":       {accounts.Query{Text: "ACME S"}, only(t, h, acme, beta, "SE")},
		"country":    {accounts.Query{Country: []string{"DE"}}, only(t, h, acme, beta, "DE")},
		"tax id":     {accounts.Query{TaxID: []string{"DE1"}}, only(t, h, acme, beta, "DE")},
		"domain":     {accounts.Query{Domain: []string{"Acme.SE"}}, only(t, h, acme, beta, "SE")},
	} {
		var ids []uuid.UUID
		for _, a := range list(t, r, c.query) {
			ids = append(ids, a.ID)
		}
		require.Equal(t, c.want, ids, name)
	}
	for p, want := range map[uuid.UUID]bool{h.Partners[0]: true, h.Partners[1]: false} {
		require.Equal(t, want, histories.Ask(t, r, func(q projections.Querier) (bool, error) {
			return accounts.RegisteredBy(t.Context(), q, acme, p)
		}))
	}
}

// only is the account of that country.
func only(t *testing.T, h *histories.History, a, b uuid.UUID, country string) []uuid.UUID {
	t.Helper()
	for _, r := range h.Events {
		if e, ok := r.Event.(account.Identified); ok && e.Country == country {
			return []uuid.UUID{e.AccountID}
		}
	}
	require.Fail(t, "neither is of that country", "%s %s %s", a, b, country)
	return nil
}
