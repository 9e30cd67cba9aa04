package esdb

import (
	"context"
	"time"
)

// idleFor is how long a worker waits for more work.
const idleFor = time.Second

// workers are goroutines that take one call after the other. A call goes deep into gRPC, and a new goroutine has to grow its
// stack each time, which took a tenth of an append. One that hangs is just no longer there for others.
type workers struct {
	life context.Context
	work chan func()
}

// do runs f in a worker that has nothing to do, or in a new one.
func (w workers) do(f func()) {
	select {
	case w.work <- f:
	default:
		go w.run(f)
	}
}

func (w workers) run(f func()) {
	timer := time.NewTimer(idleFor)
	defer timer.Stop()
	for {
		f()
		timer.Reset(idleFor)
		select {
		case f = <-w.work:
		case <-timer.C:
			return
		case <-w.life.Done():
			return
		}
	}
}
