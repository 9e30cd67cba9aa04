package esdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// supervisor lends a client to each call, and replaces it when it died.
//
// The client stops its discovery for ever after some failed attempts, and callers that come then hang, whatever their
// context says. So a new client is tried by one caller alone before others get it, at the first sign of an outage nobody
// gets it any more, and every call runs in a goroutine that can be abandoned. A client is closed once, after its last call
// has returned: closed earlier it panics, and never closed it leaves its connection open.
type supervisor struct {
	conf    client.Configuration
	log     *slog.Logger
	timeout time.Duration
	life    context.Context // ends when the supervisor is closed
	end     context.CancelFunc
	open    sync.WaitGroup // clients that are not closed yet
	workers workers

	mu       sync.Mutex
	current  *conn
	dialing  *dial
	failures int   // clients lost in a row that served nothing
	reason   error // why the last client was lost or couldn't be had; nil while there is one
	closed   bool
}

// conn is a client that is connected, and what becomes of it.
type conn struct {
	*client.Client
	version client.ServerVersion
	served  atomic.Bool // it was good for something

	// A call holds entering until the client has given it a connection. The client throws its connection away after an
	// error; a call that entered behind that would make it connect anew, and it would never close the old one.
	entering sync.RWMutex

	calls   int  // guarded by the supervisor
	retired bool // so is this
}

// proven notes that the server answers: the next client needs no back-off.
func (c *conn) proven() { c.served.Store(true) }

// dial is a connection on its way, which all who wait for it share.
type dial struct {
	done chan struct{}
	err  error
}

func newSupervisor(cfg Config) (*supervisor, error) {
	conf, err := cfg.connection()
	if err != nil {
		return nil, err
	}
	s := &supervisor{conf: *conf, log: cfg.logger(), timeout: cfg.timeout()}
	s.life, s.end = context.WithCancel(context.Background())
	s.workers = workers{life: s.life, work: make(chan func())}
	return s, nil
}

// take waits for a client. Errors: the context's, ErrClosed, and why none can be had.
func (s *supervisor) take(ctx context.Context) (*conn, error) {
	for {
		c, d, err := s.takeOrDial()
		if c != nil || err != nil {
			return c, err
		}
		select {
		case <-d.done:
			if d.err != nil {
				return nil, d.err
			}
		case <-ctx.Done():
			return nil, s.explain(ctx.Err())
		}
	}
}

// explain adds to an error that says no more than that somebody waited too long why there is no connection.
func (s *supervisor) explain(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil || strings.Contains(err.Error(), s.reason.Error()) {
		return err
	}
	return fmt.Errorf("%w: there is no connection: %v", err, s.reason) //nolint:errorlint // waiting failed; the reason is only told
}

func (s *supervisor) takeOrDial() (*conn, *dial, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, ErrClosed
	case s.current != nil:
		s.current.calls++
		s.current.entering.RLock() // nobody waits to write before the conn is retired
		return s.current, nil, nil
	case s.dialing == nil:
		s.dialing = &dial{done: make(chan struct{})}
		s.open.Add(1)
		go s.dial(s.dialing, s.wait())
	}
	return nil, s.dialing, nil
}

// wait is how long the next client is put off: short enough that a call that comes meanwhile lives to see it.
func (s *supervisor) wait() time.Duration {
	if s.failures == 0 {
		return 0
	}
	return min(backoff(s.failures, lastDial), s.timeout/4)
}

// dial makes a client and tries it. Nobody else has the client yet, so that a discovery that fails leaves nobody hanging.
func (s *supervisor) dial(d *dial, wait time.Duration) {
	defer close(d.done)
	c, err := (*conn)(nil), error(ErrClosed)
	if wait == 0 || pause(s.life, wait) {
		c, err = s.connect()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialing = nil
	switch {
	case err != nil:
		s.failures++
		s.open.Done()
		d.err, s.reason = err, err
		s.log.Warn("event log can't be reached", "error", err, "attempt", s.failures)
	case s.closed:
		d.err = ErrClosed
		s.close(c)
	default:
		s.current, s.reason = c, nil
	}
}

func (s *supervisor) connect() (c *conn, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	c = &conn{}
	conf := s.conf
	conf.Logger = s.listen(c)
	if c.Client, err = client.NewClient(&conf); err != nil {
		return nil, err
	}
	version, err := c.GetServerVersion()
	if err != nil { // the client has ended by itself, and has closed what it had opened
		return nil, fmt.Errorf("%w: %w", eventstore.ErrUnavailable, err)
	}
	c.version = *version
	return c, nil
}

// listen gives the client a logger that hears of an outage before the client itself knows: the client logs a failed call,
// then throws its connection away. By then nobody may get it any more, and those who have got it must have entered.
func (s *supervisor) listen(c *conn) client.LoggingFunc {
	return func(level client.LogLevel, format string, args ...any) {
		s.log.Debug(fmt.Sprintf("client: "+format, args...), "severity", level)
		if level != client.LogError || !slices.ContainsFunc(args, isDeadly) {
			return
		}
		s.retire(c, fmt.Errorf(format, args...))
		if strings.HasPrefix(format, failedCall) {
			c.entering.Lock()
			defer c.entering.Unlock()
		}
	}
}

// failedCall begins what the client logs in the goroutine of a call. Its own goroutine may not wait for calls to enter: they
// wait for it.
const failedCall = "unexpected exception"

func isDeadly(arg any) bool {
	err, ok := arg.(error)
	return ok && deadly(err)
}

// giveBack ends a call.
func (s *supervisor) giveBack(c *conn, err error) {
	switch {
	case deadly(err):
		s.retire(c, err)
	case err == nil || judge(err) == final:
		c.proven()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.calls--
	if c.retired && c.calls == 0 {
		s.close(c)
	}
}

// retire sees to it that no new call gets a client.
func (s *supervisor) retire(c *conn, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.retired {
		return
	}
	c.retired = true
	if s.current == c {
		s.current, s.reason = nil, why
	}
	s.failures++
	if c.served.Load() {
		s.failures = 0
	}
	s.log.Info("connection to the event log is replaced", "reason", why)
	if c.calls == 0 {
		s.close(c)
	}
}

// abandon gives up on a call that hangs. Its client stays open as long as the call does.
func (s *supervisor) abandon(c *conn) {
	if c != nil {
		s.retire(c, errors.New("a call hangs"))
	}
}

// close closes a client that nobody has any more: it doesn't wait for anything.
func (s *supervisor) close(c *conn) {
	if err := c.Close(); err != nil {
		s.log.Warn("connection to the event log was not closed", "error", err)
	}
	s.open.Done()
}

// shutDown refuses new calls, ends those under way, and waits until the clients are closed: no longer than grace, because
// one may hang.
func (s *supervisor) shutDown() {
	s.mu.Lock()
	s.closed = true
	current := s.current
	s.mu.Unlock()
	s.end()
	if current != nil {
		s.retire(current, ErrClosed)
	}
	closed := make(chan struct{})
	go func() { s.open.Wait(); close(closed) }()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
	}
}
