package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type statementTarget = target[*statement.Statement, statement.Command, statement.Facts, statement.Event]

const tagStatements = "Statements"

func (s *Server) bankStatements() *statementTarget {
	return &statementTarget{
		server:  s,
		decider: statement.Decider(),
		handler: func() *ledger.Statements { return s.Ledger.Statements },
		tag:     tagStatements, noun: "statement", base: "/v1/statements", id: "statement_id", view: answer[statement.Summary]{},
		parse: idAt,
		home:  itself,
		show: func(st *statement.Statement, id uuid.UUID) (any, int64, bool) {
			return st.Summary, st.Revision, st.ID == id
		},
	}
}

func (s *Server) statementRoutes() {
	t := s.bankStatements()
	t.post("matches/{match_id}/undo", "Take a match back exactly", statement.UndoMatch{})
	t.post("lines/{line}/resolve", "Say which account of the books a line belongs to", statement.ResolveLine{})
	t.post("lines/{line}/resolution/undo", "Take a resolution back exactly", statement.UndoResolution{})
	t.post("lines/{line}/assign", "Say who looks after a line", statement.AssignLine{})
	t.post("reconcile", "Say that every line is settled", statement.Reconcile{})

	op := s.operation(http.MethodPost, t.base, "Reconcile a bank's file", tagStatements)
	op.Description = "The file is handed in before, under /v1/files. Its statements go into the books, what the rules are certain of is " +
		"matched, and the answer tells the rest. A file that is in the books already is refused; one that was left half done goes on. " +
		"It needs no Idempotency-Key. See docs/how-to/reconcile-the-bank.md."
	registerLong(s, op, inBody, s.reconcileFile)
	op = s.operation(http.MethodPost, t.base+"/{statement_id}/match", "Try a statement again: the rules, or all of a parked one", tagStatements)
	registerLong(s, op, inBody, s.matchAgain)
	op = s.operation(http.MethodPost, t.base+"/{statement_id}/confirm", "Confirm suggestions, or matches that no rule found", tagStatements)
	op.Description = "Each is cleared at its payables first: what they refuse is told, and the rest goes on."
	registerLong(s, op, inBody, s.confirmMatches)
	s.statementReads()
}

// registerLong makes a route that may take as long as a document to come in.
func registerLong[I, O any](s *Server, op huma.Operation, locate fieldPath, serve func(context.Context, *I) (*O, error)) {
	op.Middlewares = huma.Middlewares{s.authenticate, s.unhurried}
	register(s, op, locate, serve)
}

// BankFile is a stored file to reconcile.
type BankFile struct {
	SHA256  string       `json:"sha256" minLength:"64" maxLength:"64" doc:"Of the file, as /v1/files gave it"`
	Mapping string       `json:"mapping_sha256,omitempty" doc:"Of the mapping of a CSV, handed in before; without one the file is camt.053"`
	Account string       `json:"account,omitempty" maxLength:"42" doc:"Of ours, where a CSV doesn't say it"`
	Number  string       `json:"number,omitempty" maxLength:"100" doc:"Of the statement, where a CSV doesn't say it"`
	From    domain.Date  `json:"from,omitzero" format:"date" doc:"First day, where a CSV doesn't say it"`
	To      domain.Date  `json:"to,omitzero" format:"date" doc:"Last day, where a CSV doesn't say it"`
	Opening domain.Money `json:"opening,omitzero" doc:"Balance before the lines, where a CSV doesn't say it"`
	Closing domain.Money `json:"closing,omitzero" doc:"Balance behind them, where a CSV doesn't say it"`
	Resume  bool         `json:"resume,omitempty" doc:"Go on with a file that is in the books already, instead of refusing it"`
}

type bankFileInput struct{ Body BankFile }

type statementPath struct {
	StatementID string `path:"statement_id" format:"uuid"`
}

type reportOutput struct {
	Position eventstore.Position `header:"Ledger-Position" doc:"How far the log was: give it to a read as wait_for"`
	Body     answer[reconcile.Report]
}

// reconciler works on what this server has.
func (s *Server) reconciler(ctx context.Context) (*reconcile.Reconciler, error) {
	if err := statement.MayClear(actorOf(ctx)); err != nil {
		return nil, err
	}
	return s.bankFiles()
}

func (s *Server) bankFiles() (*reconcile.Reconciler, error) {
	if s.Files == nil {
		return nil, noFiles()
	}
	return &reconcile.Reconciler{Ledger: s.Ledger, Files: s.Files, Models: s.Projections, Clock: s.Clock}, nil
}

func (s *Server) reconcileFile(ctx context.Context, in *bankFileInput) (*reportOutput, error) {
	return s.reconcile(ctx, reconcile.Options{
		SHA256: in.Body.SHA256, Mapping: in.Body.Mapping, Resume: in.Body.Resume,
		Given: bank.Given{
			Account: in.Body.Account, Number: in.Body.Number, From: in.Body.From, To: in.Body.To, Opening: in.Body.Opening, Closing: in.Body.Closing,
		},
	})
}

func (s *Server) reconcile(ctx context.Context, opts reconcile.Options) (*reportOutput, error) {
	r, err := s.reconciler(ctx)
	if err != nil {
		return nil, err
	}
	opts.Actor = actorOf(ctx)
	report, err := r.Run(ctx, opts)
	if err != nil {
		return nil, err
	}
	end, err := s.logEnd(ctx)
	if err != nil {
		return nil, err
	}
	out := &reportOutput{Position: end}
	out.Body = answer[reconcile.Report]{AsOf: s.now(end), Data: report}
	return out, nil
}

func (s *Server) matchAgain(ctx context.Context, in *statementPath) (*reportOutput, error) {
	r, err := s.reconciler(ctx)
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.statement_id", in.StatementID)
	if err != nil {
		return nil, err
	}
	opts, err := r.Again(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.reconcile(ctx, opts)
}

type confirmInput struct {
	StatementID string `path:"statement_id" format:"uuid"`
	Body        struct {
		Matches []reconcile.Confirmation `json:"matches" minItems:"1" maxItems:"100"`
	}
}

// ConfirmedView is what came of confirmations.
type ConfirmedView struct {
	Statement statement.Summary   `json:"statement"`
	Refused   []reconcile.Refusal `json:"refused" doc:"What a payable refused: somebody else was faster"`
}

type confirmedOutput struct {
	Position eventstore.Position `header:"Ledger-Position"`
	Body     answer[ConfirmedView]
}

func (s *Server) confirmMatches(ctx context.Context, in *confirmInput) (*confirmedOutput, error) {
	r, err := s.reconciler(ctx)
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.statement_id", in.StatementID)
	if err != nil {
		return nil, err
	}
	refused, _, err := r.Confirm(ctx, id, actorOf(ctx), in.Body.Matches)
	if err != nil {
		return nil, err
	}
	end, err := s.logEnd(ctx)
	if err != nil {
		return nil, err
	}
	out := &confirmedOutput{Position: end}
	out.Body = answer[ConfirmedView]{AsOf: s.now(end), Data: ConfirmedView{Refused: append([]reconcile.Refusal{}, refused...)}}
	err = s.Ledger.Statements.View(ctx, id, func(st *statement.Statement, _ domain.Source) error {
		out.Body.Data.Statement = st.Summary
		return nil
	})
	return out, err
}
