package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/channelledger/channelledger/api/intake"
)

type importSalesCommand struct {
	Mapping string   `required:"" help:"What the files' columns mean (YAML)." placeholder:"FILE"`
	Rejects string   `help:"Gets the rows that were set aside, each with line, column and reason; put right, it can be imported." placeholder:"FILE"`
	Source  []string `arg:"" help:"Files of sales (CSV)." placeholder:"FILE"`
}

// Help is the text below the flags.
func (importSalesCommand) Help() string {
	return `Sales count in the rebate agreements of their partners on the mapping's scheme. The same rows again change nothing.

Examples:
  channelledger import sales --mapping docs/examples/sales.mapping.yaml --rejects rejects.csv sell-out-q1.csv
  channelledger import sales --mapping mapping.yaml rejects.csv`
}

// Run imports, and prints what came of it.
func (c *importSalesCommand) Run(ctx context.Context, s *session) error {
	mapping, err := c.mapping(s)
	if err != nil {
		return err
	}
	options := intake.SalesOptions{Mapping: mapping, OnBehalfOf: s.User}
	if c.Rejects == "" {
		return c.run(ctx, s, options)
	}
	return replaceFile(s.path(c.Rejects), func(rejects io.Writer) error {
		options.Rejects = rejects
		return c.run(ctx, s, options)
	})
}

func (c *importSalesCommand) mapping(s *session) (m intake.SalesMapping, err error) {
	file, err := os.Open(s.path(c.Mapping))
	if err != nil {
		return m, fmt.Errorf("--mapping: %w", err)
	}
	defer func() { _ = file.Close() }()
	if m, err = intake.ParseSalesMapping(file); err != nil {
		return m, fmt.Errorf("%s: %w", c.Mapping, err)
	}
	return m, nil
}

func (c *importSalesCommand) run(ctx context.Context, s *session, options intake.SalesOptions) (err error) {
	var read atomic.Int64
	total := int64(0)
	for _, source := range c.Source {
		file, openErr := os.Open(s.path(source))
		if openErr != nil {
			return openErr
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if info, statErr := file.Stat(); statErr == nil {
			total += info.Size()
		}
		options.Files = append(options.Files, intake.SalesFile{
			Name: filepath.Base(source), Reader: io.TeeReader(file, counter{&read}),
		})
	}
	bar := newProgress(s.stderr, s.Width, "import")
	options.Progress = func(int) { bar.tell(read.Load(), total) }
	summary, err := intake.ImportSales(ctx, s.ledger, options)
	bar.done()
	if err != nil && summary.Rows == 0 { // nothing was looked at
		return err
	}
	_, printErr := io.WriteString(s.stdout, summary.String())
	return errors.Join(err, printErr)
}

// counter counts the bytes that pass.
type counter struct{ bytes *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}
