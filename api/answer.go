package api

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/channelledger/channelledger/eventstore"
)

// AsOfInfo tells what an answer is made from.
type AsOfInfo struct {
	Position    eventstore.Position `json:"position" doc:"How much of the log the answer holds: everything up to here"`
	KnownAt     time.Time           `json:"known_at,omitzero" doc:"What was recorded until then is in it; left out where a position was asked for that says so"`
	EffectiveAt time.Time           `json:"effective_at" doc:"What took effect later is not in it"`
}

// answer is the body of every answer.
type answer[T any] struct {
	AsOf AsOfInfo `json:"as_of"`
	Data T        `json:"data"`
}

// etagOf is the revision of an entity's own last event.
func etagOf(revision int64) string { return `"` + revisionText(revision) + `"` }

func revisionText(revision int64) string { return strconv.FormatInt(revision, 10) }

// matches reports whether a list of ETags, as If-Match and If-None-Match have it, names this one. A weak one only names the
// same for If-None-Match (RFC 9110, 13.1).
func matches(list, etag string, weak bool) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if weak {
			tag = strings.TrimPrefix(tag, "W/")
		}
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// note is what an ETag may say behind the revision, see partnerTag.
var note = regexp.MustCompile(`\.[a-z_]+"`)

// decidedOn reports whether an If-Match names the revision.
func decidedOn(ifMatch string, revision int64) bool {
	return matches(note.ReplaceAllString(ifMatch, `"`), etagOf(revision), false)
}

// encode writes JSON without HTML escapes.
func encode(v any) (json.RawMessage, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n")), nil
}
