package payouts

import (
	"maps"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// ItemStatus is what became of an item.
type ItemStatus string

// The states of an item.
const (
	ItemHeld      ItemStatus = "held"      // not paid by this payout
	ItemPrepared  ItemStatus = "prepared"  // to be paid once the payout is sent
	ItemReleased  ItemStatus = "released"  // the payout was abandoned
	ItemLeftOut   ItemStatus = "left_out"  // held at sending
	ItemSent      ItemStatus = "sent"      // the bank has it
	ItemConfirmed ItemStatus = "confirmed" // the bank carried it out
	ItemReturned  ItemStatus = "returned"  // it failed or came back, all of it: it is open again
)

// ItemStatuses lists every state.
func ItemStatuses() []ItemStatus {
	return []ItemStatus{ItemHeld, ItemPrepared, ItemReleased, ItemLeftOut, ItemSent, ItemConfirmed, ItemReturned}
}

// WithCounts is a payout without its items, and how many of them stand where.
type WithCounts struct {
	payout.Payout
	ByStatus map[ItemStatus]int `json:"items_by_status,omitempty"`
}

// count never changes the map in place: what was read before stays as it was.
func (p *WithCounts) count(status ItemStatus, n int) {
	counts := maps.Clone(p.ByStatus)
	if counts == nil {
		counts = map[ItemStatus]int{}
	}
	if counts[status] += n; counts[status] == 0 {
		delete(counts, status)
	}
	p.ByStatus = counts
}

// Payment is an item of a payout: one payment, or a payable that was held.
type Payment struct {
	payout.Item
	PayoutID     uuid.UUID    `json:"payout_id"`
	Number       int          `json:"number"` // within the payout, from 1
	Status       ItemStatus   `json:"status"`
	Reason       string       `json:"reason,omitempty"`    // why it is held, left out, released or came back
	Reference    string       `json:"reference,omitempty"` // of the bank's confirmation
	ReturnedPaid domain.Money `json:"returned,omitzero"`   // came back, in the payout's currency
	ExecutionOn  domain.Date  `json:"execution_on"`
	SentStep     domain.Step  `json:"sent,omitzero"`
	Confirmed    domain.Step  `json:"confirmed,omitzero"`
	ReturnedStep domain.Step  `json:"returned_step,omitzero"` // the last time
}

func (i *Payment) comesBack(e payable.Returned, env domain.Envelope) {
	i.ReturnedPaid = domain.Must(i.ReturnedPaid.Add(e.Paid))
	i.Reason, i.ReturnedStep = e.Reason, domain.StepOf(env, e.Reason)
	if i.ReturnedPaid == i.Paid {
		i.Status = ItemReturned
	}
}

// arrives says that a part, or all, didn't come back after all.
func (i *Payment) arrives(e payable.ReturnUndone) {
	i.ReturnedPaid = domain.Must(i.ReturnedPaid.Sub(e.Paid))
	if i.ReturnedPaid.Sign() == 0 {
		i.ReturnedPaid, i.Reason, i.ReturnedStep = domain.Money{}, "", domain.Step{}
	}
	if i.Status != ItemReturned {
		return
	}
	if i.Status = ItemSent; i.Confirmed.Taken() {
		i.Status = ItemConfirmed
	}
}

// Members are the payables of a payout.
type Members struct {
	IDs []uuid.UUID `json:"ids"`
}

// tables are the read model's.
type tables struct {
	payouts *projections.Table[WithCounts]
	items   *projections.Table[Payment]
	members *projections.Table[Members]
}

func open(s *projections.Schema) *tables {
	return &tables{payouts: newPayouts(s), items: newItems(s), members: projections.NewTable[Members](s, "members")}
}

func newPayouts(s *projections.Schema) *projections.Table[WithCounts] {
	return projections.NewTable(s, "payouts",
		projections.Text("status", func(p *WithCounts) string { return string(p.Status) }),
		projections.Text("currency", func(p *WithCounts) string { return p.Currency }),
		projections.Text("debtor", func(p *WithCounts) string { return p.Debtor.IBAN }),
		projections.Int("opened_at", func(p *WithCounts) int64 { return listing.Moment(p.Opened.At) }),
		projections.Text("execution_on", func(p *WithCounts) string { return p.ExecutionOn.String() }),
	).
		IndexOn("opened_at", "key").
		IndexOn("status", "opened_at", "key")
}

func newItems(s *projections.Schema) *projections.Table[Payment] {
	return projections.NewTable(s, "items",
		projections.Text("payout", func(i *Payment) string { return i.PayoutID.String() }),
		projections.Text("payable", func(i *Payment) string { return i.PayableID.String() }),
		projections.Text("partner", func(i *Payment) string { return i.PartnerID.String() }),
		projections.Text("kind", func(i *Payment) string { return i.Kind }),
		projections.Text("status", func(i *Payment) string { return string(i.Status) }),
		projections.Int("number", func(i *Payment) int64 { return int64(i.Number) }),
		projections.Text("execution_on", func(i *Payment) string { return i.ExecutionOn.String() }),
	).
		IndexOn("payout", "number", "key").
		IndexOn("execution_on", "key").
		IndexOn("partner", "execution_on", "key").
		IndexOn("payable")
}
