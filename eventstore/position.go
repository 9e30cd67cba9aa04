package eventstore

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Position is a place in one log's total order. Its zero value stands before everything. Its text is opaque and names the
// log it belongs to, so that a position of another log is noticed. Both numbers are the store's own (EventStoreDB has a
// commit and a prepare position; the embedded log sets both to its sequence number, from 1).
type Position struct {
	Origin  string
	Commit  uint64
	Prepare uint64
}

// IsStart reports whether this is the place before the first event.
func (p Position) IsStart() bool { return p.Commit == 0 && p.Prepare == 0 }

// Compare orders positions of one log: -1, 0 or 1.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(p.Commit, other.Commit), cmp.Compare(p.Prepare, other.Prepare))
}

// String is the opaque text of a position; the beginning is "start".
func (p Position) String() string {
	switch {
	case p.IsStart():
		return "start"
	case p.Commit == p.Prepare:
		return p.Origin + "." + strconv.FormatUint(p.Commit, 10)
	default:
		return p.Origin + "." + strconv.FormatUint(p.Commit, 10) + "." + strconv.FormatUint(p.Prepare, 10)
	}
}

// ParsePosition reads a position of the log with this origin.
// Errors: ErrForeignPosition for another log's; a plain error for a text that is no position.
func ParsePosition(text, origin string) (Position, error) {
	if text == "start" || text == "" {
		return Position{}, nil
	}
	parts := strings.Split(text, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return Position{}, fmt.Errorf("position %q: want one that this ledger gave, or start", text)
	}
	commit, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil || commit == 0 {
		return Position{}, fmt.Errorf("position %q: want one that this ledger gave, or start", text)
	}
	prepare := commit
	if len(parts) == 3 {
		if prepare, err = strconv.ParseUint(parts[2], 10, 64); err != nil {
			return Position{}, fmt.Errorf("position %q: want one that this ledger gave, or start", text)
		}
	}
	if parts[0] != origin {
		return Position{}, fmt.Errorf("%w: %q is of log %s, this is %s", ErrForeignPosition, text, parts[0], origin)
	}
	return Position{Origin: origin, Commit: commit, Prepare: prepare}, nil
}

// MarshalText is the opaque text, for JSON.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
