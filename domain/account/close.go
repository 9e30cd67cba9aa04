package account

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Win is what the customer ordered, and what was taken back of it.
type Win struct {
	SellerID       uuid.UUID    `json:"seller_id"`
	OrderReference string       `json:"order_reference,omitempty"`
	Protected      bool         `json:"protected"`         // whether the protection held at the win
	Amount         domain.Money `json:"amount"`            // of all won lines, before reversals
	Reversed       domain.Money `json:"reversed,omitzero"` // up to Amount
	Reversals      []Reversal   `json:"reversals,omitempty"`
	Step           Step         `json:"step"`
}

// Reversal is a part of a win that was taken back.
type Reversal struct {
	Amount domain.Money   `json:"amount"`
	Reason ReversalReason `json:"reason"`
	Step   Step           `json:"step"`
}

// WinReport is what the partner says it won.
type WinReport struct {
	Lines          []Line `json:"lines"`
	OrderReference string `json:"order_reference,omitempty"`
	Step           Step   `json:"step"`
}

// Net is what is left of the win. Of one deal the amounts always add up: registering bounds them.
func (w *Win) Net() domain.Money { return domain.Must(w.Amount.Sub(w.Reversed)) }

func (e WinReported) apply(d *Deal, env domain.Envelope) {
	d.Report = &WinReport{Lines: e.Lines, OrderReference: e.OrderReference, Step: stepOf(env, "")}
}

func (e DealWon) apply(d *Deal, env domain.Envelope) {
	d.close(StatusWon, env, "")
	d.Win = &Win{SellerID: e.SellerID, OrderReference: e.OrderReference, Protected: e.Protected, Step: d.Closed}
	d.setOutcome(OutcomeLost)
	for _, l := range e.Lines {
		if at := d.product(l.Product); at >= 0 {
			d.Lines[at].Outcome, d.Lines[at].Won = OutcomeWon, l.Amount
		}
		d.Win.Amount = domain.Must(d.Win.Amount.Add(l.Amount))
	}
}

func (e DealLost) apply(d *Deal, env domain.Envelope) {
	d.close(StatusLost, env, e.Reason)
	d.setOutcome(OutcomeLost)
}

// setOutcome is that of every line; the empty one opens them again.
func (d *Deal) setOutcome(o Outcome) {
	for i := range d.Lines {
		d.Lines[i].Outcome, d.Lines[i].Won = o, domain.Money{}
	}
}

func (e WinReversed) apply(d *Deal, env domain.Envelope) {
	if d.Win != nil {
		d.Win.Reversed = domain.Must(d.Win.Reversed.Add(e.Amount))
		d.Win.Reversals = append(d.Win.Reversals, Reversal{Amount: e.Amount, Reason: e.Reason, Step: stepOf(env, e.Note)})
	}
}

// ReportWin is the partner saying that the deal is won: it counts nothing until the vendor records the win. A later report
// replaces an earlier one.
type ReportWin struct {
	DealID         uuid.UUID    `json:"deal_id"`
	Lines          []LineAmount `json:"lines"`
	OrderReference string       `json:"order_reference,omitempty"`
}

func (ReportWin) roles() []domain.Role { return partnerRoles() }

func (c ReportWin) dealID() uuid.UUID { return c.DealID }

func (c ReportWin) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, lines, err := s.winnable(c.DealID, c.Lines, c.OrderReference, h, f)
	if err != nil {
		return nil, err
	}
	return []Event{WinReported{DealID: d.ID, Lines: lines, OrderReference: c.OrderReference}}, nil
}

// WinDeal records what the customer ordered: some of the deal's lines, or all; the rest is lost. After the protection's end
// the win counts unprotected; one that took effect before a recorded expiry cancels it.
type WinDeal struct {
	DealID         uuid.UUID    `json:"deal_id"`
	SellerID       uuid.UUID    `json:"seller_id,omitzero"` // who closed it; by default who registered it
	Lines          []LineAmount `json:"lines"`
	OrderReference string       `json:"order_reference,omitempty"`
}

func (WinDeal) roles() []domain.Role { return deskRoles() }

func (c WinDeal) dealID() uuid.UUID { return c.DealID }

func (c WinDeal) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	d, lines, err := s.winnable(c.DealID, c.Lines, c.OrderReference, h, f)
	if err != nil {
		return nil, err
	}
	seller := orDefault(c.SellerID, d.SellerID)
	if seller != d.SellerID { // who registered it may have left the partner since
		if err := f.seller(d.PartnerID, seller); err != nil {
			return nil, err
		}
	}
	return []Event{DealWon{
		DealID: d.ID, SellerID: seller, Lines: lines, OrderReference: c.OrderReference, Protected: d.ProtectedAt(h.EffectiveAt),
	}}, nil
}

// winnable finds a deal that can be won, and the lines that are.
func (s *State) winnable(id uuid.UUID, amounts []LineAmount, reference string, h domain.Header, f Facts) (*Deal, []Line, error) {
	d, err := s.deal(id)
	if err != nil {
		return nil, nil, err
	}
	if err := firstOf(
		optionalText("order_reference", reference, MaxReference),
		d.stepFrom(h, StatusApproved, StatusExpired),
	); err != nil {
		return nil, nil, err
	}
	lines, err := d.linesOf(amounts, f.catalogue())
	return d, lines, err
}

// LoseDeal records that the customer bought nothing of it, also after the protection's end.
type LoseDeal struct {
	DealID uuid.UUID `json:"deal_id"`
	Reason string    `json:"reason"`
}

func (LoseDeal) roles() []domain.Role { return deskRoles() }

func (c LoseDeal) dealID() uuid.UUID { return c.DealID }

func (c LoseDeal) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		domain.AdmitText("reason", c.Reason, MaxReason),
		d.stepFrom(h, StatusApproved, StatusExpired),
	); err != nil {
		return nil, err
	}
	return []Event{DealLost(c)}, nil
}

// ReverseWin takes a part of the win back, or all of it. It may be repeated, up to what was won.
type ReverseWin struct {
	DealID uuid.UUID      `json:"deal_id"`
	Amount domain.Money   `json:"amount"` // above 0, up to what is left of the win
	Reason ReversalReason `json:"reason"`
	Note   string         `json:"note,omitempty"`
}

func (ReverseWin) roles() []domain.Role { return deskRoles() }

func (c ReverseWin) dealID() uuid.UUID { return c.DealID }

func (c ReverseWin) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	d, err := s.deal(c.DealID)
	if err != nil {
		return nil, err
	}
	if err := firstOf(
		oneOf("reason", c.Reason, ReversalEntryError, ReversalCancelled, ReversalReturned),
		optionalText("note", c.Note, MaxReason),
		d.stepFrom(h, StatusWon),
		checkAmount("amount", c.Amount, d.Currency()),
	); err != nil {
		return nil, err
	}
	switch left := d.Win.Net(); {
	case c.Amount.Sign() == 0:
		return nil, domain.Invalid("amount", "want more than 0")
	case c.Amount.Minor() > left.Minor():
		return nil, domain.Refuse("reversal_above_win", "amount", "%s of the win are left: %s is more", left, c.Amount)
	}
	return []Event{WinReversed(c)}, nil
}
