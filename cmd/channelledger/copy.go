package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/eventstore/transfer"
)

type copyCommand struct {
	From     string `required:"" help:"The ledger to copy: a data folder, or the URL of an event log." placeholder:"STORE"`
	To       string `required:"" help:"Where to: a data folder, or the URL of an event log." placeholder:"STORE"`
	FromData string `help:"With an event log: the data folder that its keyring is in; --data where it isn't given." placeholder:"DIR"`
	ToData   string `help:"With an event log: the data folder that gets the keyring; --data where it isn't given." placeholder:"DIR"`
}

// Help is the text below the flags.
func (copyCommand) Help() string {
	return `Every event goes along as it is: id, order, data byte for byte, and when it was recorded. So do the documents, and the
keyring, last. The events of both sides are compared. A copy that was interrupted is resumed by starting it again; so is one whose source has grown. The ledger
must not be served meanwhile. --store-user, --store-password-file and the certificates are those of the event log.

Examples:
  channelledger copy --from /srv/ledger --to 'esdb+discover://ledger@cluster.example:2113' --to-data /srv/ledger-esdb --store-password-file pw
  channelledger copy --from 'esdb://127.0.0.1:2113?tls=false' --from-data /srv/ledger-esdb --to /srv/ledger-back`
}

func (copyCommand) needsNoLedger() {}

// Run copies, and says what to do next.
func (c *copyCommand) Run(ctx context.Context, s *session) (err error) {
	from, to, err := c.places(s)
	if err != nil {
		return err
	}
	source, err := openEnd(ctx, s, "--from", from, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := openEnd(ctx, s, "--to", to, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if source.store.Origin() == target.store.Origin() {
		return errors.New("--from and --to are the same log")
	}
	keys, err := eventstore.OpenKeyring(filepath.Join(from.dir, keyringFile), source.store.Origin(), false)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	summary, err := c.events(ctx, s, source, target)
	if err != nil {
		return err
	}
	documents, err := copyFiles(ctx, from, to)
	if err != nil {
		return err
	}
	return finish(s, summary, documents, from, to, keys, target.store.Origin())
}

func (c *copyCommand) places(s *session) (from, to place, err error) {
	if from, err = c.end(s, "--from", c.From, c.FromData); err != nil {
		return from, to, err
	}
	if to, err = c.end(s, "--to", c.To, c.ToData); err != nil {
		return from, to, err
	}
	if from.remote == nil && to.remote == nil {
		err = s.flags.unused()
	}
	if filepath.Clean(from.dir) == filepath.Clean(to.dir) {
		err = fmt.Errorf("both ledgers would have the data folder %s: name another with --from-data or --to-data", to.dir)
	}
	return from, to, err
}

// end is one of the two places.
func (c *copyCommand) end(s *session, flag, store, data string) (p place, err error) {
	if isURL(store) {
		p.dir = cmp.Or(s.path(data), s.place.dir)
		if p.remote, err = s.flags.config(s.invocation, store); err != nil {
			return p, fmt.Errorf("%s: %w", flag, err)
		}
		return p, nil
	}
	if data != "" {
		return p, fmt.Errorf("%s-data goes with an event log; %s names a data folder already", flag, flag)
	}
	return place{dir: s.path(store)}, nil
}

// end is an open ledger, as far as a copy needs it.
type end struct {
	store logStore
	lock  io.Closer
	side  transfer.Side
}

// Close closes the log and gives the folder back.
func (e end) Close() error { return errors.Join(e.store.Close(), e.lock.Close()) }

func openEnd(ctx context.Context, s *session, flag string, p place, create bool) (e end, err error) {
	if e.lock, err = lockFolder(p.dir, create); err != nil {
		return e, atRest(flag, err)
	}
	if e.store, err = openLog(ctx, p, create, newLog(nil, s.stderr)); err != nil {
		return e, errors.Join(atRest(flag, err), e.lock.Close())
	}
	e.side.Store = e.store
	if p.remote != nil { // others may have streams there
		e.side.Filter.Categories = ledger.Categories()
	}
	return e, nil
}

// atRest says what to do about a ledger that is in use.
func atRest(flag string, err error) error {
	if errors.Is(err, embedded.ErrLocked) {
		return fmt.Errorf("%s: %w: a ledger is copied while nobody serves it", flag, err)
	}
	return fmt.Errorf("%s: %w", flag, err)
}

func (c *copyCommand) events(ctx context.Context, s *session, source, target end) (transfer.Summary, error) {
	total := int64(0)
	if log, ok := source.store.(*embedded.Store); ok { // whose positions count events
		if head, err := log.Head(ctx); err == nil {
			total = int64(head.Commit)
		}
	}
	bars := map[transfer.Stage]*progress{}
	summary, err := transfer.Copy(ctx, source.side, target.side, func(stage transfer.Stage, events uint64) {
		if bars[stage] == nil {
			for _, bar := range bars {
				bar.done()
			}
			bars[stage] = newProgress(s.stderr, s.Width, string(stage))
		}
		bars[stage].tell(int64(events), total)
	})
	for _, bar := range bars {
		bar.done()
	}
	if err != nil {
		return summary, fmt.Errorf("%w\n%d events were copied by this run; start it again to go on", err, summary.Appended)
	}
	return summary, nil
}

// copyFiles copies the documents that events cite.
func copyFiles(ctx context.Context, from, to place) (copied int, err error) {
	source, err := files.Open(filepath.Join(from.dir, fileFolder))
	if err != nil {
		return 0, err
	}
	target, err := files.Open(filepath.Join(to.dir, fileFolder))
	if err != nil {
		return 0, err
	}
	if copied, err = source.CopyTo(ctx, target); err != nil {
		return copied, fmt.Errorf("%w\n%d documents were copied by this run; start it again to go on", err, copied)
	}
	return copied, nil
}

// finish writes the keyring last: a log whose keyring is missing doesn't start, and so doesn't one that was copied in part.
func finish(s *session, summary transfer.Summary, documents int, from, to place, keys *eventstore.FileKeyring, origin string) error {
	path := filepath.Join(to.dir, keyringFile)
	n, err := keys.CopyTo(path, origin)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.stdout, "%d events copied by this run; equal on both sides: %s\n%d documents copied by this run\n%d keys of persons written to %s\n",
		summary.Appended, summary.Sum, documents, n, path)
	if rest := restOf(from.dir); len(rest) > 0 {
		_, _ = fmt.Fprintf(s.stdout, "%s also holds %s: what you need of it, copy it to %s\n", from.dir, strings.Join(rest, ", "), to.dir)
	}
	_, _ = fmt.Fprintf(s.stdout, "next: channelledger serve --data %s%s\n", to.dir, storeFlag(to))
	return nil
}

func storeFlag(p place) string {
	if p.remote == nil {
		return ""
	}
	return " --store " + p.remote.String()
}

// restOf is what a data folder holds besides the ledger's own parts, which are copied, or made anew.
func restOf(dir string) (rest []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !slices.Contains([]string{logFolder, viewFolder, fileFolder, keyringFile, lockFile, filepath.Base(controlSocket(dir))}, e.Name()) {
			rest = append(rest, e.Name())
		}
	}
	return rest
}
