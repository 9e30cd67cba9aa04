package export

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Table is a flat export: what its columns are called, and what stands in them for one row.
type Table[R any] []Column[R]

// Column is one of a table.
type Column[R any] struct {
	Name string
	of   func(R) cell
}

// cell is one value of a row. What isn't given is empty in every format.
type cell struct {
	kind   kind
	text   string // as in CSV, before it is made safe
	moment time.Time
}

type kind int

const (
	isText kind = iota
	isNumber
	isDay
	isMoment
)

// Text is a column of text, which may come from anywhere.
func Text[R any](name string, of func(R) string) Column[R] {
	return Column[R]{name, func(r R) cell { return cell{text: of(r)} }}
}

// ID is a column of ids.
func ID[R any](name string, of func(R) uuid.UUID) Column[R] {
	return Text(name, func(r R) string {
		if id := of(r); id != uuid.Nil {
			return id.String()
		}
		return ""
	})
}

// Amount is a column of amounts without their currency, which stands in a column of its own.
func Amount[R any](name string, of func(R) domain.Money) Column[R] {
	return Column[R]{name, func(r R) cell {
		if m := of(r); !m.IsZero() {
			return cell{kind: isNumber, text: m.Decimal()}
		}
		return cell{}
	}}
}

// Number is a column of whole numbers.
func Number[R any](name string, of func(R) int64) Column[R] {
	return Column[R]{name, func(r R) cell { return cell{kind: isNumber, text: strconv.FormatInt(of(r), 10)} }}
}

// Day is a column of dates.
func Day[R any](name string, of func(R) domain.Date) Column[R] {
	return Column[R]{name, func(r R) cell {
		d := of(r)
		if d.IsZero() {
			return cell{}
		}
		return cell{kind: isDay, text: d.String(), moment: d.In(time.UTC)}
	}}
}

// Moment is a column of times, in UTC.
func Moment[R any](name string, of func(R) time.Time) Column[R] {
	return Column[R]{name, func(r R) cell {
		t := of(r).UTC()
		if t.IsZero() {
			return cell{}
		}
		return cell{kind: isMoment, text: t.Format(time.RFC3339Nano), moment: t}
	}}
}

// sink takes rows in one format.
type sink interface {
	row(cells []cell) error
	// finish makes the file of the rows taken.
	finish(about About, rows int64) (*File, error)
	discard() error
}

// Write makes a file of rows, CSV or XLSX.
// Errors: those of the rows; a Rejection of kind Invalid for another format; that the temporary file can't be written.
func Write[R any](format Format, about About, table Table[R], rows iter.Seq2[R, error]) (*File, error) {
	names := make([]string, len(table))
	for i, c := range table {
		names[i] = c.Name
	}
	to, err := newSink(format, about, names)
	if err != nil {
		return nil, err
	}
	file, err := fill(to, about, table, rows)
	if err != nil {
		return nil, errors.Join(err, to.discard())
	}
	return file, nil
}

func newSink(format Format, about About, names []string) (sink, error) {
	switch format {
	case CSV:
		return newCSV(names)
	case XLSX:
		return newXLSX(about.What, names)
	default:
		return nil, domain.Invalid("format", "%s is no format of %s: want csv or xlsx", format, about.What)
	}
}

func fill[R any](to sink, about About, table Table[R], rows iter.Seq2[R, error]) (*File, error) {
	n, cells := int64(0), make([]cell, len(table))
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		for i, c := range table {
			cells[i] = c.of(row)
		}
		if err := to.row(cells); err != nil {
			return nil, fmt.Errorf("export %s, row %d: %w", about.What, n+1, err)
		}
		n++
	}
	return to.finish(about, n)
}
