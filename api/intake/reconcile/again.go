package reconcile

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// Again is how to run a statement's stored file once more: the rules on what isn't settled, or all of it where it is parked.
// Errors: a Rejection where there is no such statement; those of the log.
func (r *Reconciler) Again(ctx context.Context, id uuid.UUID) (Options, error) {
	s, err := r.state(ctx, id)
	if err == nil && s.ID == uuid.Nil {
		err = domain.NotFound("statement_unknown", "", "there is no such statement")
	}
	return Options{SHA256: s.SHA256, Mapping: s.Mapping, Given: given(s), Resume: true}, err
}

// given is what a CSV may not have said when its statement was imported.
func given(s statement.Summary) bank.Given {
	if s.Format != statement.CSV {
		return bank.Given{}
	}
	return bank.Given{Account: s.BankAccount, Number: s.Number, From: s.From, To: s.To, Opening: s.Opening, Closing: s.Closing}
}

// Line is what the stored file says of a line.
// Errors: *bank.Error; those of the stores, and ctx's.
func (r *Reconciler) Line(ctx context.Context, s statement.Summary, number int) (bank.Line, error) {
	reader, _, err := r.reader(ctx, s.Mapping, given(s))
	if err != nil {
		return bank.Line{}, err
	}
	document, err := r.open(ctx, s.SHA256)
	if err != nil {
		return bank.Line{}, err
	}
	defer func() { _ = document.Close() }() // it was read only
	lines, err := bank.Pick(ctx, reader, document, s.InFile, number)
	if err != nil {
		return bank.Line{}, err
	}
	return lines[0], nil
}
