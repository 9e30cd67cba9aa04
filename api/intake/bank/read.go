package bank

import (
	"cmp"
	"context"
	"io"
	"iter"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Limits bound what a file may take. The zero Limits are those of DefaultLimits.
type Limits struct {
	Bytes      int64 // of the file
	Token      int   // of one tag, text or row, in bytes
	Depth      int   // of elements in each other
	Statements int   // in a file
	Lines      int   // in a statement
}

// DefaultLimits are far above what banks send: a day of 100 000 lines is about 150 MB of XML.
func DefaultLimits() Limits {
	return Limits{Bytes: 2 << 30, Token: 1 << 20, Depth: 64, Statements: 10_000, Lines: 1_000_000}
}

// orDefault fills in what isn't given.
func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	return Limits{
		Bytes: cmp.Or(l.Bytes, d.Bytes), Token: cmp.Or(l.Token, d.Token), Depth: cmp.Or(l.Depth, d.Depth),
		Statements: cmp.Or(l.Statements, d.Statements), Lines: cmp.Or(l.Lines, d.Lines),
	}
}

// Given is what the caller knows of a CSV that doesn't say it: it stands in for what neither the file nor its mapping has,
// and must agree with what they have. In a file of several statements it is of the one with that account and number.
type Given struct {
	Account  string
	Number   string
	From, To domain.Date
	Opening  domain.Money
	Closing  domain.Money
}

// Reader goes through a file of one format and gives its items: Camt053 and CSV make one. The same file gives the same
// items whenever it is read. An error ends it, because a file is taken whole or not at all; but one of CodeBalances comes with
// its End, so that both figures can be shown, and whoever takes it may read on.
// Errors: *Error; those of r and ctx.
type Reader func(ctx context.Context, r io.Reader) iter.Seq2[Item, error]

// Pick reads a file again and gives the lines of one of its statements that have these numbers, in their order. It stops
// behind the last of them.
// Errors: those of the reader before it; the statement has no such line (CodeMissing).
func Pick(ctx context.Context, read Reader, r io.Reader, inFile int, numbers ...int) ([]Line, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	lines := make([]Line, 0, len(wanted))
	if len(wanted) == 0 {
		return lines, nil
	}
	for item, err := range read(ctx, r) {
		if err != nil {
			return nil, err
		}
		l, is := item.(Line)
		if !is || l.InFile != inFile || l.Number != wanted[len(lines)] {
			continue
		}
		if lines = append(lines, l); len(lines) == len(wanted) {
			return lines, nil
		}
	}
	return nil, wrong(CodeMissing, Position{}, "statement %d of the file has no line %d", inFile, wanted[len(lines)])
}
