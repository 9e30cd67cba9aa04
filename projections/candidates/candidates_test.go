package candidates_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/candidates"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for i := range 6 { // chains and bundles of links
		for j := range 4 {
			s.knows(account.Customer{Name: fmt.Sprintf("Company %c", 'a'+i), Domain: fmt.Sprintf("company%d-%d.de", i, j), Country: "DE"})
		}
	}
	for range 30 {
		a, b := s.ids[s.h.IntN(len(s.ids))], s.ids[s.h.IntN(len(s.ids))]
		s.h.Account(a, s.h.Header(), account.LinkAlias{AccountID: a, To: b, Reason: "one company"})
	}
	projectionstest.Check(t, candidates.Projection(), s.h.Run(200).Codec, s.h.Log)
}

func TestEveryBoundFolds(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(250)
	for range 8 {
		h.View(t, candidates.Projection(), projections.Bounds{EffectiveAt: h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt})
	}
}

// story makes customers known.
type story struct {
	*testing.T
	h   *histories.History
	ids []uuid.UUID
}

func newStory(t *testing.T) *story {
	t.Helper()
	return &story{T: t, h: histories.New(1)}
}

func idOf(c account.Customer) uuid.UUID { return domain.Must(c.Identity()).AccountID }

func (s *story) knows(c account.Customer) uuid.UUID {
	s.Helper()
	require.True(s, s.h.Account(idOf(c), s.h.Header(), account.IdentifyAccount{Customer: c}))
	s.ids = append(s.ids, idOf(c))
	return idOf(c)
}

func (s *story) registers(c account.Customer) uuid.UUID {
	s.Helper()
	require.True(s, s.h.Account(idOf(c), s.h.Header(), s.h.Register(s.h.Partners[0], c)))
	return idOf(c)
}

// links two records in whichever direction links go.
func (s *story) links(a, b uuid.UUID) {
	s.Helper()
	if !s.h.Account(a, s.h.Header(), account.LinkAlias{AccountID: a, To: b, Reason: "one company"}) {
		require.True(s, s.h.Account(b, s.h.Header(), account.LinkAlias{AccountID: b, To: a, Reason: "one company"}))
	}
}

func (s *story) finds(c account.Customer) []uuid.UUID {
	s.Helper()
	p := c.Profile()
	p.AccountID = idOf(c)
	r := s.h.View(s.T, candidates.Projection(), projections.Bounds{})
	return histories.Ask(s.T, r, func(q projections.Querier) ([]uuid.UUID, error) {
		return candidates.Find(s.Context(), q, p, 9200)
	})
}

var (
	acme    = account.Customer{Name: "Acme Logistics GmbH", Domain: "acme.de", Country: "DE", TaxID: "811222333"}
	taxTwin = account.Customer{Name: "Nordspedition", Domain: "nord.de", Country: "DE", TaxID: "DE 811 222 333"}
	alike   = account.Customer{Name: "ACME Logistic", Domain: "acmelog.de", Country: "DE"}
	abroad  = account.Customer{Name: "Acme Logistics", Domain: "acme.fr", Country: "FR"}
	globex  = account.Customer{Name: "Globex", Domain: "globex.de", Country: "DE"}
)

func TestFind(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.registers(acme)
	s.knows(taxTwin)
	s.registers(abroad)
	s.registers(globex)
	require.Empty(t, s.finds(acme), "nothing was registered on who is alike")
	s.registers(taxTwin)
	s.registers(alike)
	require.Equal(t, []uuid.UUID{idOf(taxTwin), idOf(alike)}, s.finds(acme), "the most alike first")
	require.Equal(t, []uuid.UUID{idOf(acme)}, s.finds(alike))
	require.Equal(t, []uuid.UUID{idOf(acme), idOf(alike)}, s.finds(account.Customer{Name: "Acme logistics AG", Domain: "new.de", Country: "DE"}))
	require.Empty(t, s.finds(account.Customer{Name: "Initech", Domain: "initech.de", Country: "DE"}))
}

func TestFindFollowsLinks(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.registers(globex)
	s.knows(acme)
	s.links(idOf(acme), idOf(globex))
	require.ElementsMatch(t, []uuid.UUID{idOf(acme), idOf(globex)}, s.finds(taxTwin), "registrations on the record that it is linked to")
	require.Equal(t, []uuid.UUID{idOf(globex)}, s.finds(acme), "its other record")
	s.registers(abroad)
	s.links(idOf(abroad), uuid.UUID{1}) // which nobody identified yet
	require.NotContains(t, s.finds(taxTwin), idOf(abroad))
}

func TestFindIsBounded(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for i := range 60 {
		s.registers(account.Customer{Name: "Acme", Domain: fmt.Sprintf("acme%d.de", i), Country: "DE"})
	}
	require.Len(t, s.finds(account.Customer{Name: "Acme", Domain: "acme.de", Country: "DE"}), 50)
}

// halted is a read model that can't be read.
type halted struct{ err error }

func (h halted) Reader(string) (projections.Reader, error) { return nil, h.err }

func TestARegistrationDoesNotWaitForTheReadModel(t *testing.T) {
	t.Parallel()
	source := candidates.Source{Models: halted{errors.New("stopped")}, Log: slog.New(slog.DiscardHandler)}
	ids, err := source.Candidates(t.Context(), acme.Profile(), 9200)
	require.NoError(t, err)
	require.Empty(t, ids)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err = source.Candidates(ctx, acme.Profile(), 9200)
	require.ErrorIs(t, err, context.Canceled)
}
