package react_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
)

// reactAll lets every rule handle the log, from its beginning, until nothing follows any more.
func (s *shop) reactAll() {
	s.t.Helper()
	for before := -1; ; {
		all, end := types(s.t, s.Ledger)
		if len(all) == before {
			return
		}
		before = len(all)
		ctx, stop := context.WithCancel(s.t.Context())
		runner := newRunner(s.Ledger, s.now.at, reactor.All)
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		_, err := runner.WaitFor(ctx, end)
		require.NoError(s.t, err)
		stop()
		require.NoError(s.t, <-ended)
	}
}

// givesOn has a command taken that took effect so many days after the epoch.
func (s *shop) givesOn(day int, category string, id uuid.UUID, command any) {
	s.t.Helper()
	header := s.header()
	header.EffectiveAt = epoch.AddDate(0, 0, day)
	_, err := s.Dispatch(s.t.Context(), domain.StreamName(category, id), header, command)
	require.NoError(s.t, err, "%T", command)
}

func (s *shop) registersOn(day int, domainName string) (home, deal uuid.UUID) {
	s.t.Helper()
	register := account.RegisterDeal{
		Customer: account.Customer{Name: domainName, Domain: domainName, Country: "DE"}, PartnerID: partnerID, SellerID: agreement,
		Lines: []account.LineAmount{{Product: "GTX", Amount: eur("100.00")}},
	}
	home = domain.Must(account.IDOf(register))
	header := s.header()
	header.EffectiveAt = epoch.AddDate(0, 0, day)
	_, err := s.Accounts.Do(s.t.Context(), home, header, register)
	require.NoError(s.t, err)
	return home, domain.EntityID(header.CommandID, domain.StreamName(account.Category, home), "deal")
}

func (s *shop) deal(home, id uuid.UUID) (found account.Deal) {
	s.t.Helper()
	require.NoError(s.t, s.Accounts.View(s.t.Context(), home, func(st *account.State, _ domain.Source) error {
		found = *st.Deals[id]
		return nil
	}))
	return found
}

func (s *shop) advance(day int) { s.now.at = epoch.AddDate(0, 0, day) }

func newActiveShop(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	s.gives(partner.Category, partnerID, partner.SignAgreement{
		AgreementID: domain.DeriveID("long"), Kind: "reseller", ValidFrom: domain.DateOf(epoch, time.UTC),
	})
	return s
}

// Whichever the ledger learns of first, the deals or that the partner left, the deals end alike; and the reactors' starting
// anew adds nothing.
func TestDealsEndWhenTheirPartnerLeaves(t *testing.T) {
	for name, lateDeals := range map[string]bool{"deals first": false, "the departure first": true} {
		t.Run(name, func(t *testing.T) {
			s := newActiveShop(t)
			s.advance(20)
			leave := func() {
				s.givesOn(10, partner.Category, partnerID, partner.Deactivate{Reason: "moved away"})
				s.reactAll()
			}
			if lateDeals {
				leave()
			}
			waitingHome, waiting := s.registersOn(5, "waiting.de")
			home, deal := s.registersOn(5, "protected.de")
			s.givesOn(6, account.Category, home, account.ApproveDeal{DealID: deal, Reason: "imported history"})
			if !lateDeals {
				s.reactAll()
				leave()
			}
			s.reactAll()
			require.Equal(t, account.StatusWithdrawn, s.deal(waitingHome, waiting).Status)
			protected := s.deal(home, deal)
			require.Equal(t, epoch.AddDate(0, 0, 40), protected.ProtectedUntil)
			require.Equal(t, epoch.AddDate(0, 0, 10), protected.Shortened.At)
			require.Equal(t, reactor.Actor("departures").ID, protected.Shortened.By)

			s.advance(41)
			s.reactAll()
			require.Equal(t, account.StatusExpired, s.deal(home, deal).Status)
			before, _ := types(t, s.Ledger)
			s.reactAll()
			after, _ := types(t, s.Ledger)
			require.Equal(t, before, after, "started anew they add no event")
		})
	}
}

// A partner that is back works on: what ended stays ended, and nothing of its return is taken for its leaving.
func TestAPartnerThatIsBackIsLeftAlone(t *testing.T) {
	s := newActiveShop(t)
	home, deal := s.registersOn(0, "protected.de")
	s.gives(account.Category, home, account.ApproveDeal{DealID: deal, Reason: "imported history"})
	s.advance(10)
	s.gives(partner.Category, partnerID, partner.Deactivate{Reason: "moved away"})
	s.reactAll()
	s.advance(15)
	for _, command := range []partner.Command{
		partner.Apply{LegalName: "North", Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"}, partner.Onboard{},
	} {
		s.gives(partner.Category, partnerID, command)
	}
	s.gives(account.Category, home, account.RequestExtension{DealID: deal, Evidence: "met them"})
	s.reactAll()
	_, err := s.Accounts.Do(t.Context(), home, domain.Header{
		CommandID: domain.DeriveID("grant"), Actor: domaintest.Desk(),
	}, account.GrantExtension{DealID: deal})
	require.NoError(t, err)
	s.reactAll()
	require.Equal(t, epoch.AddDate(0, 0, 130), s.deal(home, deal).ProtectedUntil)
}

// Suspended, nothing of the partner ends.
func TestASuspensionEndsNothing(t *testing.T) {
	s := newActiveShop(t)
	home, deal := s.registersOn(0, "protected.de")
	s.gives(account.Category, home, account.ApproveDeal{DealID: deal, Reason: "imported history"})
	s.gives(partner.Category, partnerID, partner.Suspend{Reason: "audit"})
	s.advance(60)
	s.reactAll()
	require.Equal(t, account.StatusApproved, s.deal(home, deal).Status)
}
