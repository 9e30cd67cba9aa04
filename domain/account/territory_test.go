package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
)

// within lets every partner sell in some countries only.
func within(countries ...string) func(uuid.UUID) account.Facts {
	return func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Partner.Countries = countries
		return f
	}
}

func TestOutsideTheTerritoryIsAWarning(t *testing.T) {
	s := newStory(t)
	s.facts = within("FR", "BE", "FR")
	deal := s.registers(north, gtx)
	f := s.theFinding(deal)
	assert.Equal(t, policy.RuleOutsideTerritory, f.Rule)
	assert.Equal(t, account.With{}, f.With)
	assert.Equal(t, map[string]string{"country": "DE", "territories": "BE, FR"}, f.Evidence)
	s.do(account.ApproveDeal{DealID: deal})
	assert.True(t, s.deal(deal).ProtectedAt(day(1)))
}

func TestAPolicyMayKeepPartnersInTheirTerritories(t *testing.T) {
	s := newStory(t)
	s.facts = func(partner uuid.UUID) account.Facts {
		f := within("FR")(partner)
		f.Rules.Conflict.Body.Blocking = policy.ConflictRules()
		return f
	}
	deal := s.registers(north, gtx)
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id")
	s.overrideAll(deal)
	s.do(account.ApproveDeal{DealID: deal})
}

func TestInsideTheTerritory(t *testing.T) {
	for name, countries := range map[string][]string{"assigned": {"AT", "DE"}, "anywhere": nil} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			s.facts = within(countries...)
			assert.Empty(t, s.deal(s.registers(north, gtx)).Findings)
			assert.Empty(t, s.deal(s.registers(north, gtx)).Findings, "on a known account")
		})
	}
}

func TestOfACustomerWithoutACountryNothingIsFound(t *testing.T) {
	s := newStory(t)
	s.facts = within("FR")
	unknown := register(north, gtx...)
	unknown.Customer.Country = ""
	events := s.do(unknown)
	require.Len(t, events, 2, "the customer, and the deal")
}
