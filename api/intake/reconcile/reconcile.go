package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
)

// Files keeps the banks' files. *files.Store is one.
type Files interface {
	Get(ctx context.Context, sha256 string) (*files.Document, error)
}

// Models are the running read models. *projections.Runner is one.
type Models interface {
	Reader(name string) (projections.Reader, error)
	WaitFor(ctx context.Context, name string, position eventstore.Position) error
	Latest(ctx context.Context) (projections.Head, error)
}

// Reconciler is what it takes to reconcile.
type Reconciler struct {
	Ledger *ledger.Ledger
	Files  Files
	Models Models
	Clock  func() time.Time
}

// Options are a run's.
type Options struct {
	SHA256  string     // of the file, which is stored
	Mapping string     // SHA-256 of the mapping of a CSV, stored too; empty: the file is camt.053
	Given   bank.Given // what a CSV doesn't say
	Actor   domain.Actor
	// Resume goes on with a file that is in the books already; else it is refused.
	Resume bool
	// Progress is told how many lines of how many are done, at each step anew; may be nil.
	Progress func(step string, done, total int)
}

// Run takes the file's statements into the books, one behind the other, and settles what is certain. What it says of the
// statements so far comes with every error.
// Errors: *bank.Error where the file can't be read; a Rejection where it is in the books already (file_imported); those of the
// stores, and ctx's. What keeps one statement out of the books is told in its report, and is an error only where nothing of the
// file gets in.
func (r *Reconciler) Run(ctx context.Context, opts Options) (Report, error) {
	run := &run{Reconciler: r, Options: opts, report: Report{SHA256: opts.SHA256, Statements: []StatementReport{}}}
	if run.Progress == nil {
		run.Progress = func(string, int, int) {}
	}
	err := r.Ledger.MayAct(ctx, opts.Actor) // what is cleared on its behalf is cleared first
	if err == nil {
		err = run.all(ctx)
	}
	return run.report, err
}

type run struct {
	*Reconciler
	Options
	report Report
	fresh  bool                // something of the file was not in the books yet
	at     eventstore.Position // of the last match

	refused []error // why statements were
}

func (r *run) all(ctx context.Context) error {
	for s, err := range r.statements(ctx) {
		if err != nil {
			return err
		}
		report, err := r.one(ctx, s)
		r.report.Statements = append(r.report.Statements, report)
		if err != nil {
			return fmt.Errorf("statement %s of %s: %w", s.head.Number, s.head.Account, err)
		}
	}
	switch all := len(r.report.Statements); {
	case all > 0 && len(r.refused) == all:
		return r.refused[0]
	case all > 0 && !r.fresh && !r.Resume:
		first := r.report.Statements[0]
		return domain.Refuse("file_imported", "sha256", "this file is in the books already, as statement %s", first.ID)
	}
	return nil
}

func (r *run) one(ctx context.Context, s *source) (report StatementReport, err error) {
	report = StatementReport{
		ID: statement.IDOf(s.head.Account, s.head.Number), BankAccount: s.head.Account, Number: s.head.Number,
		Currency: s.head.Currency, Lines: len(s.lines),
	}
	known, err := r.state(ctx, report.ID)
	if err != nil {
		return report, err
	}
	report.Outcome, err = r.take(ctx, s, known)
	if refused := domain.AsRejection(err); refused != nil {
		report.Outcome, report.Reason = Refused, refused.Detail
		r.refused = append(r.refused, err)
		return report, nil //nolint:nilerr // the report says so, and the run goes on
	}
	if err != nil {
		return report, err
	}
	state, err := r.state(ctx, report.ID)
	if err != nil {
		return report, err
	}
	report.Skipped, report.Parked = state.Skipped, state.Parking
	if report.Outcome == Parked || report.Outcome == Known && !r.Resume {
		return report, nil
	}
	return report, r.settleAll(ctx, s, &report)
}

// state is a statement as the log's end has it, without its lines.
func (r *Reconciler) state(ctx context.Context, id uuid.UUID) (s statement.Summary, err error) {
	err = r.Ledger.Statements.View(ctx, id, func(st *statement.Statement, _ domain.Source) error {
		s = st.Summary
		return nil
	})
	return s, err
}

// errNoFile says so where a statement's file is gone.
var errNoFile = errors.New("the bank's file is missing: restore it from a backup, or store it again")
