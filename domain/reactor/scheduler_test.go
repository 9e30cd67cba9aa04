package reactor_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
)

var (
	start = domaintest.Epoch
	deal  = domain.DeriveID("test", "deal")
	other = domain.DeriveID("test", "other")
)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

// observe feeds events, each with an id of its own.
func observe(s *reactor.Scheduler, events ...domain.Event) {
	for i, e := range events {
		s.Observe(e, domain.Envelope{EventID: domain.DeriveID("event", string(rune('a'+i))), Stream: "account-" + deal.String()})
	}
}

func due(s *reactor.Scheduler, now time.Time) (commands []any) {
	for _, order := range s.Due(now) {
		commands = append(commands, order.Command)
	}
	return commands
}

func TestAProtectionEndsOnItsDayOnce(t *testing.T) {
	s := reactor.NewScheduler()
	observe(s, account.DealApproved{DealID: deal, ProtectedUntil: day(180)})
	next, planned := s.Next()
	require.True(t, planned)
	require.Equal(t, day(180), next)
	require.Empty(t, s.Due(day(180).Add(-time.Microsecond)))
	require.Equal(t, []any{account.ExpireDeal{DealID: deal}}, due(s, day(180)))
	require.Empty(t, s.Due(day(999)))
	_, planned = s.Next()
	require.False(t, planned)
}

func TestWhatEndedOtherwiseIsNotEnded(t *testing.T) {
	for name, ending := range map[string]domain.Event{
		"won":       account.DealWon{DealID: deal},
		"lost":      account.DealLost{DealID: deal},
		"withdrawn": account.DealWithdrawn{DealID: deal},
		"expired":   account.DealExpired{DealID: deal},
		"extending": account.ExtensionRequested{DealID: deal},
	} {
		s := reactor.NewScheduler()
		observe(s, account.DealApproved{DealID: deal, ProtectedUntil: day(1)}, ending)
		require.Empty(t, s.Due(day(999)), name)
	}
}

func TestAnExtensionMovesTheEnd(t *testing.T) {
	for name, decided := range map[string]domain.Event{
		"granted":   account.ExtensionGranted{DealID: deal, ProtectedUntil: day(9)},
		"declined":  account.ExtensionDeclined{DealID: deal, ProtectedUntil: day(9)},
		"shortened": account.ProtectionShortened{DealID: deal, ProtectedUntil: day(9)},
		"reopened":  account.DealReopened{DealID: deal, To: account.StatusApproved, ProtectedUntil: day(9)},
	} {
		s := reactor.NewScheduler()
		observe(s, account.DealApproved{DealID: deal, ProtectedUntil: day(1)}, account.ExtensionRequested{DealID: deal}, decided)
		require.Empty(t, s.Due(day(8)), name)
		require.Len(t, s.Due(day(9)), 1, name)
	}
}

func TestADealReopenedAsExpiredHasNoEndToCome(t *testing.T) {
	s := reactor.NewScheduler()
	observe(s, account.DealReopened{DealID: deal, To: account.StatusExpired, ProtectedUntil: day(1)})
	require.Empty(t, s.Due(day(999)))
}

func TestAnAgreementEndsAfterItsLastDay(t *testing.T) {
	s := reactor.NewScheduler()
	observe(s,
		partner.AgreementSigned{AgreementID: deal, Until: day(1)},
		partner.AgreementSigned{AgreementID: other, Until: day(2)},
		partner.AgreementRenewed{AgreementID: deal, Until: day(3)},
	)
	require.Equal(t, []any{partner.ExpireAgreement{AgreementID: other}, partner.ExpireAgreement{AgreementID: deal}}, due(s, day(9)))

	observe(s, partner.AgreementSigned{AgreementID: deal, Until: day(1)}, partner.AgreementRenewed{AgreementID: deal})
	require.Empty(t, s.Due(day(999)), "renewed without an end")
	observe(s, partner.AgreementSigned{AgreementID: deal, Until: day(1)}, partner.AgreementTerminated{AgreementID: deal})
	require.Empty(t, s.Due(day(999)), "terminated")
}

func TestOrdersComeOldestFirstWithDerivedIDs(t *testing.T) {
	build := func() []reactor.Order {
		s := reactor.NewScheduler()
		observe(s, account.DealApproved{DealID: deal, ProtectedUntil: day(2)}, account.DealApproved{DealID: other, ProtectedUntil: day(1)})
		return s.Due(day(3))
	}
	orders := build()
	require.Len(t, orders, 2)
	require.Equal(t, day(1), orders[0].EffectiveAt)
	first, again := orders[0].Header("scheduler"), build()[0].Header("scheduler")
	require.Equal(t, first, again)
	require.NotEqual(t, first.CommandID, orders[1].Header("scheduler").CommandID)
	require.NotEqual(t, uuid.Nil, first.CommandID)
	require.Equal(t, domain.Reactor, first.Actor.Kind)
}

func TestEveryTypeTakenIsAnEventOfAnAggregate(t *testing.T) {
	known := map[string]bool{}
	for _, list := range [][]domain.Type{account.Types(), partner.Types(), mdf.FundTypes()} {
		for _, typ := range list {
			known[typ.Name] = true
		}
	}
	for _, name := range reactor.NewScheduler().Types() {
		require.True(t, known[name], name)
	}
}

// Each renewal of a certificate has an order of its own: what is earned late may end before what was known.
func TestACertificateEndsAfterItsLastDay(t *testing.T) {
	s := reactor.NewScheduler()
	earned := partner.CertificationEarned{SellerID: deal, Certification: "expert"}
	forGood, early, late := earned, earned, earned
	early.Until, late.Until = day(1), day(3)
	observe(s, late, early, forGood)
	expire := partner.ExpireCertification{SellerID: deal, Certification: "expert"}
	require.Equal(t, []any{expire}, due(s, day(2)))
	require.Equal(t, []any{expire}, due(s, day(999)))
}

func TestAGraceEndsOnItsDay(t *testing.T) {
	s := reactor.NewScheduler()
	observe(s, partner.TierGraceStarted{Until: day(90)})
	require.Empty(t, s.Due(day(90).Add(-time.Second)))
	orders := s.Due(day(91))
	require.Len(t, orders, 1)
	require.Equal(t, partner.EndTierGrace{}, orders[0].Command)
	require.Equal(t, day(90), orders[0].EffectiveAt)
}
