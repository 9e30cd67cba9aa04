package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections/timeline"
)

const minute = "2006-01-02 15:04"

func printCase(out io.Writer, c replayed) {
	w := c.wording()
	for _, e := range c.Entries {
		_, _ = fmt.Fprintln(out, strings.Join(w.entry(e.Entry), "\n"))
	}
	for _, line := range withheldLines(c.Withheld) {
		_, _ = fmt.Fprintln(out, "withheld: "+line)
	}
}

// wording tells a case to people: who the partners are, and what it is about.
type wording struct {
	subject timeline.Subject
	names   map[string]string // of partners, by id, as far as the case says
}

func (c replayed) wording() wording {
	w := wording{subject: c.Subject, names: map[string]string{}}
	for _, e := range c.Entries {
		var said partner.Applied
		if e.Type == said.EventType() && json.Unmarshal(e.Data, &said) == nil {
			w.names[strings.TrimPrefix(e.Stream, partner.Category+"-")] = said.LegalName
		}
	}
	return w
}

// entry tells an entry.
func (w wording) entry(e timeline.Entry) []string {
	recorded, effective := e.RecordedAt.UTC().Format(minute), e.EffectiveAt.UTC().Format(minute)
	lines := []string{fmt.Sprintf("%d. %s  %s", e.Number, recorded, e.Type)}
	if effective != recorded {
		lines = append(lines, "   effective "+effective)
	}
	lines = append(lines, fmt.Sprintf("   %s@%d", e.Stream, e.Revision), "   by "+actorText(e.Actor))
	if e.Why != "" {
		lines = append(lines, "   because: "+printable(e.Why))
	}
	for _, c := range plainFirst(e.Changes) {
		if before, after := w.value(c.Before), w.value(c.After); before != after {
			lines = append(lines, fmt.Sprintf("   %s: %s → %s", w.changed(c), before, after))
		}
	}
	if said := leavesOf(e.Data); len(e.Changes) == 0 {
		for _, leaf := range said {
			lines = append(lines, fmt.Sprintf("   %s: %s", leaf.name, w.value(leaf.raw)))
		}
	} else {
		lines = append(lines, marked(said)...)
	}
	lines = append(lines, postings(e.Money)...)
	if len(e.Policies) > 0 {
		lines = append(lines, "   decided by "+strings.Join(e.Policies, ", "))
	}
	return lines
}

// plainFirst puts what changed of a thing itself, as its status, before what changed deep in it.
func plainFirst(changes []timeline.Change) []timeline.Change {
	return slices.SortedStableFunc(slices.Values(changes), func(a, b timeline.Change) int {
		return cmp.Compare(strings.Count(a.Path, "."), strings.Count(b.Path, "."))
	})
}

func postings(money []timeline.Posting) (lines []string) {
	for _, p := range money {
		for _, l := range p.Lines {
			side, amount := "dr", l.Amount
			if amount.Sign() < 0 {
				side, amount = "cr", amount.Neg()
			}
			lines = append(lines, fmt.Sprintf("   %s %s %s  %s (%s)", side, l.Account.Name, l.Account.Party, amount, p.Book))
		}
	}
	return lines
}

// isSubject reports whether a change is one of the case's subject.
func (w wording) isSubject(c timeline.Change) bool {
	return c.Thing == w.subject.Kind && c.ID == w.subject.ID
}

// changed is what changed: of the subject its field, of another thing also which.
func (w wording) changed(c timeline.Change) string {
	switch name, known := w.names[c.ID.String()]; {
	case w.isSubject(c):
		return c.Path
	case known:
		return fmt.Sprintf("%s %s %s", c.Thing, printable(name), c.Path)
	}
	return fmt.Sprintf("%s %.8s %s", c.Thing, c.ID, c.Path)
}

// leavesOf are the single values and amounts of an event, each by its path.
func leavesOf(raw json.RawMessage) (all []member) {
	for _, m := range membersOf(raw) {
		within := membersOf(m.raw)
		if within == nil || isAmount(m.raw) {
			all = append(all, m)
			continue
		}
		for _, leaf := range leavesOf(m.raw) {
			if !strings.HasPrefix(leaf.name, "[") {
				leaf.name = "." + leaf.name
			}
			all = append(all, member{m.name + leaf.name, leaf.raw})
		}
	}
	return all
}

// marked says which fields of an event are withheld, by rule.
func marked(said []member) (lines []string) {
	at := map[string][]string{}
	for _, leaf := range said {
		var text string
		if json.Unmarshal(leaf.raw, &text) != nil {
			continue
		}
		for _, rule := range []string{timeline.RuleInternal, timeline.RuleRival, timeline.RuleSealed} {
			if text == timeline.WithheldBy(rule) {
				at[rule] = append(at[rule], leaf.name)
			}
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(at)) {
		lines = append(lines, "   "+timeline.WithheldBy(rule)+" "+strings.Join(at[rule], ", "))
	}
	return lines
}

func actorText(a domain.Actor) string {
	text := a.ID
	if len(a.Roles) > 0 {
		roles := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			roles[i] = string(r)
		}
		text += " (" + strings.Join(roles, ", ") + ")"
	}
	if a.OnBehalfOf != "" {
		text += " on behalf of " + a.OnBehalfOf
	}
	return printable(text)
}

// value is a JSON value as people read it: text without quotes, amounts as amounts, partners by name, nothing as a dash.
func (w wording) value(v any) string {
	raw, ok := v.(json.RawMessage)
	if !ok && v != nil {
		raw, _ = json.Marshal(v) // it came from JSON
	}
	var text string
	var money struct{ Amount, Currency string }
	switch {
	case len(raw) == 0 || slices.Contains([]string{"null", "{}", "[]"}, string(raw)):
		return "–"
	case json.Unmarshal(raw, &text) == nil && text == always:
		return "ever"
	case json.Unmarshal(raw, &text) == nil:
		return w.name(text)
	case isAmount(raw) && json.Unmarshal(raw, &money) == nil:
		if money.Amount == money.Currency { // it is withheld
			return money.Amount
		}
		return money.Amount + " " + money.Currency
	}
	return printable(string(raw))
}

// always is since when what holds from the beginning holds.
const always = "0001-01-01T00:00:00Z"

// name is a text, and before it the partner's name where it is a partner's id.
func (w wording) name(text string) string {
	if name, ok := w.names[text]; ok {
		return printable(name) + " " + text
	}
	return printable(text)
}

func isAmount(raw json.RawMessage) bool {
	var money struct{ Amount, Currency string }
	return json.Unmarshal(raw, &money) == nil && money.Currency != "" && len(membersOf(raw)) == 2
}

func printable(text string) string { return clip(strings.ReplaceAll(text, "\n", " "), 0) }

func withheldLines(w timeline.Withheld) (lines []string) {
	for _, of := range []struct {
		what   string
		counts map[string]int
	}{{"fields", w.Fields}, {"entries", w.Entries}} {
		for _, rule := range slices.Sorted(maps.Keys(of.counts)) {
			lines = append(lines, fmt.Sprintf("%d %s (%s)", of.counts[rule], of.what, rule))
		}
	}
	return lines
}
