package conflicts_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(250)
	projectionstest.Check(t, conflicts.Projection(), h.Codec, h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(250)
	for range 8 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		for _, c := range list(t, h.View(t, conflicts.Projection(), projections.Bounds{EffectiveAt: bound}), conflicts.Query{}) {
			require.False(t, c.Found.At.After(bound), "a finding that wasn't found yet")
			require.NotEqual(t, uuid.Nil, c.DealID)
		}
	}
}

// TestRowsAreTheDomainsFindings holds every row of a random history to the deals as their accounts have them.
func TestRowsAreTheDomainsFindings(t *testing.T) {
	t.Parallel()
	h := histories.New(3).Run(500)
	r := h.View(t, conflicts.Projection(), projections.Bounds{})
	rows := list(t, r, conflicts.Query{Request: listing.Request{Limit: 7}})
	states := map[conflicts.Status]int{}
	for _, c := range rows {
		d := h.Deal(c.AccountID, c.DealID)
		require.Contains(t, d.Findings, c.Finding)
		require.Equal(t, d.PartnerID, c.PartnerID)
		require.Equal(t, c.Override.EventID != uuid.Nil, c.Status == conflicts.StatusOverridden)
		if c.Status == conflicts.StatusOpen {
			require.True(t, d.Pending() || c.Late && d.Status == account.StatusApproved, "an open finding against a deal that is %s", d.Status)
		}
		states[c.Status]++
	}
	require.Len(t, states, 3, "all states came up: %v", states)
	require.Len(t, rows, countFindings(h))
}

func countFindings(h *histories.History) (n int) {
	for _, r := range h.Events {
		if _, ok := r.Event.(account.ConflictFound); ok {
			n++
		}
	}
	return n
}

func list(t *testing.T, r projections.Reader, query conflicts.Query) (all []conflicts.Conflict) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[conflicts.Conflict], error) {
			return conflicts.List(t.Context(), q, query)
		})
		all = append(all, page.Items...)
		if query.Cursor = page.Next; page.Next == "" {
			return all
		}
	}
}

var (
	acme   = account.Customer{Name: "Acme GmbH", Domain: "acme.de", Country: "DE"}
	acmeID = domain.Must(acme.Identity()).AccountID
)

const why = "imported history"

// story is an account on which things happen one after the other.
type story struct {
	*testing.T
	h *histories.History
}

func (s story) do(c account.Command) domain.Header {
	s.Helper()
	header := s.h.Header()
	require.True(s, s.h.Account(acmeID, header, c), "%#v", c)
	return header
}

func (s story) registers(partner int) uuid.UUID {
	s.Helper()
	header := s.do(account.RegisterDeal{
		Customer: acme, PartnerID: s.h.Partners[partner], SellerID: histories.Sellers(s.h.Partners[partner])[0],
		Lines: []account.LineAmount{{Product: "GTX", Amount: domain.Must(domain.NewMoney(100, "EUR"))}},
	})
	return domain.EntityID(header.CommandID, domain.StreamName(account.Category, acmeID), "deal")
}

// finds is the one finding against the deal, and demands its state.
func (s story) finds(deal uuid.UUID, want conflicts.Status) conflicts.Conflict {
	s.Helper()
	found := list(s.T, s.h.View(s.T, conflicts.Projection(), projections.Bounds{}), conflicts.Query{Deal: []uuid.UUID{deal}})
	require.Len(s, found, 1)
	require.Equal(s, want, found[0].Status)
	return found[0]
}

func TestAFindingIsOpenUntilItsRivalIsGone(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	first, second := s.registers(0), s.registers(1)
	c := s.finds(second, conflicts.StatusOpen)
	require.Equal(t, first, c.With.DealID)
	require.Equal(t, policy.RuleLiveRegistration, c.Rule)
	s.do(account.ApproveDeal{DealID: first, Reason: why})
	s.finds(second, conflicts.StatusOpen)
	s.do(account.LoseDeal{DealID: first, Reason: why})
	s.finds(second, conflicts.StatusMoot)
	s.do(account.ReopenDeal{DealID: first, Reason: why})
	s.finds(second, conflicts.StatusOpen)
	s.do(account.WithdrawDeal{DealID: second})
	s.finds(second, conflicts.StatusMoot)
}

func TestAnOverrideStays(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	first, second := s.registers(0), s.registers(1)
	s.do(account.OverrideConflicts{DealID: second, FindingIDs: []uuid.UUID{s.finds(second, conflicts.StatusOpen).ID}, Reason: why})
	c := s.finds(second, conflicts.StatusOverridden)
	require.Equal(t, why, c.Override.Reason)
	s.do(account.WithdrawDeal{DealID: first})
	s.finds(second, conflicts.StatusOverridden)
}

func TestTheVendorsOwnOpportunity(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	s.do(account.IdentifyAccount{Customer: acme})
	header := s.do(account.OpenDirectOpportunity{AccountID: acmeID, Products: []string{"GTX"}})
	opportunity := domain.EntityID(header.CommandID, domain.StreamName(account.Category, acmeID), "opportunity")
	s.h.Now = s.h.Now.AddDate(0, 0, 1)
	deal := s.registers(0)
	require.Equal(t, opportunity, s.finds(deal, conflicts.StatusOpen).With.OpportunityID)
	s.do(account.CloseDirectOpportunity{AccountID: acmeID, OpportunityID: opportunity, Outcome: account.OutcomeLost})
	s.finds(deal, conflicts.StatusMoot)
}

func TestTheOwnerOfTheAccount(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	deal := s.registers(0)
	s.do(account.SetOwnership{AccountID: acmeID, Owner: account.OwnerDirect, Reason: why})
	require.Equal(t, account.OwnerDirect, s.finds(deal, conflicts.StatusOpen).With.Owner)
	s.do(account.SetOwnership{AccountID: acmeID, Owner: account.OwnerChannel, Reason: why})
	s.finds(deal, conflicts.StatusMoot)
}

func TestTheCustomersPreference(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	deal := s.registers(0)
	s.do(account.RecordPreference{AccountID: acmeID, PartnerID: s.h.Partners[1]})
	require.Equal(t, s.h.Partners[1], s.finds(deal, conflicts.StatusOpen).With.PartnerID)
	s.do(account.WithdrawPreference{AccountID: acmeID, Reason: why})
	s.finds(deal, conflicts.StatusMoot)
	s.do(account.RecordPreference{AccountID: acmeID, PartnerID: s.h.Partners[1]})
	s.finds(deal, conflicts.StatusOpen)
	s.do(account.RecordPreference{AccountID: acmeID, PartnerID: s.h.Partners[0]})
	s.finds(deal, conflicts.StatusMoot)
}

// A finding waits for the case that it was sent to; what a ruling overrides it names, and on appeal that is taken back.
func TestAReferredFinding(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	s.registers(0)
	second := s.registers(1)
	ids := []uuid.UUID{s.finds(second, conflicts.StatusOpen).ID}
	s.do(account.ReferConflicts{DealID: second, FindingIDs: ids, Reason: why})
	referred := s.finds(second, conflicts.StatusReferred).Referred
	require.Equal(t, why, referred.Reason)
	hold := account.PlaceHold{DealID: second, DisputeID: domain.DeriveID("dispute"), Subject: referred.EventID}
	s.follows(hold)
	s.finds(second, conflicts.StatusReferred)
	ruling := domain.DeriveID("ruling")
	s.follows(account.OverrideByRuling{DealID: second, FindingIDs: ids, Reason: why, Ruling: ruling})
	require.Equal(t, ruling, s.finds(second, conflicts.StatusOverridden).Ruling)
	s.follows(account.UndoOverride{DealID: second, FindingIDs: ids, Ruling: ruling})
	require.Zero(t, s.finds(second, conflicts.StatusReferred).Ruling)
	s.follows(account.LiftHold{DealID: second, DisputeID: hold.DisputeID})
	s.finds(second, conflicts.StatusOpen)
	projectionstest.Check(t, conflicts.Projection(), s.h.Codec, s.h.Log)
}

// follows gives a command as a reactor does.
func (s story) follows(c account.Command) {
	s.Helper()
	header := s.h.Header()
	header.Actor = domain.Actor{ID: "reactor:disputes", Kind: domain.Reactor}
	require.True(s, s.h.Account(acmeID, header, c), "%#v", c)
}

// TestBreachesAreTheDomains holds every row of a random history to the deals as their accounts have them.
func TestBreachesAreTheDomains(t *testing.T) {
	t.Parallel()
	h := histories.New(5).Run(600)
	rows := breaches(t, h.View(t, conflicts.Projection(), projections.Bounds{}), conflicts.BreachQuery{Request: listing.Request{Limit: 3}})
	for _, b := range rows {
		d := h.Deal(b.AccountID, b.DealID)
		require.Contains(t, d.Breaches, b.Breach)
		require.Equal(t, d.PartnerID, b.PartnerID)
		require.Equal(t, b.Step.EventID, b.ID)
	}
	recorded := 0
	for _, r := range h.Events {
		if _, ok := r.Event.(account.ProtectionBreached); ok {
			recorded++
		}
	}
	require.NotZero(t, recorded)
	require.Len(t, rows, recorded)
}

func breaches(t *testing.T, r projections.Reader, query conflicts.BreachQuery) (all []conflicts.RecordedBreach) {
	t.Helper()
	for {
		page := histories.Ask(t, r, func(q projections.Querier) (listing.Page[conflicts.RecordedBreach], error) {
			return conflicts.Breaches(t.Context(), q, query)
		})
		all = append(all, page.Items...)
		if query.Cursor = page.Next; page.Next == "" {
			return all
		}
	}
}

func TestBreachFilters(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	deal := s.registers(0)
	s.do(account.ApproveDeal{DealID: deal, Reason: why})
	s.h.Now = s.h.Now.AddDate(0, 0, 1)
	header := s.do(account.OpenDirectOpportunity{AccountID: acmeID, Products: []string{"GTX"}})
	opportunity := domain.EntityID(header.CommandID, domain.StreamName(account.Category, acmeID), "opportunity")
	s.h.Now = s.h.Now.AddDate(0, 0, 1)
	s.do(account.CloseDirectOpportunity{
		AccountID: acmeID, OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: domain.Must(domain.NewMoney(1, "EUR")),
	})
	r := s.h.View(t, conflicts.Projection(), projections.Bounds{})
	for name, c := range map[string]struct {
		query conflicts.BreachQuery
		want  int
	}{
		"all":         {conflicts.BreachQuery{}, 2},
		"by":          {conflicts.BreachQuery{By: []account.BreachBy{account.BreachByWinning}}, 1},
		"deal":        {conflicts.BreachQuery{Deal: []uuid.UUID{deal}, Account: []uuid.UUID{acmeID}}, 2},
		"other deal":  {conflicts.BreachQuery{Deal: []uuid.UUID{opportunity}}, 0},
		"opportunity": {conflicts.BreachQuery{Opportunity: []uuid.UUID{opportunity}}, 2},
		"scope":       {conflicts.BreachQuery{Scope: s.h.Partners[1]}, 0},
		"partner":     {conflicts.BreachQuery{Scope: s.h.Partners[0], Partner: s.h.Partners[:2]}, 2},
		"period":      {conflicts.BreachQuery{Breached: listing.Period{From: s.h.Now}}, 1},
	} {
		require.Len(t, breaches(t, r, c.query), c.want, name)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := story{t, histories.New(0)}
	first, second, third := s.registers(0), s.registers(1), s.registers(2)
	r := s.h.View(t, conflicts.Projection(), projections.Bounds{})
	one := s.finds(second, conflicts.StatusOpen)
	for name, c := range map[string]struct {
		query conflicts.Query
		want  int
	}{
		"all":     {conflicts.Query{}, 3},
		"scope":   {conflicts.Query{Scope: s.h.Partners[2]}, 2},
		"foreign": {conflicts.Query{Scope: s.h.Partners[2], Partner: s.h.Partners[:2]}, 0},
		"against": {conflicts.Query{Against: []uuid.UUID{first}}, 2},
		"deal":    {conflicts.Query{Deal: []uuid.UUID{second, third}, Against: []uuid.UUID{second}}, 1},
		"account": {conflicts.Query{Account: []uuid.UUID{acmeID}}, 3},
		"status":  {conflicts.Query{Status: []conflicts.Status{conflicts.StatusMoot}}, 0},
		"rule":    {conflicts.Query{Rule: []policy.ConflictRule{policy.RuleLiveRegistration}}, 3},
		"period":  {conflicts.Query{Found: listing.Period{From: histories.Begin, Until: histories.Begin}}, 0},
		"sort":    {conflicts.Query{Request: listing.Request{Sort: "score", Limit: 1}}, 3},
	} {
		require.Len(t, list(t, r, c.query), c.want, name)
	}
	get := func(id uuid.UUID) *conflicts.Conflict {
		return histories.Ask(t, r, func(q projections.Querier) (*conflicts.Conflict, error) { return conflicts.Get(t.Context(), q, id) })
	}
	require.Equal(t, &one, get(one.ID))
	require.Nil(t, get(first))
}
