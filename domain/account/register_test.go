package account_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func TestFirstRegistrationIdentifiesTheAccount(t *testing.T) {
	s := newStory(t)
	c := register(north, "GTXPro", "4821.00", "Cable", "9.90")
	c.ExpectedClose = domain.Date{Year: 2026, Month: 6, Day: 30}
	deal := domain.EntityID(domaintest.NthCommand(1), stream, "deal")
	s.wants(c, []account.Event{
		account.Identified{AccountID: acme, Key: "domain:acme.de", Name: "Acme GmbH", Domain: "acme.de", Country: "DE"},
		account.DealRegistered{
			DealID: deal, PartnerID: north, SellerID: northSeller,
			Kind: account.KindNew, Route: account.RouteResale, Source: account.SourcePartner,
			Lines: []account.Line{
				{Product: "GTX Pro", Line: "GTX", Amount: money("4821.00")},
				{Product: "Cable", Line: "Cable", Amount: money("9.90")}, // not in the catalogue: its own line
			},
			ExpectedClose: c.ExpectedClose, ReviewDue: day(3),
		},
	})
	d := s.deal(deal)
	assert.Equal(t, acme, d.AccountID)
	assert.Equal(t, account.StatusSubmitted, d.Status)
	assert.Equal(t, "seller-1", d.Submitted.By)
	assert.EqualValues(t, 1, d.Place)
	assert.Equal(t, "Acme GmbH", s.state.Account.Name)
}

func TestReviewIsDueInBusinessDays(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx, on(3)) // a Thursday
	assert.Equal(t, day(8), s.deal(deal).ReviewDue)
}

func TestSecondRegistrationFindsTheAccountAgain(t *testing.T) {
	s := newStory(t)
	s.registers(north, gtx)
	c := register(north, "MG Special", "55.00")
	assert.Len(t, s.do(c), 1, "by the customer")
	c.Customer, c.AccountID = account.Customer{}, acme
	assert.Len(t, s.do(c), 1, "by the id")
}

func TestIdentifyAccount(t *testing.T) {
	s := newStory(t)
	s.do(account.IdentifyAccount{Customer: customer})
	s.wants(account.IdentifyAccount{Customer: customer}, nil)
	s.refuses(account.IdentifyAccount{Customer: account.Customer{Name: "Other", Domain: "other.de"}}, conflict, "account_mismatch", "customer")
	s.refuses(account.IdentifyAccount{}, invalid, "invalid_field", "customer.name")
}

func TestIDOf(t *testing.T) {
	for _, c := range []account.Command{
		register(north, gtx...), account.RegisterDeal{AccountID: acme}, account.IdentifyAccount{Customer: customer},
		account.SetOwnership{AccountID: acme}, account.LinkAlias{AccountID: acme},
		account.OpenDirectOpportunity{AccountID: acme}, account.CloseDirectOpportunity{AccountID: acme},
	} {
		id, err := account.IDOf(c)
		require.NoError(t, err)
		assert.Equal(t, acme, id, "%T", c)
	}
	id, err := account.IDOf(account.ApproveDeal{})
	require.NoError(t, err)
	assert.Equal(t, uuid.Nil, id)
	_, err = account.IDOf(account.RegisterDeal{})
	assert.Equal(t, "customer.name", domain.AsRejection(err).Field)
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	usd := domain.Must(domain.NewMoney(1, "USD"))
	huge := domain.Must(domain.NewMoney(account.MaxLineAmount+1, "EUR"))
	for name, c := range map[string]struct {
		change      func(*account.RegisterDeal)
		kind        domain.RejectionKind
		rule, field string
	}{
		"no customer":       {func(c *account.RegisterDeal) { c.Customer = account.Customer{} }, invalid, "invalid_field", "customer.name"},
		"bad domain":        {func(c *account.RegisterDeal) { c.Customer.Domain = "a b" }, invalid, "invalid_field", "customer.domain"},
		"unknown account":   {func(c *account.RegisterDeal) { c.Customer, c.AccountID = account.Customer{}, acme }, missing, "account_unknown", "account_id"},
		"another account":   {func(c *account.RegisterDeal) { c.AccountID = north }, conflict, "account_mismatch", "account_id"},
		"no partner":        {func(c *account.RegisterDeal) { c.PartnerID = uuid.Nil }, invalid, "invalid_field", "partner_id"},
		"unknown partner":   {func(c *account.RegisterDeal) { c.PartnerID = acme }, missing, "partner_unknown", "partner_id"},
		"no seller":         {func(c *account.RegisterDeal) { c.SellerID = uuid.Nil }, invalid, "invalid_field", "seller_id"},
		"another's seller":  {func(c *account.RegisterDeal) { c.SellerID = southSeller }, missing, "seller_unknown", "seller_id"},
		"unknown kind":      {func(c *account.RegisterDeal) { c.Kind = "old" }, invalid, "invalid_field", "kind"},
		"unknown route":     {func(c *account.RegisterDeal) { c.Route = "mail" }, invalid, "invalid_field", "route"},
		"unknown source":    {func(c *account.RegisterDeal) { c.Source = "luck" }, invalid, "invalid_field", "source"},
		"no distributor":    {func(c *account.RegisterDeal) { c.Route = account.RouteDistribution }, invalid, "invalid_field", "via_partner_id"},
		"needless one":      {func(c *account.RegisterDeal) { c.ViaPartnerID = south }, invalid, "invalid_field", "via_partner_id"},
		"itself as one":     {func(c *account.RegisterDeal) { c.Route, c.ViaPartnerID = account.RouteDistribution, north }, invalid, "invalid_field", "via_partner_id"},
		"no lines":          {func(c *account.RegisterDeal) { c.Lines = nil }, invalid, "invalid_field", "lines"},
		"too many lines":    {func(c *account.RegisterDeal) { c.Lines = make([]account.LineAmount, 101) }, invalid, "invalid_field", "lines"},
		"no product":        {func(c *account.RegisterDeal) { c.Lines[1].Product = "" }, invalid, "invalid_field", "lines[1].product"},
		"overlong product":  {func(c *account.RegisterDeal) { c.Lines[1].Product = strings.Repeat("x", 201) }, invalid, "invalid_field", "lines[1].product"},
		"product twice":     {func(c *account.RegisterDeal) { c.Lines[1].Product = "gtx basic" }, invalid, "invalid_field", "lines[1].product"},
		"no amount":         {func(c *account.RegisterDeal) { c.Lines[1].Amount = domain.Money{} }, invalid, "invalid_field", "lines[1].amount"},
		"negative amount":   {func(c *account.RegisterDeal) { c.Lines[1].Amount = money("-1") }, invalid, "invalid_field", "lines[1].amount"},
		"huge amount":       {func(c *account.RegisterDeal) { c.Lines[1].Amount = huge }, invalid, "invalid_field", "lines[1].amount"},
		"second currency":   {func(c *account.RegisterDeal) { c.Lines[1].Amount = usd }, invalid, "invalid_field", "lines[1].amount"},
		"customer mismatch": {func(c *account.RegisterDeal) { c.Customer.Domain, c.AccountID = "b.de", acme }, conflict, "account_mismatch", "account_id"},
	} {
		t.Run(name, func(t *testing.T) {
			command := register(north, "GTX Basic", "1", "MG Special", "2")
			c.change(&command)
			s := newStory(t)
			s.refuses(command, c.kind, c.rule, c.field, domaintest.By(domaintest.Importer()))
			assert.Empty(t, s.state.Deals)
		})
	}
}

func TestOnlyAnActivePartnerRegisters(t *testing.T) {
	s := newStory(t)
	s.facts = func(p uuid.UUID) account.Facts {
		f := facts(p)
		f.Partner.Active, f.Partner.Reason = false, "suspended"
		return f
	}
	s.refuses(register(north, gtx...), conflict, "partner_not_active", "partner_id")
}

func TestActors(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	deskOfNorth := domain.Actor{ID: "x", Kind: domain.User, Roles: []domain.Role{domain.DealDesk}, PartnerID: north}
	s.refuses(register(north, gtx...), forbidden, "role", "", domaintest.By(domaintest.Auditor()))
	s.refuses(register(north, gtx...), forbidden, "own_partner", "", domaintest.By(domaintest.Seller(south)))
	s.refuses(account.WithdrawDeal{DealID: deal}, forbidden, "own_partner", "", domaintest.By(domaintest.Admin(south)))
	s.refuses(account.ApproveDeal{DealID: deal}, forbidden, "role", "", domaintest.By(domaintest.Admin(north)))
	s.refuses(account.ApproveDeal{DealID: deal}, forbidden, "vendor_only", "", domaintest.By(deskOfNorth))
	s.refuses(account.ApproveDeal{DealID: deal}, forbidden, "backdating", "", on(2), since(1))
	s.refuses(&account.WithdrawDeal{DealID: deal}, forbidden, "own_partner", "", domaintest.By(domaintest.Admin(south)))
	s.refuses(account.ApproveDeal{DealID: north}, missing, "deal_unknown", "deal_id")
}
