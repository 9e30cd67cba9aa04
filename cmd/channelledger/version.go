package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

func (versionCommand) needsNoLedger() {}

// Run prints the version that the binary was built from.
func (versionCommand) Run(_ context.Context, s *session) error {
	_, err := fmt.Fprintln(s.stdout, "channelledger", version())
	return err
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
