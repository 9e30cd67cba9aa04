package intake

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// task is something to do, and its place among all of them.
type task struct {
	place int
	do    func(context.Context) error
}

// queue is tasks that must be done one after the other, in the order of their places.
type queue []task

// schedule does the tasks of many queues at once, those of each queue in order. Of what may be done it always takes the task
// with the lowest place, so that all in all the work goes on in the order of places.
type schedule struct {
	done func() // after each task, one call at a time; may be nil

	mu    sync.Mutex
	moved *sync.Cond
	ready queues
	busy  int
	err   error // the first
}

// run starts workers and waits for them. Between two tasks it stops for ctx or an error; what is under way is finished.
// Errors: the first of a task, or the cause of ctx.
func (s *schedule) run(ctx context.Context, workers int, all []queue) error {
	s.moved = sync.NewCond(&s.mu)
	for _, q := range all {
		if len(q) > 0 {
			s.ready = append(s.ready, q)
		}
	}
	heap.Init(&s.ready)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for q := s.take(ctx); q != nil; q = s.take(ctx) {
				s.put(q[1:], finish(ctx, q[0]))
			}
		})
	}
	group.Wait()
	if s.err == nil && len(s.ready) > 0 {
		return context.Cause(ctx)
	}
	return s.err
}

// taskTimeout bounds one task.
const taskTimeout = time.Minute

// finish does a task to its end, also when ctx ends meanwhile.
func finish(ctx context.Context, t task) error {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), taskTimeout)
	defer cancel()
	return t.do(whole)
}

// take is the queue whose turn it is, or nil where nothing is left to do.
func (s *schedule) take(ctx context.Context) queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.ready) == 0 && s.busy > 0 && s.err == nil {
		s.moved.Wait()
	}
	if len(s.ready) == 0 || s.err != nil || ctx.Err() != nil {
		return nil
	}
	s.busy++
	return heap.Pop(&s.ready).(queue)
}

// put takes back what is left of a queue.
func (s *schedule) put(rest queue, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	switch {
	case err != nil && s.err == nil:
		s.err = err
	case err == nil && s.done != nil:
		s.done()
	}
	if len(rest) > 0 {
		heap.Push(&s.ready, rest)
	}
	s.moved.Broadcast()
}

// queues is a heap by the place of each queue's next task.
type queues []queue

func (q queues) Len() int           { return len(q) }
func (q queues) Less(i, j int) bool { return q[i][0].place < q[j][0].place }
func (q queues) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queues) Push(x any)        { *q = append(*q, x.(queue)) }
func (q *queues) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
