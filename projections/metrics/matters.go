package metrics

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
)

// Matter is what a dispute may be about, as far as it is counted.
type Matter string

// The matters.
const (
	MatterDeals     Matter = "deals"     // each by its registration
	MatterClaims    Matter = "claims"    // on funds, each by the first time that it was approved or denied
	MatterRebates   Matter = "rebates"   // agreements, each by the close of its period
	MatterTiers     Matter = "tiers"     // each change of a partner's tier
	MatterClawbacks Matter = "clawbacks" // each on a claim or a rebate
)

// matterOf is what disputes of a kind are counted against.
func matterOf(k dispute.Kind) Matter {
	switch k {
	case dispute.KindMDFDenial:
		return MatterClaims
	case dispute.KindRebateAmount:
		return MatterRebates
	case dispute.KindTierDecision:
		return MatterTiers
	case dispute.KindClawback:
		return MatterClawbacks
	case dispute.KindDealOwnership, dispute.KindDealExpiry, dispute.KindDirectConflict, dispute.KindCustomerBypass, dispute.KindPricing:
	}
	return MatterDeals
}

// matterRow is something other than a deal that may be disputed, and the events by which it came about.
type matterRow struct {
	Matter    Matter    `json:"matter"`
	ID        uuid.UUID `json:"id"` // of the claim, the agreement or the claw-back; of a change of tier its event's
	PartnerID uuid.UUID `json:"partner"`
	Stream    string    `json:"stream"`
	Events    []ref     `json:"events"` // in recorded order
}

// payableRow is the rebate agreement that a payable pays for. Its key is the payable's id.
type payableRow struct {
	AgreementID uuid.UUID `json:"agreement"`
}

// tellsOfMatters reports whether an event of rebates brings about something that may be disputed, or says what a payable pays.
func tellsOfMatters(e domain.Event) bool {
	switch e.(type) {
	case rebate.PeriodClosed, rebate.ClawedBack, payable.Raised:
		return true
	}
	return false
}

func newMatters(s *projections.Schema) *projections.Table[matterRow] {
	return projections.NewTable[matterRow](s, "matters")
}

func newPayables(s *projections.Schema) *projections.Table[payableRow] {
	return projections.NewTable[payableRow](s, "payables")
}

// applyMatter keeps what an event brings about that may be disputed.
func (t *tables) applyMatter(e domain.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case mdf.ClaimApproved:
		return t.brought(MatterClaims, e.ClaimID, e.PartnerID, env)
	case mdf.ClaimDenied:
		activity, err := t.activities.Get(e.RequestID.String())
		if err != nil || activity == nil { // its submission is left out, and so is the claim
			return err
		}
		return t.brought(MatterClaims, e.ClaimID, activity.PartnerID, env)
	case mdf.ClaimClawedBack:
		return t.brought(MatterClawbacks, e.ClawbackID, e.PartnerID, env)
	case rebate.ClawedBack:
		return t.brought(MatterClawbacks, e.ClawbackID, e.PartnerID, env)
	case rebate.PeriodClosed:
		_, id, err := domain.ParseStream(env.Stream)
		if err != nil {
			return err
		}
		return t.brought(MatterRebates, id, e.PartnerID, env)
	case partner.TierChanged:
		_, id, err := domain.ParseStream(env.Stream)
		if err != nil {
			return err
		}
		return t.brought(MatterTiers, env.EventID, id, env)
	case payable.Raised:
		if e.Source.Kind == payable.KindRebate {
			t.payables.Put(e.PayableID.String(), &payableRow{AgreementID: e.Source.ID})
		}
	}
	return nil
}

func (t *tables) brought(matter Matter, id, partnerID uuid.UUID, env domain.Envelope) error {
	return t.matters.Update(string(matter)+"/"+id.String(), func(m *matterRow) {
		m.Matter, m.ID, m.PartnerID, m.Stream = matter, id, partnerID, env.Stream
		m.Events = append(m.Events, refOf(env))
	})
}

// at is the matter as seen from a moment, and when it came about; nil before.
func (m *matterRow) at(moment time.Time) *MatterSeen {
	seen := &MatterSeen{row: m, events: until(m.Events, moment)}
	if len(seen.events) == 0 {
		return nil
	}
	seen.Since = seen.events[0].At
	for _, e := range seen.events {
		seen.Since = earlier(seen.Since, e.At)
	}
	return seen
}

// MatterSeen is something other than a deal that may be disputed, as it was at a moment.
type MatterSeen struct {
	Since  time.Time // when it came about
	row    *matterRow
	events []ref
}

// entry is the matter, counted.
func (m *MatterSeen) entry() Entry {
	e := Entry{PartnerID: m.row.PartnerID, Matter: m.row.Matter, MatterID: m.row.ID, subject: m.row.ID}
	e.add(m.row.Stream, m.events...)
	return e
}
