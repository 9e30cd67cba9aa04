package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
)

// disputeRow is a dispute's dated facts: what it is about, and how far it came.
type disputeRow struct {
	ID         uuid.UUID    `json:"id"`
	Kind       dispute.Kind `json:"kind"`
	ClaimantID uuid.UUID    `json:"claimant,omitzero"` // the partner; none: the vendor
	MatterID   uuid.UUID    `json:"matter"`            // of what it counts against; else the disputed event's
	Elsewhere  bool         `json:"elsewhere,omitempty"`
	Opened     ref          `json:"opened"`
	Ruled      *ref         `json:"ruled,omitempty"`
	Appeal     *ref         `json:"appeal,omitempty"` // the ruling on it
	Overturned bool         `json:"overturned,omitempty"`
	Final      *ref         `json:"final,omitempty"`
}

// tellsOfDisputes reports whether an event says anything that a metric asks of a dispute.
func tellsOfDisputes(e domain.Event) bool {
	switch e.(type) {
	case dispute.Opened, dispute.RulingIssued, dispute.AppealRuled, dispute.BecameFinal:
		return true
	}
	return false
}

func newDisputes(s *projections.Schema) *projections.Table[disputeRow] {
	return projections.NewTable[disputeRow](s, "disputes")
}

func (t *tables) applyDispute(e dispute.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	if first, ok := e.(dispute.Opened); ok {
		return t.open(first, env)
	}
	row, err := t.disputes.Get(id.String())
	if err != nil || row == nil { // its opening is left out, and so is the dispute
		return err
	}
	by := refOf(env)
	switch e := e.(type) {
	case dispute.RulingIssued:
		row.Ruled = &by
	case dispute.AppealRuled:
		row.Appeal, row.Overturned = &by, !e.Confirms
	case dispute.BecameFinal:
		row.Final = &by
	}
	t.disputes.Put(id.String(), row)
	return nil
}

func (t *tables) open(e dispute.Opened, env domain.Envelope) error {
	matter, ok, err := t.disputed(e.Kind, e.Subject)
	if err != nil {
		return err
	}
	t.disputes.Put(e.DisputeID.String(), &disputeRow{
		ID: e.DisputeID, Kind: e.Kind, ClaimantID: e.Claimant.PartnerID, MatterID: matter, Elsewhere: !ok, Opened: refOf(env),
	})
	return nil
}

// disputed is the id of the matter that a dispute counts against; false, with the event's id, where it counts against none:
// a line of a statement, a payable that is no rebate's, a warning that a tier is about to fall.
func (t *tables) disputed(k dispute.Kind, s dispute.Subject) (id uuid.UUID, ok bool, err error) {
	switch matterOf(k) {
	case MatterDeals:
		id = s.DealID
	case MatterClaims:
		id = s.ClaimID
	case MatterClawbacks:
		id = s.ClawbackID
	case MatterTiers:
		if s.Type == (partner.TierChanged{}).EventType() {
			id = s.EventID
		}
	case MatterRebates:
		if id, err = t.agreementOf(s.Stream); err != nil {
			return id, false, err
		}
	}
	if id == uuid.Nil {
		return s.EventID, false, nil
	}
	return id, true, nil
}

// agreementOf is the rebate agreement that a stream is of, or pays for; zero where there is none.
func (t *tables) agreementOf(stream string) (uuid.UUID, error) {
	switch category, id, err := domain.ParseStream(stream); {
	case err != nil:
		return uuid.Nil, err
	case category == rebate.Category:
		return id, nil
	case category == payable.Category:
		row, err := t.payables.Get(id.String())
		if err != nil || row == nil {
			return uuid.Nil, err
		}
		return row.AgreementID, nil
	}
	return uuid.Nil, nil
}

// Dispute is a dispute as it was at a moment.
type Dispute struct {
	row *disputeRow
	at  time.Time
}

// taken is a step that had taken effect by the moment; nil where it hadn't.
func (d *Dispute) taken(step *ref) *ref {
	if step == nil || step.At.After(d.at) {
		return nil
	}
	return step
}

// entry is the dispute, counted for whoever opened it.
func (d *Dispute) entry() Entry {
	e := Entry{
		PartnerID: d.row.ClaimantID, Matter: matterOf(d.row.Kind), MatterID: d.row.MatterID, DisputeID: d.row.ID, DisputeKind: d.row.Kind,
		subject: d.row.ID,
	}
	events := []ref{d.row.Opened}
	for _, step := range []*ref{d.row.Ruled, d.row.Appeal, d.row.Final} {
		if step = d.taken(step); step != nil {
			events = append(events, *step)
		}
	}
	e.add(domain.StreamName(dispute.Category, d.row.ID), events...)
	return e
}

// against is the dispute as a reason for a matter to count in the numerator.
func (d *Dispute) against(matter Entry) Entry {
	e := matter
	e.DisputeID, e.DisputeKind, e.Numerator = d.row.ID, d.row.Kind, true
	e.proof = append([]proof{}, matter.proof...)
	e.add(domain.StreamName(dispute.Category, d.row.ID), d.row.Opened)
	return e
}
