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
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// shop is a ledger with one active partner, that commands are given to by an importer.
type shop struct {
	t *testing.T
	*ledger.Ledger
	now   *clock
	given int
}

func newShop(t *testing.T) *shop {
	t.Helper()
	l, now := open(t)
	s := &shop{t: t, Ledger: l, now: now}
	s.gives(partner.Category, partnerID, partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(epoch, time.UTC)})
	s.gives(partner.Category, partnerID, partner.Onboard{})
	s.gives(partner.Category, partnerID, partner.AddSeller{SellerID: agreement, Name: "Ada Lovelace"})
	return s
}

func (s *shop) header() domain.Header {
	s.given++
	return domain.Header{CommandID: domain.DeriveID("shop", string(rune('a'+s.given))), Actor: domaintest.Importer()}
}

// gives has a command taken.
func (s *shop) gives(category string, id uuid.UUID, command any) {
	s.t.Helper()
	_, err := s.Dispatch(s.t.Context(), domain.StreamName(category, id), s.header(), command)
	require.NoError(s.t, err, "%T", command)
}

// react lets the rule handle everything that stands in the log by now, from the log's beginning.
func (s *shop) react() {
	s.t.Helper()
	ctx, stop := context.WithCancel(s.t.Context())
	runner := newRunner(s.Ledger, s.now.at, only(func() reactor.Rule { return reactor.NewRebates() }))
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	_, end := types(s.t, s.Ledger)
	_, err := runner.WaitFor(ctx, end)
	require.NoError(s.t, err)
	stop()
	require.NoError(s.t, <-ended)
}

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

// wins takes a deal of the partner to its win, and is the account and the deal.
func (s *shop) wins(domainName string, amount domain.Money) (home, deal uuid.UUID) {
	s.t.Helper()
	register := account.RegisterDeal{
		Customer: account.Customer{Name: domainName, Domain: domainName, Country: "DE"}, PartnerID: partnerID, SellerID: agreement,
		Lines: []account.LineAmount{{Product: "GTX", Amount: amount}},
	}
	home = domain.Must(account.IDOf(register))
	header := s.header()
	_, err := s.Accounts.Do(s.t.Context(), home, header, register)
	require.NoError(s.t, err)
	deal = domain.EntityID(header.CommandID, domain.StreamName(account.Category, home), "deal")
	s.gives(account.Category, home, account.ApproveDeal{DealID: deal, Reason: "imported history"})
	s.gives(account.Category, home, account.WinDeal{DealID: deal, Lines: register.Lines})
	return home, deal
}

func (s *shop) opens() uuid.UUID {
	s.t.Helper()
	c := rebate.OpenAgreement{PartnerID: partnerID, Scheme: "standard", Period: rebate.Period{
		FirstDay: domain.DateOf(epoch, time.UTC), LastDay: domain.DateOf(epoch, time.UTC).AddDays(89),
	}}
	s.gives(rebate.Category, c.ID(), c)
	return c.ID()
}

// total is what the agreement earned, and on which revenue.
func (s *shop) total(id uuid.UUID) (revenue, total domain.Money) {
	s.t.Helper()
	require.NoError(s.t, s.Rebates.View(s.t.Context(), id, func(st *rebate.State, _ domain.Source) error {
		revenue, total = st.Agreement.Revenue, st.Agreement.Total()
		return nil
	}))
	return revenue, total
}

func TestWonDealsCountWhicheverComesFirst(t *testing.T) {
	for name, openFirst := range map[string]bool{"agreement first": true, "deal first": false} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			var id uuid.UUID
			if openFirst {
				id = s.opens()
				s.react()
			}
			home, deal := s.wins("acme.de", eur("60000.00"))
			s.react()
			s.gives(account.Category, home, account.ReverseWin{DealID: deal, Amount: eur("20000.00"), Reason: account.ReversalReturned})
			if !openFirst {
				id = s.opens()
			}
			s.react()
			revenue, total := s.total(id)
			require.Equal(t, eur("40000.00"), revenue)
			require.Equal(t, eur("600.00"), total)

			s.gives(account.Category, home, account.ReopenDeal{DealID: deal, Reason: "imported history"})
			s.react()
			revenue, total = s.total(id)
			require.Equal(t, eur("0.00"), revenue)
			require.Equal(t, eur("0.00"), total)

			before, _ := types(t, s.Ledger)
			s.react()
			after, _ := types(t, s.Ledger)
			require.Equal(t, before, after, "started anew it adds no event")
		})
	}
}

// A win in another currency can't be counted without a rate: it is noted, and counts once somebody gives the rate.
func TestAWinWithoutARateIsNotedAndCanBeRecorded(t *testing.T) {
	s := newShop(t)
	id := s.opens()
	_, deal := s.wins("acme.de", domain.Must(domain.ParseMoney("20000.00", "USD")))
	s.react()
	var note reactor.Refused
	for recorded, err := range s.Store.Read(t.Context(), domain.StreamName(reactor.Category, reactor.StreamID("rebates")), eventstore.NoStream) {
		require.NoError(t, err)
		event, _, err := s.Codec.Decode(recorded)
		require.NoError(t, err)
		note = event.(reactor.Refused)
	}
	require.Equal(t, "fx_missing", note.Rule)
	s.gives(rebate.Category, id, rebate.RecordSale{
		Source: "won_deals", SourceRef: note.Source.String() + "/0", DealID: deal, Product: "GTX",
		Amount: domain.Must(domain.ParseMoney("20000.00", "USD")), FX: rebate.Conversion{Rate: domain.Must(domain.ParseRate("0.9")), Source: "ECB"},
	})
	before, _ := types(t, s.Ledger)
	s.react()
	after, _ := types(t, s.Ledger)
	require.Equal(t, before, after)
	_, total := s.total(id)
	require.Equal(t, eur("160.00"), total)
}
