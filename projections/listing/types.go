package listing

import "github.com/channelledger/channelledger/domain"

// TypeNames are the names of the event types that a read model takes.
func TypeNames(types []domain.Type, takes func(domain.Event) bool) (names []string) {
	for _, t := range types {
		if takes(t.Value(t.New())) {
			names = append(names, t.Name)
		}
	}
	return names
}

// Every takes each event type.
func Every(domain.Event) bool { return true }
