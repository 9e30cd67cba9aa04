package eventstore

import (
	"slices"
	"strings"
)

// Filter says which events to follow. An empty list lets everything pass; both lists must let an event pass.
type Filter struct {
	Categories []string // stream categories: the text before the first hyphen
	Types      []string // exact event types
}

// Match reports whether an event of that stream and type passes.
func (f Filter) Match(stream, eventType string) bool {
	return f.matchCategory(stream) && (len(f.Types) == 0 || slices.Contains(f.Types, eventType))
}

func (f Filter) matchCategory(stream string) bool {
	if len(f.Categories) == 0 {
		return true
	}
	category, _, _ := strings.Cut(stream, "-")
	return slices.Contains(f.Categories, category)
}
