package candidates

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
)

// Reader opens a running read model. *projections.Runner has one.
type Reader interface {
	Reader(name string) (projections.Reader, error)
}

// Source asks a running read model. A read model that is being built, or that stopped, names nobody: a registration doesn't
// wait for it, and what it would have told a reactor records.
type Source struct {
	Models Reader
	Log    *slog.Logger
}

// Candidates are the accounts that may be of the customer: see Find.
// Errors: ctx's only.
func (s Source) Candidates(ctx context.Context, customer account.Profile, threshold int) (ids []uuid.UUID, err error) {
	reader, err := s.Models.Reader(Name)
	if err == nil {
		err = reader.Read(ctx, func(q projections.Querier) (err error) {
			ids, err = Find(ctx, q, customer, threshold)
			return err
		})
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		level := slog.LevelWarn
		if errors.Is(err, projections.ErrBuilding) {
			level = slog.LevelDebug // every start of an import
		}
		s.Log.Log(ctx, level, "decided without candidates: what they would have told is recorded later", "error", err)
		return nil, nil
	}
	return ids, nil
}
