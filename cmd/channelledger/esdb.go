package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/channelledger/channelledger/eventstore/esdb"
)

type esdbCommand struct {
	Check esdbCheckCommand `cmd:"" help:"Say whether the event log keeps what is written to it, who could change it, and what to set."`
}

type esdbCheckCommand struct{}

// Help is the text below the flags.
func (esdbCheckCommand) Help() string {
	return `It writes nothing, and works beside a running ledger. It ends with status 1 where a ledger refuses to write.

Examples:
  channelledger esdb check --store 'esdb://127.0.0.1:2113?tls=false'
  channelledger esdb check --store-file /etc/channelledger/store --store-ca ca.pem`
}

func (esdbCheckCommand) needsNoLedger() {}

// Run prints everything that a look at the server shows.
func (esdbCheckCommand) Run(ctx context.Context, s *session) error {
	if s.place.remote == nil {
		return errors.New("esdb check: name the event log with --store or --store-file")
	}
	report, err := esdb.Check(ctx, *s.place.remote)
	if err != nil {
		return fmt.Errorf("look at event log at %s: %w", s.place.remote, err)
	}
	_, _ = fmt.Fprintf(s.stdout, "event log at %s\n\n%s\n\n", s.place.remote, report)
	switch report.Worst() {
	case esdb.Refusal:
		_, _ = fmt.Fprintln(s.stdout, "A ledger refuses to write here: what it recorded is gone, or will be. Reading goes on.")
		return exitError(1)
	case esdb.Warning:
		_, _ = fmt.Fprintln(s.stdout, "A ledger writes here. The warnings say who could change the past, or where that can't be seen.")
	default:
		_, _ = fmt.Fprintln(s.stdout, "A ledger writes here, and nobody else can.")
	}
	return nil
}
