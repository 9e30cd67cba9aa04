package esdb

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/channelledger/channelledger/eventstore"
)

// The errors of a log on EventStoreDB, besides those of the port.
var (
	ErrClosed          = errors.New("event log is closed")
	ErrAccessDenied    = errors.New("the event log's user may not do this")
	ErrUnauthenticated = errors.New("the event log doesn't know this user, password or certificate")
	ErrNoLog           = errors.New("no ledger was begun on this server")
	ErrDeleted         = errors.New("the stream was deleted")
	ErrTruncated       = errors.New("events are missing from the stream")
	ErrClientPanic     = errors.New("the event log's client panicked")
)

// verdict says what an error of the client leaves open.
type verdict int

const (
	final verdict = iota // an answer: the same request gets it again
	away                 // no answer: the server is out of reach, busy, or changing its leader
	odd                  // an answer that says nothing: a few more tries are worth it
)

// judge tells the errors of client and server apart by the gRPC status inside: the client's own code is 0 for most of them.
func judge(err error) verdict {
	if errors.Is(err, ErrClientPanic) || errors.Is(err, ErrTruncated) || errors.Is(err, ErrClosed) {
		return final
	}
	switch clientCode(err) {
	case client.ErrorCodeConnectionClosed, client.ErrorCodeNotLeader:
		return away
	case client.ErrorCodeStreamDeleted, client.ErrorCodeWrongExpectedVersion:
		return final
	}
	if errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return away
	}
	switch grpcCode(err) {
	case codes.Unavailable, codes.Aborted, codes.DeadlineExceeded, codes.Canceled:
		return away
	case codes.InvalidArgument, codes.ResourceExhausted, codes.PermissionDenied, codes.Unauthenticated,
		codes.Unimplemented, codes.FailedPrecondition, codes.NotFound:
		return final
	default: // Unknown, Internal, and "EOF", which is how a refusal in the middle of an append arrives
		return odd
	}
}

// clientCode is the client's code for an error; ErrorCodeUnknown where it has none.
func clientCode(err error) client.ErrorCode {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Code()
	}
	return client.ErrorCodeUnknown
}

// grpcCode is the code of the status inside, if there is one.
func grpcCode(err error) codes.Code {
	if s, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err); ok {
		return s.GRPCStatus().Code()
	}
	return codes.Unknown
}

// deadly reports whether the client that gave an error may be dead for ever, or die at the next call.
func deadly(err error) bool {
	return grpcCode(err) == codes.Unavailable || clientCode(err) == client.ErrorCodeConnectionClosed || errors.Is(err, ErrClientPanic)
}

// isMissing reports whether the server said that a stream has no events. A gRPC NotFound, which has the same code, says
// something else.
func isMissing(err error) bool {
	return clientCode(err) == client.ErrorCodeResourceNotFound && grpcCode(err) != codes.NotFound
}

// translate names the errors that a caller can do something about.
func translate(err error) error {
	switch {
	case clientCode(err) == client.ErrorCodeStreamDeleted:
		return fmt.Errorf("%w: %w", ErrDeleted, err)
	case grpcCode(err) == codes.PermissionDenied:
		return fmt.Errorf("%w: %w", ErrAccessDenied, err)
	case grpcCode(err) == codes.Unauthenticated:
		return fmt.Errorf("%w: %w", ErrUnauthenticated, err)
	case errors.Is(err, eventstore.ErrUnavailable) || judge(err) == final:
		return err
	default:
		return fmt.Errorf("%w: %w", eventstore.ErrUnavailable, err)
	}
}

// panicked turns a panic of the client into an error: the process outlives it.
func panicked(p any) error { return fmt.Errorf("%w: %v\n%s", ErrClientPanic, p, debug.Stack()) }

// conflict is the port's error for a refused expectation. The client tells the current revision in its message only, which
// belongs to the pinned version: the conformance suite notices another.
func conflict(r *request, err error) (*eventstore.ConflictError, bool) {
	if clientCode(err) != client.ErrorCodeWrongExpectedVersion {
		return nil, false
	}
	_, rest, _ := strings.Cut(err.Error(), "but got '")
	text, _, _ := strings.Cut(rest, "'")
	current, numErr := strconv.ParseInt(text, 10, 64)
	if numErr != nil { // no_stream
		current = int64(eventstore.NoStream)
	}
	return &eventstore.ConflictError{Stream: r.stream, Expected: r.expected, Current: eventstore.Revision(current)}, true
}

// isTooLarge reports whether the server found a request outside its limits.
func isTooLarge(err error) bool {
	code := grpcCode(err)
	return code == codes.InvalidArgument || code == codes.ResourceExhausted
}
