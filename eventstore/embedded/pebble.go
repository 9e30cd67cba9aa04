package embedded

import (
	"github.com/cockroachdb/pebble/v2"
)

// Pebble takes what its memtables hold out of its cache, so the cache must be larger than the one that is filled and the one
// that is written out together, or no block is ever found in it.
const (
	memtableBytes = 64 << 20
	blockBytes    = 64 << 20 // that the cache holds at least, of blocks that were read
)

// pebbleOptions tunes Pebble for a log: few large files, blocks that are read in order, no wait before a sync. The sizes are
// those at which the benchmarks stopped gaining.
func pebbleOptions(opts Options, lock *pebble.Lock, failure *failure) *pebble.Options {
	o := &pebble.Options{
		FS:                          opts.FS,
		Lock:                        lock,
		FormatMajorVersion:          pebble.FormatNewest,
		CacheSize:                   blockBytes + 2*memtableBytes,
		MemTableSize:                memtableBytes,
		MemTableStopWritesThreshold: 4,
		Logger:                      pebbleLogger{opts.Logger, failure},
		EventListener: &pebble.EventListener{
			// Damage is told to whoever reads it. What is appended behind it is as safe as before.
			DataCorruption:  func(info pebble.DataCorruptionInfo) { opts.Logger.Error("event log damaged", "what", info.String()) },
			BackgroundError: func(err error) { opts.Logger.Error("event log in the background", "error", err) },
		},
	}
	for i := range o.Levels {
		o.Levels[i].BlockSize = 32 << 10
		o.Levels[i].IndexBlockSize = 256 << 10
	}
	o.TargetFileSizes[0] = 16 << 20
	if opts.tune != nil {
		opts.tune(o)
	}
	return o
}
