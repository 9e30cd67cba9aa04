package reactor

import (
	"time"

	"github.com/google/uuid"
)

// outbox is orders to be given at once, each unless the log shows its outcome: a rule that folds the log from its beginning
// orders everything again.
type outbox struct {
	rule    string
	orders  []Order
	pending map[uuid.UUID]struct{} // ids of the orders that nothing in the log shows the outcome of
}

func newOutbox(rule string) outbox { return outbox{rule: rule, pending: map[uuid.UUID]struct{}{}} }

func (b *outbox) order(o Order) {
	b.orders = append(b.orders, o)
	b.pending[o.Header(b.rule).CommandID] = struct{}{}
}

// shown notes that the log shows what a command led to.
func (b *outbox) shown(command uuid.UUID) { delete(b.pending, command) }

// withdraw takes an order back that was not handed out; false: it was, or there is none.
func (b *outbox) withdraw(command uuid.UUID) bool {
	_, waits := b.pending[command]
	delete(b.pending, command)
	return waits
}

// take hands out what the log doesn't show the outcome of, in the order that it follows from the log.
func (b *outbox) take() (due []Order) {
	for _, o := range b.orders {
		id := o.Header(b.rule).CommandID
		if _, open := b.pending[id]; open {
			due = append(due, o)
			delete(b.pending, id)
		}
	}
	b.orders = nil
	return due
}

// next is at once, where there is anything to do.
func (b *outbox) next() (time.Time, bool) {
	if len(b.pending) == 0 {
		return time.Time{}, false
	}
	return b.orders[0].EffectiveAt, true
}
