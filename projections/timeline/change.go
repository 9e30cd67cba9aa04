package timeline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Change is one field of a thing that an event changed.
type Change struct {
	Thing  Kind      `json:"thing"`
	ID     uuid.UUID `json:"id"`
	Path   string    `json:"path"`             // as in lines[0].amount
	Before any       `json:"before,omitempty"` // left out: it was not there
	After  any       `json:"after,omitempty"`  // left out: it is gone
}

// fields is a document taken apart: each path and the JSON that stands there.
type fields map[string]string

// takeApart goes down to single values and amounts of money. Who took a step, and when, the entry itself says.
func takeApart(doc any) (fields, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("take %T apart: %w", doc, err)
	}
	value, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("take %T apart: %w", doc, err)
	}
	f := fields{}
	f.add("", value)
	for _, name := range []string{"revision", "event_id", "last_event_id"} { // the entry's own
		delete(f, name)
	}
	return f, nil
}

// parse reads JSON without making floats of numbers.
func parse(raw []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

func (f fields) add(path string, value any) {
	switch v := value.(type) {
	case map[string]any:
		if isStep(v) {
			return
		}
		if isMoney(v) || path != "" && len(v) == 0 {
			break
		}
		for key, inner := range v {
			f.add(join(path, key), inner)
		}
		return
	case []any:
		for i, inner := range v {
			f.add(fmt.Sprintf("%s[%d]", path, i), inner)
		}
		return
	}
	raw, _ := json.Marshal(value) // it was JSON just now
	f[path] = string(raw)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func isMoney(v map[string]any) bool {
	_, amount := v["amount"].(string)
	_, currency := v["currency"].(string)
	return amount && currency && len(v) == 2
}

// isStep knows a domain.Step by what every one has.
func isStep(v map[string]any) bool {
	for _, key := range []string{"at", "recorded_at", "event_id", "by"} {
		if _, ok := v[key]; !ok {
			return false
		}
	}
	return true
}

// changes are what differs, by path.
func changes(of thing, before, after fields) (all []Change) {
	paths := maps.Clone(before)
	if paths == nil {
		paths = fields{}
	}
	maps.Copy(paths, after)
	for path := range paths {
		if before[path] == after[path] {
			continue
		}
		c := Change{Thing: of.kind, ID: of.id, Path: path}
		if was, ok := before[path]; ok {
			c.Before = json.RawMessage(was)
		}
		if is, ok := after[path]; ok {
			c.After = json.RawMessage(is)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return all
}
