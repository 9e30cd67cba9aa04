package esdbtest

import (
	"context"
	"net"
	"sync"

	"google.golang.org/grpc/peer"
)

// links is the listener of a server, which knows every connection and can cut it. The socket stays open even while the server
// is down: a port once given back may be gone.
type links struct {
	net.Listener
	accepting sync.WaitGroup
	accepted  chan net.Conn
	closed    chan struct{}
	closeOnce sync.Once

	mu   sync.Mutex
	open map[string]*link // by the client's address
	down int              // how many want the server to be down
}

// link is a connection of a client.
type link struct {
	net.Conn
	all *links
}

func newLinks(socket net.Listener) *links {
	l := &links{
		Listener: socket, accepted: make(chan net.Conn), closed: make(chan struct{}), open: map[string]*link{},
	}
	l.accepting.Go(l.run)
	return l
}

// run accepts connections, and cuts them at once while the server is down.
func (l *links) run() {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return
		}
		if known := l.add(conn); known != nil {
			l.hand(known)
		}
	}
}

func (l *links) add(conn net.Conn) *link {
	known := &link{Conn: conn, all: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down > 0 {
		known.cut()
		return nil
	}
	l.open[conn.RemoteAddr().String()] = known
	return known
}

func (l *links) hand(known *link) {
	select {
	case l.accepted <- known:
	case <-l.closed:
		_ = known.Close()
	}
}

// Accept is the next connection of a server that is up.
func (l *links) Accept() (net.Conn, error) {
	select {
	case conn := <-l.accepted:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept; the connections are grpc's to close.
func (l *links) Close() error {
	var err error
	l.closeOnce.Do(func() {
		close(l.closed)
		err = l.Listener.Close()
	})
	return err
}

func (l *links) wait() { l.accepting.Wait() }

// Close forgets the connection.
func (k *link) Close() error {
	k.all.mu.Lock()
	delete(k.all.open, k.RemoteAddr().String())
	k.all.mu.Unlock()
	return k.Conn.Close()
}

// cut resets the connection: what was sent and not yet read is lost, too.
func (k *link) cut() {
	if tcp, ok := k.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = k.Conn.Close()
}

// cutAll cuts every connection and says how many there were.
func (l *links) cutAll() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.open)
	for _, known := range l.open {
		known.cut()
	}
	clear(l.open)
	return n
}

// cutOf cuts the connection that a call came over.
func (l *links) cutOf(ctx context.Context) {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.open[caller.Addr.String()]; ok {
		delete(l.open, caller.Addr.String())
		known.cut()
	}
}

// bringDown cuts everything and refuses every connection until all who brought the server down have called up.
func (l *links) bringDown() (up func()) {
	l.mu.Lock()
	l.down++
	l.mu.Unlock()
	l.cutAll()
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.down--
	})
}
