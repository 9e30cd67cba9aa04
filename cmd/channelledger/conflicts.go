package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/channelledger/channelledger/api/intake"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections/candidates"
)

type conflictsCommand struct {
	Check checkConflictsCommand `cmd:"" help:"Say what registrations for a list of customers would meet; nothing is recorded."`
}

type checkConflictsCommand struct {
	File    string `arg:"" help:"CSV with the column name, and domain, country, tax_id, product_line where they are known; or one name a line."`
	Country string `help:"Of customers for whom the file says none: two letters as of ISO 3166-1." placeholder:"XX"`
	JSON    bool   `help:"Print one JSON object for each customer."`
}

// Help is the text below the flags.
func (checkConflictsCommand) Help() string {
	return `A customer that can't be checked is named with its line; the others are checked all the same, and the command fails at its end.

Examples:
  channelledger conflicts check --country DE names.txt
  channelledger conflicts check --json prospects.csv`
}

// checkedRow is what one customer of the list would meet, or why that can't be said.
type checkedRow struct {
	Line int    `json:"line"`
	Name string `json:"name"`
	*account.Checked
	Error string `json:"error,omitempty"`
	Field string `json:"field,omitempty"` // that the error is about
}

// Run checks the list against the ledger as it is now.
func (c *checkConflictsCommand) Run(ctx context.Context, s *session) error {
	names, err := c.read(s)
	if err != nil {
		return err
	}
	return s.whileLive(ctx, func(ctx context.Context) error {
		head, err := s.runner.Latest(ctx)
		if err != nil {
			return err
		}
		if err := s.runner.WaitFor(ctx, candidates.Name, head.Position); err != nil {
			return err
		}
		return c.check(ctx, s, names)
	})
}

func (c *checkConflictsCommand) read(s *session) ([]intake.Named, error) {
	file, err := os.Open(s.path(c.File))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, intake.MaxNamesFile+1)) // one more is refused there
	if err != nil {
		return nil, err
	}
	return intake.ReadNames(intake.File{Name: filepath.Base(c.File), Data: data})
}

func (c *checkConflictsCommand) check(ctx context.Context, s *session, names []intake.Named) error {
	out := c.printer(s.stdout)
	bar := newProgress(s.stderr, s.Width, "conflicts check")
	now, wrong := s.now(), 0
	for i, n := range names {
		row, err := c.checkOne(ctx, s, n, now)
		if err != nil {
			return err
		}
		if row.Error != "" {
			wrong++
		}
		if err := out.print(row); err != nil {
			return err
		}
		bar.tell(int64(i+1), int64(len(names)))
	}
	bar.done()
	if err := out.end(); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d customers could not be checked", wrong, len(names))
	}
	return nil
}

// checkOne says what is wrong with a customer in its row; an error is the ledger's.
func (c *checkConflictsCommand) checkOne(ctx context.Context, s *session, n intake.Named, now time.Time) (checkedRow, error) {
	row := checkedRow{Line: n.Line, Name: n.Customer.Name, Error: n.Wrong}
	if n.Wrong != "" {
		return row, nil
	}
	if n.Customer.Country == "" {
		n.Customer.Country = c.Country
	}
	checked, err := s.ledger.Check(ctx, n.Customer, n.Products, now)
	if r := domain.AsRejection(err); r != nil {
		row.Error, row.Field = r.Detail, r.Field
		return row, nil //nolint:nilerr // the row tells it
	}
	row.Checked = &checked
	return row, err
}

// checkPrinter shows rows one after the other.
type checkPrinter interface {
	print(row checkedRow) error
	end() error
}

func (c *checkConflictsCommand) printer(out io.Writer) checkPrinter {
	if c.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		return jsonRows{encoder}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprint(table, "LINE\tCUSTOMER\tRULE\tSCORE\tBLOCKS\tWITH\tWHY\n")
	return textRows{table}
}

type jsonRows struct{ *json.Encoder }

func (j jsonRows) print(row checkedRow) error { return j.Encode(row) }
func (jsonRows) end() error                   { return nil }

type textRows struct{ *tabwriter.Writer }

func (t textRows) end() error { return t.Flush() }

func (t textRows) print(row checkedRow) error {
	switch {
	case row.Error != "" && row.Field != "":
		return t.line(row, "-", "-", "-", "-", fmt.Sprintf("not checked: %s: %s", row.Field, row.Error))
	case row.Error != "":
		return t.line(row, "-", "-", "-", "-", "not checked: "+row.Error)
	}
	for _, m := range row.Meets {
		blocks := "no"
		if m.Blocks {
			blocks = "yes"
		}
		if err := t.line(row, string(m.Rule), m.Score, blocks, m.With.String(), whyMeets(m.Evidence)); err != nil {
			return err
		}
	}
	for _, a := range row.Alike {
		if a.Live == 0 {
			why := fmt.Sprintf("%s: nothing is live on it", a.Name)
			if err := t.line(row, string(a.Rule), a.Score, "no", "account "+a.AccountID.String(), why); err != nil {
				return err
			}
		}
	}
	if len(row.Meets) == 0 && len(row.Alike) == 0 {
		return t.line(row, "-", "-", "-", "-", "nothing stands against it")
	}
	return nil
}

func (t textRows) line(row checkedRow, rule, score, blocks, with, why string) error {
	_, err := fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Line, onOneLine(row.Name), rule, score, blocks, with, onOneLine(why))
	return err
}

// whyMeets is the part of the evidence that a person looks at first.
func whyMeets(evidence map[string]string) string {
	var parts []string
	for _, key := range []string{"other_name", "domain", "tax_id", "state", "lines", "protected_until", "owner", "opened_at", "linked"} {
		if value := evidence[key]; value != "" {
			parts = append(parts, key+" "+value)
		}
	}
	return strings.Join(parts, ", ")
}

// onOneLine keeps a text from breaking the table.
func onOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
