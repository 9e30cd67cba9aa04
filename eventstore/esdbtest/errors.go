package esdbtest

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/channelledger/channelledger/eventstore"
)

// What the real server answers, word for word where it was seen.
var (
	errHandler        = status.Error(codes.Unknown, "Exception was thrown by handler.")
	errReadStream     = status.Error(codes.Unknown, "Unexpected ReadStreamResult: Error")
	errReadAll        = status.Error(codes.Unknown, "Unexpected ReadAllResult: Error")
	errTooLarge       = status.Error(codes.InvalidArgument, "Maximum Append Size of 1048576 Exceeded.")
	errTooSlow        = status.Error(codes.Aborted, "Operation timed out: Consumer too slow to handle event while live. Client resubscription required.")
	errCommit         = status.Error(codes.Aborted, "Operation timed out: Commit phase timeout.")
	errUnavailable    = status.Error(codes.Unavailable, "Server Is Not Ready")
	errAuthentication = status.Error(codes.Unauthenticated, "Authentication Failed")
	errCut            = status.Error(codes.Unavailable, "the connection was cut")
)

// answer is the status for an error of the store.
func answer(err error) error {
	_, isStatus := status.FromError(err)
	switch {
	case isStatus: // nil too
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return status.FromContextError(err).Err()
	case errors.Is(err, errNoSuchPosition):
		return errReadAll
	case errors.Is(err, eventstore.ErrInvalid):
		return status.Error(codes.InvalidArgument, err.Error())
	case errors.Is(err, eventstore.ErrUnavailable):
		return status.Error(codes.Unavailable, err.Error())
	default:
		return status.Error(codes.Unknown, err.Error())
	}
}

// refuse is an error that the client knows by its trailers.
func refuse(ctx context.Context, code codes.Code, text, exception string, more ...string) error {
	trailers := metadata.Pairs(append([]string{"exception", exception}, more...)...)
	_ = grpc.SetTrailer(ctx, trailers) // fails only outside of a call
	return status.Error(code, text)
}

func accessDenied(ctx context.Context) error {
	return refuse(ctx, codes.PermissionDenied, "Access Denied", "access-denied")
}

func streamDeleted(ctx context.Context, stream string) error {
	return refuse(ctx, codes.FailedPrecondition, "Event stream '"+stream+"' is deleted.", "stream-deleted", "stream-name", stream)
}
