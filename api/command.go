package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
)

// action is one command as a route.
type action[S any, C any, F any, E domain.Event] struct {
	*target[S, C, F, E]
	path    string   // of the route
	params  []string // names of the path's parameters
	command reflect.Type
	creates *creation[C]
}

// creation is what a command that makes something new needs beside the others.
type creation[C any] struct {
	// stream is the id of the stream that the new thing will live in; nil: the command is on a thing that is there, and makes
	// something inside it.
	stream func(ctx context.Context, command C, id uuid.UUID) (uuid.UUID, error)
	// made is the new thing's id, by what was recorded; nil as stream.
	made func(stream uuid.UUID, recorded []domain.Event) uuid.UUID
	// location is where it can be read.
	location func(id uuid.UUID, recorded []domain.Event) string
}

// commandInput is what is sent with every command. The body is read and decoded here, not by huma: its hash is over the
// bytes as they came, and a wrong field is named by its path whatever is wrong with it.
type commandInput struct {
	Key     string `header:"Idempotency-Key" maxLength:"255" doc:"The same key and request again is answered like the first, and records nothing. Without one the server makes one and returns it."`
	IfMatch string `header:"If-Match" doc:"ETag of the thing as it was when this was decided: if it changed since, nothing happens (412)."`

	body   io.Reader
	method string
	url    string
	param  func(string) string
}

// Resolve keeps what huma doesn't hand to handlers.
func (in *commandInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.body, in.method, in.url, in.param = ctx.BodyReader(), ctx.Method(), u.Path, ctx.Param
	return nil
}

// commandOutput is the answer to a command.
type commandOutput struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag" doc:"Revision of the thing's own last event"`
	Location    string `header:"Location" doc:"Of what was created"`
	Position    string `header:"Ledger-Position" doc:"Where the command's last event stands: give it to a read as wait_for"`
	Key         string `header:"Idempotency-Key" doc:"The key in use, also one that the server made"`
	Replayed    string `header:"Idempotency-Replayed" doc:"true: the command was known, and is answered like the first"`
	Body        []byte
}

// locate says where a command's field was given.
func (a *action[S, C, F, E]) locate(field string) string {
	if slices.Contains(a.params, field) {
		return "path." + field
	}
	return inBody(field)
}

// given is a command as it was sent.
type given[C any] struct {
	command C
	header  domain.Header
	key     string
	chosen  bool // the key, by the client
	ifMatch string
	thing   uuid.UUID // zero where it is still to be made
	stream  uuid.UUID
}

func (a *action[S, C, F, E]) serve(ctx context.Context, in *commandInput) (*commandOutput, error) {
	g, err := a.read(ctx, in)
	if err != nil {
		return nil, err
	}
	outcome, err := a.do(ctx, g)
	a.server.telemetry.command(a.command.Name(), outcome, err)
	if err != nil {
		return nil, err
	}
	return a.answer(ctx, g, outcome)
}

func (a *action[S, C, F, E]) read(ctx context.Context, in *commandInput) (g given[C], err error) {
	raw, err := a.server.readBody(in.body)
	if err != nil {
		return g, err
	}
	if g.command, g.header.EffectiveAt, err = a.decode(raw, in.param); err != nil {
		return g, err
	}
	if g.header.RequestHash, err = requestHash(in.method, in.url, raw); err != nil {
		return g, err
	}
	g.key, g.chosen, g.ifMatch = in.Key, in.Key != "", in.IfMatch
	if !g.chosen {
		g.key = uuid.NewString()
	}
	g.header.Actor = actorOf(ctx)
	g.header.CommandID = commandID(g.header.Actor, g.key)
	if err = a.place(ctx, in, &g); err == nil && a.complete != nil {
		g.command, err = a.complete(ctx, g.command, g.thing)
	}
	return g, err
}

// place finds the thing that the command is on, and the stream that it lives in.
func (a *action[S, C, F, E]) place(ctx context.Context, in *commandInput, g *given[C]) (err error) {
	if a.isNew() {
		g.stream, err = a.creates.stream(ctx, g.command, g.header.CommandID)
		return err
	}
	if g.thing, err = a.parse("path."+a.id, in.param(a.id)); err != nil {
		return err
	}
	if a.of != nil {
		g.thing = a.of(g.command, g.thing)
	}
	g.stream, err = a.home(ctx, g.thing)
	return err
}

// isNew reports whether the command makes the thing that it is on.
func (a *action[S, C, F, E]) isNew() bool { return a.creates != nil && a.creates.stream != nil }

// do decides the command. A key is checked before and while it runs: on other streams by what is in flight and the read
// model of keys, on its own by the stream itself, which comes before If-Match.
func (a *action[S, C, F, E]) do(ctx context.Context, g given[C]) (outcome eventstore.Outcome, err error) {
	release, err := a.server.keys.claim(g.header.CommandID, g.header.RequestHash)
	if err != nil {
		return outcome, err
	}
	defer func() { release(err == nil && outcome.Count > 0) }()
	if g.chosen { // nobody can have used a random one
		stream := domain.StreamName(a.decider.Category, g.stream)
		if err := a.server.keyedElsewhere(ctx, g.header.CommandID, stream); err != nil {
			return outcome, err
		}
	}
	if a.target.do != nil {
		return a.target.do(ctx, g.stream, g.header, g.command, a.conditions(g)...)
	}
	return a.handler().Do(ctx, g.stream, g.header, g.command, a.conditions(g)...)
}

func (a *action[S, C, F, E]) conditions(g given[C]) []eventstore.Precondition[S] {
	switch {
	case a.isNew() && g.ifMatch == "":
		return nil
	case a.isNew():
		return []eventstore.Precondition[S]{a.nothingYet}
	case g.ifMatch == "":
		return []eventstore.Precondition[S]{a.exists(g.thing)}
	}
	return []eventstore.Precondition[S]{a.exists(g.thing), a.unchangedSince(g.ifMatch, g.thing)}
}

func (a *action[S, C, F, E]) answer(ctx context.Context, g given[C], outcome eventstore.Outcome) (*commandOutput, error) {
	recorded, err := a.server.recorded(ctx, outcome)
	if err != nil {
		return nil, err
	}
	out := &commandOutput{
		Status: http.StatusOK, ContentType: "application/json", Position: outcome.Position.String(), Key: g.key,
	}
	if outcome.Repeated {
		out.Replayed = "true"
	}
	if a.creates != nil {
		if err := a.made(&g, out, outcome, recorded); err != nil {
			return nil, err
		}
	}
	thing, err := a.at(ctx, g.stream, g.thing, outcome)
	if err != nil {
		return nil, err
	}
	out.ETag = etagOf(thing.revision)
	out.Body, err = encode(answer[json.RawMessage]{AsOf: a.server.asOf(g.header, outcome, recorded), Data: thing.json})
	return out, err
}

// made finds out what was created; a command that found it there already created nothing.
func (a *action[S, C, F, E]) made(g *given[C], out *commandOutput, outcome eventstore.Outcome, recorded []eventstore.Recorded) error {
	events := make([]domain.Event, 0, len(recorded))
	for _, r := range recorded {
		e, _, err := a.server.Ledger.Codec.Decode(r)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	if a.isNew() {
		g.thing = a.creates.made(g.stream, events)
	}
	if outcome.Count > 0 {
		out.Status, out.Location = http.StatusCreated, a.creates.location(g.thing, events)
	}
	return nil
}

// idAt reads an id. location is where it was given.
func idAt(location, text string) (uuid.UUID, error) {
	id, err := parseID(text)
	if err != nil {
		return uuid.Nil, newProblem(http.StatusUnprocessableEntity, "invalid_field", "%s: %v", location, err).at(location, "%v", err)
	}
	return id, nil
}

var errNoID = errors.New("want a uuid")

// parseID reads a uuid in its usual form only: what is written in two ways is found in one.
func parseID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 || id == uuid.Nil {
		return uuid.Nil, errNoID
	}
	return id, nil
}
