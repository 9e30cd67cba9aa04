package main

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
)

// printedEvents is how many events are shown where no screen bounds them.
const printedEvents = 20

// board is what the screen says.
type board struct {
	place    string
	served   bool
	at       eventstore.Position // how far the log was read
	read     bool                // to its end
	err      error               // why it can't be just now
	newest   []news              // oldest first
	models   []projections.Status
	reactors react.Status

	pipeline    pipeline.Groups
	pipelineErr error
}

// news is one event, in short.
type news struct {
	at                  time.Time
	name, stream, actor string
}

func newsOf(r eventstore.Recorded, env domain.Envelope) news {
	return news{at: r.RecordedAt, name: r.Type, stream: fmt.Sprintf("%s@%d", r.Stream, r.Revision), actor: env.Actor.ID}
}

// lines are the screen's, no more and no wider than it is; the zero screen has no bounds.
func (b board) lines(on screen) []string {
	lines := []string{b.title(), ""}
	lines = append(lines, table(b.totals)...)
	lines = append(lines, "")
	lines = append(lines, table(b.progress)...)
	lines = append(lines, "")
	room := min(len(b.newest), printedEvents)
	if on.Height > 0 {
		room = max(0, min(len(b.newest), on.Height-len(lines)-1))
	}
	lines = append(lines, table(func(out *tabwriter.Writer) { b.events(out, room) })...)
	if on.Height > 0 && len(lines) > on.Height {
		lines = lines[:on.Height]
	}
	for i, line := range lines {
		lines[i] = clip(line, on.Width)
	}
	return lines
}

func (b board) title() string {
	text := "channelledger · " + b.place + " · log end " + b.at.String()
	switch {
	case b.err != nil:
		text += " · the log can't be read: " + b.err.Error()
	case !b.read:
		text += " · reading the log"
	}
	if !b.served {
		text += " · not served"
	}
	return text
}

func (b board) totals(out *tabwriter.Writer) {
	_, _ = fmt.Fprintln(out, "PIPELINE\tDEALS\tEXPECTED\tWON, NET")
	if b.pipelineErr != nil {
		_, _ = fmt.Fprintln(out, b.pipelineErr)
		return
	}
	for _, g := range b.pipeline.Groups {
		for _, s := range g.Sums {
			won := ""
			if s.Won.Sign() != 0 {
				won = s.Won.String()
			}
			_, _ = fmt.Fprintf(out, "%s\t%d\t%s\t%s\n", g.Value, s.Deals, s.Amount, won)
		}
	}
	if len(b.pipeline.Groups) == 0 {
		_, _ = fmt.Fprintln(out, "no deals yet")
	}
}

// progress shows all that follows the log.
func (b board) progress(out *tabwriter.Writer) {
	_, _ = fmt.Fprintln(out, "FOLLOWS THE LOG\tSTATE\tBEHIND\tREMARK")
	for _, p := range b.models {
		_, _ = fmt.Fprintf(out, "%s@%d\t%s\t%d\t%s\n", p.Name, p.Version, p.State, p.Lag, remark(p))
	}
	for _, r := range b.reactors.Rules {
		_, _ = fmt.Fprintf(out, "reactor %s\t%s\t\t%s\n", r.Name, b.reactorState(), parkedText(r))
	}
}

func (b board) reactorState() string {
	switch {
	case !b.served:
		return "not running"
	case b.reactors.Halted != nil:
		return haltText(b.reactors.Halted)
	case b.reactors.Position.Compare(b.at) < 0:
		return "at " + b.reactors.Position.String()
	}
	return string(projections.Live)
}

func parkedText(r react.RuleStatus) string {
	if r.Parked == 0 {
		return ""
	}
	return fmt.Sprintf("%d parked: see channelledger reactors", r.Parked)
}

// events shows the newest first.
func (b board) events(out *tabwriter.Writer, room int) {
	_, _ = fmt.Fprintln(out, "NEWEST EVENTS\tTYPE\tSTREAM\tBY")
	for i := range room {
		n := b.newest[len(b.newest)-1-i]
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", n.at.UTC().Format(time.DateTime), n.name, n.stream, n.actor)
	}
}

// table aligns columns.
func table(write func(*tabwriter.Writer)) []string {
	var text bytes.Buffer
	out := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	write(out)
	_ = out.Flush() // to memory
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}

// clip makes a line fit, and takes out what a terminal would obey: some of it was written by others.
func clip(line string, width int) string {
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.TrimRight(line, " "))
	if runes := []rune(printable); width > 0 && len(runes) > width {
		return string(runes[:width])
	}
	return printable
}
