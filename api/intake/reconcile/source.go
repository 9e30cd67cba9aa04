package reconcile

import (
	"context"
	"encoding/hex"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
	"github.com/channelledger/channelledger/eventstore/files"
)

// source is one statement of a file, held in memory while it is worked on: at most statement.MaxLines lines, of each as much
// as rules go by.
type source struct {
	head   bank.Statement
	end    bank.End
	format statement.Format
	broken bool // its lines don't make its closing balance
	lines  []statement.Line
	clues  []clue
}

// clue is what a line says about who and what, for the rules alone.
type clue struct {
	endToEnd string
	refs     []string
	party    matching.Party
}

// statements are those of the file, in order.
func (r *run) statements(ctx context.Context) iter.Seq2[*source, error] {
	return r.read(ctx, r.SHA256, r.Mapping, r.Given)
}

// read goes through a stored file.
func (r *Reconciler) read(ctx context.Context, sha256, mapping string, given bank.Given) iter.Seq2[*source, error] {
	return func(yield func(*source, error) bool) {
		reader, format, err := r.reader(ctx, mapping, given)
		if err != nil {
			yield(nil, err)
			return
		}
		document, err := r.open(ctx, sha256)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = document.Close() }() // it was read only
		for s, err := range gather(reader(ctx, document), format) {
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reconciler) open(ctx context.Context, sha256 string) (*files.Document, error) {
	document, err := r.Files.Get(ctx, sha256)
	if errors.Is(err, files.ErrNotFound) {
		return nil, domain.NotFound("document_unknown", "sha256", "there is no document %.70s: hand it in first", sha256)
	}
	return document, err
}

// gather collects the items of each statement.
func gather(items iter.Seq2[bank.Item, error], format statement.Format) iter.Seq2[*source, error] {
	return func(yield func(*source, error) bool) {
		var s *source
		for item, err := range items {
			end, isEnd := item.(bank.End)
			if err != nil && (!isEnd || !isUnbalanced(err)) {
				yield(nil, err)
				return
			}
			switch item := item.(type) {
			case bank.Statement:
				s = &source{head: item, format: format}
			case bank.Line:
				if len(s.lines) == statement.MaxLines {
					yield(nil, domain.Refuse("too_many", "", "a statement has at most %d lines", statement.MaxLines))
					return
				}
				s.add(item)
			case bank.End:
				s.head, s.end, s.broken = end.Statement, end, err != nil
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}

func isUnbalanced(err error) bool {
	wrong, ok := errors.AsType[*bank.Error](err)
	return ok && wrong.Code == bank.CodeBalances
}

func (s *source) add(l bank.Line) {
	line := statement.Line{
		Number: l.Number, Outgoing: l.Outgoing, Amount: l.Amount, BookedOn: l.BookedOn, Reference: text(l.Reference),
		EndToEndID: text(l.Payment.EndToEndID), Identity: l.Identity,
	}
	if l.ValueOn != l.BookedOn {
		line.ValueOn = l.ValueOn
	}
	s.lines = append(s.lines, line)
	s.clues = append(s.clues, clueOf(l))
}

// text is a bank's text as an event may hold it.
func text(raw string) string {
	kept := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, raw))
	if runes := []rune(kept); len(runes) > statement.MaxReference {
		kept = strings.TrimSpace(string(runes[:statement.MaxReference]))
	}
	return kept
}

// Texts that banks write where they have none.
var noReference = []string{"", "NOTPROVIDED", "NOTAVAILABLE", "NONREF", "UNKNOWN"}

// references within a text: an id as 32 hex digits or as a UUID.
var inText = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b`)

func clueOf(l bank.Line) clue {
	c := clue{endToEnd: reference(l.Payment.EndToEndID), party: matching.Party{Name: l.Other.Name, Account: l.Other.Account}}
	others := []string{l.Payment.Instruction, l.Payment.MessageID, l.Payment.PaymentID, l.Payment.Transaction}
	for _, other := range append(others, inText.FindAllString(l.Text, 20)...) {
		if ref := reference(other); ref != "" && ref != c.endToEnd && !slices.Contains(c.refs, ref) {
			c.refs = append(c.refs, ref)
		}
	}
	return c
}

func reference(text string) string {
	if ref := matching.Normal(text); !slices.Contains(noReference, ref) {
		return ref
	}
	return ""
}

// refOf is how a bank gives one of our ids back: 32 hex digits, in capitals as rules compare them.
func refOf(id uuid.UUID) string { return strings.ToUpper(hex.EncodeToString(id[:])) }

// idIn is the id that a reference is, if it is one.
func idIn(ref string) (uuid.UUID, bool) {
	raw, err := hex.DecodeString(ref)
	if err != nil || len(raw) != 16 {
		return uuid.Nil, false
	}
	return uuid.UUID(raw), true
}

// sourceOf is the statement of the file that a statement in the books came from.
func (r *Reconciler) sourceOf(ctx context.Context, s statement.Summary) (*source, error) {
	inFile := 0
	for found, err := range r.read(ctx, s.SHA256, s.Mapping, given(s)) {
		if err != nil {
			return nil, err
		}
		if inFile++; inFile == s.InFile {
			return found, nil
		}
	}
	return nil, errNoFile
}
