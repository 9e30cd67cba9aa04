package partners_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/partners"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(400)
	projectionstest.Check(t, partners.Projection(), h.Codec, h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(300)
	for range 8 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		r := h.View(t, partners.Projection(), projections.Bounds{EffectiveAt: bound})
		for _, p := range list(t, r, partners.Query{At: bound}) {
			require.False(t, p.Status.Entries[0].From.After(bound), "a partner that hadn't applied yet")
		}
	}
}

func list(t *testing.T, r projections.Reader, query partners.Query) (all []partners.Partner) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[partners.Partner], error) {
			return partners.List(t.Context(), q, query)
		})
		all = append(all, page.Items...)
		if query.Cursor = page.Next; page.Next == "" {
			return all
		}
	}
}

func sellers(t *testing.T, r projections.Reader, query partners.SellerQuery) []partners.Seller {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (listing.Page[partners.Seller], error) {
		return partners.Sellers(t.Context(), q, query)
	}).Items
}

// story: North is in the program for 30 days, with two sellers of whom one leaves; South has only applied.
func story(t *testing.T) *histories.History {
	t.Helper()
	h := histories.New(0)
	north, south := h.Partners[0], h.Partners[1]
	do := func(id uuid.UUID, c partner.Command) {
		require.True(t, h.Partner(id, h.Header(), c), "%#v", c)
	}
	do(north, partner.Apply{LegalName: "Nordwind GmbH", Kind: partner.Reseller, Country: "DE", Domain: "nordwind.de"})
	do(north, partner.Approve{Reason: "imported history"})
	today := domain.DateOf(h.Now, time.UTC)
	do(north, partner.SignAgreement{Kind: "reseller", ValidFrom: today, ValidTo: today.AddDays(29)})
	do(north, partner.Onboard{})
	for i, name := range []domain.Personal{"Ada North", "bob north"} {
		do(north, partner.AddSeller{SellerID: histories.Sellers(north)[i], Name: name})
	}
	h.Now = h.Now.AddDate(0, 0, 10)
	do(north, partner.RemoveSeller{SellerID: histories.Sellers(north)[0]})
	do(south, partner.Apply{LegalName: "Ångström & Sons", Kind: partner.MSP, Country: "SE"})
	return h
}

func TestStandingIsThatOfTheMoment(t *testing.T) {
	t.Parallel()
	h := story(t)
	r := h.View(t, partners.Projection(), projections.Bounds{})
	get := func(id uuid.UUID, at time.Time) *partners.Partner {
		return histories.Ask(t, r, func(q projections.Querier) (*partners.Partner, error) { return partners.Get(t.Context(), q, id, at) })
	}
	require.True(t, get(h.Partners[0], h.Now).Standing.Active)
	later := h.Now.AddDate(0, 0, 20) // no event says that the agreement has ended
	require.Equal(t, partner.ReasonNoAgreement, get(h.Partners[0], later).Standing.Reason)
	require.Equal(t, partner.ReasonNotOnboarded, get(h.Partners[1], h.Now).Standing.Reason)
	require.Nil(t, get(h.Partners[2], h.Now))
	yes, no := true, false
	require.Len(t, list(t, r, partners.Query{At: h.Now, Active: &yes}), 1)
	require.Empty(t, list(t, r, partners.Query{At: later, Active: &yes}))
	require.Len(t, list(t, r, partners.Query{At: later, Active: &no, Request: listing.Request{Limit: 1}}), 2)
}

// What a standing says can be asked for at any moment, late facts included.
func TestFiltersByStanding(t *testing.T) {
	t.Parallel()
	h := story(t)
	north := h.Partners[0]
	before := h.Now.Add(-time.Hour)
	do := func(c partner.Command) { require.True(t, h.Partner(north, h.Header(), c), "%#v", c) }
	do(partner.ChangeTier{To: "gold", Reason: "r"})
	do(partner.StartTierGrace{To: "silver", Failing: []string{"revenue"}})
	do(partner.AssignTerritory{Territory: "DACH", Countries: []string{"DE"}})
	do(partner.AssignParent{ParentID: histories.Distributor})
	r := h.View(t, partners.Projection(), projections.Bounds{})
	yes, no := true, false
	for name, c := range map[string]struct {
		query       partners.Query
		then, later int
	}{
		"tier":       {partners.Query{Tier: []string{"gold", "platinum"}}, 0, 1},
		"territory":  {partners.Query{Territory: []string{"dach"}}, 0, 1},
		"sells in":   {partners.Query{SellsIn: []string{"FR"}}, 2, 1},
		"sells at":   {partners.Query{SellsIn: []string{"FR", "DE"}}, 2, 2},
		"parent":     {partners.Query{Parent: []uuid.UUID{histories.Distributor}}, 0, 1},
		"grace":      {partners.Query{InGrace: &yes}, 0, 1},
		"no grace":   {partners.Query{InGrace: &no}, 2, 1},
		"everything": {partners.Query{InGrace: &yes, Tier: []string{"gold"}, Active: &yes}, 0, 1},
	} {
		c.query.At = before
		require.Len(t, list(t, r, c.query), c.then, name)
		c.query.At = h.Now
		require.Len(t, list(t, r, c.query), c.later, name)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	h := story(t)
	r := h.View(t, partners.Projection(), projections.Bounds{})
	for name, c := range map[string]struct {
		query partners.Query
		want  []string
	}{
		"by name":      {partners.Query{}, []string{"Nordwind GmbH", "Ångström & Sons"}},
		"name, down":   {partners.Query{Request: listing.Request{Sort: "-name", Limit: 1}}, []string{"Ångström & Sons", "Nordwind GmbH"}},
		"latest first": {partners.Query{Request: listing.Request{Sort: "-applied_at"}}, []string{"Ångström & Sons", "Nordwind GmbH"}},
		"scope":        {partners.Query{Scope: h.Partners[0]}, []string{"Nordwind GmbH"}},
		"foreign":      {partners.Query{Scope: h.Partners[0], ID: h.Partners[1:]}, nil},
		"id":           {partners.Query{ID: h.Partners[1:]}, []string{"Ångström & Sons"}},
		"text":         {partners.Query{Text: " ÅNGSTRÖM"}, []string{"Ångström & Sons"}},
		"percent":      {partners.Query{Text: "%"}, nil},
		"kind":         {partners.Query{Kind: []partner.Kind{partner.MSP}}, []string{"Ångström & Sons"}},
		"country":      {partners.Query{Country: []string{"DE", "FR"}}, []string{"Nordwind GmbH"}},
		"domain":       {partners.Query{Domain: []string{"nordwind.de"}}, []string{"Nordwind GmbH"}},
		"status":       {partners.Query{Status: []partner.Status{partner.StatusApplied}}, []string{"Ångström & Sons"}},
	} {
		var names []string
		for _, p := range list(t, r, c.query) {
			names = append(names, p.LegalName)
		}
		require.Equal(t, c.want, names, name)
	}
}

func TestSellers(t *testing.T) {
	t.Parallel()
	h := story(t)
	yes, no := true, false
	bob := histories.Sellers(h.Partners[0])[1]
	require.True(t, h.Partner(h.Partners[0], h.Header(), partner.EarnCertification{
		SellerID: bob, Certification: "sales", ValidTo: domain.DateOf(h.Now, time.UTC).AddDays(30),
	}))
	r := h.View(t, partners.Projection(), projections.Bounds{})
	for name, c := range map[string]struct {
		query partners.SellerQuery
		want  []string
	}{
		"all":        {partners.SellerQuery{}, []string{"Ada North", "bob north"}},
		"now":        {partners.SellerQuery{At: h.Now, Sells: &yes}, []string{"bob north"}},
		"left":       {partners.SellerQuery{At: h.Now, Sells: &no}, []string{"Ada North"}},
		"before":     {partners.SellerQuery{At: h.Now.Add(-time.Second), Sells: &yes}, []string{"Ada North", "bob north"}},
		"certified":  {partners.SellerQuery{At: h.Now, Certification: []string{"sales", "other"}}, []string{"bob north"}},
		"other":      {partners.SellerQuery{At: h.Now, Certification: []string{"other"}}, nil},
		"expired":    {partners.SellerQuery{At: h.Now.AddDate(0, 0, 40), Certification: []string{"sales"}}, nil},
		"expiring":   {partners.SellerQuery{At: h.Now, ExpiringBefore: h.Now.AddDate(0, 0, 40)}, []string{"bob north"}},
		"not soon":   {partners.SellerQuery{At: h.Now, ExpiringBefore: h.Now.AddDate(0, 0, 10)}, nil},
		"by partner": {partners.SellerQuery{Partner: h.Partners[1:]}, nil},
		"scope":      {partners.SellerQuery{Scope: h.Partners[1]}, nil},
		"id":         {partners.SellerQuery{ID: histories.Sellers(h.Partners[0])[1:]}, []string{"bob north"}},
		"text":       {partners.SellerQuery{Text: "ADA"}, []string{"Ada North"}},
	} {
		var names []string
		for _, s := range sellers(t, r, c.query) {
			require.Equal(t, h.Partners[0], s.PartnerID)
			names = append(names, string(s.Name))
		}
		require.Equal(t, c.want, names, name)
	}
}
