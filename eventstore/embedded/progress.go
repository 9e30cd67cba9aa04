package embedded

import "sync"

// progress is the last synced position, and a bell for those who wait for the next.
type progress struct {
	mu     sync.Mutex
	synced uint64
	moved  chan struct{}
}

func newProgress(synced uint64) *progress {
	return &progress{synced: synced, moved: make(chan struct{})}
}

// now is the last synced position and a channel that closes when there is a later one.
func (p *progress) now() (synced uint64, moved <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.synced, p.moved
}

func (p *progress) advance(synced uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.synced = synced
	close(p.moved)
	p.moved = make(chan struct{})
}
