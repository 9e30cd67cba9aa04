package sqlview

import "sync"

// lease counts who uses a build, so that it is torn down behind the last of them.
type lease struct {
	onIdle func() error // called once, after close and after the last release

	mu     sync.Mutex
	users  int
	closed bool
	done   bool
}

// acquire is false once the lease is closed.
func (l *lease) acquire() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.users++
	return true
}

func (l *lease) release() error { return l.leave(func() { l.users-- }) }

// releaseQuietly is for those whose own answer stands whatever becomes of the files: what is left is swept at the next start.
func (l *lease) releaseQuietly() { _ = l.release() }

func (l *lease) close() error { return l.leave(func() { l.closed = true }) }

func (l *lease) leave(change func()) error {
	l.mu.Lock()
	change()
	last := l.closed && l.users == 0 && !l.done
	l.done = l.done || last
	l.mu.Unlock()
	if !last {
		return nil
	}
	return l.onIdle()
}
