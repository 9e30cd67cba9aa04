package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Changes are the rows of the batch that was handed over, in key order; where none was, those that are pending.
func (t *Table[R]) Changes() iter.Seq2[Change, error] {
	rows := t.pending
	if t.leaving != nil {
		rows = t.leaving
	}
	keys := slices.Sorted(maps.Keys(rows))
	return inOrder(keys, func() func(string) (Change, error) {
		enc := newRowEncoder()
		return func(key string) (Change, error) { return t.change(enc, key, rows[key]) }
	})
}

func (t *Table[R]) change(enc *rowEncoder, key string, row *R) (Change, error) {
	if row == nil {
		return Change{Key: key}, nil
	}
	doc, err := enc.encode(row)
	if err != nil {
		return Change{}, fmt.Errorf("table %s, row %q: %w", t.name, key, err)
	}
	values := make([]any, len(t.columns))
	for i, c := range t.columns {
		values[i] = c.value(row)
	}
	return Change{Key: key, Doc: doc, Columns: values}, nil
}

// rowEncoder writes JSON without HTML escapes. Equal rows give equal bytes: struct fields in their order, map keys sorted.
type rowEncoder struct {
	buffer bytes.Buffer // kept from row to row
	json   *json.Encoder
}

func newRowEncoder() *rowEncoder {
	e := &rowEncoder{}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(false)
	return e
}

func (e *rowEncoder) encode(row any) (string, error) {
	e.buffer.Reset()
	if err := e.json.Encode(row); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(e.buffer.Bytes(), []byte("\n"))), nil
}
