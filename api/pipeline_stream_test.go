package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
)

// change is the next message of the stream: its id, and the status of each deal in it.
func (s stream) change() (id string, status map[string]string) {
	s.t.Helper()
	e := s.next(false)
	require.Equal(s.t, "deals", e.event)
	var body struct {
		Position string
		Deals    []struct{ ID, Status string }
	}
	require.NoError(s.t, json.Unmarshal([]byte(e.data), &body))
	require.Equal(s.t, e.id, body.Position)
	status = map[string]string{}
	for _, d := range body.Deals {
		status["/v1/deals/"+d.ID] = d.Status
	}
	return e.id, status
}

// until reads on until a deal has a status, and is the position then.
func (s stream) until(deal, want string) (id string) {
	s.t.Helper()
	for {
		id, status := s.change()
		if status[deal] == want {
			return id
		}
	}
}

func TestDealsCanBeWatched(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	old := north.registers("old", "GTX", "1.00")
	require.NoError(t, w.caughtUp())
	all, own := w.desk().stream(t, "/v1/pipeline/stream"), south.people().stream(t, "/v1/pipeline/stream")

	first := north.registers("acme", "GTX", "10.00")
	all.until(first, "submitted")
	w.desk().post(first+"/approve", object{}).is(200)
	seen := all.until(first, "approved")
	rival := south.registers("acme", "MG", "5.00")
	_, status := own.change()
	require.Equal(t, map[string]string{rival: "submitted"}, status, "nothing of another partner's, before or since")
	all.close()

	w.desk().post(first+"/lose", object{"reason": "price"}).is(200) // while nobody looks
	again := w.desk().stream(t, "/v1/pipeline/stream", with("Last-Event-ID", seen))
	missed := map[string]string{}
	for missed[first] == "" || missed[rival] == "" {
		_, status := again.change()
		for deal, s := range status {
			missed[deal] = s
		}
	}
	require.Equal(t, map[string]string{first: "lost", rival: "submitted"}, missed)

	whole := w.desk().stream(t, "/v1/pipeline/stream?after=start")
	_, status = whole.change()
	require.Equal(t, map[string]string{old: "submitted", first: "lost", rival: "submitted"}, status, "each once, as it is now")

	w.auditor().get("/v1/pipeline/stream?after=x").problem(400, "invalid_position")
	w.auditor().get("/v1/pipeline/stream?after="+w.store.Origin()+".99999").problem(400, "foreign_position")
	w.as("nobody-1").get("/v1/pipeline/stream").problem(403, "role")
	w.as("lost", domain.PartnerAdmin).get("/v1/pipeline/stream").problem(403, "own_partner")
}

// TestManyChangesComeInPieces: the client gets no more than 100 deals at once, every one of them.
func TestManyChangesComeInPieces(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	for i := range 120 {
		north.registers(fmt.Sprintf("customer%d", i), "GTX", "1.00")
	}
	require.NoError(t, w.caughtUp())
	s := w.desk().stream(t, "/v1/pipeline/stream?after=start")
	_, first := s.change()
	_, second := s.change()
	require.Len(t, first, 100)
	require.Len(t, second, 20)
}

// TestAWatcherWaitsForTheReadModel: what the log holds already is told once it can be read.
func TestAWatcherWaitsForTheReadModel(t *testing.T) {
	w := newWorld(t, paused{}, option(func(c *api.Config) { c.Limits.Heartbeat = time.Millisecond }))
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "1.00")
	s := w.desk().stream(t, "/v1/pipeline/stream?after=start")
	for s.next(true).event != "comment" { // signs of life meanwhile
	}
	w.idle()
	s.until(deal, "submitted")
	w.desk().post(deal+"/approve", object{}).is(200)
	s.until(deal, "approved")
}

// A partner's people watch their deals as they read them: with nobody of the vendor's.
func TestAPartnerWatchesWithItsOwnEyes(t *testing.T) {
	w := newWorld(t)
	south := w.partner("south")
	own := south.people().stream(t, "/v1/pipeline/stream")
	deal := south.approved("acme", "5.00")
	for data := ""; !strings.Contains(data, `"approved"`); {
		e := own.next(false)
		data = e.data
		require.Contains(t, data, south.people().id)
		require.NotContains(t, data, "desk-1", deal)
	}
	own.close()
}
