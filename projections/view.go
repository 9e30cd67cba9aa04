package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/eventstore"
)

// Checkpoint is how far a build has come. It is stored with the rows, in one transaction.
type Checkpoint struct {
	Position eventstore.Position // of the last event passed; zero: none yet
	Event    uuid.UUID           // that event: another one there means another log
	Before   eventstore.Position // a position before it: following from here meets it again
	Count    uint64              // events applied
}

// View keeps the rows of one build of one projection. One goroutine writes, any number read. A Load may come while a Commit
// is under way, and then waits for it.
type View interface {
	Backing
	Reader

	// Checkpoint is what was stored last; the zero value in an empty build.
	Checkpoint() Checkpoint
	// Commit stores what changed in the tables and moves the checkpoint from what was read to next, all or nothing.
	// Errors: ErrCheckpointMoved where another process moved it; any other leaves rows and checkpoint as they were.
	Commit(ctx context.Context, next Checkpoint) error
	// Ready ends the bulk load of an empty build: its indexes are made, and it can be read. A build that was ready is left as it is.
	Ready(ctx context.Context) error
	// Checksum is the hex SHA-256 over tables and rows, in key order.
	Checksum(ctx context.Context) (string, error)
	// Close lets go of the build once its last reader is done; Remove does too, and then deletes its rows.
	Close() error
	Remove() error
}

// Views keeps the builds of projections.
type Views interface {
	// Current opens the build that was switched to last. Builds begun and never switched to are removed.
	// Errors: ErrNoBuild where there is none of that version with these tables.
	Current(ctx context.Context, name string, version int, schema *Schema) (View, error)
	// Create begins an empty build beside the current one.
	Create(ctx context.Context, name string, version int, schema *Schema) (View, error)
	// Switch makes a ready build the current one, durably. The one before it stays for its readers until it is removed.
	Switch(ctx context.Context, name string, to View) error
	// Scratch begins an empty build that lives until it is closed.
	Scratch(ctx context.Context, schema *Schema) (View, error)
}

// Reader answers queries from one state of the rows.
type Reader interface {
	// Read calls query with a snapshot: whatever it asks, the answers are of one position. Reads never wait for the writer,
	// but for one another where there are too many; so query must not Read again.
	// Errors: those of query, *BuildingError where there is nothing to read yet, ErrStorage.
	Read(ctx context.Context, query func(Querier) error) error
}

// Querier asks one snapshot of a read model's tables. Each has the columns key and doc (JSON) beside its own.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	// Position is how far the log stands in these rows.
	Position() eventstore.Position
}

// The errors of views.
var (
	ErrNoBuild         = errors.New("no build of this version")
	ErrFirstBuild      = fmt.Errorf("%w: it is the first", ErrNoBuild)
	ErrCheckpointMoved = errors.New("the checkpoint was moved by another process")
	ErrClosed          = errors.New("build is closed")
)
