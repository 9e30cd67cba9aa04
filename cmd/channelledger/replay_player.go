package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// player steps through a case: on the left what happened, on the right the subject as it was then.
type player struct {
	replayed
	at     int    // of the entry that is shown, from 0
	scroll int    // lines of the state above the screen
	asking bool   // for a date
	typed  string // of it so far
	note   string // why a date was not taken
	quit   bool
}

// The keys, as a terminal sends them (ECMA-48).
const (
	keyRight     = "\x1b[C"
	keyLeft      = "\x1b[D"
	keyDown      = "\x1b[B"
	keyUp        = "\x1b[A"
	keyHome      = "\x1b[H"
	keyEnd       = "\x1b[F"
	keyEscape    = "\x1b"
	keyEnter     = "\r"
	keyBackspace = "\x7f"
	keyCtrlC     = "\x03"
)

// press takes what was typed.
func (p *player) press(key string) {
	if p.asking {
		p.ask(key)
		return
	}
	p.note = ""
	switch key {
	case "n", " ", keyRight, keyEnter:
		p.move(p.at + 1)
	case "b", keyLeft:
		p.move(p.at - 1)
	case keyHome:
		p.move(0)
	case keyEnd:
		p.move(len(p.Entries) - 1)
	case "j", keyDown:
		p.scroll++
	case "k", keyUp:
		p.scroll = max(0, p.scroll-1)
	case "g":
		p.asking, p.typed = true, ""
	case "q", "Q", keyCtrlC:
		p.quit = true
	}
}

func (p *player) move(to int) {
	p.at = max(0, min(to, len(p.Entries)-1))
	p.scroll = 0
}

// ask takes the keys of a date, up to Enter.
func (p *player) ask(key string) {
	switch key {
	case keyCtrlC:
		p.quit = true
	case keyEscape:
		p.asking = false
	case keyBackspace:
		p.typed = p.typed[:max(0, len(p.typed)-1)]
	case keyEnter:
		p.asking = false
		p.jump()
	default:
		if len(key) == 1 && len(p.typed) < len(time.DateOnly) {
			p.typed += key
		}
	}
}

// jump goes to the last entry that was recorded by the end of the day that was typed, in UTC as the screen shows it.
func (p *player) jump() {
	day, err := domain.ParseDate(p.typed)
	if err != nil {
		p.note = err.Error()
		return
	}
	behind, to := day.AddDays(1).In(time.UTC), 0
	for i, e := range p.Entries {
		if e.RecordedAt.Before(behind) {
			to = i
		}
	}
	p.move(to)
}

// lines are the screen's.
func (p *player) lines(on screen) []string {
	e := p.Entries[p.at]
	left := max(30, on.Width*3/5)
	title := fmt.Sprintf("%s %s · %d of %d", p.Subject.Kind, p.Subject.ID, p.at+1, len(p.Entries))
	told := wrapped(entryLines(e.Entry), left-2)
	told = append(told, "")
	told = append(told, withheldLines(p.Withheld)...)
	state := p.state()
	p.scroll = min(p.scroll, max(0, len(state)-1))
	state = state[p.scroll:]
	room := max(1, on.Height-4)
	lines := []string{clip(title, on.Width), strings.Repeat("─", on.Width)}
	for i := range room {
		lines = append(lines, beside(lineAt(told, i), lineAt(state, i), left, on.Width))
	}
	return append(lines, strings.Repeat("─", on.Width), clip(p.foot(), on.Width))
}

func (p *player) foot() string {
	switch {
	case p.asking:
		return "go to (yyyy-mm-dd): " + p.typed
	case p.note != "":
		return p.note
	}
	return "n next  b back  g to a date  Home End  j k scroll the state  q quit"
}

// state is the subject behind the entry, line by line; what the entry changed is marked by the changes beside it.
func (p *player) state() []string {
	raw := p.Entries[p.at].State
	if len(raw) == 0 {
		return []string{"(nothing is known of it yet)"}
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, raw, "", "  ") != nil {
		return []string{string(raw)}
	}
	return strings.Split(pretty.String(), "\n")
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// beside puts two texts side by side on a line of so many characters.
func beside(left, right string, at, width int) string {
	first := []rune(clip(left, at-2))
	return clip(string(first)+strings.Repeat(" ", at-2-len(first))+"│ "+clip(right, max(0, width-at)), width)
}

// wrapped breaks lines that are too long.
func wrapped(lines []string, width int) (all []string) {
	for _, line := range lines {
		for runes := []rune(line); ; runes = append([]rune("     "), runes[width:]...) {
			if len(runes) <= width {
				all = append(all, string(runes))
				break
			}
			all = append(all, string(runes[:width]))
		}
	}
	return all
}
