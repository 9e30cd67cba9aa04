package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// maxChanges bounds the deals of one message of the stream.
const maxChanges = 100

// PipelineChange is what changed in the read model of deals up to a position, as the stream tells it.
type PipelineChange struct {
	Position eventstore.Position `json:"position" doc:"The deals are as of here, or later: then a later message tells them again"`
	Deals    []account.Deal      `json:"deals" doc:"Each deal that changed, whole; 1 to 100"`
}

type pipelineStreamInput struct {
	After       string `query:"after" doc:"Go on behind this position, as_of.position of what the client has; now by default, start tells every deal" example:"start"`
	LastEventID string `header:"Last-Event-ID" doc:"As after, and stronger: where a broken stream stopped"`
}

func (s *Server) pipelineStreamRoutes() {
	op := s.operation(http.MethodGet, "/v1/pipeline/stream", "Watch the deals change", "Pipeline")
	op.Description = "Server-sent events of the type deals, whose ids are positions: after each commit of the read model the deals that " +
		"changed, whole. A partner's people see their own. Read /v1/deals or /v1/pipeline first, then watch from its as_of.position."
	op.Middlewares = huma.Middlewares{s.authenticate} // not bounded in time
	op.Responses["200"] = &huma.Response{
		Description: "Events", Content: map[string]*huma.MediaType{eventStream: {Schema: s.schemaOf(PipelineChange{})}},
	}
	register(s, op, inQuery, s.watchPipeline)
}

func (s *Server) watchPipeline(ctx context.Context, in *pipelineStreamInput) (*huma.StreamResponse, error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	after, err := s.watchFrom(ctx, in)
	if err != nil {
		return nil, err
	}
	filter := eventstore.Filter{Categories: []string{account.Category}, Types: pipeline.Projection(nil).Takes()}
	ctx, stop := context.WithCancel(ctx)
	messages := s.pump(ctx, selection{after: after, filter: filter, follow: true})
	first := <-messages // so that a position that no event has is a problem and no broken answer
	if first.err != nil {
		stop()
		return nil, first.err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		defer stop()
		s.telemetry.streams.Inc()
		defer s.telemetry.streams.Dec()
		w := watcher{Server: s, scope: scope, out: s.newStream(humaecho.Unwrap(hctx), true), changed: map[uuid.UUID]bool{}}
		if err := errors.Join(w.watch(ctx, first, messages), w.out.flush()); err != nil {
			s.Logger.DebugContext(ctx, "stream of deals ended", "request_id", requestID(ctx), "error", err)
			panic(http.ErrAbortHandler) // so that the client doesn't take it for whole
		}
	}}, nil
}

// watchFrom is where the client is; without a word it is where the read model is now.
func (s *Server) watchFrom(ctx context.Context, in *pipelineStreamInput) (eventstore.Position, error) {
	switch {
	case in.LastEventID != "":
		return s.position("header.Last-Event-ID", in.LastEventID)
	case in.After != "":
		return s.position("query.after", in.After)
	}
	return s.look(ctx, pipeline.Name, func(projections.Querier) error { return nil })
}

// watcher tells one client which deals changed. The log says which they are, the read model what they are now: so any
// position is one to go on from, and nothing is kept for a client that is away.
type watcher struct {
	*Server
	scope   uuid.UUID // only this partner's; zero: all
	out     *stream
	changed map[uuid.UUID]bool
	order   []uuid.UUID // of what changed, as it was recorded
}

// watch goes on until the client goes away or the server stops. One that takes nothing for too long is dropped.
func (w *watcher) watch(ctx context.Context, next followed, messages <-chan followed) error {
	beat := time.NewTicker(w.Limits.Heartbeat)
	defer beat.Stop()
	for more := true; more; {
		if next.err != nil {
			return next.err
		}
		if err := w.message(ctx, next.message); err != nil {
			return err
		}
		var err error
		if next, more, err = w.out.wait(ctx, messages, beat.C); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (w *watcher) message(ctx context.Context, m eventstore.Message) error {
	if m.Kind == eventstore.Appeared {
		event, _, err := w.Ledger.Codec.Decode(m.Event)
		if err != nil {
			return err
		}
		if e, ok := event.(account.DealEvent); ok && !w.changed[e.Deal()] {
			w.changed[e.Deal()] = true
			w.order = append(w.order, e.Deal())
		}
	}
	switch {
	case m.Kind == eventstore.CaughtUp || len(w.order) >= maxChanges:
		return w.tell(ctx, m.Position)
	case len(w.order) == 0:
		w.out.passed(m.Position)
	}
	return nil
}

// tell sends what changed up to a position, once the read model holds it.
func (w *watcher) tell(ctx context.Context, at eventstore.Position) error {
	deals, err := w.read(ctx, at)
	if err != nil {
		return err
	}
	w.order = w.order[:0]
	clear(w.changed)
	if len(deals) == 0 {
		w.out.passed(at)
	} else if err := w.out.send(at, "deals", PipelineChange{Position: at, Deals: deals}); err != nil {
		return err
	}
	return w.out.flush()
}

func (w *watcher) read(ctx context.Context, at eventstore.Position) (deals []account.Deal, err error) {
	if len(w.order) == 0 {
		return nil, nil
	}
	if err := w.awaitModel(ctx, at); err != nil {
		return nil, err
	}
	_, err = w.look(ctx, pipeline.Name, func(q projections.Querier) error {
		deals = nil
		for _, id := range w.order {
			d, err := pipeline.Get(ctx, q, id)
			if err != nil {
				return err
			}
			if d != nil && (w.scope == uuid.Nil || d.PartnerID == w.scope) {
				deals = append(deals, *w.seen(d))
			}
		}
		return nil
	})
	return deals, err
}

func (w *watcher) seen(d *account.Deal) *account.Deal {
	if w.scope == uuid.Nil {
		return d
	}
	return d.ForPartner()
}

// awaitModel waits for the read model as long as it takes, with signs of life to the client meanwhile.
func (w *watcher) awaitModel(ctx context.Context, at eventstore.Position) error {
	for {
		bounded, cancel := context.WithTimeout(ctx, w.Limits.Heartbeat)
		err := w.Projections.WaitFor(bounded, pipeline.Name, at)
		late := bounded.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !late {
			return err
		}
		select {
		case <-streamsEnded(ctx):
			return domain.Refuse("server_stops", "", "the server stops")
		default:
		}
		if err := w.out.beat(); err != nil {
			return err
		}
	}
}
