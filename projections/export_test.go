package projections

import "context"

// DecodeAll decodes the whole log in parallel and throws the events away: the limit that a replay is measured against.
func DecodeAll(ctx context.Context, from Source, types []string) (events int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	chunks, wait := from.scan(ctx, span{types: types, events: chunkEvents})
	defer wait()
	defer cancel()
	for c := range chunks {
		<-c.ready
		events += len(c.messages)
		if c.err != nil || c.last {
			return events, c.err
		}
	}
	return events, ctx.Err()
}

// Waiting is how many answers are made or wait for it.
func (a *AsOf) Waiting() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waiting
}
