package api

import (
	"bufio"
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/eventstore"
)

// stream writes events to one client: as lines of JSON, or as server-sent events (WHATWG HTML, 9.2).
type stream struct {
	w          *bufio.Writer
	control    *http.ResponseController
	timeout    time.Duration // for the client to take what was written
	serverSent bool
	unsent     bool                // anything since the last flush
	at         eventstore.Position // how far the log was passed over behind the last event
}

func (s *Server) newStream(c echo.Context, serverSent bool) *stream {
	out := &stream{
		control: http.NewResponseController(c.Response()), timeout: s.Limits.StreamWrite, serverSent: serverSent,
	}
	out.w = bufio.NewWriterSize(timedWriter{c.Response(), out}, 32<<10)
	header, form := c.Response().Header(), ndjson
	if serverSent {
		form = eventStream
	}
	header.Set(echo.HeaderContentType, form)
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("X-Accel-Buffering", "no") // proxies hold nothing back
	_ = out.control.SetReadDeadline(time.Time{})
	c.Response().WriteHeader(http.StatusOK)
	_ = out.control.Flush() // the client knows that it is connected before anything happens
	return out
}

// timedWriter gives each write its own time.
type timedWriter struct {
	http.ResponseWriter
	stream *stream
}

func (w timedWriter) Write(p []byte) (int, error) {
	_ = w.stream.control.SetWriteDeadline(time.Now().Add(w.stream.timeout)) // not every writer has one
	return w.ResponseWriter.Write(p)
}

func (s *stream) event(v EventView) error { return s.send(v.Position, v.Type, v) }

// send writes one event of a name, whose id is a position.
func (s *stream) send(at eventstore.Position, name string, v any) error {
	raw, err := encode(v)
	if err != nil {
		return err
	}
	s.unsent, s.at = true, eventstore.Position{}
	if !s.serverSent {
		return s.lines(string(raw))
	}
	return s.lines("id: "+at.String(), "event: "+name, "data: "+string(raw), "")
}

// passed notes how far the log was read where nothing was for the client.
func (s *stream) passed(p eventstore.Position) { s.at = p }

// tell says how far it was, so that the client resumes from there: an id alone moves Last-Event-ID and fires no event.
func (s *stream) tell() error {
	if !s.serverSent || s.at.IsStart() {
		return nil
	}
	at := s.at
	s.unsent, s.at = true, eventstore.Position{}
	return s.lines("id: "+at.String(), "")
}

// beat is a sign of life, which also finds out that the client is gone.
func (s *stream) beat() error {
	if s.serverSent {
		if err := s.lines(": still here", ""); err != nil {
			return err
		}
		s.unsent = true
	}
	return s.flush()
}

func (s *stream) lines(lines ...string) error {
	for _, l := range lines {
		if _, err := s.w.WriteString(l); err != nil {
			return err
		}
		if err := s.w.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) flush() error {
	if err := s.tell(); err != nil {
		return err
	}
	if !s.unsent {
		return nil
	}
	s.unsent = false
	if err := s.w.Flush(); err != nil {
		return err
	}
	return s.control.Flush()
}

// wait for the next message, with signs of life to the client meanwhile.
func (s *stream) wait(ctx context.Context, messages <-chan followed, beat <-chan time.Time) (next followed, more bool, err error) {
	for {
		select {
		case next, more = <-messages:
			return next, more, nil
		case <-beat:
			if err := s.beat(); err != nil {
				return next, false, err
			}
		case <-streamsEnded(ctx):
			return next, false, nil
		}
	}
}
