package domain

import (
	"slices"
	"time"
)

// Dated is a value with a history: tier, owner, stage, amount. What was recorded may arrive late and out of order; at any
// moment the entry with the latest effective time not after it holds, and on a tie the one recorded later.
type Dated[T any] struct {
	Entries []DatedEntry[T] `json:"entries,omitempty"` // by effective time; equal times in recorded order
}

// DatedEntry is one value and when it took effect.
type DatedEntry[T any] struct {
	From  time.Time `json:"from"`
	Value T         `json:"value"`
}

// Set records that the value holds from a moment on. Call it in recorded order.
func (d *Dated[T]) Set(from time.Time, value T) {
	at := len(d.Entries)
	for at > 0 && d.Entries[at-1].From.After(from) {
		at--
	}
	d.Entries = slices.Insert(d.Entries, at, DatedEntry[T]{From: from, Value: value})
}

// At is the value that held at a moment, the moment included; false where none did yet.
func (d Dated[T]) At(moment time.Time) (value T, ok bool) {
	for _, e := range slices.Backward(d.Entries) {
		if !e.From.After(moment) {
			return e.Value, true
		}
	}
	return value, false
}

// Latest is the value that holds last, or the zero value where there is none.
func (d Dated[T]) Latest() (value T) {
	if n := len(d.Entries); n > 0 {
		value = d.Entries[n-1].Value
	}
	return value
}

// Since is when the latest value took effect, or the zero time.
func (d Dated[T]) Since() (t time.Time) {
	if n := len(d.Entries); n > 0 {
		t = d.Entries[n-1].From
	}
	return t
}
