package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/candidates"
	"github.com/channelledger/channelledger/projections/commands"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/disputes"
	"github.com/channelledger/channelledger/projections/incentives"
	"github.com/channelledger/channelledger/projections/journal"
	funds "github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/partners"
	"github.com/channelledger/channelledger/projections/payables"
	"github.com/channelledger/channelledger/projections/payouts"
	"github.com/channelledger/channelledger/projections/periods"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/rebates"
	"github.com/channelledger/channelledger/projections/sqlview"
	"github.com/channelledger/channelledger/projections/statements"
)

// day0 is when every story begins: a Monday.
var day0 = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// tickingClock goes on by a millisecond whenever it is looked at.
type tickingClock struct{ ticks atomic.Int64 }

func (c *tickingClock) now() time.Time {
	return day0.Add(time.Duration(c.ticks.Add(1)) * time.Millisecond)
}

// pass lets time pass.
func (c *tickingClock) pass(d time.Duration) { c.ticks.Add(d.Milliseconds()) }

// world is a whole ledger behind a real socket.
type world struct {
	t      testing.TB
	clock  *tickingClock
	store  *embedded.Store
	files  *files.Store
	ledger *ledger.Ledger
	runner *projections.Runner
	api    *api.Server
	url    string
	client *http.Client
	log    *lockedBuffer
	shy    atomic.Bool // a reactor breaks off at partners called Poison
	idle   func()      // lets the read models run, in a world where they wait

	written atomic.Pointer[eventstore.Position] // where the last command's answer stands, of a world whose reads wait for it
}

type option func(*api.Config)

// paused keeps the read models from running until w.idle is called.
type paused struct{}

// building lets the world begin before its read models are there.
type building struct{}

func newWorld(tb testing.TB, options ...any) *world {
	tb.Helper()
	w := &world{t: tb, clock: &tickingClock{}, log: &lockedBuffer{}}
	store, err := embedded.OpenMemory(embedded.Options{Clock: w.clock.now})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })
	w.files, err = files.OpenMemory()
	require.NoError(tb, err)
	w.open(store, options...)
	return w
}

// newWorldOn is another process's view of a ledger: nothing remembered, read models of its own.
func newWorldOn(tb testing.TB, w *world, options ...any) *world {
	tb.Helper()
	later := &world{t: tb, clock: w.clock, files: w.files, log: &lockedBuffer{}}
	later.open(w.store, options...)
	return later
}

func (w *world) open(store *embedded.Store, options ...any) {
	t := w.t
	t.Helper()
	var err error
	w.store = store
	w.ledger, err = ledger.Open(store, eventstore.NewMemoryKeyring(), w.clock.now)
	require.NoError(t, err)
	require.NoError(t, w.ledger.Bootstrap(t.Context(), "", w.clock.now()))
	views, err := sqlview.OpenTemp()
	require.NoError(t, err)
	source := projections.Source{Store: store, Codec: w.ledger.Codec, Categories: ledger.Categories()}
	w.runner, err = projections.NewRunner(projections.Config{Source: source, Views: views, Projections: []projections.Definition{
		pipeline.Projection(nil), conflicts.Projection(), partners.Projection(), accounts.Projection(), candidates.Projection(), commands.Projection(ledger.Types()),
		metrics.Projection(),
		rebates.Projection(), disputes.Projection(), statements.Projection(),
		incentives.Projection(), funds.Projection(), journal.Projection(time.UTC), periods.Projection(),
		payouts.Projection(), payables.Projection(),
	}})
	require.NoError(t, err)
	asOf := projections.NewAsOf(source, views, w.runner.Latest, projections.Limits{}, 4)
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	reactors := react.New(store, w.ledger.Codec, w.ledger.Dispatch, w.clock.now, log, ledger.Categories(), w.rules)
	w.ledger.Candidates = candidates.Source{Models: w.runner, Log: log}

	config := api.Config{
		Ledger: w.ledger, Projections: w.runner, AsOf: asOf, Reactors: reactors, Authenticator: api.DevAuthenticator{},
		Files: w.files, Clock: w.clock.now, Logger: log, Version: "test",
		Limits: api.Limits{WaitFor: time.Minute, Request: 2 * time.Minute}, // a busy machine isn't a fault
	}
	var wait, begun bool
	for _, o := range options {
		switch o := o.(type) {
		case option:
			o(&config)
		case paused:
			wait = true
		case building:
			begun = true
		}
	}
	w.api = api.New(config)
	server := httptest.NewServer(w.api)
	w.url, w.client = server.URL, server.Client()
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	w.idle = sync.OnceFunc(func() {
		running.Go(func() { _ = w.runner.Run(ctx) })
		running.Go(func() { _ = reactors.Run(ctx) })
	})
	if !wait {
		w.idle()
	}
	if !wait && !begun {
		require.NoError(t, w.caughtUp())
		w.written.Store(&eventstore.Position{})
	}
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		stop()
		running.Wait()
		asOf.Close()
		_ = views.Close()
	})
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// caller sends requests as somebody.
type caller struct {
	*world
	id      string
	roles   string
	partner string
}

func (w *world) as(id string, roles ...domain.Role) caller {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return caller{world: w, id: id, roles: strings.Join(names, ",")}
}

func (w *world) ops() caller     { return w.as("ops-1", domain.PartnerOps) }
func (w *world) desk() caller    { return w.as("desk-1", domain.DealDesk) }
func (w *world) auditor() caller { return w.as("auditor-1", domain.Auditor) }

func (c caller) of(partner string) caller {
	c.partner = partner
	return c
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// with sets a header of a request.
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (c caller) post(path string, body any, options ...func(*http.Request)) answer {
	c.t.Helper()
	raw, isRaw := body.(string)
	if !isRaw {
		encoded, err := json.Marshal(body)
		require.NoError(c.t, err)
		raw = string(encoded)
	}
	options = append([]func(*http.Request){with("Content-Type", "application/json")}, options...)
	a := c.send(http.MethodPost, path, strings.NewReader(raw), options...)
	before := c.written.Load()
	if at, err := eventstore.ParsePosition(a.position(), c.store.Origin()); err == nil && before != nil && at.Compare(*before) > 0 {
		c.written.Store(&at)
	}
	return a
}

// get reads what was written before: a test that is about something else doesn't say wait_for each time.
func (c caller) get(path string, options ...func(*http.Request)) answer {
	c.t.Helper()
	if at := c.written.Load(); at != nil {
		_ = c.runner.WaitFor(c.t.Context(), projections.Everything, *at) // a read model that halted answers for itself
	}
	return c.send(http.MethodGet, path, nil, options...)
}

func (c caller) request(method, path string, body io.Reader, options ...func(*http.Request)) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	require.NoError(c.t, err)
	for name, value := range map[string]string{"X-Actor": c.id, "X-Roles": c.roles, "X-Partner": c.partner} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	for _, o := range options {
		o(r)
	}
	return r
}

func (c caller) send(method, path string, body io.Reader, options ...func(*http.Request)) answer {
	c.t.Helper()
	response, err := c.client.Do(c.request(method, path, body, options...))
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return answer{t: c.t, status: response.StatusCode, header: response.Header, body: raw}
}

// is demands a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// problem demands a refusal of the usual shape, by a rule.
func (a answer) problem(status int, rule string) api.Problem {
	a.t.Helper()
	var p api.Problem
	require.Equal(a.t, status, a.status, "%s", a.body)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.NoError(a.t, json.Unmarshal(a.body, &p))
	require.Equal(a.t, rule, p.Rule, "%s", a.body)
	require.Equal(a.t, "urn:channelledger:problem:"+rule, p.Type)
	require.Equal(a.t, status, p.Status)
	require.Equal(a.t, http.StatusText(status), p.Title)
	require.NotEmpty(a.t, p.Detail)
	require.Equal(a.t, a.header.Get("X-Request-Id"), p.RequestID)
	return p
}

// field is a part of the answer, as its path says.
func (a answer) field(path ...string) any {
	a.t.Helper()
	var v any
	require.NoError(a.t, json.Unmarshal(a.body, &v), "%s", a.body)
	for _, name := range path {
		object, ok := v.(map[string]any)
		require.True(a.t, ok, "%s has no %v", a.body, path)
		v = object[name]
	}
	return v
}

func (a answer) text(path ...string) string {
	a.t.Helper()
	text, ok := a.field(path...).(string)
	require.True(a.t, ok, "%s: %v is no text", a.body, path)
	return text
}

func (a answer) list(path ...string) []any {
	a.t.Helper()
	list, ok := a.field(path...).([]any)
	require.True(a.t, ok, "%s: %v is no list", a.body, path)
	return list
}

func (a answer) position() string { return a.header.Get("Ledger-Position") }

type object = map[string]any

// ally is a partner in good standing, with one seller.
type ally struct {
	*world
	id, seller string
}

func (w *world) partner(name string) ally {
	w.t.Helper()
	applied := w.as("import-1", domain.ServiceRole).post("/v1/partners", object{"legal_name": name, "kind": "reseller", "country": "DE"}).is(201)
	a := ally{world: w, id: applied.text("data", "id")}
	path := "/v1/partners/" + a.id
	w.ops().post(path+"/approve", object{}).is(200)
	w.ops().post(path+"/agreements", object{
		"kind": "reseller", "document_sha256": w.ops().stores("the contract of " + name), "valid_from": "2026-01-01",
	}).is(200)
	w.ops().post(path+"/onboard", object{}).is(200)
	a.seller = domain.DeriveID("seller", name).String()
	w.ops().post(path+"/sellers", object{"seller_id": a.seller, "name": "Ada " + name, "email": "ada@example.com"}).is(200)
	return a
}

// people are the partner's own.
func (a ally) people() caller { return a.as("seller-of-"+a.id, domain.PartnerSeller).of(a.id) }
func (a ally) admin() caller  { return a.as("admin-of-"+a.id, domain.PartnerAdmin).of(a.id) }

func (a ally) registration(customer, product, amount string) object {
	return object{
		"customer":   object{"name": customer, "domain": customer + ".de"},
		"partner_id": a.id, "seller_id": a.seller,
		"lines": []object{{"product": product, "amount": object{"amount": amount, "currency": "EUR"}}},
	}
}

// registers a deal, and is its path.
func (a ally) registers(customer, product, amount string) string {
	a.t.Helper()
	return "/v1/deals/" + a.people().post("/v1/deals", a.registration(customer, product, amount)).is(201).text("data", "id")
}

func newID() string { return uuid.NewString() }

const hour = time.Hour

func encoded(tb testing.TB, v any) []byte {
	tb.Helper()
	raw, err := json.Marshal(v)
	require.NoError(tb, err)
	return raw
}

// events counts the events of the whole log.
func (w *world) events() (n int) {
	w.t.Helper()
	for m, err := range w.store.Follow(w.t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(w.t, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		n++
	}
	return n
}

// end is the position of the log's end.
func (w *world) end() (at eventstore.Position) {
	w.t.Helper()
	for m, err := range w.store.Follow(w.t.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(w.t, err)
		if at = m.Position; m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return at
}

// caughtUp waits until every read model holds the whole log.
func (w *world) caughtUp() error {
	return w.runner.WaitFor(w.t.Context(), projections.Everything, w.end())
}

// streamOf is the account's stream that a deal stands in.
func (w *world) streamOf(deal string) string {
	w.t.Helper()
	return "account-" + w.desk().get(deal).is(200).text("data", "account_id")
}
