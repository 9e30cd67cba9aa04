package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// EventView is an event as the API shows it.
type EventView struct {
	Position    eventstore.Position `json:"position"`
	Stream      string              `json:"stream" example:"account-6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11"`
	Revision    int64               `json:"revision" doc:"Place in the stream, from 0"`
	ID          uuid.UUID           `json:"id"`
	Type        string              `json:"type" example:"deal.registered.v1"`
	RecordedAt  time.Time           `json:"recorded_at"`
	EffectiveAt time.Time           `json:"effective_at"`
	Actor       domain.Actor        `json:"actor"`
	Metadata    domain.Metadata     `json:"metadata"`
	Data        any                 `json:"data" doc:"The event, decoded; personal text reads [sealed] but for partner_ops, auditor and service, and [erased] once its key is gone"`
}

func (s *Server) eventView(actor domain.Actor, r eventstore.Recorded) (EventView, error) {
	return ViewEvent(s.Ledger.Codec, actor, r)
}

// ViewEvent decodes a recorded event for an actor. Partners have no part in it: events are the vendor's.
func ViewEvent(codec *eventstore.Codec, actor domain.Actor, r eventstore.Recorded) (EventView, error) {
	event, env, err := codec.Decode(r)
	if err != nil {
		return EventView{}, err
	}
	if !actor.Is(domain.Auditor) {
		var less bool
		if event, less = dispute.WithoutContent(event); less {
			env.DecidedFrom = nil // it names the document
		}
	}
	return EventView{
		Position: r.Position, Stream: r.Stream, Revision: env.Revision, ID: env.EventID, Type: env.Type,
		RecordedAt: env.RecordedAt, EffectiveAt: env.EffectiveAt, Actor: env.Actor, Metadata: env.Metadata,
		Data: sealedCopy(actor, event),
	}, nil
}

type streamInput struct {
	Stream string `path:"stream" maxLength:"200" example:"program-00000000-0000-0000-0000-000000000000"`
	After  int64  `query:"after" minimum:"-1" default:"-1" doc:"Go on behind this revision"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	PageLink
	WaitInput
}

type streamOutput struct {
	Link         string `header:"Link" doc:"The next page, rel=next (RFC 8288)"`
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         list[EventView]
}

func (s *Server) streamRoutes() {
	op := s.operation(http.MethodGet, "/v1/streams/{stream}", "Read a stream", "Events")
	op.Description = "What happened to one partner, account or program, in order: who, when, and since when it counts. Not for a partner's people."
	register(s, op, inQuery, s.readStream)
}

func (s *Server) readStream(ctx context.Context, in *streamInput) (*streamOutput, error) {
	actor := actorOf(ctx)
	if err := mayReadAll(actor); err != nil {
		return nil, err
	}
	if !ownStream(in.Stream) {
		return nil, notFound("stream", in.Stream)
	}
	end, err := s.endAt(ctx, in.WaitFor)
	if err != nil {
		return nil, err
	}
	events, more, err := s.readEvents(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	out := &streamOutput{Position: end.String(), CacheControl: privately}
	out.Body = list[EventView]{AsOf: s.now(end), Data: events}
	if more {
		out.Body.Next = revisionText(events[len(events)-1].Revision)
		out.Link = in.next("after", out.Body.Next)
	}
	return out, nil
}

// readEvents is a page of a stream, and whether there is more behind it.
func (s *Server) readEvents(ctx context.Context, actor domain.Actor, in *streamInput) (events []EventView, more bool, err error) {
	events = []EventView{}
	for r, err := range s.Ledger.Store.Read(ctx, in.Stream, eventstore.Revision(in.After)) {
		if err != nil {
			return nil, false, err
		}
		if len(events) == in.Limit {
			return events, true, nil
		}
		view, err := s.eventView(actor, r)
		if err != nil {
			return nil, false, err
		}
		events = append(events, view)
	}
	if len(events) == 0 && in.After < 0 {
		return nil, false, notFound("stream", in.Stream)
	}
	return events, false, nil
}

// ownStream reports whether it is the name of a stream that the ledger may hold.
func ownStream(name string) bool {
	category, _, err := domain.ParseStream(name)
	if err != nil {
		return false
	}
	for _, ours := range ledger.Categories() {
		if category == ours {
			return true
		}
	}
	return false
}

// ours are the events of our own streams.
func (s *Server) ours() eventstore.Filter { return eventstore.Filter{Categories: ledger.Categories()} }

// endAt is the log's end, for answers that come from the log itself; it is at least where wait_for is.
func (s *Server) endAt(ctx context.Context, waitFor string) (eventstore.Position, error) {
	var wanted eventstore.Position
	if waitFor != "" {
		var err error
		if wanted, err = s.position("query.wait_for", waitFor); err != nil {
			return wanted, err
		}
		if s.Reactors != nil {
			if wanted, err = s.waitForReactors(ctx, wanted); err != nil {
				return wanted, err
			}
		}
	}
	end, err := s.logEnd(ctx)
	if err == nil && end.Compare(wanted) < 0 {
		err = behind(Waiting{For: wanted.String(), Position: end.String()})
	}
	return end, err
}
