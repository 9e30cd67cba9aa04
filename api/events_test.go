package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
)

// sse is one server-sent event.
type sse struct{ id, event, data string }

// stream is an open answer of server-sent events.
type stream struct {
	t     *testing.T
	close func()
	lines *bufio.Scanner
}

func (c caller) stream(t *testing.T, path string, options ...func(*http.Request)) stream {
	t.Helper()
	options = append([]func(*http.Request){with("Accept", "text/event-stream")}, options...)
	response, err := c.client.Do(c.request(http.MethodGet, path, nil, options...))
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	require.Equal(t, 200, response.StatusCode)
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	return stream{t: t, close: func() { _ = response.Body.Close() }, lines: lines}
}

// next is the next event; those that only move the id, and comments, are passed over unless asked for.
func (s stream) next(all bool) (e sse) {
	s.t.Helper()
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data = value
		case "":
			if s.lines.Text() == "" && (e.data != "" || all) {
				return e
			}
			if value != "" && all {
				e.event = "comment"
			}
		}
	}
	require.NoError(s.t, s.lines.Err())
	require.Fail(s.t, "the stream ended")
	return e
}

func TestServerSentEventsResume(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	for i := range 5 {
		north.registers(fmt.Sprintf("customer%d", i), "GTX", "1.00")
	}
	var whole []sse
	all := w.auditor().stream(t, "/v1/events")
	for range w.events() {
		whole = append(whole, all.next(false))
	}
	for at := range whole { // broken off behind each event, and resumed
		rest := w.auditor().stream(t, "/v1/events", with("Last-Event-ID", whole[at].id))
		for _, want := range whole[at+1:] {
			require.Equal(t, want, rest.next(false))
		}
		rest.close()
	}
	deal := north.registers("latecomer", "GTX", "1.00") // what comes later follows by itself
	require.Equal(t, "account.identified.v1", all.next(false).event)
	live := all.next(false)
	require.Equal(t, "deal.registered.v1", live.event)
	require.Contains(t, live.data, strings.TrimPrefix(deal, "/v1/deals/"))
	var view struct{ Position, Type, Stream string }
	require.NoError(t, json.Unmarshal([]byte(live.data), &view))
	require.Equal(t, live.id, view.Position)
	require.Equal(t, live.event, view.Type)

	quiet := w.auditor().stream(t, "/v1/events?types=deal.won.v1")
	require.Equal(t, sse{id: w.end().String()}, quiet.next(true), "how far the log was passed over")
}

func TestLinesOfEvents(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	deal := north.registers("acme", "GTX", "1.00")
	w.desk().post(deal+"/approve", object{}).is(200)
	lines := func(query string) (types []string) {
		a := w.auditor().get("/v1/events?" + query).is(200)
		require.Equal(t, "application/x-ndjson", a.header.Get("Content-Type"))
		for line := range strings.Lines(string(a.body)) {
			var e struct{ Type string }
			require.NoError(t, json.Unmarshal([]byte(line), &e))
			types = append(types, e.Type)
		}
		return types
	}
	require.Len(t, lines(""), w.events())
	require.Len(t, lines("limit=3"), 3)
	require.Equal(t, []string{"deal.registered.v1", "deal.approved.v1"}, lines("types=deal."))
	require.Equal(t, []string{"deal.approved.v1"}, lines("types=deal.appr*"))
	require.Equal(t, []string{"account.identified.v1", "deal.approved.v1"}, lines("types=deal.approved.v1,account.identified.v1"))
	require.Equal(t, []string{"account.identified.v1", "deal.registered.v1", "deal.approved.v1"}, lines("category=account"))
	require.Equal(t, lines("category=account"), lines("stream="+w.streamOf(deal)))
	require.Empty(t, lines("after="+w.end().String()))

	auditor := w.auditor()
	auditor.get("/v1/events?types=deal.none.v1").problem(422, "invalid_field")
	auditor.get("/v1/events?category=purse").problem(422, "invalid_field")
	auditor.get("/v1/events?stream=acme").problem(422, "invalid_field")
	auditor.get("/v1/events?after=x").problem(400, "invalid_position")
	auditor.get("/v1/events?after=another.1").problem(400, "foreign_position")
	auditor.get("/v1/events?after="+w.store.Origin()+".99999").problem(400, "foreign_position")
	auditor.get("/v1/streams/acme").problem(404, "stream_unknown")
	auditor.get("/v1/streams/account-"+newID()).problem(404, "stream_unknown")
}

func TestAQuietStreamGivesSignsOfLife(t *testing.T) {
	w := newWorld(t, option(func(c *api.Config) { c.Limits.Heartbeat = time.Millisecond }))
	s := w.auditor().stream(t, "/v1/events?after="+w.end().String())
	for s.next(true).event != "comment" { // one comes, or the test ends
	}
}

// TestASlowClientIsDropped: a client that reads nothing holds the log back for nobody, and not for ever.
func TestASlowClientIsDropped(t *testing.T) {
	w := newWorld(t, option(func(c *api.Config) { c.Limits.StreamWrite = 50 * time.Millisecond }))
	reason := strings.Repeat("long ", 390)
	north := w.partner("north")
	for range 300 {
		w.ops().post("/v1/partners/"+north.id+"/suspend", object{"reason": reason + "x"}).is(200)
		w.ops().post("/v1/partners/"+north.id+"/reinstate", object{"reason": reason + "x"}).is(200)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.url, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	for range 8 { // more than sockets buffer
		_, err = fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nX-Actor: a\r\nX-Roles: auditor\r\n\r\n")
		require.NoError(t, err)
	}
	dropped := func() bool {
		return strings.Contains(w.log.String(), `"path":"/v1/events"`) && w.metric("channelledger_event_streams 0")
	}
	require.Eventually(t, dropped, time.Minute, 5*time.Millisecond)
	requests := strings.Count(w.log.String(), `"path":"/v1/events"`)
	require.Less(t, requests, 8, "the last one was broken off, and those behind it with it")
}

// metric reports whether the metrics hold a line.
func (w *world) metric(line string) bool {
	return strings.Contains(string(w.as("").get("/metrics").body), line+"\n")
}
