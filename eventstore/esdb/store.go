// Package esdb keeps the event log on EventStoreDB, through its official client, which is supervised: every call is bounded
// from outside, a client that died is replaced, followers subscribe again where they were, and an append whose answer was lost
// is looked up. It speaks to servers from 20.10 on; what was measured was measured on 23.10.
//
// The log's origin is an event of its own: the first of the stream "channelledger", written by whoever opens the log first.
// Its random id names the log, so that read models built on another store are noticed. Follow doesn't show it.
package esdb

import (
	"context"
	"fmt"

	"github.com/channelledger/channelledger/eventstore"
)

var _ eventstore.Store = (*Store)(nil)

// Store is an event log on an EventStoreDB server or cluster.
type Store struct {
	supervisor *supervisor
	cfg        Config
	origin     string
	birth      eventstore.Position // of the event that names the log
}

// Open connects to the log, and gives it its name where it has none. It looks at nothing else: see Check.
// Errors: of the configuration; ErrUnavailable with the reason; ErrUnauthenticated, ErrAccessDenied; ErrTruncated where the
// event that names the log is gone; ErrNoLog where there is none and the configuration wants one.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s, err := connect(cfg)
	if err != nil {
		return nil, err
	}
	if err := s.identify(ctx); err != nil {
		err = s.supervisor.explain(err)
		_ = s.Close()
		return nil, fmt.Errorf("open event log at %s: %w", cfg, err)
	}
	return s, nil
}

// connect is a store that doesn't know its origin yet. It connects when it is first used.
func connect(cfg Config) (*Store, error) {
	if err := cfg.extract(); err != nil {
		return nil, err
	}
	supervisor, err := newSupervisor(cfg)
	if err != nil {
		return nil, err
	}
	return &Store{supervisor: supervisor, cfg: cfg}, nil
}

// Origin names this log: it stays the same as long as the log exists.
func (s *Store) Origin() string { return s.origin }

// Close ends every Append, Read and Follow with ErrClosed, and the connection. It waits for a client that hangs no longer
// than a second. Its error is always nil; it has one because stores are closed like files.
func (s *Store) Close() error {
	s.supervisor.shutDown()
	return nil
}
