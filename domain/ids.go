package domain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// namespace roots every derived id. Changing it would change every id of every ledger: never.
var namespace = uuid.MustParse("6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11")

// DeriveID is the UUIDv5 (RFC 9562) of the parts: equal parts give an equal id, so that every retry is the same append.
// Each part is preceded by its length, so that ("ab","c") and ("a","bc") differ.
func DeriveID(parts ...string) uuid.UUID {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return uuid.NewSHA1(namespace, []byte(b.String()))
}

// CommandID is the id of the command that a caller sent under an Idempotency-Key.
func CommandID(caller, key string) uuid.UUID { return DeriveID("command", caller, key) }

// EventID is the id of the index-th event that a command appends to a stream.
func EventID(command uuid.UUID, stream string, index int) uuid.UUID {
	return DeriveID("event", command.String(), stream, strconv.Itoa(index))
}

// EntityID is the id of what a command creates inside a stream; kind tells several new things of one command apart.
func EntityID(command uuid.UUID, stream, kind string) uuid.UUID {
	return DeriveID("entity", command.String(), stream, kind)
}

// ReactionID is the id of the command that a reactor gives because of an event; step tells several apart.
func ReactionID(reactor string, source uuid.UUID, step string) uuid.UUID {
	return DeriveID("reaction", reactor, source.String(), step)
}

// StreamName is the name of an entity's stream: `<category>-<uuid>`.
func StreamName(category string, id uuid.UUID) string { return category + "-" + id.String() }

// ParseStream takes a stream name apart. The id is what stands behind the first hyphen, since ids hold hyphens themselves.
func ParseStream(stream string) (category string, id uuid.UUID, err error) {
	category, text, found := strings.Cut(stream, "-")
	if !found || category == "" {
		return "", uuid.Nil, fmt.Errorf("stream %q: want <category>-<uuid>", stream)
	}
	if id, err = uuid.Parse(text); err != nil {
		return "", uuid.Nil, fmt.Errorf("stream %q: want <category>-<uuid>: %w", stream, err)
	}
	return category, id, nil
}
