package esdbtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

func TestAppendsMeetFaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    esdbtest.Fault
		code     esdb.ErrorCode
		grpc     codes.Code
		recorded bool
	}{
		{"cut during", esdbtest.CutDuring, esdb.ErrorUnavailable, codes.Unavailable, false},
		{"cut after", esdbtest.CutAfter, esdb.ErrorUnavailable, codes.Unavailable, true},
		{"not leader", esdbtest.NotLeader, esdb.ErrorCodeNotLeader, codes.Unknown, false},
		{"unavailable", esdbtest.Unavailable, esdb.ErrorUnavailable, codes.Unavailable, false},
		{"too large", esdbtest.TooLarge, esdb.ErrorCodeUnknown, codes.InvalidArgument, false},
		{"commit timeout", esdbtest.CommitTimeout, esdb.ErrorAborted, codes.Aborted, true},
		{"access denied", esdbtest.AccessDenied, esdb.ErrorCodeAccessDenied, codes.PermissionDenied, false},
		{"unauthenticated", esdbtest.Unauthenticated, esdb.ErrorCodeUnauthenticated, codes.Unauthenticated, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.append("deal-1", esdb.NoStream{}, event("a"))
			b.server.NextAppends(esdbtest.NoFault, c.fault)
			b.append("deal-1", esdb.Revision(0), event("b"))
			_, err := b.try("deal-1", esdb.Revision(1), event("c"))
			b.fails(err, c.code)
			require.Equal(t, c.grpc, status.Code(err))
			require.Zero(t, b.server.Pending())
			want := 2
			if c.recorded {
				want = 3
			}
			require.Len(t, b.read("deal-1"), want)
			first := b.append("deal-1", esdb.Revision(1), event("c"))
			list := b.read("deal-1")
			require.Equal(t, ids([]esdb.EventData{event("a"), event("b"), event("c")}), ids(list))
			require.Equal(t, first, list[2].Position)
		})
	}
}

// What the client reports then depends on whether it still sends.
func TestAnAppendMayFailWhileItIsSent(t *testing.T) {
	for name, fault := range map[string]esdbtest.Fault{"cut before": esdbtest.CutBefore, "refused midway": esdbtest.RefusedMidway} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.append("deal-1", esdb.NoStream{}, event("a"))
			b.server.NextAppends(fault)
			_, err := b.try("deal-1", esdb.Revision(0), big("b", 20)...)
			require.Error(t, err)
			require.Len(t, b.read("deal-1"), 1)
			b.client = b.connect(b.server.URL()) // a cut that shows as EOF leaves the client with a dead connection
			b.append("deal-1", esdb.Revision(0), big("b", 20)...)
		})
	}
}

func TestReadsMeetFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault esdbtest.Fault
		code  esdb.ErrorCode
		seen  int // at most: a reset takes with it what the client hasn't read yet
	}{
		{"cut before", esdbtest.CutBefore, esdb.ErrorUnavailable, 0},
		{"cut during", esdbtest.CutDuring, esdb.ErrorUnavailable, 1},
		{"cut after", esdbtest.CutAfter, esdb.ErrorUnavailable, 3},
		{"not leader", esdbtest.NotLeader, esdb.ErrorCodeNotLeader, 0},
		{"unavailable", esdbtest.Unavailable, esdb.ErrorUnavailable, 0},
		{"access denied", esdbtest.AccessDenied, esdb.ErrorCodeAccessDenied, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.append("deal-1", esdb.NoStream{}, many("e", 3)...)
			b.server.NextReads(c.fault)
			list, err := b.tryRead("deal-1")
			b.fails(err, c.code)
			require.LessOrEqual(t, len(list), c.seen)
			require.Len(t, b.read("deal-1"), 3)
		})
	}
}

func TestSlowReadsComeOneAfterTheOther(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, many("e", 3)...)
	b.server.SlowReads(20 * time.Millisecond)
	began := time.Now()
	require.Len(t, b.read("deal-1"), 3)
	require.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)
	b.server.SlowReads(time.Hour)
	ctx, cancel := context.WithTimeout(b.ctx, 50*time.Millisecond)
	defer cancel()
	list, err := drain(b.client.ReadStream(ctx, "deal-1", esdb.ReadStreamOptions{}, 10))
	require.Error(t, err)
	require.Empty(t, list)
	b.server.SlowReads(0)
	require.Len(t, b.read("deal-1"), 3)
}

func TestHeldReadsGoOnWhenReleased(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, many("e", 3)...)
	release := b.server.HoldReads()
	again := b.server.HoldReads()
	done := make(chan []*esdb.RecordedEvent, 1)
	go func() { done <- b.read("deal-1") }()
	release()
	release() // counts once
	select {
	case <-done:
		t.Fatal("read while another still holds the reads")
	case <-time.After(50 * time.Millisecond):
	}
	again()
	require.Len(t, <-done, 3)
}

func TestAServerThatIsDownComesUpAgain(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	up := b.server.Down()
	_, err := b.try("deal-1", esdb.Revision(0), event("b"))
	require.Error(t, err)
	b.client = b.connect(b.server.URL())
	_, err = b.try("deal-1", esdb.Revision(0), event("b"))
	b.fails(err, esdb.ErrorUnavailable) // discovery failed: this client is dead
	up()
	b.client = b.connect(b.server.URL())
	b.append("deal-1", esdb.Revision(0), event("b"))
}

func TestAServerThatIsDownForAWhileComesUpByItself(t *testing.T) {
	b := newBench(t)
	b.client = b.connect(b.server.URL() + "&maxDiscoverAttempts=1000")
	b.server.DownFor(50 * time.Millisecond)
	b.append("deal-1", esdb.NoStream{}, event("a")) // the client tries for minutes
}

func TestAServerThatIsNotReadyAnswersSo(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	ready := b.server.NotReady()
	_, err := b.try("deal-1", esdb.Revision(0), event("b"))
	b.fails(err, esdb.ErrorUnavailable)
	ready()
	b.append("deal-1", esdb.Revision(0), event("b"))
}

func TestCutResetsEveryConnection(t *testing.T) {
	b := newBench(t)
	subscription := b.subscribe(esdb.SubscribeToAllOptions{From: esdb.Start{}})
	require.NoError(t, b.server.AwaitLive(b.ctx, 1))
	require.Equal(t, 1, b.server.Cut())
	for {
		m := subscription.Recv()
		if m.SubscriptionDropped != nil {
			require.Equal(t, codes.Unavailable, status.Code(m.SubscriptionDropped.Error))
			break
		}
	}
	require.NoError(t, b.server.AwaitSubscriptions(b.ctx, 0))
}

func TestAllMayBeDenied(t *testing.T) {
	b := newBench(t)
	b.append("deal-1", esdb.NoStream{}, event("a"))
	allow := b.server.DenyAll()
	_, err := drain(b.client.ReadAll(b.ctx, esdb.ReadAllOptions{From: esdb.Start{}}, 10))
	b.fails(err, esdb.ErrorCodeAccessDenied)
	_, err = b.client.SubscribeToAll(b.ctx, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	b.fails(err, esdb.ErrorCodeAccessDenied)
	require.Len(t, b.read("deal-1"), 1)
	allow()
	require.Len(t, b.all(esdb.Start{}, esdb.Forwards, 10), 1)
}
