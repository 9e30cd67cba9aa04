package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// terms is a program that protects renewals for a shorter time, and rewards new customers.
func terms(tier string) func(uuid.UUID) account.Facts {
	return func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Partner.Tier = tier
		f.Rules.DealRegistration.Version = 2
		body := &f.Rules.DealRegistration.Body
		body.Kinds = []policy.KindTerms{{Kind: policy.DealRenewal, ProtectionDays: 60}}
		body.Benefits = []policy.Benefit{
			{Kind: policy.DealNew, Tier: "gold", DiscountPercent: percent("12.5")},
			{Kind: policy.DealNew, DiscountPercent: percent("10")},
		}
		return f
	}
}

func percent(text string) domain.Rate { return domain.Must(domain.ParseRate(text)) }

// approvedKind is a deal of a kind that was registered and approved on the first day.
func (s *story) approvedKind(kind account.Kind) *account.Deal {
	s.t.Helper()
	c := register(north, gtx...)
	c.Kind = kind
	s.do(c)
	id := domain.EntityID(domaintest.NthCommand(s.commands), stream, "deal")
	s.do(account.ApproveDeal{DealID: id})
	return s.deal(id)
}

func TestKindsHaveTermsOfTheirOwn(t *testing.T) {
	s := newStory(t)
	s.facts = terms("silver")
	fresh, renewal, expansion := s.approvedKind(account.KindNew), s.approvedKind(account.KindRenewal), s.approvedKind(account.KindExpansion)
	assert.Equal(t, day(180), fresh.ProtectedUntil)
	assert.Equal(t, day(60), renewal.ProtectedUntil)
	assert.Equal(t, day(180), expansion.ProtectedUntil)
	assert.Equal(t, account.Benefit{DiscountPercent: percent("10")}, fresh.Benefit)
	assert.Zero(t, renewal.Benefit)
	assert.Zero(t, expansion.Benefit)
	assert.Equal(t, "deal_registration@2", fresh.Policy)
}

func TestABenefitMayDependOnTheTier(t *testing.T) {
	s := newStory(t)
	s.facts = terms("gold")
	assert.Equal(t, account.Benefit{DiscountPercent: percent("12.5"), Tier: "gold"}, s.approvedKind(account.KindNew).Benefit)
}

// The kind changes no conflict: a renewal and a new deal on one line are rivals.
func TestKindsCompete(t *testing.T) {
	s := newStory(t)
	s.facts = terms("")
	s.approvedKind(account.KindRenewal)
	rival := s.registers(south, gtx)
	assert.Equal(t, policy.RuleLiveRegistration, s.theFinding(rival).Rule)
}

func TestByDefaultThereIsNoBenefit(t *testing.T) {
	s := newStory(t)
	assert.Zero(t, s.approvedKind(account.KindNew).Benefit)
}
