package api

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
)

// Health says that the process answers.
type Health struct {
	Status string `json:"status" example:"ok"`
}

// Readiness says whether everything runs and is caught up, and if not, what isn't and why.
type Readiness struct {
	Ready       bool               `json:"ready"`
	Projections []ProjectionStatus `json:"projections"`
	Reactors    *ReactorStatus     `json:"reactors,omitempty"`
}

// ProjectionStatus is how a read model is doing.
type ProjectionStatus struct {
	Name       string              `json:"name"`
	Version    int                 `json:"version"`
	State      projections.State   `json:"state" doc:"building, catching_up, live, halted or error; only live is ready"`
	Position   eventstore.Position `json:"position" doc:"What can be read holds the log up to here"`
	Head       eventstore.Position `json:"head" doc:"How far the log is known to go"`
	Lag        uint64              `json:"lag" doc:"Events behind the log's end"`
	Reason     string              `json:"reason,omitempty" doc:"Why it is halted, failed, or had to be rebuilt"`
	HaltedAt   *EventRef           `json:"halted_at,omitempty" doc:"The event that it can't apply"`
	Build      *Progress           `json:"build,omitempty" doc:"Of a build under way"`
	Rebuilding bool                `json:"rebuilding,omitempty" doc:"A second build is being filled; reads go on"`
}

// EventRef names an event.
type EventRef struct {
	Stream   string    `json:"stream"`
	Revision int64     `json:"revision"`
	Type     string    `json:"type"`
	ID       uuid.UUID `json:"id"`
}

// ReactorStatus is how far the reactors are.
type ReactorStatus struct {
	Position eventstore.Position `json:"position" doc:"Everything up to here was handled"`
	Appended eventstore.Position `json:"appended" doc:"The last event that they led to"`
	Halted   string              `json:"halted,omitempty" doc:"Why they stopped"`
	Parked   map[string]int      `json:"parked,omitempty" doc:"How many events each can't handle, by reactor: GET /v1/reactors says why"`
}

type readyOutput struct {
	Status int
	Body   Readiness
}

type healthOutput struct{ Body Health }

func (s *Server) healthRoutes() {
	healthy := s.operation(http.MethodGet, "/healthz", "Whether the process answers", "Operation")
	healthy.Middlewares, healthy.Security = nil, nil
	register(s, healthy, inQuery, func(context.Context, *struct{}) (*healthOutput, error) {
		return &healthOutput{Health{"ok"}}, nil
	})
	ready := s.operation(http.MethodGet, "/readyz", "Whether everything runs and is caught up", "Operation")
	ready.Middlewares, ready.Security = nil, nil
	ready.Responses["503"] = s.jsonResponse(http.StatusServiceUnavailable, typeOf[Readiness]())
	caughtUp := &atomic.Bool{}
	register(s, ready, inQuery, func(context.Context, *struct{}) (*readyOutput, error) {
		body := s.readiness(caughtUp)
		if !body.Ready {
			return &readyOutput{http.StatusServiceUnavailable, body}, nil
		}
		return &readyOutput{http.StatusOK, body}, nil
	})
	s.echo.GET("/metrics", s.telemetry.serve)
}

// readiness asks everyone. caughtUp remembers that the reactors were at the log's end once: later they may be a little behind
// it at any moment.
func (s *Server) readiness(caughtUp *atomic.Bool) Readiness {
	r := Readiness{Ready: true, Projections: []ProjectionStatus{}}
	var head eventstore.Position
	for _, status := range s.Projections.Status() {
		r.Projections = append(r.Projections, projectionStatus(status))
		r.Ready = r.Ready && status.State == projections.Live
		head = status.Head
	}
	if s.Reactors == nil {
		return r
	}
	status := s.Reactors.Status()
	r.Reactors = &ReactorStatus{Position: status.Position, Appended: status.Appended}
	if status.Halted != nil {
		r.Reactors.Halted = firstLine(status.Halted.Error())
	}
	for _, rule := range status.Rules {
		if rule.Parked > 0 {
			r.Reactors.park(rule)
		}
	}
	if status.Position.Compare(head) >= 0 {
		caughtUp.Store(true)
	}
	r.Ready = r.Ready && status.Halted == nil && caughtUp.Load()
	return r
}

func (r *ReactorStatus) park(rule react.RuleStatus) {
	if r.Parked == nil {
		r.Parked = map[string]int{}
	}
	r.Parked[rule.Name] = rule.Parked
}

func projectionStatus(s projections.Status) ProjectionStatus {
	status := ProjectionStatus{
		Name: s.Name, Version: s.Version, State: s.State, Position: s.Position, Head: s.Head, Lag: s.Lag,
		Reason: firstLine(s.Reason), Rebuilding: s.Rebuilding,
	}
	if s.Halt != nil {
		status.HaltedAt = &EventRef{Stream: s.Halt.Stream, Revision: int64(s.Halt.Revision), Type: s.Halt.Type, ID: s.Halt.EventID}
	}
	if s.State == projections.Building || s.Rebuilding {
		status.Build = progressOf(s.Name, s.Build)
	}
	return status
}

func progressOf(name string, p projections.Progress) *Progress {
	return &Progress{Projection: name, Events: p.Events, Fraction: p.Fraction, Rate: p.Rate}
}

// firstLine leaves out stacks: they stand in the log.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
