package intake

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// memory is what earlier imports said of the rows' deals: each deal folded from the import's own events alone. Rows are
// compared with that and not with the ledger, so that a stage that somebody moved since, or a protection that expired, is no
// change of the file's.
type memory struct {
	ledger *ledger.Ledger
	actor  string
	wanted map[uuid.UUID]bool          // the registrations' command ids, of the rows at hand
	said   map[uuid.UUID]*account.Deal // by command id
	deals  map[uuid.UUID]*account.Deal // the same by deal
}

func newMemory(l *ledger.Ledger, actor string, wanted map[uuid.UUID]bool) *memory {
	return &memory{
		ledger: l, actor: actor, wanted: wanted,
		said: map[uuid.UUID]*account.Deal{}, deals: map[uuid.UUID]*account.Deal{},
	}
}

// saying are the events that an import says something with. Its overrides follow from its registrations.
var saying = []string{
	account.DealRegistered{}.EventType(),
	account.DealApproved{}.EventType(),
	account.StageAdvanced{}.EventType(),
	account.AmountRevised{}.EventType(),
	account.DealWon{}.EventType(),
	account.DealLost{}.EventType(),
	account.DealReopened{}.EventType(),
	account.CRMLinked{}.EventType(),
}

// recall reads the whole log once: a deal may be on another account than the row would have it today.
func (m *memory) recall(ctx context.Context) error {
	filter := eventstore.Filter{Categories: []string{account.Category}, Types: saying}
	for message, err := range m.ledger.Store.Follow(ctx, eventstore.Position{}, filter) {
		switch {
		case err != nil:
			return fmt.Errorf("read what was imported before: %w", err)
		case message.Kind == eventstore.CaughtUp:
			return nil
		case message.Kind != eventstore.Appeared:
			continue
		}
		if err := m.apply(message.Event); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// recallAccount reads one account anew.
func (m *memory) recallAccount(ctx context.Context, id uuid.UUID) error {
	for recorded, err := range m.ledger.Store.Read(ctx, domain.StreamName(account.Category, id), eventstore.NoStream) {
		if err != nil {
			return err
		}
		if err := m.apply(recorded); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) apply(recorded eventstore.Recorded) error {
	event, envelope, err := m.ledger.Codec.Decode(recorded)
	if err != nil {
		return err
	}
	said, ok := event.(account.DealEvent)
	if !ok || envelope.Actor.ID != m.actor {
		return nil
	}
	deal := m.deals[said.Deal()]
	if _, first := said.(account.DealRegistered); first && m.wanted[envelope.CommandID] {
		deal = &account.Deal{}
		m.said[envelope.CommandID], m.deals[said.Deal()] = deal, deal
	}
	if deal != nil {
		deal.Apply(said, envelope)
	}
	return nil
}
