package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/timeline"
)

const minute = "2006-01-02 15:04"

func printCase(out io.Writer, c replayed) {
	for _, e := range c.Entries {
		_, _ = fmt.Fprintln(out, strings.Join(entryLines(e.Entry), "\n"))
	}
	for _, line := range withheldLines(c.Withheld) {
		_, _ = fmt.Fprintln(out, line)
	}
}

// entryLines tell an entry to people.
func entryLines(e timeline.Entry) []string {
	recorded, effective := e.RecordedAt.UTC().Format(minute), e.EffectiveAt.UTC().Format(minute)
	when := recorded
	if effective != recorded {
		when += ", effective " + effective
	}
	lines := []string{
		fmt.Sprintf("%d. %s  %s", e.Number, when, e.Type),
		fmt.Sprintf("   %s@%d", e.Stream, e.Revision),
		"   by " + actorText(e.Actor),
	}
	if e.Why != "" {
		lines = append(lines, "   because: "+printable(e.Why))
	}
	if len(e.Policies) > 0 {
		lines = append(lines, "   decided by "+strings.Join(e.Policies, ", "))
	}
	if len(e.Changes) == 0 {
		lines = append(lines, saidLines(e.Data)...)
	}
	for _, c := range e.Changes {
		lines = append(lines, fmt.Sprintf("   %s %s: %s → %s", c.Thing, c.Path, valueText(c.Before), valueText(c.After)))
	}
	for _, p := range e.Money {
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

// saidLines are the single values of an event that changed nothing here.
func saidLines(data json.RawMessage) (lines []string) {
	var said map[string]any
	if json.Unmarshal(data, &said) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		switch said[name].(type) {
		case map[string]any, []any:
		default:
			lines = append(lines, fmt.Sprintf("   %s: %s", name, valueText(said[name])))
		}
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

// valueText is a JSON value as people read it: amounts as amounts, nothing as a dash.
func valueText(v any) string {
	raw, ok := v.(json.RawMessage)
	if !ok && v != nil {
		raw, _ = json.Marshal(v) // it came from JSON
	}
	var money struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	}
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "–"
	case json.Unmarshal(raw, &money) == nil && money.Currency != "":
		return money.Amount + " " + money.Currency
	}
	return printable(string(raw))
}

func printable(text string) string { return clip(strings.ReplaceAll(text, "\n", " "), 0) }

func withheldLines(w timeline.Withheld) (lines []string) {
	for _, of := range []struct {
		what   string
		counts map[string]int
	}{{"fields", w.Fields}, {"entries", w.Entries}} {
		for _, rule := range slices.Sorted(maps.Keys(of.counts)) {
			lines = append(lines, fmt.Sprintf("withheld: %d %s (%s)", of.counts[rule], of.what, rule))
		}
	}
	return lines
}
