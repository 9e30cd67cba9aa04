package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// DefaultWorkers is how many accounts are worked on at once: that many appends share one synced write of the log.
const DefaultWorkers = 64

// Options are what an import needs beside the ledger.
//
// The rejects are written last, and whole: each row as it was, behind rejected_file, _line, _column, _reason and _detail.
// Once it is put right, that file is imported like any other, see ReadFiles.
type Options struct {
	Mapping    Mapping
	Files      Files
	OnBehalfOf string                // the id of the person who runs it
	Rejects    io.Writer             // gets the rows that were set aside, as CSV; nil: they are only counted
	Progress   func(done, total int) // called after each unit of work, one call at a time; may be nil
	Workers    int                   // 0: DefaultWorkers
	Clock      func() time.Time      // nil: time.Now
}

// importer is one run.
type importer struct {
	Options
	ledger  *ledger.Ledger
	mapping *Mapping
	actor   domain.Actor
	export  *export
	memory  *memory
	rows    []*row
	zone    *time.Location
	first   domain.Date // when partners and sellers joined
	names   map[uuid.UUID]string
	lists   map[domain.Date]policy.Catalogue

	mu       sync.Mutex
	barred   map[member]*domain.Rejection
	warnings []string
	appended int
	homes    map[uuid.UUID]uuid.UUID
}

// Run imports a CRM's deals. Whatever was imported before is known, so that it may be called again with the same files, a
// later export, or after it was interrupted: it gives only the commands that are missing. Two imports of one system must not
// run at once.
//
// Rows that can't be imported are set aside and stop nothing. The summary tells how the ledger stands when Run returns, also
// beside an error.
// Errors: a file or the ledger's program is not as it must be, and nothing was recorded; the log can't be reached, or ctx
// ended: then what was recorded stays, and the next Run goes on.
func Run(ctx context.Context, l *ledger.Ledger, opts Options) (Summary, error) {
	i := newImporter(l, opts)
	if err := i.prepare(ctx); err != nil {
		return Summary{}, err
	}
	stopped := i.record(ctx)
	summary, err := i.summary(context.WithoutCancel(ctx))
	if err == nil && opts.Rejects != nil {
		err = writeRejects(opts.Rejects, i.mapping.comma(), i.export.deals, i.rejects())
	}
	return summary, errors.Join(stopped, err)
}

func newImporter(l *ledger.Ledger, opts Options) *importer {
	i := &importer{
		Options: opts, ledger: l, mapping: &opts.Mapping, actor: opts.Mapping.Actor(opts.OnBehalfOf),
		names: map[uuid.UUID]string{}, lists: map[domain.Date]policy.Catalogue{},
		barred: map[member]*domain.Rejection{}, homes: map[uuid.UUID]uuid.UUID{},
	}
	if i.Workers <= 0 {
		i.Workers = DefaultWorkers
	}
	if i.Clock == nil {
		i.Clock = time.Now
	}
	return i
}

// record does what is missing: partners and sellers first, then the rows.
func (i *importer) record(ctx context.Context) error {
	partners := i.recordPartners()
	units := i.plan()
	progress := i.progress(countTasks(partners) + len(units))
	if err := (&schedule{done: progress}).run(ctx, i.Workers, partners); err != nil {
		return stopped(err)
	}
	if err := (&schedule{done: progress}).run(ctx, i.Workers, i.byAccount(units)); err != nil {
		return stopped(err)
	}
	return nil
}

func stopped(err error) error {
	return fmt.Errorf("the import stopped, and goes on when it is started again: %w", err)
}

func countTasks(all []queue) (n int) {
	for _, q := range all {
		n += len(q)
	}
	return n
}

func (i *importer) progress(total int) func() {
	if i.Progress == nil {
		return nil
	}
	done := 0
	i.Progress(done, total)
	return func() {
		done++
		i.Progress(done, total)
	}
}

// byAccount puts units into one queue for each account: what happens on it keeps its order.
func (i *importer) byAccount(units []unit) []queue {
	at := map[uuid.UUID]int{}
	var all []queue
	for place, u := range units {
		n, known := at[u.row.account]
		if !known {
			n = len(all)
			at[u.row.account], all = n, append(all, nil)
		}
		all[n] = append(all[n], task{place, func(ctx context.Context) error { return i.do(ctx, u) }})
	}
	return all
}

func (i *importer) warn(format string, args ...any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.warnings = append(i.warnings, fmt.Sprintf(format, args...))
}

func (i *importer) rejects() (all []*Reject) {
	for _, r := range i.rows {
		if r.rejected != nil {
			all = append(all, r.rejected)
		}
	}
	return all
}
