package timeline

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// sight is how much of an event a reader sees: all of it, nothing, or the fields that are open; the others fall under the rule.
type sight struct {
	all, none bool
	open      []string // paths; what stands in a list has the list's path
	hidden    []string // with all: but these
	rule      string
	rivals    []uuid.UUID // with all: wherever they stand, people of another partner's
}

var everything = sight{all: true}

// data is an event's JSON with what is withheld marked, and counted by rule.
func (r Reader) data(e domain.Event, s sight, count map[string]int) (json.RawMessage, error) {
	raw, err := json.Marshal(r.masked(e))
	if err != nil {
		return nil, err
	}
	if s.all && len(s.hidden) == 0 && len(s.rivals) == 0 { // also to the vendor's own people
		return raw, nil
	}
	whole, err := parse(raw)
	if err != nil {
		return nil, err
	}
	return json.Marshal(s.cover("", whole, count))
}

// cover puts the mark in the place of what the reader doesn't see.
func (s sight) cover(path string, value any, count map[string]int) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = s.cover(join(path, key), inner, count)
		}
		return v
	case []any:
		for i := range v {
			v[i] = s.cover(path, v[i], count)
		}
		return v
	}
	switch {
	case s.namesRival(value):
		count[RuleRival]++
		return WithheldBy(RuleRival)
	case s.shows(path):
		return value
	}
	count[s.rule]++
	return WithheldBy(s.rule)
}

func (s sight) namesRival(value any) bool {
	text, ok := value.(string)
	return ok && slices.ContainsFunc(s.rivals, func(id uuid.UUID) bool { return id.String() == text })
}

// shows reports whether a field is in sight. Of a finding's evidence a partner sees what it sees everywhere.
func (s sight) shows(path string) bool {
	if name, ok := strings.CutPrefix(path, "evidence."); ok && s.all && slices.Contains(s.hidden, "evidence.*") {
		return account.OpenEvidence(name)
	}
	return s.all && !slices.ContainsFunc(s.hidden, func(h string) bool { return hides(h, path) }) || slices.Contains(s.open, path)
}

// hides reports whether a field is meant: itself, or with .* everything below.
func hides(hidden, path string) bool {
	below, all := strings.CutSuffix(hidden, "*")
	return path == hidden || all && strings.HasPrefix(path, below)
}
