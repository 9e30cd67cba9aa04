// Package esdbtest is a server that speaks EventStoreDB's gRPC protocol over any event store, so that the real client runs
// over a real socket in tests, with faults on demand. It answers as a single node of version 23.10.8 does; conformance_test.go
// holds it to that server's transcript and lists what an append-only ledger answers otherwise.
//
//	server := esdbtest.Start(t, store)
//	config, err := esdb.ParseConnectionString(server.URL()) // the real client's package
//	server.NextAppends(esdbtest.NoFault, esdbtest.CutAfter) // the second append is recorded, its answer lost
//	up := server.Down()                                     // nobody gets through until up()
//
// Faults wait for calls and conditions, not for times, so that a test with them runs the same way every time.
//
// What the store doesn't keep, the server keeps in memory: which events were sent as binary (all others are said to be JSON),
// and which streams Tombstone hides. Metadata streams ("$$deal-1") are streams of the store under their own names, so that
// $all shows them in their place; a Follow with a filter of categories passes them over.
package esdbtest

import (
	"crypto/tls"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/channelledger/channelledger/eventstore"
)

const (
	maxMessage   = 16 << 20        // of one gRPC message, the real server's own
	minKeepalive = 5 * time.Second // what grpc allows by default, 5 minutes, ends the client's subscriptions after 31 s
)

// Option changes a server before it starts.
type Option func(*settings)

type settings struct {
	version    string
	liveBuffer int
	fallBehind bool
	clock      func() time.Time
	tls        *tls.Config
	users      []User
}

// Version is what the server says of itself: plain numbers, or the client can't connect. Default: 23.10.8.
func Version(version string) Option { return func(s *settings) { s.version = version } }

// LiveBuffer is how many messages wait for a live subscriber before it is too slow. Default: 1024.
func LiveBuffer(messages int) Option { return func(s *settings) { s.liveBuffer = messages } }

// FallBehind makes slow live subscribers fall behind and catch up, as servers from 24.2 on do, instead of being dropped.
func FallBehind() Option { return func(s *settings) { s.fallBehind = true } }

// Clock gives the time by which $maxAge hides events. Default: time.Now.
func Clock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// Server is a running server. All its methods may be called at any time, by any goroutine.
type Server struct {
	store    eventstore.Store
	settings settings
	links    *links
	grpc     *grpc.Server
	running  sync.WaitGroup // the server and the senders of its subscriptions
	faults   *faults
	pace     *pace
	index    *index
	heads    *heads
	binary   *idSet
	buried   *nameSet
	live     *subscribers
	nothings atomic.Uint64 // appends of no event, for their positions
}

// Start serves the store on a free port of the loopback interface until the test ends. The store stays the caller's.
func Start(tb testing.TB, store eventstore.Store, opts ...Option) *Server {
	tb.Helper()
	s, err := Listen(store, opts...)
	if err != nil {
		tb.Fatalf("esdbtest: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Listen is Start without a test: the caller closes the server.
func Listen(store eventstore.Store, opts ...Option) (*Server, error) {
	chosen := settings{version: "23.10.8", liveBuffer: 1024, clock: time.Now}
	for _, set := range opts {
		set(&chosen)
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		store: store, settings: chosen, links: newLinks(socket),
		faults: &faults{}, pace: newPace(), index: newIndex(store), heads: newHeads(),
		binary: &idSet{}, buried: &nameSet{}, live: newSubscribers(),
	}
	s.grpc = grpc.NewServer(chosen.grpc()...)
	streams.RegisterStreamsServer(s.grpc, streamsService{server: s})
	serverfeatures.RegisterServerFeaturesServer(s.grpc, featuresService{server: s})
	gossip.RegisterGossipServer(s.grpc, gossipService{server: s})
	s.running.Go(func() { _ = s.grpc.Serve(s.links) }) // an error says no more than that the server was stopped
	return s, nil
}

func (s settings) grpc() []grpc.ServerOption {
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minKeepalive, PermitWithoutStream: true}),
		grpc.WaitForHandlers(true),
	}
	if s.tls != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(s.tls)))
	}
	return options
}

// URL is the connection string of this server; more settings go behind it: &tlsCAFile=PATH.
func (s *Server) URL() string {
	return "esdb://" + s.Address() + "?tls=" + strconv.FormatBool(s.settings.tls != nil)
}

// Address is host:port.
func (s *Server) Address() string { return s.links.Addr().String() }

// Close ends every call and returns when nothing of the server runs any more. Closing again does nothing.
func (s *Server) Close() {
	s.grpc.Stop()
	s.links.wait()
	s.running.Wait()
}
