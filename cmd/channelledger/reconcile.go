package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/file"
)

// maxBankFile bounds a bank's file, in bytes.
const maxBankFile = 2 << 30

type reconcileCommand struct {
	Mapping string `help:"What a CSV's columns mean (YAML); without one the file is camt.053." placeholder:"FILE"`
	Account string `help:"Our account, where a CSV doesn't say it." placeholder:"IBAN"`
	Number  string `help:"The statement's number, where a CSV doesn't say it."`
	From    string `help:"Its first day, where a CSV doesn't say it." placeholder:"YYYY-MM-DD"`
	To      string `help:"Its last day, where a CSV doesn't say it." placeholder:"YYYY-MM-DD"`
	Opening string `help:"Balance before the lines, where a CSV doesn't say it, as in '1250.00 EUR'." placeholder:"AMOUNT"`
	Closing string `help:"Balance behind them, where a CSV doesn't say it." placeholder:"AMOUNT"`
	JSON    bool   `name:"json" help:"Print the report as one JSON object."`
	File    string `arg:"" help:"The bank's file." placeholder:"FILE"`
}

// Help is the text below the flags.
func (reconcileCommand) Help() string {
	return `The file is kept, its statements go into the books, and what is certain is matched; what matched by which rule is printed, and what
didn't. The same file again goes on where it stopped, and tries the rules on what is left.

Examples:
  channelledger reconcile statement-2026-10.xml
  channelledger reconcile --mapping docs/examples/bank.mapping.yaml october.csv`
}

// Run reconciles, and prints what came of it.
func (c *reconcileCommand) Run(ctx context.Context, s *session) error {
	actor := domain.Actor{ID: "reconcile", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}, OnBehalfOf: s.User}
	opts := reconcile.Options{Actor: actor, Resume: true}
	var err error
	if opts.Given, err = c.given(); err != nil {
		return err
	}
	if opts.SHA256, err = c.keep(ctx, s, actor, c.File); err != nil {
		return err
	}
	if c.Mapping != "" {
		if opts.Mapping, err = c.keep(ctx, s, actor, c.Mapping); err != nil {
			return fmt.Errorf("--mapping: %w", err)
		}
	}
	bar := newProgress(s.stderr, s.Width, "reconcile")
	opts.Progress = func(_ string, done, total int) { bar.tell(int64(done), int64(total)) }
	var report reconcile.Report
	err = s.whileLive(ctx, func(ctx context.Context) (err error) {
		r := &reconcile.Reconciler{Ledger: s.ledger, Files: s.files, Models: s.runner, Clock: s.now}
		report, err = r.Run(ctx, opts)
		return err
	})
	bar.done()
	return errors.Join(err, c.print(s.stdout, report))
}

// keep stores a file beside the log, and its record in it.
func (c *reconcileCommand) keep(ctx context.Context, s *session, actor domain.Actor, path string) (sha256 string, err error) {
	in, err := os.Open(s.path(path))
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }() // it was read only
	stored, err := s.files.Put(ctx, in, maxBankFile)
	if err != nil {
		return "", err
	}
	header := domain.Header{CommandID: domain.DeriveID("store file", actor.ID, actor.PartnerID.String(), stored.SHA256), Actor: actor}
	_, err = s.ledger.Files.Do(ctx, file.IDOf(stored.SHA256), header, file.Store{SHA256: stored.SHA256, Size: stored.Size})
	return stored.SHA256, err
}

func (c *reconcileCommand) given() (g bank.Given, err error) {
	g.Account, g.Number = c.Account, c.Number
	for flag, day := range map[string]struct {
		text string
		to   *domain.Date
	}{"--from": {c.From, &g.From}, "--to": {c.To, &g.To}} {
		if day.text == "" {
			continue
		}
		if *day.to, err = domain.ParseDate(day.text); err != nil {
			return g, fmt.Errorf("%s: %w", flag, err)
		}
	}
	for flag, money := range map[string]struct {
		text string
		to   *domain.Money
	}{"--opening": {c.Opening, &g.Opening}, "--closing": {c.Closing, &g.Closing}} {
		if money.text == "" {
			continue
		}
		amount, currency, _ := strings.Cut(money.text, " ")
		if *money.to, err = domain.ParseMoney(amount, currency); err != nil {
			return g, fmt.Errorf("%s: want an amount and its currency, as in '1250.00 EUR': %w", flag, err)
		}
	}
	return g, nil
}

func (c *reconcileCommand) print(w io.Writer, report reconcile.Report) error {
	if len(report.Statements) == 0 {
		return nil
	}
	if c.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(report)
	}
	out := bufio.NewWriter(w)
	for _, s := range report.Statements {
		printReport(out, s)
	}
	return out.Flush()
}

// printReport tells of one statement.
func printReport(w io.Writer, s reconcile.StatementReport) {
	_, _ = fmt.Fprintf(w, "statement %s of %s: %s", s.Number, s.BankAccount, s.Outcome)
	switch {
	case s.Reason != "":
		_, _ = fmt.Fprintf(w, ": %s\n", s.Reason)
		return
	case s.Parked != nil:
		why := strings.ReplaceAll(string(s.Parked.Why), "_", " ")
		_, _ = fmt.Fprintf(w, ": %s, expected %s, found %s\n", why, s.Parked.Expected, s.Parked.Found)
		return
	}
	_, _ = fmt.Fprintf(w, ", %d lines, %d known already, %d settled before, id %s\n", s.Lines, s.Skipped, s.Before, s.ID)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range s.Matched {
		_, _ = fmt.Fprintf(table, "  matched\t%s\t%d lines\t%s\n", c.Rule, c.Lines, c.Amount)
	}
	for _, c := range s.Suggested {
		_, _ = fmt.Fprintf(table, "  suggested\t%s\t%d lines\t%s\n", c.Rule, c.Lines, c.Amount)
	}
	if s.Ambiguous > 0 {
		_, _ = fmt.Fprintf(table, "  ambiguous\t\t%d lines\n", s.Ambiguous)
	}
	if s.Unmatched > 0 {
		_, _ = fmt.Fprintf(table, "  unknown\t\t%d lines\n", s.Unmatched)
	}
	for _, r := range s.Refusals {
		_, _ = fmt.Fprintf(table, "  refused\t%s\tlines %v\t%s\n", r.Rule, r.Lines, r.Reason)
	}
	_ = table.Flush() // what it writes to tells its own errors
	printLeft(w, s.Left)
	if s.Reconciled {
		_, _ = fmt.Fprintln(w, "  every line is settled")
	}
}

// maxLeft is how many lines are printed; the report as JSON has more, the API all.
const maxLeft = 50

func printLeft(w io.Writer, left []reconcile.Left) {
	if len(left) == 0 {
		return
	}
	_, _ = fmt.Fprintln(w, "  not settled:")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range left[:min(len(left), maxLeft)] {
		direction := "in"
		if l.Outgoing {
			direction = "out"
		}
		_, _ = fmt.Fprintf(table, "    line %d\t%s\t%s %s\t%s\t%s\n", l.Line, l.BookedOn, direction, l.Amount, l.Why, l.Rule)
	}
	_ = table.Flush() // what it writes to tells its own errors
	if more := len(left) - maxLeft; more > 0 {
		_, _ = fmt.Fprintf(w, "    and %d more: GET /v1/statements/unmatched\n", more)
	}
}
