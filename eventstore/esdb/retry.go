package esdb

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = 5 * time.Millisecond
	lastWait  = 500 * time.Millisecond // before a call
	lastDial  = 2 * time.Second        // before a connection
	maxOdd    = 4                      // how often an answer that says nothing is asked for again
)

// backoff is how long to wait before the n-th try: twice as long each time, give or take half, so that those who lost the
// server together don't come back together.
func backoff(n int, last time.Duration) time.Duration {
	wait := min(firstWait<<min(n, 20), last)
	return wait/2 + rand.N(wait)
}

// pause waits; it reports whether the context is still on.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// patience is how long something is tried again that leads nowhere.
type patience struct {
	limit time.Duration
	until time.Time
	tries int
	odd   int
}

func newPatience(limit time.Duration) *patience {
	p := &patience{limit: limit}
	p.renew()
	return p
}

// renew is called when something led somewhere.
func (p *patience) renew() {
	p.tries, p.odd = 0, 0
	p.extend()
}

// extend is called when the server answered at least.
func (p *patience) extend() { p.until = time.Now().Add(p.limit) }

// again waits for the next try after an error, and reports whether there is one.
func (p *patience) again(ctx context.Context, err error) bool {
	switch judge(err) {
	case final:
		return false
	case odd:
		if p.odd++; p.odd > maxOdd {
			return false
		}
	}
	wait := backoff(p.tries, lastWait)
	p.tries++
	return time.Now().Add(wait).Before(p.until) && pause(ctx, wait)
}
