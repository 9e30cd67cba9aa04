package api

import (
	"context"
	"errors"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// BoundsInput is what reads take beside that can be asked of the past.
type BoundsInput struct {
	WaitInput
	EffectiveAt string `query:"effective_at" doc:"Leave out what took effect later: a moment (RFC 3339), or a day, which is its start in the program's zone" example:"2026-01-31"`
	KnownAt     string `query:"known_at" doc:"Leave out what was recorded later: a moment, a day, or a position, as answers give it" example:"2026-01-31T12:00:00Z"`
}

func (in BoundsInput) bounded() bool { return in.EffectiveAt != "" || in.KnownAt != "" }

// readAt asks a read model as it is, or as it would have been within the bounds: the log is replayed into a scratch view,
// which is kept for the next who asks.
func (s *Server) readAt(
	ctx context.Context, def projections.Definition, in BoundsInput, query func(projections.Querier) error,
) (AsOfInfo, error) {
	name, _ := def.Named()
	if !in.bounded() {
		return s.live(ctx, name, in.WaitInput, query)
	}
	bounds, err := s.bounds(in)
	if err != nil {
		return AsOfInfo{}, err
	}
	if err := s.waitFor(ctx, name, in.WaitFor); err != nil {
		return AsOfInfo{}, err
	}
	scratch, err := s.AsOf.Open(ctx, def, bounds)
	if err != nil {
		return AsOfInfo{}, err
	}
	defer scratch.Close()
	return s.within(bounds, scratch.Watermark), scratch.Read(ctx, query)
}

// factsAt goes through what one stream held within the bounds. The answer stands for the log's end; bounded by a time of
// knowledge, for the last event of the stream that was known by then.
func (s *Server) factsAt(ctx context.Context, stream string, in BoundsInput, fold func(projections.Fact)) (AsOfInfo, error) {
	bounds, err := s.bounds(in)
	if err != nil {
		return AsOfInfo{}, err
	}
	end, err := s.endAt(ctx, in.WaitFor)
	if err != nil {
		return AsOfInfo{}, err
	}
	asked := bounds
	if bounds.KnownPosition.IsStart() || bounds.KnownPosition.Compare(end) > 0 {
		bounds.KnownPosition = end
	}
	var last projections.Fact
	source := projections.Source{Store: s.Ledger.Store, Codec: s.Ledger.Codec}
	for fact, err := range source.Stream(ctx, stream, bounds) {
		if err != nil {
			return AsOfInfo{}, err
		}
		last = fact
		fold(fact)
	}
	info := s.within(asked, bounds.KnownPosition)
	if !asked.KnownAt.IsZero() {
		info.Position = last.Position
	}
	if info.KnownAt.IsZero() {
		info.KnownAt = stamp(last.Envelope.RecordedAt)
	}
	return info, nil
}

// within says what a bounded answer is made from.
func (s *Server) within(bounds projections.Bounds, watermark eventstore.Position) AsOfInfo {
	info := s.now(watermark)
	switch {
	case !bounds.KnownAt.IsZero():
		info.KnownAt = stamp(bounds.KnownAt)
	case !bounds.KnownPosition.IsStart():
		info.KnownAt = time.Time{}
	}
	if !bounds.EffectiveAt.IsZero() {
		info.EffectiveAt = stamp(bounds.EffectiveAt)
	}
	return info
}

// moment is when things are looked at that change with time alone: the moment of effect asked for, else that of the knowledge,
// else now. A position's moment is when its event was recorded; of one that no event has, as the log's checkpoints, now.
func (s *Server) moment(ctx context.Context, in BoundsInput) (time.Time, error) {
	bounds, err := s.bounds(in)
	if err != nil {
		return time.Time{}, err
	}
	at, now := bounds.KnownAt, s.Clock()
	switch {
	case !bounds.EffectiveAt.IsZero():
		return bounds.EffectiveAt, nil
	case !bounds.KnownPosition.IsStart():
		e, err := s.Ledger.Store.At(ctx, bounds.KnownPosition)
		if err != nil && !errors.Is(err, eventstore.ErrForeignPosition) {
			return time.Time{}, err
		}
		at = e.RecordedAt
	}
	if at.IsZero() || at.After(now) {
		return now, nil
	}
	return at, nil
}

func (s *Server) bounds(in BoundsInput) (b projections.Bounds, err error) {
	if b.EffectiveAt, err = s.parseMoment("effective_at", in.EffectiveAt); err != nil {
		return b, err
	}
	if b.KnownAt, err = s.parseMoment("known_at", in.KnownAt); err == nil {
		return b, nil
	}
	b.KnownPosition, err = eventstore.ParsePosition(in.KnownAt, s.Ledger.Store.Origin())
	switch {
	case errors.Is(err, eventstore.ErrForeignPosition):
		_, err = s.position("query.known_at", in.KnownAt)
		return b, err
	case err != nil || b.KnownPosition.IsStart():
		return b, domain.Invalid("known_at", "want a moment as in 2026-01-31T12:00:00Z, a day as in 2026-01-31, or a position that this ledger gave")
	}
	return b, nil
}
