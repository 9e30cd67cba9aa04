package projections

import "cmp"

// Limits bound the memory of builds and the size of batches. A zero field takes its default.
type Limits struct {
	BatchEvents int // live: events of a batch, flushed sooner where the log is caught up; 4096
	BatchBytes  int // live: their data, in bytes; 8 MiB
	IdleEvents  int // live: events passed over before a checkpoint without rows is stored; 10 000
	BulkRows    int // replay: changed rows in memory, over all tables: half of them change while the other half is stored; 50 000
	CacheRows   int // rows kept between batches, for each table, times two; 2000
	Replays     int // replays at once; 2
	Questions   int // different answers as of a moment that are made or wait at once; 64
}

func (l Limits) withDefaults() Limits {
	return Limits{
		BatchEvents: cmp.Or(l.BatchEvents, 4096),
		BatchBytes:  cmp.Or(l.BatchBytes, 8<<20),
		IdleEvents:  cmp.Or(l.IdleEvents, 10_000),
		BulkRows:    cmp.Or(l.BulkRows, 50_000),
		CacheRows:   cmp.Or(l.CacheRows, 2000),
		Replays:     cmp.Or(l.Replays, 2),
		Questions:   cmp.Or(l.Questions, 64),
	}
}
