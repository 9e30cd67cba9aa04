package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/reactor"
)

type reactorsCommand struct {
	List  listReactorsCommand `cmd:"" default:"1" help:"Print what is parked, and why."`
	Retry retryCommand        `cmd:"" help:"Have a parked event handled after all."`
}

type listReactorsCommand struct{}

// Help is the text below the flags.
func (listReactorsCommand) Help() string {
	return `A reactor that can't handle an event goes on without it: the event is parked until it is retried.

Examples:
  channelledger reactors`
}

// Run prints every reactor, and below it what it can't handle.
func (listReactorsCommand) Run(ctx context.Context, s *session) error {
	out := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "REACTOR\tEVENT\tOF\tATTEMPT\tREASON")
	err := s.eachReactor(ctx, func(name string, st *reactor.State) {
		for _, p := range st.Parked {
			_, _ = fmt.Fprintf(out, "%s\t%s\t%s %s@%d\t%d\t%s\n", name, p.Source, p.SourceType, p.SourceStream, p.SourceRevision, p.Attempt, p.Reason)
		}
		if len(st.Parked) == 0 {
			_, _ = fmt.Fprintf(out, "%s\tnothing is parked\n", name)
		}
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// eachReactor shows each reactor's own stream, folded.
func (a *app) eachReactor(ctx context.Context, show func(name string, st *reactor.State)) error {
	for _, rule := range reactor.All() {
		err := a.ledger.Reactors.View(ctx, reactor.StreamID(rule.Name()), func(st *reactor.State, _ domain.Source) error {
			show(rule.Name(), st)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type retryCommand struct {
	Reactor string    `arg:"" help:"Name of the reactor."`
	Event   uuid.UUID `arg:"" help:"Id of the parked event."`
	Reason  string    `required:"" help:"What is better now." placeholder:"TEXT"`
}

// Help is the text below the flags.
func (retryCommand) Help() string {
	return `The reactors that are running fold the log anew, this event included; otherwise the next that start do.

Examples:
  channelledger reactors retry scheduler 3916d7b1-7488-545b-b126-957dd27e67a4 --reason "a newer program"`
}

// Run records that the event is to be handled.
func (c *retryCommand) Run(ctx context.Context, s *session) error {
	actor := owner
	actor.OnBehalfOf = s.User
	header := domain.Header{CommandID: uuid.New(), Actor: actor}
	if _, err := s.ledger.Reactors.Do(ctx, reactor.StreamID(c.Reactor), header, reactor.Retry{EventID: c.Event, Reason: c.Reason}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(s.stdout, "%s: %s is retried\n", c.Reactor, c.Event)
	return err
}
