package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
)

// inProcess sends requests to the API without a socket: whoever may open the data folder may do what it can do.
type inProcess struct{ handler http.Handler }

// patience is how long a command at a terminal waits for read models and replays.
const patience = 10 * time.Minute

// withAPI runs work with the API on the session's ledger, in the name of whoever typed the command.
func (s *session) withAPI(ctx context.Context, work func(context.Context, inProcess) error) error {
	served := s.live.Load()
	return s.whileLive(ctx, func(ctx context.Context) error {
		answers := projections.NewAsOf(s.source(), s.views, s.runner.Latest, projections.Limits{}, 1)
		defer answers.Close()
		config := api.Config{
			Ledger: s.ledger, Zone: s.zone, Projections: s.runner, AsOf: answers, Authenticator: typist{s.User}, Files: s.files,
			Clock: s.now, Logger: s.logger, Version: version(), Limits: api.Limits{WaitFor: patience, Request: patience},
		}
		if served {
			config.Reactors = s.reactors
		}
		return work(ctx, inProcess{api.New(config)})
	})
}

// typist is whoever typed the command.
type typist struct{ user string }

// Authenticate is the owner of the data folder, on behalf of the person.
func (t typist) Authenticate(*http.Request) (domain.Actor, error) {
	actor := owner
	actor.OnBehalfOf = t.user
	return actor, nil
}

func (p inProcess) get(ctx context.Context, path string, into any) error {
	return p.send(ctx, http.MethodGet, path, nil, into)
}

func (p inProcess) post(ctx context.Context, path string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return p.send(ctx, http.MethodPost, path, raw, into)
}

// send reads the data of an answer. While a read model is being built it waits: right behind a start that is soon done.
// Errors: what a problem says.
func (p inProcess) send(ctx context.Context, method, path string, body []byte, into any) error {
	for {
		problem, err := p.once(ctx, method, path, body, into)
		if problem == nil || err != nil {
			return err
		}
		if problem.Rule != buildingRule {
			return fmt.Errorf("%s (%s)", problem.Detail, problem.Rule)
		}
		select {
		case <-time.After(rebuildPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// A read model that is being built is asked again after a while.
const (
	buildingRule = "read_model_building"
	rebuildPause = 20 * time.Millisecond
)

// once sends a request: it answers with data, a problem, or an error.
func (p inProcess) once(ctx context.Context, method, path string, body []byte, into any) (*api.Problem, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer := &recording{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(answer, r)
	if answer.status >= http.StatusBadRequest {
		var problem api.Problem
		if err := json.Unmarshal(answer.body.Bytes(), &problem); err != nil || problem.Detail == "" {
			return nil, fmt.Errorf("%s %s: status %d", method, path, answer.status)
		}
		return &problem, nil
	}
	if into == nil {
		return nil, nil
	}
	return nil, json.Unmarshal(answer.body.Bytes(), &struct{ Data any }{into})
}

// recording is an answer in memory.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recording) Header() http.Header         { return r.header }
func (r *recording) WriteHeader(status int)      { r.status = status }
func (r *recording) Write(p []byte) (int, error) { return r.body.Write(p) }
