// Package listing is what the read models share, lists above all: conditions with placeholders, sorting by a fixed choice of
// columns, and pages that go on behind the last row seen.
package listing
