package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/eventstore"
)

// Payouts handles commands on batches of payments.
type Payouts = eventstore.Handler[*payout.Payout, payout.Command, payout.Facts, payout.Event]

// payeeRests is how many business days nothing goes to an account that is new: time enough for whoever is paid to notice that
// somebody else changed it.
const payeeRests = 2

func (l *Ledger) payoutFacts(
	ctx context.Context, p *payout.Payout, c payout.Command, h domain.Header,
) (facts payout.Facts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	payees := l.payeesFor(p.Currency, h, facts.Rules.Zone)
	for _, item := range payout.ItemsOf(p, c) {
		reason, err := payees.holds(ctx, p.ID, item)
		if err != nil {
			return facts, basis, err
		}
		if reason != "" {
			facts.Held = append(facts.Held, payout.Held{PayableID: item.PayableID, PartnerID: item.PartnerID, Reason: reason})
		}
	}
	basis.DecidedFrom = append(basis.DecidedFrom, payees.read...)
	return facts, basis, nil
}

// HeldOf are the items of a payout that may not be sent now.
func (l *Ledger) HeldOf(ctx context.Context, id uuid.UUID, h domain.Header) ([]payout.Held, error) {
	p, _, err := l.Payouts.Fold(ctx, id)
	if err != nil {
		return nil, err
	}
	facts, _, err := l.payoutFacts(ctx, p, payout.Send{}, l.timed(h))
	return facts.Held, err
}

// timed fills in the time of a header as the handlers do. What is decided beforehand on such a header has no rule that asks for a
// second person: its actor is introduced when the command itself comes.
func (l *Ledger) timed(h domain.Header) domain.Header {
	if h.Now.IsZero() {
		h.Now = l.clock()
	}
	h.Now = h.Now.UTC().Truncate(time.Microsecond)
	if h.EffectiveAt.IsZero() {
		h.EffectiveAt = h.Now
	}
	return h
}

// payees is where the money of partners goes, each partner's stream read once.
type payees struct {
	l        *Ledger
	currency string
	h        domain.Header
	zone     *time.Location
	known    map[uuid.UUID]destination
	read     []domain.Source
}

// destination is the account that a partner's money goes to, or why it goes nowhere.
type destination struct {
	payee uuid.UUID
	held  payout.HeldReason
}

func (l *Ledger) payeesFor(currency string, h domain.Header, zone *time.Location) *payees {
	if zone == nil {
		zone = time.UTC
	}
	return &payees{l: l, currency: currency, h: h, zone: zone, known: map[uuid.UUID]destination{}}
}

// of is where a partner's money goes. Whoever left the program is still paid what was earned until then.
func (x *payees) of(ctx context.Context, id uuid.UUID) (destination, error) {
	if known, ok := x.known[id]; ok {
		return known, nil
	}
	err := x.l.Partners.View(ctx, id, func(p *partner.State, from domain.Source) error {
		x.known[id] = x.look(p)
		x.read = append(x.read, from)
		return nil
	})
	return x.known[id], err
}

func (x *payees) look(p *partner.State) destination {
	payee, ok := p.Payee(x.h.EffectiveAt, x.currency)
	status, _ := p.Status.At(x.h.EffectiveAt)
	switch {
	case status == partner.StatusSuspended:
		return destination{payee.ID, payout.HeldSuspended}
	case !ok:
		return destination{held: payout.HeldNoPayee}
	case x.isNew(payee):
		return destination{payee.ID, payout.HeldPayeeChanged}
	}
	return destination{payee: payee.ID}
}

// isNew counts from when an approval was recorded: a day that somebody only says is no rest. A service that imports history
// tells of days that are over.
func (x *payees) isNew(payee partner.Payee) bool {
	changed := payee.ChangedAt()
	if x.h.Actor.Is(domain.ServiceRole) {
		changed = payee.Approved.At
	}
	return policy.AddBusinessDays(changed, payeeRests, x.zone).After(x.h.EffectiveAt)
}

// holds is why an item may not be paid; empty where it may. Its money goes where it was to go when it was prepared, or nowhere,
// and only as long as the payout has the payable and no dispute holds that.
func (x *payees) holds(ctx context.Context, id uuid.UUID, item payout.Item) (reason payout.HeldReason, err error) {
	to, err := x.of(ctx, item.PartnerID)
	switch {
	case err != nil || to.held != "":
		return to.held, err
	case to.payee != item.PayeeID:
		return payout.HeldPayeeChanged, nil
	}
	err = x.l.Payables.View(ctx, item.PayableID, func(p *payable.Payable, _ domain.Source) error {
		switch {
		case p.ClaimedBy != id || p.Claimed.Amount != item.Amount:
			reason = payout.HeldNotClaimed
		case p.Held():
			reason = payout.HeldDisputed
		}
		return nil
	})
	return reason, err
}
