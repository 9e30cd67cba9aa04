package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type eventsInput struct {
	After       string   `query:"after" doc:"Go on behind this position; start, or nothing, is the beginning" example:"start"`
	LastEventID string   `header:"Last-Event-ID" doc:"As after, and stronger: where a broken stream of server-sent events stopped"`
	Types       []string `query:"types" doc:"Event types: exact (deal.won.v1), or the beginning of some, with a dot or a star at its end (deal., deal.win_*)"`
	Stream      string   `query:"stream" maxLength:"200" doc:"Only this stream"`
	Category    []string `query:"category" doc:"Only streams of these categories: program, partner, account, file, reactor"`
	Limit       int      `query:"limit" minimum:"0" default:"0" doc:"End after so many events; 0: no limit"`
	Follow      string   `query:"follow" enum:"true,false" doc:"Go on with what is recorded later; server-sent events do by default"`
	WaitInput

	accept string
}

// Resolve keeps what form of answer is wanted.
func (in *eventsInput) Resolve(ctx huma.Context) []error {
	in.accept = ctx.Header("Accept")
	return nil
}

func (in *eventsInput) serverSent() bool { return strings.Contains(in.accept, eventStream) }

func (in *eventsInput) follows() bool {
	return in.Follow == "true" || in.Follow == "" && in.serverSent()
}

const (
	eventStream = "text/event-stream"
	ndjson      = "application/x-ndjson"
)

func (s *Server) eventRoutes() {
	op := s.operation(http.MethodGet, "/v1/events", "Follow the log", "Events")
	op.Description = "Every event in the log's order: one JSON object a line, or with Accept: text/event-stream as server-sent events, " +
		"whose ids are positions. Not for a partner's people."
	op.Middlewares = huma.Middlewares{s.authenticate} // not bounded in time
	event := s.schemaOf(EventView{})
	op.Responses["200"] = &huma.Response{
		Description: "Events",
		Content:     map[string]*huma.MediaType{ndjson: {Schema: event}, eventStream: {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	register(s, op, inQuery, s.followEvents)
}

// selection is what of the log is wanted.
type selection struct {
	after  eventstore.Position
	filter eventstore.Filter
	stream string // only this one; empty: all
	limit  int    // 0: none
	follow bool
}

func (s *Server) followEvents(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	actor := actorOf(ctx)
	if err := mayReadAll(actor); err != nil {
		return nil, err
	}
	want, err := s.selection(in)
	if err != nil {
		return nil, err
	}
	if in.WaitFor != "" {
		if _, err := s.endAt(ctx, in.WaitFor); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	messages := s.pump(ctx, want)
	first := <-messages // so that a position that no event has is a problem and no broken answer
	if first.err != nil {
		stop()
		return nil, first.err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer stop()
		s.telemetry.streams.Inc()
		defer s.telemetry.streams.Dec()
		out := s.newStream(humaecho.Unwrap(hctx), in.serverSent())
		c := copier{Server: s, actor: actor, want: want, out: out}
		if err := errors.Join(c.copy(ctx, first, messages), out.flush()); err != nil {
			s.Logger.DebugContext(ctx, "stream of events ended", "request_id", requestID(ctx), "error", err)
			panic(http.ErrAbortHandler) // so that the client doesn't take it for whole
		}
	}}, nil
}

func (s *Server) selection(in *eventsInput) (want selection, err error) {
	want = selection{filter: s.ours(), stream: in.Stream, limit: in.Limit, follow: in.follows()}
	location, after := "query.after", in.After
	if in.LastEventID != "" {
		location, after = "header.Last-Event-ID", in.LastEventID
	}
	if want.after, err = s.position(location, after); err != nil {
		return want, err
	}
	if want.filter.Types, err = typesOf(in.Types); err != nil {
		return want, err
	}
	if len(in.Category) > 0 {
		want.filter.Categories = in.Category
	}
	return want, checkStream(&want, in)
}

func checkStream(want *selection, in *eventsInput) error {
	for _, category := range in.Category {
		if !slices.Contains(ledger.Categories(), category) {
			return domain.Invalid("category", "unknown category %.50q: want one of %v", category, ledger.Categories())
		}
	}
	if in.Stream == "" {
		return nil
	}
	category, _, err := domain.ParseStream(in.Stream)
	if err != nil || !ownStream(in.Stream) {
		return domain.Invalid("stream", "want the name of a stream, as in account-6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11")
	}
	want.filter.Categories = []string{category}
	return nil
}

// typesOf are the event types that exact names and beginnings of names stand for.
func typesOf(wanted []string) (names []string, err error) {
	for _, want := range wanted {
		prefix, open := strings.CutSuffix(want, "*")
		open = open || strings.HasSuffix(want, ".")
		before := len(names)
		for _, t := range ledger.Types() {
			if t.Name == want || open && strings.HasPrefix(t.Name, prefix) {
				names = append(names, t.Name)
			}
		}
		if len(names) == before {
			return nil, domain.Invalid("types", "no event type is %.100q, or begins so", want)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// followed is what the log yields, on its way to a client.
type followed struct {
	message eventstore.Message
	err     error
}

// copier sends a client what it wants of the log.
type copier struct {
	*Server
	actor domain.Actor
	want  selection
	out   *stream
	sent  int
}

// copy goes on until that is all, the client goes away or the server stops. The log is read no faster than the client takes
// it: one that takes nothing for too long is dropped.
func (c *copier) copy(ctx context.Context, next followed, messages <-chan followed) error {
	beat := time.NewTicker(c.Limits.Heartbeat)
	defer beat.Stop()
	for more := true; more; {
		if next.err != nil {
			return next.err
		}
		done, err := c.message(next.message)
		if done || err != nil {
			return err
		}
		if next, more, err = c.out.wait(ctx, messages, beat.C); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// message reports whether that was all.
func (c *copier) message(m eventstore.Message) (done bool, err error) {
	switch {
	case m.Kind == eventstore.CaughtUp:
		return !c.want.follow, c.out.flush()
	case m.Kind == eventstore.Checkpoint, c.want.stream != "" && m.Event.Stream != c.want.stream:
		c.out.passed(m.Position)
		return false, nil
	}
	view, err := c.eventView(c.actor, m.Event)
	if err != nil {
		return true, err
	}
	c.sent++
	return c.want.limit > 0 && c.sent >= c.want.limit, c.out.event(view)
}

// pump makes the log selectable, so that a quiet one can be told from a dead one. Few messages wait in between.
func (s *Server) pump(ctx context.Context, want selection) <-chan followed {
	out := make(chan followed, 64)
	go func() {
		defer close(out)
		for message, err := range s.Ledger.Store.Follow(ctx, want.after, want.filter) {
			select {
			case out <- followed{message, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// streamsEnded is closed when the server stops; without a server of ours it never is.
func streamsEnded(ctx context.Context) <-chan struct{} {
	ended, _ := ctx.Value(streamsEnd{}).(<-chan struct{})
	return ended
}
