package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// breaking authenticates nobody; it breaks as it is told.
type breaking func() error

func (b breaking) Authenticate(*http.Request) (domain.Actor, error) { return domain.Actor{}, b() }

func TestNoPanicReachesAClient(t *testing.T) {
	w := newWorld(t, option(func(c *api.Config) {
		c.Authenticator = breaking(func() error { panic("secret of the house") })
	}))
	answer := w.desk().get("/v1/deals")
	p := answer.problem(500, "internal")
	require.NotContains(t, string(answer.body), "secret")
	require.Contains(t, w.log.String(), "secret of the house")
	require.Contains(t, w.log.String(), p.RequestID)
}

func TestErrorsOfTheInsideStayInside(t *testing.T) {
	w := newWorld(t, option(func(c *api.Config) {
		c.Authenticator = breaking(func() error { return fmt.Errorf("dial tcp 10.0.0.7: secret") })
	}))
	require.NotContains(t, w.desk().get("/v1/deals").problem(401, "unauthenticated").Detail, "secret")

	w = newWorld(t, option(func(c *api.Config) { c.Projections = brokenModels{c.Projections} }))
	answer := w.desk().get("/v1/deals")
	answer.problem(500, "internal")
	require.NotContains(t, string(answer.body), "secret")
	require.Contains(t, w.log.String(), "secret")
}

type brokenModels struct{ api.Projections }

func (brokenModels) Reader(string) (projections.Reader, error) { return nil, fmt.Errorf("secret") }

func TestOutages(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		rule   string
	}{
		{eventstore.ErrUnavailable, 503, "log_unavailable"},
		{projections.ErrStorage, 503, "read_model_unavailable"},
		{&projections.HaltError{Projection: "pipeline"}, 503, "read_model_halted"},
		{&eventstore.ConflictError{}, 409, "concurrent_change"},
		{context.DeadlineExceeded, 504, "timeout"},
		{eventstore.ErrInvalid, 413, "too_large"},
	} {
		w := newWorld(t, option(func(config *api.Config) { config.Projections = failing{config.Projections, c.err} }))
		w.desk().get("/v1/deals").problem(c.status, c.rule)
	}
}

type failing struct {
	api.Projections
	err error
}

func (f failing) Reader(string) (projections.Reader, error) {
	return nil, fmt.Errorf("read: %w", f.err)
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/docs", "/openapi.json", "/v1/deals", "/nothing"} {
		a := w.desk().get(path)
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "DENY", a.header.Get("X-Frame-Options"), path)
		require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'", path)
		require.NotEmpty(t, a.header.Get("Cache-Control"), path)
		require.NotEmpty(t, a.header.Get("X-Request-Id"), path)
	}
	head := w.desk().send(http.MethodHead, "/v1/deals", nil).is(200)
	require.Empty(t, head.body)
	require.NotEmpty(t, head.position())
	require.Equal(t, "/docs", w.desk().get("/").is(303).header.Get("Location"))
}

func TestTheDocsPageLoadsNothingFromElsewhere(t *testing.T) {
	w := newWorld(t)
	page := w.desk().get("/docs").is(200)
	require.NotRegexp(t, `https?://|src=|@import`, string(page.body))
	require.Contains(t, page.header.Get("Content-Security-Policy"), "script-src 'sha256-")
}

func TestMetrics(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	body := north.registration("acme", "GTX", "1.00")
	north.people().post("/v1/deals", body, with("Idempotency-Key", "k")).is(201)
	north.people().post("/v1/deals", body, with("Idempotency-Key", "k")).is(201)
	w.auditor().post("/v1/deals", body).is(403)
	w.desk().get("/secret-" + newID()).is(404)
	text := string(w.as("").get("/metrics").is(200).body)
	for _, series := range []string{
		`channelledger_commands_total{command="RegisterDeal",result="recorded"} 1`,
		`channelledger_commands_total{command="RegisterDeal",result="repeated"} 1`,
		`channelledger_commands_total{command="RegisterDeal",result="refused"} 1`,
		`channelledger_projection_state{projection="pipeline",state="live"} 1`,
		`channelledger_projection_lag_events{projection="pipeline"}`,
		`channelledger_reactors_halted 0`,
		`channelledger_events_appended_total 7`,
		`route="/v1/deals",status="201"`,
		`go_goroutines`,
	} {
		require.Contains(t, text, series)
	}
	require.NotContains(t, text, "secret-", "a series each would be the end of memory")
}

func TestAccessLog(t *testing.T) {
	w := newWorld(t)
	w.desk().get("/v1/deals?wait_for=start", with("X-Request-Id", "r-1")).is(200)
	var line struct {
		Msg, Method, Path, Actor, Remote string
		RequestID                        string `json:"request_id"`
		Status                           int
	}
	for text := range strings.Lines(w.log.String()) {
		if strings.Contains(text, `"r-1"`) {
			require.NoError(t, json.Unmarshal([]byte(text), &line))
		}
	}
	require.Equal(t, "request", line.Msg)
	require.Equal(t, "GET /v1/deals 200 desk-1", fmt.Sprintf("%s %s %d %s", line.Method, line.Path, line.Status, line.Actor))
	require.Equal(t, "127.0.0.1", line.Remote)
}

// TestServe: the server bounds headers, and ends streams when it is told to.
func TestServe(t *testing.T) {
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- w.api.Serve(ctx, listener) }()
	w.url = "http://" + listener.Addr().String()

	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, w.desk().get("/healthz", with("X-Large", strings.Repeat("x", 64<<10))).status)
	response, err := w.client.Do(w.auditor().request(http.MethodGet, "/v1/events?follow=true", nil))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	stop()
	_, err = io.ReadAll(response.Body)
	require.NoError(t, err, "the stream ends as a whole")
	require.NoError(t, <-served)
}

func TestOpenAPINeedsNoLedger(t *testing.T) {
	w := newWorld(t)
	alone, err := api.OpenAPI("test")
	require.NoError(t, err)
	require.Equal(t, string(alone), string(w.as("").get("/openapi.json").is(200).body))
	again, err := api.OpenAPI("test")
	require.NoError(t, err)
	require.Equal(t, string(alone), string(again), "the same each time: it is kept in the repository")
	for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllSubmatch(alone, -1) {
		require.Contains(t, string(alone), fmt.Sprintf("%q: {", ref[1]))
	}
	require.NotContains(t, string(alone), "ErrorModel")
}
