package partner

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "partner"

// Kind is what sort of partner it is.
type Kind string

// The kinds of partner.
const (
	Reseller         Kind = "reseller"
	VAR              Kind = "var" // value-added reseller
	Distributor      Kind = "distributor"
	MSP              Kind = "msp" // managed service provider
	SystemIntegrator Kind = "system_integrator"
	Referral         Kind = "referral"
	Affiliate        Kind = "affiliate"
	Technology       Kind = "technology"
	OEM              Kind = "oem"
)

// Kinds lists every kind, in the order of the documentation.
func Kinds() []Kind {
	return []Kind{Reseller, VAR, Distributor, MSP, SystemIntegrator, Referral, Affiliate, Technology, OEM}
}

// Status is how far the partner is in its life.
type Status string

// The states of a partner. A reinstated one is onboarded again; agreements come and go beside them.
const (
	StatusApplied     Status = "applied"
	StatusApproved    Status = "approved"
	StatusDeclined    Status = "declined"
	StatusOnboarded   Status = "onboarded"
	StatusSuspended   Status = "suspended"
	StatusDeactivated Status = "deactivated"
)

// Partner is a partner as its events tell it. It is the one definition of how a partner changes: the aggregate decides on
// it, the read model keeps it as JSON and applies further events to it, the API answers with it.
type Partner struct {
	ID          uuid.UUID               `json:"id"`
	LegalName   string                  `json:"legal_name"`
	Kind        domain.Dated[Kind]      `json:"kind"`
	Country     string                  `json:"country,omitempty"` // ISO 3166-1 alpha-2; empty: not known
	Domain      string                  `json:"domain,omitempty"`
	Territories []string                `json:"territories,omitempty"` // as applied for
	Verticals   []string                `json:"verticals,omitempty"`
	Status      domain.Dated[Status]    `json:"status"`
	Reason      string                  `json:"reason,omitempty"` // why the status is what it is, where one was given
	AppliedBy   domain.Actor            `json:"applied_by"`       // who can't approve the application
	Agreements  []Agreement             `json:"agreements,omitempty"`
	Steps       []Step                  `json:"onboarding_steps,omitempty"` // of the latest application
	Sellers     []Seller                `json:"sellers,omitempty"`
	Tier        domain.Dated[string]    `json:"tier"` // a tier of the policy; empty: none
	Graces      []Grace                 `json:"tier_graces,omitempty"`
	Waivers     []Waiver                `json:"tier_waivers,omitempty"`
	Assigned    []Territory             `json:"assigned_territories,omitempty"`
	Parent      domain.Dated[uuid.UUID] `json:"parent"` // the distributor above; zero: none
	Payees      []Payee                 `json:"payees,omitempty"`
	Revision    int64                   `json:"revision"`      // of the last event
	LastEventID uuid.UUID               `json:"last_event_id"` // zero before the first
}

// State is what the aggregate decides on: the partner itself.
type State = Partner

// Agreement is one contract of the partner's.
type Agreement struct {
	ID             uuid.UUID   `json:"id"`
	Kind           string      `json:"kind"`
	DocumentSHA256 string      `json:"document_sha256,omitempty"`   // of the latest document
	Earlier        []string    `json:"earlier_documents,omitempty"` // replaced by renewals, oldest first
	ValidFrom      domain.Date `json:"valid_from"`                  // first day
	ValidTo        domain.Date `json:"valid_to,omitzero"`           // last day; empty: until it is terminated
	From           time.Time   `json:"from"`                        // the dates as moments: from inclusive,
	Until          time.Time   `json:"until,omitzero"`              // until exclusive
	SignedAt       time.Time   `json:"signed_at"`
	ExpiredAt      time.Time   `json:"expired_at,omitzero"` // zero: no expiry recorded
	TerminatedAt   time.Time   `json:"terminated_at,omitzero"`
	Reason         string      `json:"reason,omitempty"` // of the termination
}

// Step is one completed onboarding step.
type Step struct {
	Name        string    `json:"step"`
	CompletedAt time.Time `json:"completed_at"`
}

// Seller is a person who sells for the partner, or did.
type Seller struct {
	ID     uuid.UUID          `json:"id"`
	Name   domain.Personal    `json:"name"`
	Email  domain.Personal    `json:"email,omitempty"`
	Member domain.Dated[bool] `json:"member"` // true from when the person was added, false from when removed

	Trainings      []Training      `json:"trainings,omitempty"`
	Certifications []Certification `json:"certifications,omitempty"` // renewals too, each by itself
}

// Decider is the partner seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{} },
		Decide:   decide,
		Evolve: func(p *State, e Event, env domain.Envelope) *State {
			p.Apply(e, env)
			return p
		},
	}
}

// Apply lets the next event of the stream change the partner. Events may be missing, as in an answer bounded by effective
// time: what an event needs and isn't there leaves the rest as it is.
func (p *Partner) Apply(e Event, env domain.Envelope) {
	if _, id, err := domain.ParseStream(env.Stream); err == nil {
		p.ID = id
	}
	p.Revision, p.LastEventID = env.Revision, env.EventID
	e.evolve(p, env)
}

// An application starts over: what the partner says of itself is said anew, it is onboarded anew and then on the lowest
// tier. Agreements, sellers, territories and the parent stay; they end by events of their own.
func (e Applied) evolve(p *Partner, env domain.Envelope) {
	if p.Exists() {
		p.Tier.Set(env.EffectiveAt, "")
	}
	p.LegalName, p.Country, p.Domain = e.LegalName, e.Country, e.Domain
	p.Territories, p.Verticals = e.Territories, e.Verticals
	p.Kind.Set(env.EffectiveAt, e.Kind)
	p.AppliedBy = env.Actor
	p.Steps = nil
	p.enter(StatusApplied, "", env)
}

func (e Approved) evolve(p *Partner, env domain.Envelope)   { p.enter(StatusApproved, e.Reason, env) }
func (e Declined) evolve(p *Partner, env domain.Envelope)   { p.enter(StatusDeclined, e.Reason, env) }
func (e Suspended) evolve(p *Partner, env domain.Envelope)  { p.enter(StatusSuspended, e.Reason, env) }
func (e Reinstated) evolve(p *Partner, env domain.Envelope) { p.enter(StatusOnboarded, e.Reason, env) }
func (e Onboarded) evolve(p *Partner, env domain.Envelope) {
	p.enter(StatusOnboarded, "", env)
	if e.Tier != "" {
		p.Tier.Set(env.EffectiveAt, e.Tier)
	}
}
func (e Deactivated) evolve(p *Partner, env domain.Envelope) {
	p.enter(StatusDeactivated, e.Reason, env)
}

func (p *Partner) enter(status Status, reason string, env domain.Envelope) {
	p.Status.Set(env.EffectiveAt, status)
	p.Reason = reason
}

func (e AgreementSigned) evolve(p *Partner, env domain.Envelope) {
	p.Agreements = append(p.Agreements, Agreement{
		ID: e.AgreementID, Kind: e.Kind, DocumentSHA256: e.DocumentSHA256, ValidFrom: e.ValidFrom, ValidTo: e.ValidTo,
		From: e.From, Until: e.Until, SignedAt: env.EffectiveAt,
	})
}

// A renewal in time may be recorded after the expiry: then there was none.
func (e AgreementRenewed) evolve(p *Partner, _ domain.Envelope) {
	a := p.agreement(e.AgreementID)
	if a == nil {
		return
	}
	a.ValidTo, a.Until, a.ExpiredAt = e.ValidTo, e.Until, time.Time{}
	if e.DocumentSHA256 != "" {
		if a.DocumentSHA256 != "" {
			a.Earlier = append(a.Earlier, a.DocumentSHA256)
		}
		a.DocumentSHA256 = e.DocumentSHA256
	}
}

func (e AgreementExpired) evolve(p *Partner, env domain.Envelope) {
	if a := p.agreement(e.AgreementID); a != nil {
		a.ExpiredAt = env.EffectiveAt
	}
}

func (e AgreementTerminated) evolve(p *Partner, env domain.Envelope) {
	if a := p.agreement(e.AgreementID); a != nil {
		a.TerminatedAt, a.Reason = env.EffectiveAt, e.Reason
	}
}

func (e OnboardingStepCompleted) evolve(p *Partner, env domain.Envelope) {
	p.Steps = append(p.Steps, Step{Name: e.Step, CompletedAt: env.EffectiveAt})
}

func (e KindChanged) evolve(p *Partner, env domain.Envelope) { p.Kind.Set(env.EffectiveAt, e.To) }

func (e SellerAdded) evolve(p *Partner, env domain.Envelope) {
	s := p.seller(e.SellerID)
	if s == nil {
		p.Sellers = append(p.Sellers, Seller{ID: e.SellerID})
		s = &p.Sellers[len(p.Sellers)-1]
	}
	s.Name, s.Email = e.Name, e.Email
	s.Member.Set(env.EffectiveAt, true)
}

func (e SellerRemoved) evolve(p *Partner, env domain.Envelope) {
	if s := p.seller(e.SellerID); s != nil {
		s.Member.Set(env.EffectiveAt, false)
	}
}

// agreement is the agreement with the id, or nil.
func (p *Partner) agreement(id uuid.UUID) *Agreement {
	i := slices.IndexFunc(p.Agreements, func(a Agreement) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Agreements[i]
}

// seller is the seller with the id, or nil.
func (p *Partner) seller(id uuid.UUID) *Seller {
	i := slices.IndexFunc(p.Sellers, func(s Seller) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Sellers[i]
}
