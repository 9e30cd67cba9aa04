package file

import "github.com/channelledger/channelledger/domain"

// Event is what a file's stream holds.
type Event interface {
	domain.Event
	evolve(*State, domain.Envelope)
}

// Stored says that the actor handed in a document, and that its bytes are safe. It holds no name: what a document is called
// stands where it is cited.
type Stored struct {
	SHA256 string `json:"sha256"` // hex, lower case
	Size   int64  `json:"size"`   // bytes
}

// EventType is file.stored.v1.
func (Stored) EventType() string { return "file.stored.v1" }

// Types lists every event of a file.
func Types() []domain.Type { return []domain.Type{domain.TypeOf[Stored]()} }
