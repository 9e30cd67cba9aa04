package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// Problem is a refusal (RFC 9457). Rule, request_id, errors, progress and waiting are extension members.
type Problem struct {
	Type      string       `json:"type" doc:"urn:channelledger:problem: and the rule" example:"urn:channelledger:problem:wrong_status"`
	Title     string       `json:"title" example:"Conflict"`
	Status    int          `json:"status" example:"409"`
	Detail    string       `json:"detail,omitempty" doc:"What is wrong, and what would be right"`
	Rule      string       `json:"rule" doc:"What was broken: stable, to be compared by programs" example:"wrong_status"`
	RequestID string       `json:"request_id,omitempty" doc:"To find the request in the log"`
	Errors    []FieldError `json:"errors,omitempty" doc:"The wrong fields"`
	Progress  *Progress    `json:"progress,omitempty" doc:"Of a read model that is being built"`
	Waiting   *Waiting     `json:"waiting,omitempty" doc:"How far a read model is that was waited for"`

	headers http.Header
}

// FieldError says what is wrong with one field.
type FieldError struct {
	Location string `json:"location" doc:"Path of the field" example:"body.lines[0].amount"`
	Message  string `json:"message" example:"want 0 or more"`
}

// Progress is how far the build of a read model is.
type Progress struct {
	Projection string  `json:"projection"`
	Events     uint64  `json:"events" doc:"Applied so far"`
	Fraction   float64 `json:"fraction" doc:"0 to 1; -1 where it isn't known"`
	Rate       float64 `json:"rate" doc:"Events a second"`
}

// Waiting is how far things are that a position was waited for.
type Waiting struct {
	For        string `json:"for" doc:"The position that was waited for"`
	Position   string `json:"position" doc:"How far it is"`
	Projection string `json:"projection,omitempty" doc:"The read model; without one it is the reactors"`
}

const problemURN = "urn:channelledger:problem:"

func newProblem(status int, rule, format string, args ...any) *Problem {
	return &Problem{
		Type: problemURN + rule, Title: http.StatusText(status), Status: status, Rule: rule, Detail: fmt.Sprintf(format, args...),
	}
}

// internal tells a client no more than that it isn't to blame.
func internal() *Problem {
	return newProblem(http.StatusInternalServerError, "internal", "something went wrong here; the request's id finds it in the log")
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus makes it huma's StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders makes it huma's HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType makes it a problem on the wire.
func (p *Problem) ContentType(string) string { return problemJSON }

const problemJSON = "application/problem+json"

func (p *Problem) at(location, format string, args ...any) *Problem {
	p.Errors = append(p.Errors, FieldError{Location: location, Message: fmt.Sprintf(format, args...)})
	return p
}

func (p *Problem) withHeader(name, value string) *Problem {
	if p.headers == nil {
		p.headers = http.Header{}
	}
	p.headers.Set(name, value)
	return p
}

// retryAfter asks the client to come again in so many seconds.
func (p *Problem) retryAfter(seconds int) *Problem {
	return p.withHeader("Retry-After", strconv.Itoa(seconds))
}

// fieldPath is the location of a wrong field: a command's fields stand in its body, those of a read in its query.
type fieldPath func(field string) string

func inBody(field string) string  { return "body." + field }
func inQuery(field string) string { return "query." + field }

// problemOf is what an error is to a client. What nobody foresaw is logged, and the client learns the request's id.
func (s *Server) problemOf(ctx context.Context, err error, locate fieldPath) *Problem {
	p := s.known(err, locate)
	if p == nil {
		s.Logger.ErrorContext(ctx, "request failed", "request_id", requestID(ctx), "error", err)
		p = internal()
	}
	identified := *p
	identified.RequestID = requestID(ctx)
	return &identified
}

func (s *Server) known(err error, locate fieldPath) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if r := domain.AsRejection(err); r != nil {
		return rejected(r, locate)
	}
	if e, ok := errors.AsType[*eventstore.KeyReusedError](err); ok {
		return keyReused(e.Stream)
	}
	if e, ok := errors.AsType[*projections.BuildingError](err); ok {
		return building(e)
	}
	if e, ok := errors.AsType[*projections.HaltError](err); ok {
		return newProblem(http.StatusServiceUnavailable, "read_model_halted",
			"the read model %s stands before an event that it can't apply: see /readyz", e.Projection).retryAfter(30)
	}
	if _, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		return newProblem(http.StatusConflict, "concurrent_change",
			"others kept changing the same thing meanwhile: look at it again, then repeat the command").retryAfter(1)
	}
	return outage(err)
}

// outage is what isn't anybody's mistake and passes.
func outage(err error) *Problem {
	switch {
	case errors.Is(err, eventstore.ErrUnavailable):
		return newProblem(http.StatusServiceUnavailable, "log_unavailable",
			"the event log can't be reached; a command may or may not be recorded: repeat it with the same Idempotency-Key").retryAfter(1)
	case errors.Is(err, projections.ErrBusy):
		return newProblem(http.StatusServiceUnavailable, "too_many_replays",
			"too many different questions about the past are being answered: ask again").retryAfter(5)
	case errors.Is(err, projections.ErrStorage), errors.Is(err, projections.ErrClosed):
		return newProblem(http.StatusServiceUnavailable, "read_model_unavailable", "the read model can't be read at the moment").retryAfter(1)
	case errors.Is(err, eventstore.ErrForeignPosition):
		return newProblem(http.StatusBadRequest, "foreign_position", "the position is none of this ledger's")
	case errors.Is(err, eventstore.ErrInvalid):
		return newProblem(http.StatusRequestEntityTooLarge, "too_large", "what the command would record is too large for one append")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newProblem(http.StatusGatewayTimeout, "timeout", "it took too long: repeat it; a command with the same Idempotency-Key").retryAfter(1)
	}
	return nil
}

func rejected(r *domain.Rejection, locate fieldPath) *Problem {
	status := http.StatusUnprocessableEntity
	switch r.Kind {
	case domain.KindForbidden:
		status = http.StatusForbidden
	case domain.KindNotFound:
		status = http.StatusNotFound
	case domain.KindConflict:
		status = http.StatusConflict
	case domain.KindInvalid:
	}
	p := newProblem(status, r.Rule, "%s", r.Error())
	if r.Field != "" {
		p = p.at(locate(r.Field), "%s", r.Detail)
	}
	return p
}

func building(e *projections.BuildingError) *Problem {
	p := newProblem(http.StatusServiceUnavailable, "read_model_building", "the read model %s is being built", e.Projection).retryAfter(2)
	p.Progress = progressOf(e.Projection, e.Progress)
	return p
}

// answerError answers what a handler or echo itself returned.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		err = httpProblem(he.Code)
	}
	s.writeProblem(c, s.problemOf(c.Request().Context(), err, inQuery))
}

func httpProblem(status int) *Problem {
	switch status {
	case http.StatusNotFound:
		return newProblem(status, "no_route", "there is nothing at this path; /openapi.json lists what there is")
	case http.StatusMethodNotAllowed:
		return newProblem(status, "method_not_allowed", "this path doesn't take that method: see the header Allow")
	case http.StatusInternalServerError:
		return internal()
	}
	return newProblem(status, slug(http.StatusText(status)), "%s", http.StatusText(status))
}

func slug(title string) string { return strings.ReplaceAll(strings.ToLower(title), " ", "_") }

func (s *Server) writeProblem(c echo.Context, p *Problem) {
	for name, values := range p.headers {
		c.Response().Header()[name] = values
	}
	body, err := json.Marshal(p)
	if err == nil {
		err = c.Blob(p.Status, problemJSON, body)
	}
	if err != nil {
		s.Logger.DebugContext(c.Request().Context(), "problem not sent", "error", err)
	}
}

// asProblem makes huma's own refusals, of parameters and bodies, look like every other. It is huma's Transformer.
func asProblem(ctx huma.Context, _ string, body any) (any, error) {
	model, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	p := newProblem(model.Status, humaRule(model.Status), "%s", model.Detail)
	p.RequestID = requestID(ctx.Context())
	for _, e := range model.Errors {
		if e != nil {
			p = p.at(e.Location, "%s", e.Message) // without the value: it may be a megabyte, or somebody's name
		}
	}
	return p, nil
}

func humaRule(status int) string {
	if status == http.StatusUnprocessableEntity {
		return "invalid_field"
	}
	return slug(http.StatusText(status))
}
