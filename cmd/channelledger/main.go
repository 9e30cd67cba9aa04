// Command channelledger is an event-sourced ledger for companies that sell through partners: the server, and the commands
// that work on its data.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err))
}

// exitError ends the process with a status of its own; what there was to say is said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exitCode prints an error that nobody printed yet and turns it into a status: 1 for a failure, 130 when interrupted.
func exitCode(err error) int {
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "channelledger: interrupted")
		return 130
	default:
		fmt.Fprintln(os.Stderr, "channelledger:", err)
		return 1
	}
}
