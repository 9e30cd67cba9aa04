package demo

import (
	"context"
	"errors"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// ErrNotEmpty refuses to tell the story into a ledger that people work with.
var ErrNotEmpty = errors.New("the demo goes into an empty ledger only")

// OlderError says that the ledger holds an older story, that a part of the present one was refused there, and why. What came
// before that part is there; the ledger can be worked with.
type OlderError struct{ Refused error }

func (e *OlderError) Error() string {
	return "the ledger holds an older demo, and the rest of the present one doesn't fit there any more: " + e.Refused.Error()
}

// Unwrap is the refusal.
func (e *OlderError) Unwrap() error { return e.Refused }

// Load tells the story into an empty ledger; it ends on the day given. A story that was cut off is told to its end, an older
// one as far as it can be, and one that was told already stays as it is, whatever day it ended on.
// Errors: ErrNotEmpty where the ledger holds anything else; *OlderError where an older story couldn't be told to the end.
func Load(ctx context.Context, l *ledger.Ledger, today domain.Date) error {
	today, begun, err := lastDay(ctx, l, today)
	if err != nil {
		return err
	}
	t := &teller{ctx: ctx, ledger: l, today: today.In(time.UTC), reactions: reactions{rules: reactor.All()}}
	asked := l.Candidates
	l.Candidates = t
	defer func() { l.Candidates = asked }()
	t.tell()
	if begun && domain.AsRejection(t.err) != nil {
		return &OlderError{t.err}
	}
	return t.err
}

// lastDay is the day that a story ends on which is in the log already, else the one given; begun: it is in the log.
func lastDay(ctx context.Context, l *ledger.Ledger, today domain.Date) (last domain.Date, begun bool, err error) {
	ours := eventstore.Filter{Categories: []string{partner.Category, account.Category}}
	for message, err := range l.Store.Follow(ctx, eventstore.Position{}, ours) {
		switch {
		case err != nil:
			return today, false, err
		case message.Kind == eventstore.CaughtUp:
			return today, false, nil
		case message.Kind == eventstore.Appeared:
			last, err = toldUntil(l, message.Event)
			return last, true, err
		}
	}
	return today, false, ctx.Err()
}

// toldUntil reads the last day off the story's first event: it is a fixed number of days before.
func toldUntil(l *ledger.Ledger, first eventstore.Recorded) (domain.Date, error) {
	if first.Stream != domain.StreamName(partner.Category, partnerID(firstPartner)) {
		return domain.Date{}, ErrNotEmpty
	}
	_, envelope, err := l.Codec.Decode(first)
	if err != nil {
		return domain.Date{}, err
	}
	return domain.DateOf(envelope.EffectiveAt, time.UTC).AddDays(firstDay + applicationDays), nil
}
