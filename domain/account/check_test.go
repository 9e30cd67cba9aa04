package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
)

// checks is what a registration for the taxed customer would meet on a day.
func (s *story) checks(on int, lines []string, peers ...account.Peer) account.Checked {
	p := taxed.Profile()
	p.AccountID = acme
	f := facts(uuid.Nil)
	f.Peers = peers
	return s.state.Check(p, lines, f, day(on))
}

func TestCheckSaysWhatARegistrationWouldMeet(t *testing.T) {
	s := newStory(t)
	checked := s.checks(0, nil, twinPeer(asIs))
	assert.False(t, checked.Known)
	require.Len(t, checked.Meets, 1)
	assert.Equal(t, policy.RuleSameTaxID, checked.Meets[0].Rule)
	assert.Equal(t, account.With{AccountID: twinID, DealID: rivalID}, checked.Meets[0].With)
	assert.True(t, checked.Meets[0].Blocks)
	assert.Equal(t, []account.Likeness{
		{AccountID: twinID, Name: "ACME Germany", Rule: policy.RuleSameTaxID, Score: "1", Live: 1},
	}, checked.Alike)

	s.do(account.IdentifyAccount{Customer: taxed})
	mg := s.registers(north, []string{"MG Special", "1.00"}, on(1))
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerHouse, Reason: "strategic"}, on(2))
	checked = s.checks(3, nil, twinPeer(asIs))
	assert.True(t, checked.Known)
	var rules []policy.ConflictRule
	for _, m := range checked.Meets {
		rules = append(rules, m.Rule)
	}
	assert.Equal(t, []policy.ConflictRule{policy.RuleLiveRegistration, policy.RuleSameTaxID, policy.RuleOwnedAccount}, rules)
	assert.Equal(t, mg, checked.Meets[0].With.DealID)
	assert.Len(t, s.checks(3, []string{"mg"}, twinPeer(asIs)).Meets, 2, "on that line")
	assert.Len(t, s.deal(mg).Findings, 1, "nothing but what was recorded before")
}

func TestCheckNamesWhoIsAlikeWithoutRegistrations(t *testing.T) {
	quiet := twinPeer(func(p *account.Peer) { p.Rivals = nil })
	checked := newStory(t).checks(0, nil, quiet)
	assert.Empty(t, checked.Meets)
	require.Len(t, checked.Alike, 1)
	assert.Zero(t, checked.Alike[0].Live)
}
