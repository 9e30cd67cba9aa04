package projections

import (
	"hash/maphash"
	"iter"
)

// droppedBits is the size of a filter: 4 MiB. With three million rows in it, it takes one key in a hundred for one of them.
const droppedBits = 1 << 25

// dropped remembers which rows of a bulk load no longer stand in memory, so that a new key needs no look into the view, which
// would wait for the batch that is being stored. It is a Bloom filter: where it errs, the view is asked for nothing.
type dropped struct {
	seed maphash.Seed
	bits []uint64
}

func newDropped() *dropped {
	return &dropped{seed: maphash.MakeSeed(), bits: make([]uint64, droppedBits/64)}
}

func (d *dropped) add(key string) {
	for bit := range d.places(key) {
		d.bits[bit/64] |= 1 << (bit % 64)
	}
}

// mayHave is false for a key that was never added. The nil filter has none.
func (d *dropped) mayHave(key string) bool {
	if d == nil {
		return false
	}
	for bit := range d.places(key) {
		if d.bits[bit/64]&(1<<(bit%64)) == 0 {
			return false
		}
	}
	return true
}

// places are seven bits, made of the two halves of one hash.
func (d *dropped) places(key string) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		bit := maphash.String(d.seed, key)
		step := bit>>32 | 1
		for range 7 {
			if !yield(bit % droppedBits) {
				return
			}
			bit += step
		}
	}
}
