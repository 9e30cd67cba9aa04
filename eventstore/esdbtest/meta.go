package esdbtest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// shown is what the metadata of a stream lets reads of it show. $all shows everything, and the store keeps everything.
type shown struct {
	first eventstore.Revision // the first revision shown
	since time.Time           // the time of the first event shown
}

// skip is the revision to begin with instead.
func (s shown) skip(from eventstore.Revision) eventstore.Revision { return max(from, s.first) }

func (s shown) hides(e eventstore.Recorded) bool { return e.RecordedAt.Before(s.since) }

// streamMetadata is what an event in a metadata stream may say about hiding.
type streamMetadata struct {
	MaxCount       eventstore.Revision `json:"$maxCount"`
	MaxAge         int64               `json:"$maxAge"` // seconds
	TruncateBefore eventstore.Revision `json:"$tb"`
}

// shown reads the stream's metadata. Metadata streams show their last event only.
func (s *Server) shown(ctx context.Context, stream string) (shown, error) {
	if isMetadataStream(stream) {
		return s.lastOf(ctx, stream, 1)
	}
	m, err := s.metadata(ctx, stream)
	if err != nil {
		return shown{}, err
	}
	limits := shown{}
	if m.MaxCount > 0 {
		if limits, err = s.lastOf(ctx, stream, m.MaxCount); err != nil {
			return shown{}, err
		}
	}
	limits.first = max(limits.first, m.TruncateBefore)
	if m.MaxAge > 0 {
		limits.since = s.settings.clock().Add(-time.Duration(m.MaxAge) * time.Second)
	}
	return limits, nil
}

func (s *Server) lastOf(ctx context.Context, stream string, n eventstore.Revision) (shown, error) {
	head, err := s.head(ctx, stream)
	return shown{first: max(head-n+1, 0)}, err
}

func (s *Server) metadata(ctx context.Context, stream string) (m streamMetadata, err error) {
	data, err := s.metadataOf(ctx, stream)
	_ = json.Unmarshal(data, &m) // what is no metadata hides nothing
	return m, err
}

// metadataOf is the last event's data in the stream's metadata stream.
func (s *Server) metadataOf(ctx context.Context, stream string) (data []byte, err error) {
	name := "$$" + stream
	if len(name) > eventstore.MaxStreamName { // nobody could set it
		return nil, nil
	}
	for e, err := range s.store.Read(ctx, name, max(s.heads.atLeast(name)-1, eventstore.NoStream)) {
		if err != nil {
			return nil, err
		}
		data = e.Data
		s.heads.note(name, e.Revision)
	}
	return data, nil
}

func tombstoneID(stream string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("tombstone of "+stream))
}
