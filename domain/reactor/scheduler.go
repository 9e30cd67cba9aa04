package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
)

// Scheduler ends what ends by itself: protections, agreements, certificates, graces, funds and requests for funds, each on
// its day. But for a grace, after which the partner goes down a tier, what it appends only records the end: every decision compares the dates
// themselves (domain.md section 4, Protection).
type Scheduler struct {
	agenda agenda
	funds  map[string]*mdf.FundState // by stream: what a request lapses on hangs on its claims
}

// NewScheduler has nothing planned.
func NewScheduler() *Scheduler {
	return &Scheduler{agenda: newAgenda(), funds: map[string]*mdf.FundState{}}
}

// Name is scheduler.
func (*Scheduler) Name() string { return "scheduler" }

// Types are the events that set or lift a date.
func (*Scheduler) Types() []string {
	types := []string{
		account.DealApproved{}.EventType(),
		account.ExtensionRequested{}.EventType(),
		account.ExtensionGranted{}.EventType(),
		account.ExtensionDeclined{}.EventType(),
		account.ProtectionShortened{}.EventType(),
		account.DealReopened{}.EventType(),
		account.DealWithdrawn{}.EventType(),
		account.DealWon{}.EventType(),
		account.DealLost{}.EventType(),
		account.DealExpired{}.EventType(),
		account.HoldLifted{}.EventType(),
		account.DealReinstated{}.EventType(),
		partner.AgreementSigned{}.EventType(),
		partner.AgreementRenewed{}.EventType(),
		partner.AgreementTerminated{}.EventType(),
		partner.AgreementExpired{}.EventType(),
		partner.CertificationEarned{}.EventType(),
		partner.TierGraceStarted{}.EventType(),
	}
	for _, t := range mdf.FundTypes() {
		types = append(types, t.Name)
	}
	return types
}

// Observe plans and drops ends.
func (s *Scheduler) Observe(event domain.Event, env domain.Envelope) {
	switch e := event.(type) {
	case account.DealApproved:
		s.protectionEnds(e.DealID, e.ProtectedUntil, env)
	case account.ExtensionGranted:
		s.protectionEnds(e.DealID, e.ProtectedUntil, env)
	case account.ExtensionDeclined:
		s.protectionEnds(e.DealID, e.ProtectedUntil, env)
	case account.ProtectionShortened:
		s.protectionEnds(e.DealID, e.ProtectedUntil, env)
	case account.DealReinstated:
		s.protectionEnds(e.DealID, e.ProtectedUntil, env)
	case account.HoldLifted:
		if !e.ProtectedUntil.IsZero() {
			s.protectionEnds(e.DealID, e.ProtectedUntil, env)
		}
	case account.DealReopened:
		if e.To == account.StatusApproved {
			s.protectionEnds(e.DealID, e.ProtectedUntil, env)
		}
	case account.DealEvent: // closed, or an extension is undecided, which keeps the protection
		s.drop(e.Deal(), env)
	case partner.AgreementSigned:
		s.agreementEnds(e.AgreementID, e.Until, env)
	case partner.AgreementRenewed:
		s.agreementEnds(e.AgreementID, e.Until, env)
	case partner.AgreementTerminated:
		s.drop(e.AgreementID, env)
	case partner.AgreementExpired:
		s.drop(e.AgreementID, env)
	case partner.CertificationEarned:
		s.certificationEnds(e, env)
	case partner.TierGraceStarted:
		s.plan(env.EventID, e.Until, env, partner.EndTierGrace{})
	case mdf.FundEvent:
		s.fundMoves(e, env)
	}
}

// fundMoves plans what a fund's dates are now: its expiry, and the accruals and lapses of its requests.
func (s *Scheduler) fundMoves(e mdf.FundEvent, env domain.Envelope) {
	decider := mdf.FundDecider()
	state := s.funds[env.Stream]
	if state == nil {
		state = decider.Initial()
	}
	state = decider.Evolve(state, e, env)
	s.funds[env.Stream] = state
	for _, d := range state.Deadlines(e) {
		key := env.Stream + " " + d.Key
		if d.At.IsZero() {
			s.agenda.drop(key)
			continue
		}
		s.agenda.plan(key, d.At, orderAt(d.At, env, d.Command))
	}
}

func (s *Scheduler) protectionEnds(deal uuid.UUID, at time.Time, env domain.Envelope) {
	s.plan(deal, at, env, account.ExpireDeal{DealID: deal})
}

// agreementEnds plans the end of an agreement, unless it runs until somebody ends it.
func (s *Scheduler) agreementEnds(agreement uuid.UUID, at time.Time, env domain.Envelope) {
	if at.IsZero() {
		s.drop(agreement, env)
		return
	}
	s.plan(agreement, at, env, partner.ExpireAgreement{AgreementID: agreement})
}

// certificationEnds plans the end of a certificate, each renewal's by itself: what is earned late may end before what was
// known, and the partner knows whether anything ends then.
func (s *Scheduler) certificationEnds(e partner.CertificationEarned, env domain.Envelope) {
	if !e.Until.IsZero() {
		s.plan(env.EventID, e.Until, env, partner.ExpireCertification{SellerID: e.SellerID, Certification: e.Certification})
	}
}

// plan sets the one date that a thing ends on. The order's step is that date: another event that sets the same date, or
// the same event with another, would be another order.
func (s *Scheduler) plan(id uuid.UUID, at time.Time, cause domain.Envelope, command any) {
	s.agenda.plan(keyOf(id, cause), at, orderAt(at, cause, command))
}

func orderAt(at time.Time, cause domain.Envelope, command any) Order {
	return Order{
		Stream: cause.Stream, Command: command, Cause: cause,
		Step: at.UTC().Format(time.RFC3339Nano), EffectiveAt: at,
	}
}

func (s *Scheduler) drop(id uuid.UUID, env domain.Envelope) { s.agenda.drop(keyOf(id, env)) }

// keyOf is unique in the whole log: some ids inside a stream are given by callers.
func keyOf(id uuid.UUID, env domain.Envelope) string { return env.Stream + " " + id.String() }

// Due hands out the ends that have come.
func (s *Scheduler) Due(now time.Time) []Order { return s.agenda.takeDue(now) }

// Next is when the next end comes.
func (s *Scheduler) Next() (time.Time, bool) {
	if first := s.agenda.next(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}
