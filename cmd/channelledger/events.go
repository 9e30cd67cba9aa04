package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/api"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// owner is who works on the data folder itself: nothing in it is hidden from them.
var owner = domain.Actor{ID: "owner", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}}

type eventsCommand struct {
	Stream string   `help:"Only this stream, as in partner-<uuid>." placeholder:"STREAM"`
	Types  []string `help:"Only these event types; 'deal.' or 'deal.*' takes all that begin so." placeholder:"TYPE"`
	After  string   `help:"Only what was recorded behind this position." placeholder:"POSITION"`
	Follow bool     `short:"f" help:"Go on with what is recorded from now on."`
}

// Help is the text below the flags.
func (eventsCommand) Help() string {
	return `Examples:
  channelledger events --types deal.won.v1
  channelledger events --stream partner-6b0c0e2e-6b7e-5d52-8d1e-0d8a5c2f7a11
  channelledger events --follow --after emb-1a2b3c4d.4711`
}

// Run prints the events that were asked for.
func (c *eventsCommand) Run(ctx context.Context, s *session) error {
	after, err := eventstore.ParsePosition(c.After, s.store.Origin())
	if err != nil {
		return err
	}
	out := json.NewEncoder(s.stdout)
	out.SetEscapeHTML(false)
	for message, err := range s.store.Follow(ctx, after, eventstore.Filter{Categories: ledger.Categories()}) {
		switch {
		case err != nil && c.Follow && errors.Is(err, context.Canceled):
			return nil // the way to end it
		case err != nil:
			return err
		case message.Kind == eventstore.CaughtUp && !c.Follow:
			return nil
		case message.Kind != eventstore.Appeared || !c.wants(message.Event):
			continue
		}
		shown, err := api.ViewEvent(s.ledger.Codec, owner, message.Event)
		if err != nil {
			return fmt.Errorf("at %s: %w", message.Position, err)
		}
		if err := out.Encode(shown); err != nil {
			return err
		}
	}
	return nil
}

func (c *eventsCommand) wants(r eventstore.Recorded) bool {
	if c.Stream != "" && r.Stream != c.Stream {
		return false
	}
	return len(c.Types) == 0 || slices.ContainsFunc(c.Types, func(pattern string) bool {
		prefix := strings.TrimSuffix(pattern, "*")
		return r.Type == pattern || prefix != pattern && strings.HasPrefix(r.Type, prefix) ||
			strings.HasSuffix(pattern, ".") && strings.HasPrefix(r.Type, pattern)
	})
}
