package rebate

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// State is an agreement as its decisions need it. Of each sale it keeps a few numbers: what is needed to know it again, and
// to bound its reversals.
type State struct {
	Agreement Agreement

	sales       map[uuid.UUID]*sale
	reversals   map[uuid.UUID]int64 // amount by reversal, in minor units of the currency sold in
	spiffs      map[uuid.UUID]*spiff
	receivables map[uuid.UUID]receivable // by claw-back, adjustment or payment
	raised      []domain.Step            // the events that made something payable
	makers      map[hand]struct{}        // whoever had a hand in the amount: they can't approve it
}

// sale is in minor units of the agreement's currency.
type sale struct {
	amount, reversed int64
	at               int64 // when it was sold, in microseconds since 1970
	revision         int64 // of its last event
	fx               *foreign
}

// foreign is what a sale in another currency needs beside.
type foreign struct {
	FX
	reversed int64 // in minor units of the original's currency
}

type spiff struct {
	seller           uuid.UUID
	amount, reversed int64
	treatment        Treatment
	earned           domain.Step
	reversals        []uuid.UUID
}

// hand is a person or program, as far as AdmitChecker needs to know it.
type hand struct{ id, onBehalfOf string }

func newState() *State {
	return &State{
		sales: map[uuid.UUID]*sale{}, reversals: map[uuid.UUID]int64{}, spiffs: map[uuid.UUID]*spiff{},
		receivables: map[uuid.UUID]receivable{}, makers: map[hand]struct{}{},
	}
}

func (s *State) exists() bool { return s.Agreement.ID != uuid.Nil }

func (s *State) evolve(e Event, env domain.Envelope) {
	s.Agreement.Apply(e, env)
	if s.exists() && s.Agreement.raises(e) {
		s.raised = append(s.raised, domain.StepOf(env, ""))
	}
	if s.exists() {
		s.owe(e, env)
	}
	switch e := e.(type) {
	case AgreementOpened, PeriodClosed:
		s.touch(env)
	case SaleRecorded:
		s.touch(env)
		s.sales[e.SaleID] = saleOf(e, env)
	case SaleReversed:
		s.touch(env)
		s.reverse(e, env)
	case SpiffEarned:
		s.spiffs[e.SpiffID] = &spiff{
			seller: e.SellerID, amount: e.Amount.Minor(), treatment: e.Treatment, earned: domain.StepOf(env, ""),
		}
	case SpiffReversed:
		if x := s.spiffs[e.SpiffID]; x != nil {
			x.reversed, x.reversals = x.reversed+e.Amount.Minor(), append(x.reversals, e.ReversalID)
		}
	}
}

func (s *State) touch(env domain.Envelope) {
	s.makers[hand{env.Actor.ID, env.Actor.OnBehalfOf}] = struct{}{}
}

func saleOf(e SaleRecorded, env domain.Envelope) *sale {
	x := &sale{amount: e.Amount.Minor(), at: env.EffectiveAt.UnixMicro(), revision: env.Revision}
	if e.FX != nil {
		x.fx = &foreign{FX: *e.FX}
	}
	return x
}

func (s *State) reverse(e SaleReversed, env domain.Envelope) {
	x := s.sales[e.SaleID]
	if x == nil { // left out of this fold
		return
	}
	x.reversed += e.Amount.Minor()
	x.revision = env.Revision
	s.reversals[e.ReversalID] = e.Amount.Minor()
	if x.fx != nil {
		x.fx.reversed += e.Original.Minor()
		s.reversals[e.ReversalID] = e.Original.Minor()
	}
}

// KnownSale is what an agreement knows of a sale: enough to see what is left of it.
type KnownSale struct {
	ID          uuid.UUID    `json:"id"`
	AgreementID uuid.UUID    `json:"agreement_id"`
	SoldAt      time.Time    `json:"sold_at"`
	Amount      domain.Money `json:"amount"`
	Reversed    domain.Money `json:"reversed"`
	FX          *FX          `json:"fx,omitempty"`
	Revision    int64        `json:"revision"` // of its last event
}

// Sale finds a sale of the agreement.
func (s *State) Sale(id uuid.UUID) (KnownSale, bool) {
	x, ok := s.sales[id]
	if !ok {
		return KnownSale{}, false
	}
	found := KnownSale{
		ID: id, AgreementID: s.Agreement.ID, SoldAt: time.UnixMicro(x.at).UTC(),
		Amount: s.money(x.amount), Reversed: s.money(x.reversed), Revision: x.revision,
	}
	if x.fx != nil {
		found.FX = &x.fx.FX
	}
	return found, true
}

// money is an amount of the agreement's currency.
func (s *State) money(minor int64) domain.Money {
	return domain.Must(domain.NewMoney(minor, s.Agreement.Currency()))
}

// admitChecker refuses whoever had a hand in the amount, and anyone of the partner.
func (s *State) admitChecker(action string, h domain.Header, reason string) error {
	for maker := range s.makers {
		actor := domain.Actor{ID: maker.id, OnBehalfOf: maker.onBehalfOf}
		if err := domain.AdmitChecker(action, actor, h.Actor, s.Agreement.PartnerID, reason); err != nil {
			return err
		}
	}
	return nil
}
