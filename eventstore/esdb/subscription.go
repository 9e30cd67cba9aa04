package esdb

import (
	"context"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// arrival is what a subscription brings.
type arrival struct {
	kind   arrivalKind
	silent bool // of a confirmation: the server doesn't say when it has caught up
	event  *client.RecordedEvent
	at     client.Position // of a checkpoint
}

type arrivalKind uint8

const (
	confirmed arrivalKind = iota // comes first
	appeared
	checkpoint
	caughtUp
	fellBehind // from 24.2 on, instead of dropping a slow subscriber
)

// subscribe receives what a subscription to $all brings until it drops; the client doesn't subscribe again.
func subscribe(ctx context.Context, c *conn, from client.AllPosition, filter *client.SubscriptionFilter, put put[arrival]) error {
	silent := isSilent(c.version)
	if silent {
		filter = nil // only when every event comes is it seen that the end was reached
	}
	sub, err := c.SubscribeToAll(ctx, client.SubscribeToAllOptions{
		From: from, Filter: filter, MaxSearchWindow: searchWindow, CheckpointInterval: 1,
	})
	if err != nil {
		return err
	}
	defer func() { _ = sub.Close() }()
	c.proven()
	if !put(arrival{kind: confirmed, silent: silent}, 0) {
		return ctx.Err()
	}
	for {
		a, err := next(sub)
		if err != nil {
			return err
		}
		if !put(a, a.size()) {
			return ctx.Err()
		}
	}
}

// isSilent reports whether a server is of before 23.10, which brought the message that a subscriber has caught up.
func isSilent(v client.ServerVersion) bool { return v.Major < 23 || v.Major == 23 && v.Minor < 10 }

func next(sub *client.Subscription) (arrival, error) {
	for {
		switch m := sub.Recv(); {
		case m.SubscriptionDropped != nil:
			return arrival{}, m.SubscriptionDropped.Error
		case m.EventAppeared != nil && m.EventAppeared.OriginalEvent() != nil:
			return arrival{kind: appeared, event: m.EventAppeared.OriginalEvent()}, nil
		case m.CheckPointReached != nil:
			return arrival{kind: checkpoint, at: *m.CheckPointReached}, nil
		case m.CaughtUp != nil:
			return arrival{kind: caughtUp}, nil
		case m.FellBehind != nil:
			return arrival{kind: fellBehind}, nil
		}
	}
}

func (a arrival) size() int {
	if a.event == nil {
		return 0
	}
	return size(a.event)
}
