package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
)

// Config is all that a server is made from.
type Config struct {
	Ledger        *ledger.Ledger
	Projections   Projections
	AsOf          AsOf
	Zone          *time.Location // of the program; nil: UTC
	Reactors      Reactors       // nil: there are none
	Authenticator Authenticator
	Files         Files // nil: documents are neither taken nor given

	Clock   func() time.Time // nil: time.Now
	Logger  *slog.Logger     // nil: silent
	Limits  Limits
	Version string // of the program, for the API's description
}

// Projections are the running read models. *projections.Runner is one.
type Projections interface {
	Reader(name string) (projections.Reader, error)
	// WaitFor waits until a read model holds a position. Errors: ctx's, or why it never will.
	WaitFor(ctx context.Context, name string, position eventstore.Position) error
	// Latest is the end of the log.
	Latest(ctx context.Context) (projections.Head, error)
	// Status is how every read model is doing.
	Status() []projections.Status
}

// AsOf answers what a read model would have shown. *projections.AsOf is one.
type AsOf interface {
	Open(ctx context.Context, def projections.Definition, bounds projections.Bounds) (*projections.Scratch, error)
}

// Reactors are the running reactors. *react.Runner is one.
type Reactors interface {
	// WaitFor waits until everything up to a position is handled, and returns the position of what followed from it.
	WaitFor(ctx context.Context, position eventstore.Position) (eventstore.Position, error)
	Status() react.Status
}

// Limits bound what one request may take. A zero field takes its default.
type Limits struct {
	BodyBytes   int64         // of a request; 1 MiB
	FileBytes   int64         // of a document; 20 MiB
	Transfer    time.Duration // for a document to come in or go out; 5 min
	HeaderBytes int           // of a request; 32 KiB
	Request     time.Duration // for any request but a stream of events; 30 s
	WaitFor     time.Duration // for a read model to reach a position; 5 s
	StreamWrite time.Duration // for a client to take the next piece of a stream; 15 s
	Heartbeat   time.Duration // between signs of life on a quiet stream; 15 s
}

func (l Limits) withDefaults() Limits {
	return Limits{
		BodyBytes:   cmp.Or(l.BodyBytes, 1<<20),
		FileBytes:   cmp.Or(l.FileBytes, 20<<20),
		Transfer:    cmp.Or(l.Transfer, 5*time.Minute),
		HeaderBytes: cmp.Or(l.HeaderBytes, 32<<10),
		Request:     cmp.Or(l.Request, 30*time.Second),
		WaitFor:     cmp.Or(l.WaitFor, 5*time.Second),
		StreamWrite: cmp.Or(l.StreamWrite, 15*time.Second),
		Heartbeat:   cmp.Or(l.Heartbeat, 15*time.Second),
	}
}

// Server is the API as an http.Handler.
type Server struct {
	Config
	echo      *echo.Echo
	huma      huma.API
	telemetry *telemetry
	keys      *keys
	homes     *homes

	commands []reflect.Type         // that have a route
	openAPI  func() ([]byte, error) // written when somebody first asks: a command line that only passes through here never does
}

// New makes a server. It touches neither the store nor the read models before the first request.
func New(config Config) *Server {
	s := &Server{Config: config, keys: newKeys(), homes: newHomes()}
	s.Limits = s.Limits.withDefaults()
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	s.telemetry = newTelemetry(s)
	s.echo = s.newEcho()
	s.huma = humaecho.New(s.echo, s.description())
	s.routes()
	s.forgetHumaErrors()
	s.openAPI = sync.OnceValues(s.OpenAPI)
	return s
}

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = s.answerError
	e.Use(s.identifyRequest, s.observe, s.recoverPanic, s.harden, onlyJSON)
	return e
}

func (s *Server) routes() {
	s.healthRoutes()
	s.docsRoutes()
	s.dealRoutes()
	s.partnerRoutes()
	s.fileRoutes()
	s.accountRoutes()
	s.mdfRoutes()
	s.programRoutes()
	s.rebateRoutes()
	s.statementRoutes()
	s.incentiveRoutes()
	s.payoutRoutes()
	s.payableReads()
	s.clawbackRoutes()
	s.periodRoutes()
	s.disputeRoutes()
	s.bookHealthRoutes()
	s.timelineRoutes()
	s.bookRoutes()
	s.exportRoutes()
	s.conflictRoutes()
	s.breachRoutes()
	s.pipelineRoutes()
	s.pipelineStreamRoutes()
	s.metricRoutes()
	s.streamRoutes()
	s.eventRoutes()
	s.reactorRoutes()
}

// ServeHTTP answers one request. HEAD is answered like GET: net/http, which looks at its own request, leaves the body out.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		r = r.WithContext(r.Context())
		r.Method = http.MethodGet
	}
	s.echo.ServeHTTP(w, r)
}

// Serve answers requests until ctx ends; then streams end, and what is in flight gets the time of one request to finish.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	streams, endStreams := context.WithCancel(ctx)
	defer endStreams()
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.Limits.Request,
		ReadTimeout:       s.Limits.Request,
		IdleTimeout:       4 * s.Limits.Request,
		MaxHeaderBytes:    s.Limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.WithoutCancel(ctx), streamsEnd{}, streams.Done())
		},
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.Request)
	defer cancel()
	err := server.Shutdown(grace)
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// streamsEnd is where a request's context keeps the signal that streams are to end.
type streamsEnd struct{}

// requestID is that of the request behind a context, as the access log has it.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

type requestIDKey struct{}

func newRequestID() string { return uuid.NewString() }
