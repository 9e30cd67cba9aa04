package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/channelledger/channelledger/domain"
)

// post makes a route of a command on a thing that is there: base/{id}/path. A parameter of the path that is called like a
// field of the command is that field.
func (t *target[S, C, F, E]) post(path, summary string, command C) {
	t.register(t.base+"/{"+t.id+"}/"+path, summary, command, nil)
}

// create makes a route of a command that makes something new.
func (t *target[S, C, F, E]) create(path, summary string, command C, how creation[C]) {
	t.register(path, summary, command, &how)
}

func (t *target[S, C, F, E]) register(path, summary string, command C, creates *creation[C]) {
	a := &action[S, C, F, E]{
		target: t, path: path, params: pathParams(path), command: reflect.TypeOf(command), creates: creates,
	}
	status := http.StatusOK
	if creates != nil {
		status = http.StatusCreated
	}
	op := t.server.operation(http.MethodPost, path, summary, t.tag)
	op.DefaultStatus = status
	op.Responses[strconv.Itoa(status)] = t.server.jsonResponse(status, reflect.TypeOf(t.view))
	op.Parameters = t.server.pathDocs(a.command, a.params)
	register(t.server, op, a.locate, a.serve)
	t.server.documentBody(path, a.command, a.params)
	t.server.commands = append(t.server.commands, a.command)
}

var pathParam = regexp.MustCompile(`\{([a-z_]+)\}`)

func pathParams(path string) (names []string) {
	for _, m := range pathParam.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// register makes a route whose errors are problems, and whose answer tells a partner's people of nobody else's who took a step.
func register[I, O any](s *Server, op huma.Operation, locate fieldPath, serve func(context.Context, *I) (*O, error)) {
	huma.Register(s.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := serve(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err, locate)
		}
		if actor := actorOf(ctx); actor.OfPartner() {
			*out = domain.Unsigned(*out, actor.PartnerID)
		}
		return out, nil
	})
}

// operation is a route below /v1: bounded in time, its caller known.
func (s *Server) operation(method, path, summary, tag string) huma.Operation {
	return huma.Operation{
		OperationID: operationID(method, path),
		Method:      method,
		Path:        path,
		Summary:     summary,
		Tags:        []string{tag},
		Middlewares: huma.Middlewares{s.bounded, s.authenticate},
		Security:    s.security(),
		Responses: map[string]*huma.Response{
			"default": s.problemResponse(),
		},
	}
}

// thing is a route that reads one thing, which the caller may have already.
func (s *Server) thing(path, summary, tag string) huma.Operation {
	op := s.operation(http.MethodGet, path, summary, tag)
	op.Responses["304"] = &huma.Response{Description: "The caller has it: If-None-Match names it"}
	return op
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

func operationID(method, path string) string {
	return strings.Trim(notWord.ReplaceAllString(strings.ToLower(fmt.Sprintf("%s %s", method, path)), "-"), "-")
}
