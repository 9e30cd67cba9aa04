package reactor

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
)

// Funds takes market development funds across streams: what a budget allocates is credited, what a fund gives back or lets
// expire is known to its budget, a deactivated partner's funds are released, and a deal that names an activity is attributed
// to it. It doesn't matter which half comes first.
type Funds struct {
	agenda    agenda
	funds     map[uuid.UUID][]uuid.UUID      // by partner
	gone      map[uuid.UUID]domain.Envelope  // partners that are deactivated
	requests  map[uuid.UUID]uuid.UUID        // the fund of each
	unmatched map[uuid.UUID][]attributedDeal // by the request that they name
}

type attributedDeal struct {
	cause domain.Envelope
	deal  uuid.UUID
}

// NewFunds has seen nothing.
func NewFunds() *Funds {
	return &Funds{
		agenda: newAgenda(), funds: map[uuid.UUID][]uuid.UUID{}, gone: map[uuid.UUID]domain.Envelope{},
		requests: map[uuid.UUID]uuid.UUID{}, unmatched: map[uuid.UUID][]attributedDeal{},
	}
}

// Name is funds.
func (*Funds) Name() string { return "funds" }

// Types are the events that leave something to be done on another stream, and those that show that it was.
func (*Funds) Types() []string {
	return []string{
		mdf.Allocated{}.EventType(),
		mdf.FundCredited{}.EventType(),
		mdf.FundReleased{}.EventType(),
		mdf.FundsExpired{}.EventType(),
		mdf.AllocationReleased{}.EventType(),
		mdf.RequestSubmitted{}.EventType(),
		mdf.PipelineAttributed{}.EventType(),
		account.DealRegistered{}.EventType(),
		partner.Onboarded{}.EventType(),
		partner.Deactivated{}.EventType(),
	}
}

// Observe plans what follows, and drops what stands in the log already.
func (f *Funds) Observe(event domain.Event, env domain.Envelope) {
	f.agenda.drop(env.CommandID.String())
	switch e := event.(type) {
	case mdf.Allocated:
		f.order(env, domain.StreamName(mdf.FundCategory, e.FundID), "credit", mdf.CreditFund{
			FundRef: e.FundRef, Ref: env.EventID, Amount: e.Amount, ExpiresAt: e.ExpiresAt,
		})
	case mdf.FundCredited:
		f.credited(e, env)
	case mdf.FundReleased:
		f.release(e.FundRef, e.Amount, mdf.CauseReleased, env)
	case mdf.FundsExpired:
		f.release(e.FundRef, e.Amount, mdf.CauseExpired, env)
	case mdf.RequestSubmitted:
		f.submitted(e)
	case account.DealRegistered:
		f.registered(e, env)
	case partner.Onboarded:
		f.activity(env, func(id uuid.UUID) { delete(f.gone, id) })
	case partner.Deactivated:
		f.activity(env, func(id uuid.UUID) { f.deactivated(id, env) })
	}
}

func (f *Funds) release(of mdf.FundRef, amount domain.Money, cause mdf.ReleaseCause, env domain.Envelope) {
	f.order(env, domain.StreamName(mdf.BudgetCategory, of.BudgetID), "release", mdf.ReleaseAllocation{
		FundRef: of, Amount: amount, Cause: cause, Source: env.EventID,
	})
}

func (f *Funds) credited(e mdf.FundCredited, env domain.Envelope) {
	known := false
	for _, fund := range f.funds[e.PartnerID] {
		known = known || fund == e.FundID
	}
	if !known {
		f.funds[e.PartnerID] = append(f.funds[e.PartnerID], e.FundID)
	}
	if _, gone := f.gone[e.PartnerID]; gone { // it was in transit
		f.releaseAll(e.FundID, env)
	}
}

func (f *Funds) activity(env domain.Envelope, change func(partner uuid.UUID)) {
	if _, id, err := domain.ParseStream(env.Stream); err == nil {
		change(id)
	}
}

func (f *Funds) deactivated(id uuid.UUID, env domain.Envelope) {
	f.gone[id] = env
	for _, fund := range f.funds[id] {
		f.releaseAll(fund, env)
	}
}

func (f *Funds) releaseAll(fund uuid.UUID, cause domain.Envelope) {
	f.order(cause, domain.StreamName(mdf.FundCategory, fund), "deactivated "+fund.String(), mdf.ReleaseAll{
		Reason: "the partner was deactivated",
	})
}

func (f *Funds) submitted(e mdf.RequestSubmitted) {
	f.requests[e.RequestID] = e.FundID
	for _, d := range f.unmatched[e.RequestID] {
		f.attribute(e.RequestID, d)
	}
	delete(f.unmatched, e.RequestID)
}

func (f *Funds) registered(e account.DealRegistered, env domain.Envelope) {
	if e.MDFRequestID == uuid.Nil {
		return
	}
	d := attributedDeal{cause: env, deal: e.DealID}
	if _, known := f.requests[e.MDFRequestID]; known {
		f.attribute(e.MDFRequestID, d)
		return
	}
	f.unmatched[e.MDFRequestID] = append(f.unmatched[e.MDFRequestID], d)
}

func (f *Funds) attribute(request uuid.UUID, d attributedDeal) {
	_, accountID, err := domain.ParseStream(d.cause.Stream)
	if err != nil {
		return
	}
	f.order(d.cause, domain.StreamName(mdf.FundCategory, f.requests[request]), "attribute", mdf.AttributePipeline{
		RequestID: request, AccountID: accountID, DealID: d.deal,
	})
}

// order plans a command for now; it takes effect when its cause did.
func (f *Funds) order(cause domain.Envelope, stream, step string, command any) {
	id := domain.ReactionID(f.Name(), cause.EventID, step)
	f.agenda.plan(id.String(), cause.EffectiveAt, Order{
		Stream: stream, Command: command, Cause: cause, Step: step, EffectiveAt: cause.EffectiveAt,
	})
}

// Due hands out what is to be done.
func (f *Funds) Due(now time.Time) []Order { return f.agenda.takeDue(now.Add(domain.ClockSkew)) }

// Next is now, where something is to be done.
func (f *Funds) Next() (time.Time, bool) {
	if first := f.agenda.next(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}
