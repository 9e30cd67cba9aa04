package account

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Opportunity is what the vendor itself sells to the customer.
type Opportunity struct {
	ID        uuid.UUID    `json:"id"`
	Lines     []string     `json:"lines"` // product lines
	Rep       string       `json:"rep,omitempty"`
	Reference string       `json:"reference,omitempty"`
	Opened    Step         `json:"opened"`
	Closed    Step         `json:"closed,omitzero"`
	Outcome   Outcome      `json:"outcome,omitempty"` // empty while it is open
	Amount    domain.Money `json:"amount,omitzero"`   // of a won one
}

func (e DirectOpportunityOpened) applyTo(a *Account, env domain.Envelope) {
	if a.Opportunities == nil {
		a.Opportunities = map[uuid.UUID]*Opportunity{}
	}
	a.Opportunities[e.OpportunityID] = &Opportunity{
		ID: e.OpportunityID, Lines: e.Lines, Rep: e.Rep, Reference: e.Reference, Opened: stepOf(env, ""),
	}
}

func (e DirectOpportunityClosed) applyTo(a *Account, env domain.Envelope) {
	if o := a.Opportunities[e.OpportunityID]; o != nil {
		o.Outcome, o.Amount, o.Closed = e.Outcome, e.Amount, stepOf(env, "")
	}
}

func (o *Opportunity) lineKeys() (keys []string) {
	for _, l := range o.Lines {
		keys = append(keys, keyOf(l))
	}
	return keys
}

func (s *State) indexOpportunity(o *Opportunity) {
	for _, key := range o.lineKeys() {
		l := s.addLine(key)
		l.opportunities = append(l.opportunities, o)
	}
}

func (s *State) unindexOpportunity(o *Opportunity) {
	if o == nil {
		return // opened after what this fold is bounded by
	}
	for _, key := range o.lineKeys() {
		l := s.addLine(key)
		l.opportunities = slices.DeleteFunc(l.opportunities, func(other *Opportunity) bool { return other == o })
	}
}

// OpenDirectOpportunity says that the vendor itself sells to the customer. Against deals that are protected on one of the
// lines at that moment it is a breach, recorded with it; registrations that wait and were submitted later get their finding.
type OpenDirectOpportunity struct {
	AccountID uuid.UUID `json:"account_id"`
	Products  []string  `json:"products"`            // 1 to 100 products or product lines
	Rep       string    `json:"rep,omitempty"`       // an opaque id, never a name
	Reference string    `json:"reference,omitempty"` // in the vendor's own CRM
}

func (OpenDirectOpportunity) roles() []domain.Role { return keeperRoles() }

func (c OpenDirectOpportunity) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c OpenDirectOpportunity) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	lines, err := productLines(c.Products, f.catalogue())
	if err := firstOf(
		s.known(c.AccountID),
		s.notLinked(),
		err,
		optionalText("rep", c.Rep, MaxReference),
		optionalText("reference", c.Reference, MaxReference),
	); err != nil {
		return nil, err
	}
	id := domain.EntityID(h.CommandID, domain.StreamName(Category, c.AccountID), "opportunity")
	opened := DirectOpportunityOpened{OpportunityID: id, Lines: lines, Rep: c.Rep, Reference: c.Reference}
	o := &Opportunity{ID: id, Lines: lines, Reference: c.Reference, Opened: Step{At: h.EffectiveAt}}
	return slices.Concat([]Event{opened}, s.breaches(o, BreachByOpening, h.EffectiveAt), s.opportunityFindings(o)), nil
}

// productLines are the lines of some products, each once.
func productLines(products []string, catalogue policy.Catalogue) (lines []string, err error) {
	if len(products) == 0 || len(products) > MaxLines {
		return nil, domain.Invalid("products", "want 1 to %d products, not %d", MaxLines, len(products))
	}
	var keys []string
	for i, p := range products {
		if err := domain.AdmitText(fmt.Sprintf("products[%d]", i), p, MaxName); err != nil {
			return nil, err
		}
		l := catalogue.Line(p)
		if key := keyOf(l); !slices.Contains(keys, key) {
			keys, lines = append(keys, key), append(lines, l)
		}
	}
	return lines, nil
}

func (s *State) opportunityFindings(o *Opportunity) (events []Event) {
	for _, d := range s.waiting(o.lineKeys()...) {
		if claim := d.claim(); o.Opened.At.Before(claim.PlacedAt) {
			events = append(events, claim.record(d, []Finding{claim.opportunityFinding(o)})...)
		}
	}
	return events
}

// CloseDirectOpportunity says how the vendor's own sale ended. Winning it against a protected deal is a breach.
type CloseDirectOpportunity struct {
	AccountID     uuid.UUID    `json:"account_id"`
	OpportunityID uuid.UUID    `json:"opportunity_id"`
	Outcome       Outcome      `json:"outcome"`
	Amount        domain.Money `json:"amount,omitzero"` // of a won one: 0 or more
}

func (CloseDirectOpportunity) roles() []domain.Role { return keeperRoles() }

func (c CloseDirectOpportunity) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c CloseDirectOpportunity) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := firstOf(s.known(c.AccountID), oneOf("outcome", c.Outcome, OutcomeWon, OutcomeLost), c.checkAmount()); err != nil {
		return nil, err
	}
	o := s.Account.Opportunities[c.OpportunityID]
	switch {
	case o == nil:
		return nil, domain.NotFound("opportunity_unknown", "opportunity_id", "the account has no opportunity %s", c.OpportunityID)
	case o.Outcome != "":
		return nil, domain.Refuse("wrong_status", "opportunity_id", "the opportunity is %s already", o.Outcome)
	}
	if err := notBefore(h, "opening", o.Opened.At); err != nil {
		return nil, err
	}
	events := []Event{DirectOpportunityClosed{OpportunityID: o.ID, Outcome: c.Outcome, Amount: c.Amount}}
	if c.Outcome == OutcomeWon {
		events = append(events, s.breaches(o, BreachByWinning, h.EffectiveAt)...)
	}
	return events, nil
}

func (c CloseDirectOpportunity) checkAmount() error {
	switch {
	case c.Outcome == OutcomeWon:
		return checkAmount("amount", c.Amount, "")
	case !c.Amount.IsZero():
		return domain.Invalid("amount", "only a won opportunity has an amount")
	}
	return nil
}
