package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// take brings a statement and its lines into the books, as far as they aren't there.
// Errors: a Rejection where the statement isn't taken; others.
func (r *run) take(ctx context.Context, s *source, known statement.Summary) (Outcome, error) {
	inBooks := known.Status != "" && known.Status != statement.StatusParked
	outcome := Known
	if !inBooks || known.SHA256 != r.SHA256 || known.InFile != s.head.InFile {
		if err := r.importOne(ctx, s, known); err != nil {
			return Refused, err
		}
		r.fresh = true
		state, err := r.state(ctx, statement.IDOf(s.head.Account, s.head.Number))
		if err != nil {
			return Refused, err
		}
		if known = state; known.Status == statement.StatusParked {
			return Parked, nil
		}
		outcome = Imported
	}
	if known.Recorded < known.LineCount {
		r.fresh = true
	}
	return outcome, r.record(ctx, s, known)
}

func (r *run) importOne(ctx context.Context, s *source, known statement.Summary) error {
	header := domain.Header{
		CommandID: domain.DeriveID("reconcile", "import", r.SHA256, strconv.Itoa(s.head.InFile), known.EventID.String(), s.standing()),
		Actor:     r.Actor,
	}
	_, err := r.Ledger.ImportStatement(ctx, s.head.Account, s.head.Number, header, func(isKnown func(string) bool) (statement.Import, error) {
		c := statement.Import{
			BankAccount: s.head.Account, Currency: s.head.Currency, Format: s.format, SHA256: r.SHA256, InFile: s.head.InFile,
			Mapping: r.Mapping, Number: s.head.Number, From: s.head.From, To: s.head.To, Opening: s.head.Opening,
			Closing: s.head.Closing, LineCount: len(s.lines), In: s.end.In, Out: s.end.Out,
		}
		none, err := domain.NewMoney(0, c.Currency)
		if err != nil {
			return c, domain.Invalid("currency", "unknown currency %.20q", c.Currency)
		}
		c.KnownIn, c.KnownOut = none, none
		for _, l := range s.lines {
			if !isKnown(l.Identity) {
				continue
			}
			c.Known = append(c.Known, l.Number)
			to := &c.KnownIn
			if l.Outgoing {
				to = &c.KnownOut
			}
			if *to, err = to.Add(l.Amount); err != nil {
				return c, err
			}
		}
		return c, nil
	})
	return err
}

// standing tells one try from another: whoever gives the file again wants it tried again.
func (s *source) standing() string { return fmt.Sprint(s.head.Opening, s.head.Closing, len(s.lines)) }

// record gives the lines that aren't there yet, in chunks.
func (r *run) record(ctx context.Context, s *source, known statement.Summary) error {
	done := known.Recorded
	if known.LineCount != len(s.lines) {
		return domain.Refuse("line_differs", "", "the file has %d lines, the books %d: it was read otherwise then", len(s.lines), known.LineCount)
	}
	for chunk := range slices.Chunk(s.lines[done:], statement.MaxChunk) {
		r.Progress("record", done, len(s.lines))
		header := domain.Header{
			CommandID: domain.DeriveID("reconcile", "lines", known.ID.String(), strconv.Itoa(chunk[0].Number), strconv.Itoa(len(chunk))),
			Actor:     r.Actor,
		}
		if _, err := r.Ledger.Statements.Do(ctx, known.ID, header, statement.RecordLines{Lines: chunk}); err != nil {
			return err
		}
		done += len(chunk)
	}
	return nil
}
