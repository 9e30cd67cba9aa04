package esdbtest

import (
	"context"
	"math"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/channelledger/channelledger/eventstore"
)

// outbox is what waits to be sent to a subscriber. Until it has caught up, a slow subscriber slows the server's reading down.
// A live one that lets the outbox fill up is dropped.
type outbox struct {
	ctx        context.Context
	messages   chan *streams.ReadResp
	live       bool
	fallBehind bool
	turned     func(live bool) // told of every change of live
}

// put hands a message to the sender.
// Errors: errTooSlow for a live subscriber with too much waiting; that of the context.
func (b *outbox) put(m *streams.ReadResp) error {
	if !b.live {
		return b.wait(m)
	}
	select {
	case b.messages <- m:
		return nil
	default:
	}
	if !b.fallBehind {
		return errTooSlow
	}
	b.turn(false)
	if err := b.wait(fellBehind()); err != nil {
		return err
	}
	return b.wait(m)
}

func (b *outbox) wait(m *streams.ReadResp) error {
	select {
	case b.messages <- m:
		return nil
	case <-b.ctx.Done():
		return context.Cause(b.ctx)
	}
}

// caughtUp tells the subscriber that the past is over, unless it knows.
func (b *outbox) caughtUp() error {
	if b.live {
		return nil
	}
	if err := b.wait(caughtUp()); err != nil {
		return err
	}
	b.turn(true)
	return nil
}

func (b *outbox) turn(live bool) {
	b.live = live
	b.turned(live)
}

// subscribe runs a feed and sends what it puts into the outbox. The sender has a goroutine of its own, which may outlast the
// call: only the end of the call frees it from a subscriber that takes nothing.
func (s *Server) subscribe(ctx context.Context, out *outlet, feed func(context.Context, *outbox) error) error {
	ctx, drop := context.WithCancelCause(ctx)
	defer drop(nil)
	member := s.live.add(drop)
	defer s.live.remove(member)
	box := &outbox{
		ctx: ctx, messages: make(chan *streams.ReadResp, s.settings.liveBuffer), fallBehind: s.settings.fallBehind,
		turned: func(live bool) { s.live.turn(member, live) },
	}
	sent := make(chan struct{})
	s.running.Go(func() {
		defer close(sent)
		if err := out.sendAll(ctx, box.messages); err != nil {
			drop(err)
		}
	})
	err := box.put(confirmation())
	if err == nil {
		err = feed(ctx, box)
	}
	close(box.messages)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err != errTooSlow { //nolint:errorlint // this very value; such a subscriber won't take what waits
		<-sent
	}
	return err
}

func (o *outlet) sendAll(ctx context.Context, messages <-chan *streams.ReadResp) error {
	for m := range messages {
		if err := o.send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// subscribeToStream sends what lies behind a revision and then what comes.
func (s *Server) subscribeToStream(ctx context.Context, o *streams.ReadReq_Options, out *outlet) error {
	stream := streamName(o.GetStream().GetStreamIdentifier())
	switch {
	case stream == "":
		return errHandler
	case s.buried.has(stream):
		return streamDeleted(ctx, stream)
	}
	return s.subscribe(ctx, out, func(ctx context.Context, box *outbox) error {
		end, err := s.index.end(ctx) // what comes behind it will be followed
		if err != nil {
			return err
		}
		feed := streamFeed{server: s, stream: stream, box: box}
		if err := feed.begin(ctx, o.GetStream()); err != nil {
			return err
		}
		return feed.follow(ctx, end)
	})
}

// streamFeed is a subscription to a stream on its way.
type streamFeed struct {
	server *Server
	stream string
	box    *outbox
	exists bool
	last   eventstore.Revision // sent, or not wanted
}

// begin sends the past.
func (f *streamFeed) begin(ctx context.Context, o *streams.ReadReq_Options_StreamOptions) error {
	head, err := f.server.head(ctx, f.stream)
	if err != nil {
		return err
	}
	shown, err := f.server.shown(ctx, f.stream)
	if err != nil {
		return err
	}
	f.exists = head != eventstore.NoStream
	switch from := o.GetRevisionOption().(type) {
	case *streams.ReadReq_Options_StreamOptions_Revision:
		f.last = eventstore.Revision(min(from.Revision, math.MaxInt64))
	case *streams.ReadReq_Options_StreamOptions_End:
		f.last = head
	default:
		f.last = eventstore.NoStream
	}
	f.last = max(f.last, shown.first-1)
	for e, err := range f.server.store.Read(ctx, f.stream, f.last) {
		if err != nil {
			return err
		}
		f.exists, f.last = true, e.Revision
		if shown.hides(e) {
			continue
		}
		if err := f.box.put(f.server.event(e)); err != nil {
			return err
		}
	}
	return f.caughtUp()
}

// caughtUp is told of a stream that exists only.
func (f *streamFeed) caughtUp() error {
	if !f.exists {
		return nil
	}
	return f.box.caughtUp()
}

// follow sends what comes.
func (f *streamFeed) follow(ctx context.Context, after eventstore.Position) error {
	category, _, _ := strings.Cut(f.stream, "-")
	for m, err := range f.server.store.Follow(ctx, after, eventstore.Filter{Categories: []string{category}}) {
		switch {
		case err != nil:
			return err
		case m.Kind == eventstore.CaughtUp:
			err = f.caughtUp()
		case m.Kind == eventstore.Appeared && m.Event.Stream == f.stream:
			err = f.take(m.Event)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *streamFeed) take(e eventstore.Recorded) error {
	f.exists = true
	if e.Revision <= f.last {
		return nil
	}
	f.last = e.Revision
	return f.box.put(f.server.event(e))
}
