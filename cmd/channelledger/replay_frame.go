package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lines are the screen's: a title, the entry beside the state, and the keys.
func (p *player) lines(on screen) []string {
	e := p.Entries[p.at]
	left, room := leftOf(on.Width), max(1, on.Height-4)
	w := p.wording()
	told := wrapped(w.entry(e.Entry), left-2)
	state, first := w.state(e.Entry)
	p.told = within(p.told, len(told), room)
	if p.scroll < 0 {
		p.scroll = 0
		if first >= room { // what the entry changed would be below the screen
			p.scroll = first - room/3
		}
	}
	p.scroll = within(p.scroll, len(state), room)
	told, state = window(told, p.told, room, "K", "J"), window(state, p.scroll, room, "k", "j")
	lines := []string{cut(p.title(), on.Width), strings.Repeat("─", on.Width)}
	for i := range room {
		lines = append(lines, beside(lineAt(told, i), lineAt(state, i), left, on.Width))
	}
	return append(lines, ruled(p.withheldText(), on.Width), cut(p.foot(), on.Width))
}

// leftOf is how much of a screen the entries have: on a narrow one as much as the name of a stream is long.
func leftOf(width int) int {
	const streamName = 53
	return max(30, width*3/5, min(streamName, width*2/3))
}

// title is where in which case, how the case stands there, and whose eyes see it.
func (p *player) title() string {
	parts := []string{fmt.Sprintf("%d of %d", p.at+1, len(p.Entries)), string(p.Subject.Kind)}
	var is struct {
		Kind, Status, Outcome any
	}
	if json.Unmarshal(p.Entries[p.at].State, &is) == nil {
		stands := []string{}
		for _, text := range []any{is.Status, is.Outcome} {
			if text, ok := text.(string); ok && text != "" {
				stands = append(stands, text)
			}
		}
		if kind, ok := is.Kind.(string); ok {
			parts[1] += " " + kind
		}
		if len(stands) > 0 {
			parts = append(parts, strings.Join(stands, ", "))
		}
	}
	if p.Viewpoint != "" {
		parts = append(parts, "as seen by "+p.wording().name(p.Viewpoint))
	}
	return strings.Join(append(parts, p.Subject.ID.String()), " · ")
}

// withheldText is what the reader doesn't see of the whole case, by rule.
func (p *player) withheldText() string {
	if p.Viewpoint == "" {
		return ""
	}
	rules := map[string]string{}
	for _, of := range []struct {
		what   string
		counts map[string]int
	}{{"fields", p.Withheld.Fields}, {"entries", p.Withheld.Entries}} {
		for rule, n := range of.counts {
			rules[rule] = cmp.Or(rules[rule], rule) + fmt.Sprintf(" %d %s", n, of.what)
		}
	}
	if len(rules) == 0 {
		return "nothing is withheld"
	}
	return "withheld: " + strings.Join(slices.Sorted(maps.Values(rules)), ", ")
}

func (p *player) foot() string {
	switch {
	case p.asking:
		return "go to (yyyy-mm-dd): " + p.typed
	case p.note != "":
		return p.note
	}
	return "n next  b back  N B own stream  g date  Home End  J K event  j k state  q quit"
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// within keeps a text of so many lines from being scrolled out of its room.
func within(scroll, lines, room int) int { return min(scroll, max(0, lines-room)) }

// window is what of a text is on the screen; where there is more above or below, it says how much, and which key shows it.
func window(lines []string, from, room int, up, down string) []string {
	shown := slices.Clone(lines[from:min(len(lines), from+room)])
	if room < 3 {
		return shown
	}
	if from > 0 {
		shown[0] = fmt.Sprintf("↑ %d more lines (%s)", from+1, up)
	}
	if rest := len(lines) - from - room; rest > 0 {
		shown[room-1] = fmt.Sprintf("↓ %d more lines (%s)", rest+1, down)
	}
	return shown
}

// beside puts two texts side by side on a line of so many characters.
func beside(left, right string, at, width int) string {
	first := []rune(cut(left, at-2))
	return clip(string(first)+strings.Repeat(" ", at-2-len(first))+"│ "+cut(right, max(1, width-at)), width)
}

// ruled is a line across the screen, with a text in it.
func ruled(text string, width int) string {
	if text != "" {
		text = cut("── "+text, width-1) + " "
	}
	return text + strings.Repeat("─", width-len([]rune(text)))
}

// cut makes a line fit, and shows where it was longer.
func cut(line string, width int) string {
	whole := clip(line, 0)
	if runes := []rune(whole); len(runes) > width {
		return string(runes[:max(0, width-1)]) + "…"
	}
	return whole
}

// wrapped breaks lines that are too long, between words where it can.
func wrapped(lines []string, width int) (all []string) {
	const indent = "     "
	for _, line := range lines {
		runes := []rune(line)
		for len(runes) > width {
			at := width
			if space := strings.LastIndex(strings.TrimRight(string(runes[:width+1]), " "), " "); space > 2*len(indent) {
				at = len([]rune(string(runes[:width+1])[:space]))
			}
			all = append(all, strings.TrimRight(string(runes[:at]), " "))
			runes = append([]rune(indent), []rune(strings.TrimLeft(string(runes[at:]), " "))...)
		}
		all = append(all, string(runes))
	}
	return all
}
