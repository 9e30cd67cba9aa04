package esdbtest

import (
	"context"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/channelledger/channelledger/eventstore"
)

// moment is when a fault strikes a call.
type moment int

const (
	never     moment = iota
	onArrival        // nothing of the request was looked at
	onRequest        // the whole request is there, and nothing of it done
	midway           // an append's first event has come in and none is recorded; a read's first event was sent and a second one is due
	atEnd            // the append is recorded, the last event was sent: all but the answer's end
)

// Fault is what goes wrong with one append or one read. The zero value lets it pass.
type Fault struct {
	at     moment
	strike func(ctx context.Context, s *Server) error
}

// The faults that a call can meet. Cuts reset the connection that the call came over, and with it all other calls there. An
// append that is cut or refused while the client still sends fails there with a bare EOF instead of Unavailable.
var (
	NoFault   = Fault{}
	CutBefore = Fault{onArrival, cutCaller} // nothing was recorded
	CutDuring = Fault{midway, cutCaller}    // nothing was recorded; a read has sent one event
	CutAfter  = Fault{atEnd, cutCaller}     // recorded, and the answer is lost

	NotLeader       = Fault{onRequest, notLeader} // answers that the leader is at this server's own address
	Unavailable     = Fault{onRequest, answerWith(errUnavailable)}
	AccessDenied    = Fault{onRequest, deny}
	Unauthenticated = Fault{onRequest, answerWith(errAuthentication)}
	TooLarge        = Fault{onRequest, answerWith(errTooLarge)} // what is said to more than 1 MiB of data
	RefusedMidway   = Fault{midway, answerWith(errHandler)}     // as for an event without a type, the others unread
	CommitTimeout   = Fault{atEnd, answerWith(errCommit)}       // recorded, answered with Aborted
	TooSlow         = Fault{midway, answerWith(errTooSlow)}     // drops a subscription behind its first event
)

func cutCaller(ctx context.Context, s *Server) error {
	s.links.cutOf(ctx)
	return errCut
}

func notLeader(ctx context.Context, s *Server) error {
	host, port := s.endpoint()
	return refuse(ctx, codes.NotFound, "Leader info available", "not-leader",
		"leader-endpoint-host", host, "leader-endpoint-port", strconv.FormatUint(uint64(port), 10))
}

func deny(ctx context.Context, _ *Server) error { return accessDenied(ctx) }

func answerWith(err error) func(context.Context, *Server) error {
	return func(context.Context, *Server) error { return err }
}

// faults are those that calls will meet.
type faults struct {
	mu             sync.Mutex
	appends, reads []Fault
	notReady       int // how many want every call to fail
	noAll          int // how many want $all to be unreadable
}

func (f *faults) nextAppend() Fault { return f.next(&f.appends) }
func (f *faults) nextRead() Fault   { return f.next(&f.reads) }

func (f *faults) next(queue *[]Fault) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.notReady > 0 {
		return Unavailable
	}
	if len(*queue) == 0 {
		return NoFault
	}
	first := (*queue)[0]
	*queue = (*queue)[1:]
	return first
}

func (f *faults) unready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.notReady > 0
}

func (f *faults) denied() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.noAll > 0
}

// raise adds one to a count until the function it returns is called.
func (f *faults) raise(count *int) (lower func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*count++
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		*count--
	})
}

// strike is what the fault does at a moment of its call; nil lets the call go on.
func (s *Server) strike(ctx context.Context, f Fault, at moment) error {
	if f.at != at {
		return nil
	}
	return f.strike(ctx, s)
}

// NextAppends lets the next appends meet these faults, one each, behind those that wait already.
func (s *Server) NextAppends(list ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.appends = append(s.faults.appends, list...)
}

// NextReads lets the next reads and subscriptions meet these faults, one each, behind those that wait already.
func (s *Server) NextReads(list ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.reads = append(s.faults.reads, list...)
}

// Pending is how many of the faults asked for nobody has met yet.
func (s *Server) Pending() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return len(s.faults.appends) + len(s.faults.reads)
}

// Cut resets every connection and says how many there were. Clients may connect again.
func (s *Server) Cut() int { return s.links.cutAll() }

// Down resets every connection and lets nobody connect until the test calls up.
func (s *Server) Down() (up func()) { return s.links.bringDown() }

// DownFor is Down until that time is over.
func (s *Server) DownFor(d time.Duration) { time.AfterFunc(d, s.Down()) }

// NotReady answers every new call with Unavailable, over connections that stay, until the test calls ready.
func (s *Server) NotReady() (ready func()) { return s.faults.raise(&s.faults.notReady) }

// DenyAll refuses every read of $all, as to a user without the right, until the test calls allow.
func (s *Server) DenyAll() (allow func()) { return s.faults.raise(&s.faults.noAll) }

// Tombstone makes a stream look deleted for good: reads and appends are refused, and $all shows a $streamDeleted event at
// its end. The store keeps all events.
// Errors: those of the store's Read and Append.
func (s *Server) Tombstone(ctx context.Context, stream string) error {
	head, err := s.head(ctx, stream)
	if err != nil {
		return err
	}
	grave := eventstore.Proposed{ID: tombstoneID(stream), Type: "$streamDeleted"}
	if _, err := s.store.Append(ctx, stream, head, []eventstore.Proposed{grave}); err != nil {
		return err
	}
	s.buried.add(stream)
	return nil
}
