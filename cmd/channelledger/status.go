package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/projections"
)

// statusPatience is how long read models of a ledger that nobody serves may take to catch up before they are shown as
// they are.
const statusPatience = 5 * time.Second

type statusCommand struct{}

// Help is the text below the flags.
func (statusCommand) Help() string {
	return `Examples:
  channelledger status
  channelledger status --data /srv/ledger`
}

// Run prints how far everything is.
func (statusCommand) Run(ctx context.Context, s *session) error {
	served := s.live.Load()
	return s.whileLive(ctx, func(ctx context.Context) error {
		waiting, stop := context.WithTimeout(ctx, statusPatience)
		defer stop()
		head, err := s.runner.Latest(waiting)
		if err == nil {
			_ = s.runner.WaitFor(waiting, projections.Everything, head.Position) // how far it came is what is shown
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return s.printStatus(ctx, served, head)
	})
}

func (s *session) printStatus(ctx context.Context, served bool, head projections.Head) error {
	out := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	serving := "no"
	if served {
		serving = "yes"
	}
	_, _ = fmt.Fprintf(out, "ledger\t%s\t%s\nserved\t%s\nlog end\t%s\t%s\n", s.store.Origin(), s.app.place, serving, head.Position, recorded(head))
	if served {
		reactors := s.reactors.Status()
		_, _ = fmt.Fprintf(out, "reactors\t%s\t%s\n", reactors.Position, haltText(reactors.Halted))
	}
	err := s.eachReactor(ctx, func(name string, st *reactor.State) {
		if n := len(st.Parked); n > 0 {
			_, _ = fmt.Fprintf(out, "parked\t%s: %d\tsee channelledger reactors\n", name, n)
		}
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\nREAD MODEL\tSTATE\tPOSITION\tBEHIND\tREMARK\n")
	for _, p := range s.runner.Status() {
		_, _ = fmt.Fprintf(out, "%s@%d\t%s\t%s\t%d\t%s\n", p.Name, p.Version, p.State, p.Position, p.Lag, remark(p))
	}
	return out.Flush()
}

func remark(p projections.Status) string {
	if p.State == projections.Building && p.Build.Fraction >= 0 {
		return fmt.Sprintf("%.0f %% of the log; %s", 100*p.Build.Fraction, p.Reason)
	}
	return p.Reason
}

func haltText(err error) string {
	if err == nil {
		return ""
	}
	return "halted: " + err.Error()
}

// recorded is when the last event was recorded, as far as this process has met one.
func recorded(head projections.Head) string {
	switch {
	case head.Position.IsStart():
		return "no events yet"
	case head.RecordedAt.IsZero():
		return ""
	}
	return "recorded " + head.RecordedAt.UTC().Format(time.RFC3339)
}
