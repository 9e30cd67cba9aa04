package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections/closing"
)

type closeCommand struct {
	Month  string            `arg:"" help:"The month, as in 2026-10." placeholder:"YYYY-MM"`
	Check  bool              `help:"Only say what stands in the way; nothing is recorded."`
	Accept map[string]string `mapsep:"none" help:"Close although that check failed, and say why; may be repeated." placeholder:"CHECK=REASON"`
}

// Help is the text below the flags.
func (closeCommand) Help() string {
	return `The month is cut, so that what is recorded from now on posts in a later one, and closed with the hash of its trial balance. Where
a check fails that isn't accepted, nothing is cut.

Examples:
  channelledger close --check 2026-10
  channelledger close 2026-10 --accept open_clearing="sent on the last day, booked by the bank on the first"`
}

// errChecks says that the month isn't closed.
var errChecks = errors.New("checks failed: settle what they found, or accept each by name with --accept CHECK=REASON")

// Run checks, cuts and closes.
func (c *closeCommand) Run(ctx context.Context, s *session) error {
	m, err := period.ParseMonth(c.Month)
	if err != nil {
		return err
	}
	return s.withAPI(ctx, func(ctx context.Context, api inProcess) error { return c.close(ctx, s, api, m) })
}

// monthChecks is what the API says of a month's checks.
type monthChecks struct {
	Version int              `json:"version"`
	SHA256  string           `json:"trial_balance_sha256"`
	Checks  []closing.Result `json:"checks"`
}

func (c *closeCommand) close(ctx context.Context, s *session, api inProcess, m period.Month) error {
	path := "/v1/periods/" + m.String()
	checks, err := c.look(ctx, s, api, path)
	if err != nil || c.Check {
		return err
	}
	if checks.Version == 0 {
		if err := api.post(ctx, path+"/cut", struct{}{}, nil); err != nil {
			return err
		}
		if err := api.get(ctx, path+"/checks", &checks); err != nil {
			return err
		}
	}
	body := period.ClosePeriod{Version: checks.Version, TrialBalanceSHA256: checks.SHA256, Accepted: c.accepted(checks.Checks)}
	if err := api.post(ctx, path+"/close", body, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.stdout, "%s is closed, version %d\ntrial balance %s\n", m, checks.Version, checks.SHA256)
	return err
}

// look prints the checks, and refuses where one failed that nobody accepts.
func (c *closeCommand) look(ctx context.Context, s *session, api inProcess, path string) (checks monthChecks, err error) {
	head, err := s.runner.Latest(ctx)
	if err != nil {
		return checks, err
	}
	if err := api.get(ctx, path+"/checks?wait_for="+head.Position.String(), &checks); err != nil {
		return checks, err
	}
	if err := c.names(checks.Checks); err != nil {
		return checks, err
	}
	if err := printChecks(s.stdout, checks); err != nil {
		return checks, err
	}
	for _, r := range checks.Checks {
		if _, ok := c.Accept[r.Name]; r.Result == period.Failed && !ok {
			return checks, errChecks
		}
	}
	return checks, nil
}

// names refuses to accept what is no check.
func (c *closeCommand) names(checks []closing.Result) error {
	known := map[string]bool{}
	for _, r := range checks {
		known[r.Name] = true
	}
	for name := range c.Accept {
		if !known[name] {
			return fmt.Errorf("--accept: there is no check %q", name)
		}
	}
	return nil
}

// accepted are the checks that failed, each with its reason.
func (c *closeCommand) accepted(checks []closing.Result) (accepted []period.Acceptance) {
	for _, r := range checks {
		if r.Result == period.Failed {
			accepted = append(accepted, period.Acceptance{Check: r.Name, Reason: c.Accept[r.Name]})
		}
	}
	return accepted
}

func printChecks(to io.Writer, checks monthChecks) error {
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "CHECK\tRESULT\tFOUND")
	for _, r := range checks.Checks {
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\n", r.Name, r.Result, r.Title)
		for _, f := range r.Findings {
			_, _ = fmt.Fprintf(out, "\t\t%s\n", findingText(f))
		}
	}
	_, _ = fmt.Fprintf(out, "\ntrial balance %s\n", checks.SHA256)
	return out.Flush()
}

func findingText(f closing.Finding) string {
	var parts []string
	if !f.Amount.IsZero() {
		parts = append(parts, f.Amount.String())
	}
	if f.Account != nil {
		parts = append(parts, f.Account.Name, f.Account.Party)
	}
	return strings.Join(append(parts, f.What), " ")
}
