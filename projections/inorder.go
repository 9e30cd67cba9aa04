package projections

import (
	"iter"
	"runtime"
	"slices"
)

// rowsAtATime is how many rows are encoded by one goroutine: enough to make starting it cheap.
const rowsAtATime = 256

// inOrder yields what encode makes of each key, in the order of the keys; many of them are encoded in parallel, a little
// ahead of the reader, each part by an encode of its own. It ends at the first error.
func inOrder[T any](keys []string, newEncode func() func(string) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		parts := slices.Collect(slices.Chunk(keys, rowsAtATime))
		ahead := make([]chan encoded[T], len(parts))
		start := func(i int) {
			if i >= len(parts) {
				return
			}
			ahead[i] = make(chan encoded[T], 1)
			go func() { ahead[i] <- encodePart(parts[i], newEncode()) }()
		}
		for i := range runtime.GOMAXPROCS(0) {
			start(i)
		}
		for i := range parts {
			part := <-ahead[i]
			start(i + runtime.GOMAXPROCS(0))
			if !part.yield(yield) {
				drain(ahead[i+1:])
				return
			}
		}
	}
}

// encoded is a part of the keys; err is of the one behind the last value.
type encoded[T any] struct {
	values []T
	err    error
}

func encodePart[T any](keys []string, encode func(string) (T, error)) (p encoded[T]) {
	p.values = make([]T, 0, len(keys))
	for _, key := range keys {
		value, err := encode(key)
		if err != nil {
			p.err = err
			return p
		}
		p.values = append(p.values, value)
	}
	return p
}

func (p encoded[T]) yield(yield func(T, error) bool) bool {
	for _, value := range p.values {
		if !yield(value, nil) {
			return false
		}
	}
	if p.err != nil {
		var none T
		yield(none, p.err)
	}
	return p.err == nil
}

// drain waits for those started, so that nothing reads the rows any more.
func drain[T any](ahead []chan encoded[T]) {
	for _, part := range ahead {
		if part != nil {
			<-part
		}
	}
}
