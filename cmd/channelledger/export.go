package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/projections"
	exports "github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
)

type exportCommand struct {
	What   exports.What   `arg:"" help:"journal, trial-balance, statement, claims or accruals." placeholder:"WHAT"`
	Format exports.Format `short:"f" help:"csv or xlsx, of the journal also hledger or beancount; by default what --output ends in, else csv." placeholder:"FORMAT"`
	Output string         `short:"o" help:"Gets the file, whole or not at all; by default it is printed." placeholder:"FILE"`

	By      journal.Basis  `enum:"posted,effective" default:"posted" help:"Date to go by in the books: posted, as the months were closed, or effective."`
	From    string         `help:"First day; by default the beginning." placeholder:"DAY"`
	To      string         `help:"Last day, included." placeholder:"DAY"`
	Book    []journal.Book `enum:"budgetary,financial" help:"Only this book: budgetary or financial." placeholder:"BOOK"`
	Parties bool           `help:"Of a trial balance: each party of an account apart."`
	Account string         `help:"That a statement is of, as in liability:mdf_payable." placeholder:"ACCOUNT"`
	Party   string         `help:"Of that account: fund:ID, budget:ID, partner:ID or bank:ACCOUNT." placeholder:"PARTY"`
	Partner []uuid.UUID    `help:"Of claims and accruals: only theirs." placeholder:"ID"`

	KnownAt     string `help:"Leave out what was recorded later: a moment, a day, or a position." placeholder:"WHEN"`
	EffectiveAt string `help:"Leave out what took effect later: a moment, or a day." placeholder:"WHEN"`
}

// Help is the text below the flags.
func (exportCommand) Help() string {
	return `Each file says which position of the log and which question it is of, how many rows it has, and what their SHA-256 is: in lines
at its top, in a workbook on the sheet About. The same question about the same position gives the same file.

Examples:
  channelledger export journal -o 2026-10.xlsx --from 2026-10-01 --to 2026-10-31
  channelledger export journal -o books.hledger && hledger check --strict -f books.hledger
  channelledger export statement --account liability:mdf_payable -o payable.csv
  channelledger export accruals --effective-at 2026-11-01 -f csv`
}

// Run makes the file and puts it where it belongs.
func (c *exportCommand) Run(ctx context.Context, s *session) error {
	request, err := c.request(s)
	if err != nil {
		return err
	}
	bar := newProgress(s.stderr, s.Width, "export")
	request.Progress = func(rows int64) { bar.tell(rows, 0) }
	var file *exports.File
	err = s.whileLive(ctx, func(ctx context.Context) (err error) {
		file, err = s.export(ctx, request)
		return err
	})
	bar.done()
	if err != nil {
		return err
	}
	return errors.Join(c.put(s, file), file.Close())
}

func (c *exportCommand) request(s *session) (r exports.Request, err error) {
	r = exports.Request{
		What: c.What, Format: c.format(), Zone: s.zone, Parties: c.Parties, Partner: c.Partner,
		Books: exports.Books{By: c.By, Book: c.Book}, Account: journal.Account{Name: c.Account, Party: c.Party},
	}
	flags := booksFlags{From: c.From, To: c.To, KnownAt: c.KnownAt, EffectiveAt: c.EffectiveAt}
	if r.Days, err = flags.days(); err != nil {
		return r, err
	}
	r.Bounds, err = flags.bounds(s)
	return r, err
}

func (c *exportCommand) format() exports.Format {
	switch {
	case c.Format != "":
		return c.Format
	case filepath.Ext(c.Output) != "":
		return exports.Format(strings.TrimPrefix(filepath.Ext(c.Output), "."))
	default:
		return exports.CSV
	}
}

// export makes a file of what the log holds now, or held within the bounds.
func (s *session) export(ctx context.Context, request exports.Request) (*exports.File, error) {
	head, err := s.runner.Latest(ctx)
	if err != nil {
		return nil, err
	}
	for _, model := range request.Models() {
		if err := s.runner.WaitFor(ctx, model, head.Position); err != nil {
			return nil, err
		}
	}
	answers := projections.NewAsOf(s.source(), s.views, s.runner.Latest, projections.Limits{}, 1)
	defer answers.Close()
	return request.Make(ctx, exports.Models{Reader: s.runner.Reader, Open: answers.Open})
}

func (c *exportCommand) put(s *session, file *exports.File) error {
	if c.Output == "" {
		_, err := file.WriteTo(s.stdout)
		return err
	}
	if err := saveWhole(s.path(c.Output), file); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	_, err := fmt.Fprintf(s.stdout, "%s: %d rows, as of %s, SHA-256 %s\n", c.Output, file.Rows, file.Position, file.SHA256)
	return err
}

// saveWhole writes a file beside the one that may be there, and puts it in its place when all of it is on the disk.
func saveWhole(path string, file *exports.File) error {
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(beside.Name()) }() // it has gone where all went well
	_, err = file.WriteTo(beside)
	if err = errors.Join(err, beside.Sync(), beside.Close()); err != nil {
		return err
	}
	return os.Rename(beside.Name(), path)
}
