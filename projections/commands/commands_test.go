package commands_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/commands"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

func projection() projections.Definition {
	return commands.Projection(account.Types(), partner.Types())
}

func TestTheSameHoweverItCameAbout(t *testing.T) {
	t.Parallel()
	h := histories.New(1).Run(250)
	projectionstest.Check(t, projection(), h.Codec, h.Log)
}

func TestEveryCommandIsFound(t *testing.T) {
	t.Parallel()
	h := histories.New(2).Run(300)
	r := h.View(t, projection(), projections.Bounds{})
	several := 0
	want := map[uuid.UUID]*commands.Command{}
	for _, e := range h.Events {
		env := e.Envelope
		c := want[env.CommandID]
		if c == nil {
			c = &commands.Command{Stream: env.Stream, RequestHash: env.RequestHash, First: env.Revision, RecordedAt: env.RecordedAt}
			want[env.CommandID] = c
		}
		if c.Last = env.Revision; c.Last > c.First {
			several++
		}
	}
	require.NotZero(t, several, "commands of several events came up")
	for id, c := range want {
		require.Equal(t, c, get(t, r, id))
	}
	require.Nil(t, get(t, r, h.Partners[0]))
}

func get(t *testing.T, r projections.Reader, id uuid.UUID) *commands.Command {
	t.Helper()
	return histories.Ask(t, r, func(q projections.Querier) (*commands.Command, error) { return commands.Get(t.Context(), q, id) })
}

func TestTheFirstStreamStays(t *testing.T) {
	t.Parallel()
	h := histories.New(0)
	header := h.Header()
	for _, id := range h.Partners[:2] {
		require.True(t, h.Partner(id, header, partner.Apply{LegalName: "Twice", Kind: partner.OEM, Country: "DE"}))
	}
	c := get(t, h.View(t, projection(), projections.Bounds{}), header.CommandID)
	require.Equal(t, domain.StreamName(partner.Category, h.Partners[0]), c.Stream)
}
