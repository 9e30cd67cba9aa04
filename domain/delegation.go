package domain

import (
	"fmt"

	"github.com/google/uuid"
)

// Delegation is that one person acts for another for a while. It gives no roles. It makes what is done on behalf of somebody
// true, and the two of them one hand where a second person has to check.
// Source: domain.md sections 1 and 2.
type Delegation struct {
	ID   uuid.UUID
	From string // the actor who is away
	To   string // the actor who acts for them
}

// Involves reports whether one of the actors is on either side.
func (d Delegation) Involves(ids ...string) bool {
	for _, id := range ids {
		if id != "" && (d.From == id || d.To == id) {
			return true
		}
	}
	return false
}

// String names the delegation, for people.
func (d Delegation) String() string {
	return fmt.Sprintf("delegation %s from %s to %s", d.ID, d.From, d.To)
}
