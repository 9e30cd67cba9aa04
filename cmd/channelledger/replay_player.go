package main

import (
	"time"

	"github.com/channelledger/channelledger/domain"
)

// player steps through a case: on the left what happened, on the right the subject as it was then.
type player struct {
	replayed
	at     int    // of the entry that is shown, from 0
	told   int    // lines of the entry above the screen
	scroll int    // lines of the state above the screen; below 0: as far as it takes to show what the entry changed
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
	keyPageUp    = "\x1b[5~"
	keyPageDown  = "\x1b[6~"
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
	case "N":
		p.moveToOwn(1)
	case "B":
		p.moveToOwn(-1)
	case keyHome:
		p.move(0)
	case keyEnd:
		p.move(len(p.Entries) - 1)
	case "j", keyDown:
		p.scroll = max(0, p.scroll) + 1
	case "k", keyUp:
		p.scroll = max(0, p.scroll-1)
	case "J", keyPageDown:
		p.told++
	case "K", keyPageUp:
		p.told = max(0, p.told-1)
	case "g":
		p.asking, p.typed = true, ""
	case "q", "Q", keyCtrlC:
		p.quit = true
	}
}

func (p *player) move(to int) {
	p.at = max(0, min(to, len(p.Entries)-1))
	p.told, p.scroll = 0, -1
}

// moveToOwn goes on, or back, to an entry of the subject's own stream; where there is none further it stays.
func (p *player) moveToOwn(step int) {
	for to := p.at + step; to >= 0 && to < len(p.Entries); to += step {
		if p.Entries[to].Stream == p.Subject.Home {
			p.move(to)
			return
		}
	}
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
