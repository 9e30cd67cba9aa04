package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/channelledger/channelledger/api/intake"
)

type importCommand struct {
	CRM   importCRMCommand   `cmd:"" name:"crm" help:"Import the opportunities of a CRM as partner deals."`
	Sales importSalesCommand `cmd:"" help:"Import sales that rebates are earned on."`
}

type importCRMCommand struct {
	Mapping string   `required:"" help:"What the export's columns mean (YAML)." placeholder:"FILE"`
	Rejects string   `help:"Gets the rows that were set aside, each with line, column and reason; corrected, it can be imported." placeholder:"FILE"`
	Source  []string `arg:"" help:"The export: a folder, or files." placeholder:"FOLDER-OR-FILES"`
}

// Help is the text below the flags.
func (importCRMCommand) Help() string {
	return `The same export again changes nothing; a later one adds what is new. An interrupted import is resumed by starting it again.

Examples:
  channelledger import crm --mapping docs/examples/crm-opportunities.mapping.yaml --rejects rejects.csv ./export
  channelledger import crm --mapping mapping.yaml ./export rejects.csv`
}

func (importCRMCommand) createsLedger() {}

// Run imports, and prints what came of it.
func (c *importCRMCommand) Run(ctx context.Context, s *session) error {
	options, err := c.options(s)
	if err != nil {
		return err
	}
	if c.Rejects == "" {
		return c.run(ctx, s, options)
	}
	return replaceFile(s.path(c.Rejects), func(rejects io.Writer) error {
		options.Rejects = rejects
		return c.run(ctx, s, options)
	})
}

func (c *importCRMCommand) run(ctx context.Context, s *session, options intake.Options) error {
	bar := newProgress(s.stderr, s.Width, "import")
	options.Progress = func(done, total int) { bar.tell(int64(done), int64(total)) }
	summary, err := intake.Run(ctx, s.ledger, options)
	bar.done()
	if err != nil && summary.Rows == 0 { // nothing was looked at
		return err
	}
	_, printErr := io.WriteString(s.stdout, summary.String())
	return errors.Join(err, printErr)
}

// replaceFile writes a file beside the old one and then puts it in its place: the old one may be what is being imported.
// What was written is kept also where write fails, unless that is nothing at all.
func replaceFile(path string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("--rejects: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // it has gone where all went well
	failed := write(file)
	info, err := file.Stat()
	err = errors.Join(err, file.Close())
	if err == nil && (failed == nil || info.Size() > 0) {
		err = os.Rename(file.Name(), path)
	}
	return errors.Join(failed, err)
}

func (c *importCRMCommand) options(s *session) (options intake.Options, err error) {
	file, err := os.Open(s.path(c.Mapping))
	if err != nil {
		return options, fmt.Errorf("--mapping: %w", err)
	}
	defer func() { _ = file.Close() }()
	mapping, err := intake.ParseMapping(file)
	if err != nil {
		return options, fmt.Errorf("%s: %w", c.Mapping, err)
	}
	sources := make([]string, len(c.Source))
	for i, source := range c.Source {
		sources[i] = s.path(source)
	}
	files, err := intake.ReadFiles(mapping, sources...)
	return intake.Options{Mapping: mapping, Files: files, OnBehalfOf: s.User}, err
}
