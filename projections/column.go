package projections

import "time"

// Kind is how a column is stored.
type Kind uint8

// The kinds of column.
const (
	KindText    Kind = iota // a Go string
	KindInteger             // an int64
)

// Column is what queries filter, sort or add up, beside the key and the document. It is computed from the row whenever the
// row is stored, so it can't tell another story. Build it with Text, Int, Flag, Time or one of the Optional ones.
type Column[R any] struct {
	name    string
	kind    Kind
	indexed bool
	value   func(*R) any // string, int64 or nil
}

// Indexed is the column with an index of its own. For an index over several columns see Table.IndexOn.
func (c Column[R]) Indexed() Column[R] {
	c.indexed = true
	return c
}

// Text is a column of text, compared byte by byte.
func Text[R any](name string, value func(*R) string) Column[R] {
	return Column[R]{name: name, kind: KindText, value: func(r *R) any { return value(r) }}
}

// Int is a column of whole numbers.
func Int[R any](name string, value func(*R) int64) Column[R] {
	return Column[R]{name: name, kind: KindInteger, value: func(r *R) any { return value(r) }}
}

// Flag is a column of 0 and 1.
func Flag[R any](name string, value func(*R) bool) Column[R] {
	return Column[R]{name: name, kind: KindInteger, value: func(r *R) any {
		if value(r) {
			return int64(1)
		}
		return int64(0)
	}}
}

// Time is a column of moments in microseconds since 1970 UTC (time.Time.UnixMicro); the zero time is NULL.
func Time[R any](name string, value func(*R) time.Time) Column[R] {
	return Column[R]{name: name, kind: KindInteger, value: func(r *R) any {
		t := value(r)
		if t.IsZero() {
			return nil
		}
		return t.UnixMicro()
	}}
}

// OptionalText is a column of text, NULL where value says false.
func OptionalText[R any](name string, value func(*R) (string, bool)) Column[R] {
	return Column[R]{name: name, kind: KindText, value: func(r *R) any {
		if text, ok := value(r); ok {
			return text
		}
		return nil
	}}
}

// OptionalInt is a column of whole numbers, NULL where value says false.
func OptionalInt[R any](name string, value func(*R) (int64, bool)) Column[R] {
	return Column[R]{name: name, kind: KindInteger, value: func(r *R) any {
		if n, ok := value(r); ok {
			return n
		}
		return nil
	}}
}
