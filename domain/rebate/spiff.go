package rebate

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// EarnSpiff gives a seller of the partner a premium, in the agreement's period and currency. The same seller and reference
// again records nothing.
type EarnSpiff struct {
	SellerID  uuid.UUID    `json:"seller_id"`
	Amount    domain.Money `json:"amount"` // above 0
	Treatment Treatment    `json:"treatment"`
	Reference string       `json:"reference"` // what it is for: a deal, a contest
}

func (EarnSpiff) roles() []domain.Role { return financeRoles() }

func (c EarnSpiff) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	if err := domain.FirstOf(
		domain.AdmitID("seller_id", c.SellerID),
		domain.AdmitText("reference", c.Reference, MaxReference),
		domain.AdmitOneOf("treatment", c.Treatment, TreatmentExpense, TreatmentContraRevenue),
		a.checkAmount(c.Amount),
	); err != nil {
		return nil, err
	}
	id := domain.DeriveID("rebate_spiff", a.ID.String(), c.SellerID.String(), c.Reference)
	if known := s.spiffs[id]; known != nil {
		return nil, known.again(c)
	}
	if err := domain.FirstOf(a.duringPeriod(h.EffectiveAt), f.partner(a.PartnerID), c.room(a)); err != nil {
		return nil, err
	}
	if !f.Seller {
		return nil, domain.NotFound("seller_unknown", "seller_id", "seller %s does not belong to the partner", c.SellerID)
	}
	return []Event{SpiffEarned{
		PartnerID: a.PartnerID, SpiffID: id, SellerID: c.SellerID, Amount: c.Amount, Treatment: c.Treatment, Reference: c.Reference,
	}}, nil
}

func (c EarnSpiff) room(a *Agreement) error {
	if c.Amount.Minor() <= MaxSold-a.SpiffsEarned.Minor() {
		return nil
	}
	return domain.Refuse("too_much", "amount", "the SPIFFs of one agreement are at most %d minor units", int64(MaxSold))
}

func (x *spiff) again(c EarnSpiff) error {
	if x.amount == c.Amount.Minor() && x.treatment == c.Treatment {
		return nil
	}
	return domain.Refuse("spiff_differs", "reference", "this SPIFF is recorded already, with another amount or treatment: reverse it first")
}

// ReverseSpiff takes a part of a SPIFF back, or all of it: what its payable still has open is no longer paid, and what was sent
// to the partner the partner owes. It may be repeated, up to what was earned.
type ReverseSpiff struct {
	SpiffID uuid.UUID      `json:"spiff_id"`
	Amount  domain.Money   `json:"amount"` // above 0, up to what is left
	Reason  ReversalReason `json:"reason"`
	Note    string         `json:"note,omitempty"`
}

func (ReverseSpiff) roles() []domain.Role { return financeRoles() }

func (c ReverseSpiff) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	return c.as(s.Agreement.newID(h, "spiff_reversal"), s, h, f)
}

// FinishSpiffReversal is the second half of a reversal whose first half, on the payable, stands there alone: the reactor's.
type FinishSpiffReversal struct {
	ReverseSpiff
	ReversalID uuid.UUID
}

func (c FinishSpiffReversal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := reactorOnly(h, "FinishSpiffReversal"); err != nil {
		return nil, err
	}
	return c.as(c.ReversalID, s, h, f)
}

func (c ReverseSpiff) as(id uuid.UUID, s *State, h domain.Header, f Facts) ([]Event, error) {
	a := &s.Agreement
	x, ok := s.spiffs[c.SpiffID]
	switch {
	case !ok:
		return nil, domain.NotFound("spiff_unknown", "spiff_id", "the agreement has no SPIFF %s", c.SpiffID)
	case slices.Contains(x.reversals, id): // the other half's was first
		return nil, nil
	}
	if err := domain.FirstOf(
		domain.AdmitOneOf("reason", c.Reason, ReversalReasons()...),
		domain.AdmitOptionalText("note", c.Note, MaxReason),
		domain.AdmitAfter(h, "SPIFF", x.earned.At),
		a.checkAmount(c.Amount),
	); err != nil {
		return nil, err
	}
	switch left := s.money(x.amount - x.reversed); {
	case c.Amount.Minor() > left.Minor():
		return nil, domain.Refuse("reversal_above_spiff", "amount", "%s of the SPIFF are left: %s is more", left, c.Amount)
	case f.Payables.Known && f.Payables.Open.Sign() > 0 && f.Payables.Taken.Minor() < c.Amount.Minor():
		return nil, domain.Refuse("payable_open", "amount", "%s are still to be paid: take it back on the payable first", f.Payables.Open)
	}
	e := SpiffReversed{
		PartnerID: a.PartnerID, SpiffID: c.SpiffID, SellerID: x.seller, Amount: c.Amount, Treatment: x.treatment,
		Reason: c.Reason, Note: c.Note, ReversalID: id,
	}
	if f.Payables.Known && f.Payables.Taken.Minor() < c.Amount.Minor() {
		e.FromPaid = sum(c.Amount, f.Payables.Taken.Neg())
	}
	return []Event{e}, nil
}

// why is the reversal's reason as the payable keeps it.
func (c ReverseSpiff) why() string {
	if c.Note == "" {
		return string(c.Reason)
	}
	why := []rune(string(c.Reason) + whyMark + c.Note)
	return string(why[:min(len(why), MaxReason)])
}

// whyMark stands between a reason and its note.
const whyMark = ": "

// SpiffReversalOf is the reversal that a payable tells of: how much it gave, and why.
func SpiffReversalOf(spiff uuid.UUID, amount domain.Money, why string) ReverseSpiff {
	reason, note, _ := strings.Cut(why, whyMark)
	return ReverseSpiff{SpiffID: spiff, Amount: amount, Reason: ReversalReason(reason), Note: note}
}
