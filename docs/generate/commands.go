package main

import (
	"bytes"
	"fmt"
	"os/exec"
)

// subcommands are the command lines whose help makes the reference.
var subcommands = [][]string{{}, {"serve"}, {"import"}, {"import", "crm"}, {"import", "sales"}, {"rebate", "explain"}, {"export"}, {"events"}, {"rebuild"}, {"reactors"}, {"reactors", "retry"}, {"status"}, {"top"}, {"copy"}, {"esdb", "check"}, {"version"}}

// commandLine is the reference of the command line: what --help prints.
func commandLine(root string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Command line\n\nGenerated from `--help`; see `make docs`.\n")
	for _, words := range subcommands {
		args := append(append([]string{"run", "./cmd/channelledger"}, words...), "--help")
		help := exec.Command("go", args...)
		help.Dir = root
		text, err := help.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%v: %w\n%s", words, err, text)
		}
		name := "channelledger"
		for _, w := range words {
			name += " " + w
		}
		fmt.Fprintf(&out, "\n## %s\n\n```text\n%s```\n", name, text)
	}
	return out.Bytes(), nil
}
