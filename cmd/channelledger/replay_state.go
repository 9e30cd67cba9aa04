package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/timeline"
)

// state is the subject behind an entry, line by line with * at what the entry changed, and the first such line.
func (w wording) state(e timeline.Entry) (lines []string, first int) {
	if len(e.State) == 0 {
		return []string{"(nothing is known of it yet)"}, 0
	}
	s := sheet{wording: w, changed: map[string]bool{}}
	for _, c := range e.Changes {
		if w.isSubject(c) {
			s.changed[c.Path] = true
		}
	}
	s.members("", "", e.State)
	return s.lines, max(0, slices.IndexFunc(s.lines, func(line string) bool { return strings.HasPrefix(line, "*") }))
}

// sheet writes a document down as people read it: one value a line, in the document's order.
type sheet struct {
	wording
	changed map[string]bool // by path
	lines   []string
}

// member is a value in an object, or in a list.
type member struct {
	name string
	raw  json.RawMessage
}

// membersOf are what an object, or a list, holds, in its order; nil: it is a single value.
func membersOf(raw json.RawMessage) (all []member) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	opening, err := decoder.Token()
	if delim, ok := opening.(json.Delim); err != nil || !ok || delim != '{' && delim != '[' {
		return nil
	}
	all = []member{}
	for i := 0; decoder.More(); i++ {
		m := member{name: fmt.Sprintf("[%d]", i)}
		if opening == json.Delim('{') {
			name, err := decoder.Token()
			if err != nil {
				return all
			}
			m.name, _ = name.(string)
		}
		if decoder.Decode(&m.raw) != nil {
			return all
		}
		all = append(all, m)
	}
	return all
}

func (s *sheet) members(path, indent string, raw json.RawMessage) {
	for _, m := range membersOf(raw) {
		at := path + m.name
		if path != "" && !strings.HasPrefix(m.name, "[") {
			at = path + "." + m.name
		}
		s.member(at, indent, m)
	}
}

func (s *sheet) member(path, indent string, m member) {
	if text, ok := s.single(m.raw); ok {
		s.line(path, indent+m.name+": "+text)
		return
	}
	if within := membersOf(m.raw); len(within) > 0 {
		if within[0].name != "[0]" { // a list's things are numbered, and need no heading
			s.line(path, indent+m.name)
		}
		for i := range within {
			if strings.HasPrefix(within[i].name, "[") {
				s.member(path+within[i].name, indent, member{m.name + within[i].name, within[i].raw})
				continue
			}
			s.member(path+"."+within[i].name, indent+"  ", within[i])
		}
	}
}

func (s *sheet) line(path, text string) {
	mark := "  "
	if s.changed[path] {
		mark = "* "
	}
	s.lines = append(s.lines, mark+text)
}

// single is what fits on one line: a value, an amount, or who took a step and when.
func (w wording) single(raw json.RawMessage) (string, bool) {
	var step domain.Step
	switch within := membersOf(raw); {
	case len(within) == 0, isAmount(raw):
		return w.value(raw), true
	case isStep(within) && json.Unmarshal(raw, &step) == nil:
		text := step.At.UTC().Format(minute)
		if step.By != "" {
			text += " by " + printable(step.By)
		}
		return text, true
	}
	return "", false
}

// isStep knows a domain.Step by what every one has.
func isStep(within []member) bool {
	had := 0
	for _, m := range within {
		if slices.Contains([]string{"at", "recorded_at", "event_id", "by"}, m.name) {
			had++
		}
	}
	return had == 4
}
