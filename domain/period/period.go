package period

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Period is a month of the books. The aggregate and the read models fold it by Apply.
type Period struct {
	Month    Month     `json:"month"`
	Status   Status    `json:"status"`
	Version  int       `json:"version"`  // of the last cut
	From     time.Time `json:"from"`     // start of the month in the program's zone
	Until    time.Time `json:"until"`    // its end, exclusive
	Versions []Version `json:"versions"` // each cut, and what became of it; each keeps answering

	Revision int64     `json:"revision"` // of the last event
	EventID  uuid.UUID `json:"event_id"` // of the same
}

// Status tells whether the month takes entries.
type Status string

// The states of a month that was ever cut.
const (
	StatusCut      Status = "cut"
	StatusClosed   Status = "closed"
	StatusReopened Status = "reopened" // takes entries again
)

// Statuses lists every state.
func Statuses() []Status { return []Status{StatusCut, StatusClosed, StatusReopened} }

// Version is one cut of the month.
type Version struct {
	Version            int          `json:"version"`
	Cut                domain.Step  `json:"cut"`
	Closed             domain.Step  `json:"closed,omitzero"`
	TrialBalanceSHA256 string       `json:"trial_balance_sha256,omitempty"` // once it is closed
	Checks             []Check      `json:"checks,omitempty"`
	Accepted           []Acceptance `json:"accepted,omitempty"`
	Requested          domain.Step  `json:"reopening_requested,omitzero"`
	Reopened           domain.Step  `json:"reopened,omitzero"`
}

// Decider is the period seen from outside.
func Decider() domain.Decider[*Period, Command, Facts, Event] {
	return domain.Decider[*Period, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *Period { return &Period{} },
		Decide:   decide,
		Evolve: func(p *Period, e Event, env domain.Envelope) *Period {
			p.Apply(e, env)
			return p
		},
	}
}

// Apply folds one event into the period. Events come in recorded order; some may be left out, where an answer is bounded.
func (p *Period) Apply(e Event, env domain.Envelope) {
	e.evolve(p, env)
	p.Revision, p.EventID = env.Revision, env.EventID
}

// Exists reports whether the month was ever cut.
func (p *Period) Exists() bool { return p.Version > 0 }

// IsCut reports whether the month's cut holds, closed or not.
func (p *Period) IsCut() bool { return p.Status == StatusCut || p.Status == StatusClosed }

// Find is a cut of the month by its number; nil where there is none.
func (p *Period) Find(version int) *Version {
	for i := range p.Versions {
		if p.Versions[i].Version == version {
			return &p.Versions[i]
		}
	}
	return nil
}

// last is the last cut of the month.
func (p *Period) last() Version {
	if v := p.Find(p.Version); v != nil {
		return *v
	}
	return Version{}
}

// version is a cut of the month, to be changed; a bounded answer may lack the event that began it.
func (p *Period) version(number int) *Version {
	if v := p.Find(number); v != nil {
		return v
	}
	p.Versions = append(p.Versions, Version{Version: number})
	return &p.Versions[len(p.Versions)-1]
}

func (e Cut) evolve(p *Period, env domain.Envelope) {
	p.Month, p.Status, p.Version, p.From, p.Until = e.Month, StatusCut, e.Version, e.From, e.Until
	p.version(e.Version).Cut = domain.StepOf(env, "")
}

func (e Closed) evolve(p *Period, env domain.Envelope) {
	p.Status = StatusClosed
	v := p.version(e.Version)
	v.Closed, v.TrialBalanceSHA256, v.Checks, v.Accepted = domain.StepOf(env, ""), e.TrialBalanceSHA256, e.Checks, e.Accepted
}

func (e ReopeningRequested) evolve(p *Period, env domain.Envelope) {
	p.version(e.Version).Requested = domain.StepOf(env, e.Reason)
}

func (e Reopened) evolve(p *Period, env domain.Envelope) {
	p.Status = StatusReopened
	p.version(e.Version).Reopened = domain.StepOf(env, e.Reason)
}
