package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/react"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/candidates"
	"github.com/channelledger/channelledger/projections/commands"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/disputes"
	"github.com/channelledger/channelledger/projections/incentives"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/partners"
	"github.com/channelledger/channelledger/projections/payables"
	"github.com/channelledger/channelledger/projections/payouts"
	"github.com/channelledger/channelledger/projections/periods"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/rebates"
	"github.com/channelledger/channelledger/projections/sqlview"
	"github.com/channelledger/channelledger/projections/statements"
)

// The parts of a data folder.
const (
	logFolder   = "log"
	viewFolder  = "views"
	fileFolder  = "files"
	keyringFile = "keyring"
	lockFile    = "lock" // whose owner owns the folder
)

// app is an open ledger: its data folder belongs to this process until it is closed.
type app struct {
	place
	lock     io.Closer
	opened   logStore
	store    eventstore.Store // what was opened, with copied events as they were first recorded
	keys     *eventstore.FileKeyring
	files    *files.Store
	ledger   *ledger.Ledger
	views    *sqlview.Views
	runner   *projections.Runner
	reactors *react.Runner
	zone     *time.Location // of the program
	logger   *slog.Logger
	live     atomic.Bool // the read models follow the log
}

// definitions are the read models that a ledger has, in its program's zone. A new one is a line here.
func definitions(zone *time.Location) []projections.Definition {
	return []projections.Definition{
		pipeline.Projection(zone),
		conflicts.Projection(),
		partners.Projection(),
		accounts.Projection(),
		candidates.Projection(),
		metrics.Projection(),
		rebates.Projection(),
		disputes.Projection(),
		statements.Projection(),
		incentives.Projection(),
		mdf.Projection(),
		journal.Projection(zone),
		periods.Projection(),
		payouts.Projection(),
		payables.Projection(),
		commands.Projection(ledger.Types()),
	}
}

// openApp opens the ledger at a place, or makes one there if create is set.
// Errors: embedded.ErrLocked where another process has the data folder.
func openApp(ctx context.Context, at place, create bool, log *slog.Logger) (_ *app, err error) {
	a := &app{place: at, logger: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.lock, err = lockFolder(at.dir, create); err != nil {
		return nil, err
	}
	if a.opened, err = openLog(ctx, at, create, log); err != nil {
		return nil, err
	}
	a.store = eventstore.Originals(a.opened)
	if err = a.openKeyring(ctx); err != nil {
		return nil, err
	}
	if a.files, err = files.Open(filepath.Join(at.dir, fileFolder)); err != nil {
		return nil, err
	}
	if a.ledger, err = ledger.Open(a.store, a.keys, a.now); err != nil {
		return nil, err
	}
	if err = a.openProgram(ctx, create); err != nil {
		return nil, err
	}
	return a, a.openViews()
}

// openKeyring makes a keyring for a log without events only.
func (a *app) openKeyring(ctx context.Context) (err error) {
	empty, err := isEmpty(ctx, a.store)
	if err != nil {
		return err
	}
	a.keys, err = eventstore.OpenKeyring(filepath.Join(a.dir, keyringFile), a.store.Origin(), empty)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: the log has events, but the keys of the persons in it are missing; restore the file from the backup of this folder", err)
	}
	return err
}

func isEmpty(ctx context.Context, store eventstore.Store) (bool, error) {
	for message, err := range store.Follow(ctx, eventstore.Position{}, eventstore.Filter{Categories: ledger.Categories()}) {
		if err != nil || message.Kind != eventstore.Checkpoint {
			return message.Kind == eventstore.CaughtUp, err
		}
	}
	return true, nil
}

// openProgram makes sure that the program and its default policies stand in the log before the first command, where
// commands are about to come, and learns the program's zone.
func (a *app) openProgram(ctx context.Context, create bool) error {
	if create {
		if err := a.ledger.Bootstrap(ctx, "", a.now()); err != nil {
			return err
		}
	}
	return a.ledger.Programs.View(ctx, program.DefaultID, func(s *program.State, _ domain.Source) error {
		a.zone = s.Zone()
		return nil
	})
}

func (a *app) openViews() (err error) {
	if a.views, err = sqlview.Open(filepath.Join(a.dir, viewFolder)); err != nil {
		return err
	}
	a.runner, err = projections.NewRunner(projections.Config{
		Source: a.source(), Views: a.views, Projections: definitions(a.zone), Log: a.logger,
	})
	if err != nil {
		return err
	}
	a.ledger.Candidates = candidates.Source{Models: a.runner, Log: a.logger}
	a.reactors = react.New(a.store, a.ledger.Codec, a.ledger.Dispatch, a.now, a.logger, ledger.Categories(), reactor.All)
	return nil
}

func (a *app) source() projections.Source {
	return projections.Source{Store: a.store, Codec: a.ledger.Codec, Categories: ledger.Categories()}
}

func (a *app) close() error {
	var errs []error
	if a.views != nil {
		errs = append(errs, a.views.Close())
	}
	if a.opened != nil {
		errs = append(errs, a.opened.Close())
	}
	if a.keys != nil {
		errs = append(errs, a.keys.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Close())
	}
	return errors.Join(errs...)
}
