package export

import (
	"cmp"
	"iter"

	"github.com/channelledger/channelledger/projections/listing"
)

// pages yields the rows of a list, one page of up to so many after the other; 0 is as many as a page holds. All are of one
// snapshot where the pages are.
func pages[R any](limit int, page func(listing.Request) (listing.Page[R], error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for request := (listing.Request{Limit: cmp.Or(limit, listing.MaxLimit)}); ; {
			got, err := page(request)
			if err != nil {
				yield(*new(R), err)
				return
			}
			for _, row := range got.Items {
				if !yield(row, nil) {
					return
				}
			}
			if request.Cursor = got.Next; got.Next == "" {
				return
			}
		}
	}
}

// those leaves out what isn't wanted, and makes other rows of the rest.
func those[A, B any](rows iter.Seq2[A, error], wanted func(A) (B, bool)) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		for row, err := range rows {
			if err != nil {
				yield(*new(B), err)
				return
			}
			if of, ok := wanted(row); ok && !yield(of, nil) {
				return
			}
		}
	}
}

// each yields what is there already.
func each[R any](rows []R) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// behind yields some rows behind others.
func behind[R any](first, then iter.Seq2[R, error]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		for _, rows := range []iter.Seq2[R, error]{first, then} {
			for row, err := range rows {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// tellEvery is after how many rows somebody is told of them.
const tellEvery = 1000

// told tells how many rows have gone by.
func told[R any](rows iter.Seq2[R, error], tell func(rows int64)) iter.Seq2[R, error] {
	if tell == nil {
		return rows
	}
	return func(yield func(R, error) bool) {
		n := int64(0)
		for row, err := range rows {
			if n++; n%tellEvery == 0 {
				tell(n)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}
