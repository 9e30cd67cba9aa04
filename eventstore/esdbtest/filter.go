package esdbtest

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"

	"github.com/channelledger/channelledger/eventstore"
)

// defaultWindow is how many events a search looks at when the client doesn't say.
const defaultWindow = 32

// filter is what a subscription to $all wants to see, and how often it wants to know how far the search is.
type filter struct {
	match    func(eventstore.Recorded) bool
	interval uint64 // events looked at between checkpoints; 0: no checkpoints
}

// newFilter reads the client's filter; nil lets everything pass.
// Errors: that of a broken regular expression.
func newFilter(o *streams.ReadReq_Options_FilterOptions) (filter, error) {
	if o == nil {
		return filter{match: func(eventstore.Recorded) bool { return true }}, nil
	}
	expression, subject := o.GetEventType(), eventType
	if o.GetStreamIdentifier() != nil {
		expression, subject = o.GetStreamIdentifier(), streamOf
	}
	matches, err := matcher(expression)
	if err != nil {
		return filter{}, err
	}
	window := uint64(defaultWindow)
	if o.GetMax() > 0 {
		window = uint64(o.GetMax())
	}
	return filter{
		match:    func(e eventstore.Recorded) bool { return matches(subject(e)) },
		interval: window * max(uint64(o.GetCheckpointIntervalMultiplier()), 1),
	}, nil
}

func eventType(e eventstore.Recorded) string { return e.Type }
func streamOf(e eventstore.Recorded) string  { return e.Stream }

func matcher(x *streams.ReadReq_Options_FilterOptions_Expression) (func(string) bool, error) {
	if x.GetRegex() != "" {
		pattern, err := regexp.Compile(x.GetRegex())
		if err != nil {
			return nil, err
		}
		return pattern.MatchString, nil
	}
	prefixes := x.GetPrefix()
	return func(text string) bool {
		for _, prefix := range prefixes {
			if strings.HasPrefix(text, prefix) {
				return true
			}
		}
		return false
	}, nil
}
