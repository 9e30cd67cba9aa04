package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
)

// ReactorView is what happens by itself, and what of it waits for somebody.
type ReactorView struct {
	Name     string               `json:"name" example:"scheduler"`
	Stream   string               `json:"stream" doc:"Where it notes what is no event of its targets"`
	Position eventstore.Position  `json:"position" doc:"Everything up to here was handled, but for what is parked"`
	Parked   []reactor.ParkedItem `json:"parked" doc:"What it can't handle, and why; oldest first, at most 1000"`
	Refused  int                  `json:"refused" doc:"Orders that their targets' rules refused; its stream tells each"`
}

type reactorTarget = target[*reactor.State, reactor.Command, struct{}, reactor.Event]

func (s *Server) reactors() *reactorTarget {
	return &reactorTarget{
		server:  s,
		decider: reactor.Decider(),
		handler: func() *ledger.Reactors { return s.Ledger.Reactors },
		tag:     "Operation", noun: "reactor", base: "/v1/reactors", id: "name", view: answer[ReactorView]{},
		parse: s.reactorNamed,
		home:  func(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil },
		show: func(st *reactor.State, id uuid.UUID) (any, int64, bool) {
			name := s.reactorOf(id)
			return reactorView(name, st, s.reactorStatus().Position), st.Revision, name != ""
		},
	}
}

func (s *Server) reactorRoutes() {
	t := s.reactors()
	op := s.operation(http.MethodGet, t.base, "List what happens by itself", t.tag)
	op.Description = "Each reactor, how far it is, and the events that it can't handle, each with its reason. Not for a partner's people."
	register(s, op, inQuery, s.listReactors)
	t.post("parked/{event_id}/retry", "Have a parked event handled after all", reactor.Retry{})
}

// reactorStatus is how far the reactors are; zero where this server runs none.
func (s *Server) reactorStatus() react.Status {
	if s.Reactors == nil {
		return react.Status{}
	}
	return s.Reactors.Status()
}

func (s *Server) reactorNamed(_, text string) (uuid.UUID, error) {
	id := reactor.StreamID(text)
	if s.reactorOf(id) == "" {
		return uuid.Nil, newProblem(http.StatusNotFound, "reactor_unknown", "there is no reactor %.100q", text)
	}
	return id, nil
}

// reactorOf is the name of the reactor with that stream; empty where there is none.
func (s *Server) reactorOf(id uuid.UUID) string {
	for _, r := range s.reactorStatus().Rules {
		if reactor.StreamID(r.Name) == id {
			return r.Name
		}
	}
	return ""
}

func reactorView(name string, st *reactor.State, at eventstore.Position) ReactorView {
	return ReactorView{
		Name: name, Stream: domain.StreamName(reactor.Category, reactor.StreamID(name)), Position: at,
		Parked: append([]reactor.ParkedItem{}, st.Parked...), Refused: st.Refused,
	}
}

type reactorsOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]ReactorView]
}

func (s *Server) listReactors(ctx context.Context, in *WaitInput) (*reactorsOutput, error) {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return nil, err
	}
	end, err := s.endAt(ctx, in.WaitFor)
	if err != nil {
		return nil, err
	}
	out := &reactorsOutput{Position: end.String(), CacheControl: privately}
	out.Body = answer[[]ReactorView]{AsOf: s.now(end), Data: []ReactorView{}}
	status := s.reactorStatus()
	for _, r := range status.Rules {
		err := s.Ledger.Reactors.View(ctx, reactor.StreamID(r.Name), func(st *reactor.State, _ domain.Source) error {
			out.Body.Data = append(out.Body.Data, reactorView(r.Name, st, status.Position))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
