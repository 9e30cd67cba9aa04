package ledger

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/eventstore"
)

// Bounds of a preparation.
const (
	claimsAtOnce = 16

	// What a prepared payout's event takes is kept below what one append may: more is left for the next payout.
	maxPrepared = eventstore.MaxAppendBytes - 64<<10
	sourceBytes = 90  // of a partner's stream that was read
	heldBytes   = 160 // of a payable that isn't paid
)

// preparation is one payout being prepared.
type preparation struct {
	*Ledger
	payout.Open
	id     uuid.UUID
	h      domain.Header
	payees *payees
	held   []payout.Held
	bytes  int // of the items and what is held, in the event that is prepared
}

// PreparePayout opens a payout, claims what it is to pay, and prepares it. What another payout has, or gets first, is left out;
// what may not be paid now is listed as held. Given again with the same header it goes on where it broke off; what is left
// behind for good, a reactor frees.
// Errors: a Rejection, as of payout.Open and payout.Prepare: nothing_to_pay where nothing may be paid; those of the store.
func (l *Ledger) PreparePayout(
	ctx context.Context, h domain.Header, c payout.Open, conditions ...eventstore.Precondition[*payout.Payout],
) (eventstore.Outcome, error) {
	p := &preparation{Ledger: l, Open: c, id: payout.IDOf(h.CommandID), h: h}
	before, _, err := l.Payouts.Fold(ctx, p.id)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	if before.Exists() && before.Status != payout.StatusOpen {
		return l.Payouts.Do(ctx, p.id, p.step("prepare"), payout.Prepare{}) // known, or refused
	}
	if err := p.admit(ctx, before); err != nil {
		return eventstore.Outcome{}, err
	}
	chosen, err := p.choose(ctx)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	if len(chosen) == 0 && !before.Exists() {
		return eventstore.Outcome{}, p.nothing()
	}
	if _, err := l.Payouts.Do(ctx, p.id, h, c, conditions...); err != nil {
		return eventstore.Outcome{}, err
	}
	items, err := p.claimAll(ctx, chosen)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	if len(items) > 0 {
		return l.Payouts.Do(ctx, p.id, p.step("prepare"), payout.Prepare{Items: items, Held: p.held})
	}
	_, err = l.Payouts.Do(ctx, p.id, p.step("abandon"), payout.Abandon{Reason: "others got first what it would have paid"})
	if err != nil {
		return eventstore.Outcome{}, err
	}
	return eventstore.Outcome{}, p.nothing()
}

// admit refuses what can't be opened before anything is looked for.
func (p *preparation) admit(ctx context.Context, before *payout.Payout) error {
	if before.Exists() {
		return nil
	}
	h := p.timed(p.h)
	facts, _, err := p.payoutFacts(ctx, before, p.Open, h)
	if err == nil {
		_, err = payout.Decider().Decide(before, h, facts, p.Open)
	}
	return err
}

// step is the header of a command that the preparation leads to.
func (p *preparation) step(what ...string) domain.Header {
	h := p.h
	h.CommandID = domain.DeriveID(append([]string{"payout", p.h.CommandID.String()}, what...)...)
	h.CausationID = p.h.CommandID
	if h.CorrelationID == uuid.Nil {
		h.CorrelationID = p.h.CommandID
	}
	return h
}

// nothing refuses a payout that would pay nothing, and says what is held.
func (p *preparation) nothing() error {
	if len(p.held) == 0 {
		return domain.Refuse("nothing_to_pay", "", "nothing that the filter takes is open and free in %s", p.Currency)
	}
	return domain.Refuse("nothing_to_pay", "", "nothing may be paid now: held are payable %s (%s) and %d others",
		p.held[0].PayableID, p.held[0].Reason, len(p.held)-1)
}

// choose is what the payout would pay: as many as fit, the longest due first.
func (p *preparation) choose(ctx context.Context) (chosen []payout.Item, err error) {
	h := p.timed(p.h)
	rules, _, _, err := p.rules(ctx, h.EffectiveAt)
	if err != nil {
		return nil, err
	}
	p.payees = p.payeesFor(p.Currency, h, rules.Zone)
	ids, err := p.unpaid.candidates(ctx, p.id, p.Filter)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if len(chosen) == payout.MaxItems || p.bytes+len(p.payees.read)*sourceBytes >= maxPrepared {
			break
		}
		item, wanted, err := p.look(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case wanted && p.takes(&item):
			chosen = append(chosen, item)
		}
	}
	return chosen, nil
}

// look is what the payout would pay of a payable, if it is in the payout's currency or in one that there is a rate for.
func (p *preparation) look(ctx context.Context, id uuid.UUID) (item payout.Item, wanted bool, err error) {
	disputed := false
	err = p.Payables.View(ctx, id, func(x *payable.Payable, _ domain.Source) error {
		disputed = x.Held()
		item = payout.Item{PayableID: id, PartnerID: x.PartnerID, Kind: string(x.Source.Kind), Remittance: remittanceOf(x.Source)}
		switch {
		case x.ClaimedBy == p.id:
			item.Amount, wanted = x.Claimed.Amount, true
		case x.Free():
			item.Amount, wanted = x.Open.Amount, true
		}
		return nil
	})
	if err != nil || !wanted || !p.Terms().Takes(item.Amount.Currency()) {
		return item, false, err
	}
	to, err := p.payees.of(ctx, item.PartnerID)
	if err != nil {
		return item, false, err
	}
	item.PayeeID = to.payee
	switch {
	case to.held != "":
		p.hold(item, to.held)
	case disputed:
		p.hold(item, payout.HeldDisputed)
	default:
		return item, true, nil
	}
	return item, false, nil
}

// takes works out what is paid of an item's amount, and reports whether that is anything.
func (p *preparation) takes(item *payout.Item) bool {
	if p.Terms().Pay(item) != nil {
		p.hold(*item, payout.HeldUnpayable)
		return false
	}
	text, err := json.Marshal(item)
	p.bytes += len(text) + len(",")
	return err == nil
}

func (p *preparation) hold(item payout.Item, reason payout.HeldReason) {
	if len(p.held) < payout.MaxHeld {
		p.held = append(p.held, payout.Held{PayableID: item.PayableID, PartnerID: item.PartnerID, Reason: reason})
		p.bytes += heldBytes
	}
}

// remittanceOf is what the payee reads: what it is for, by the id that the partner knows it by.
func remittanceOf(s payable.Source) string {
	names := map[payable.Kind]string{payable.KindClaim: "MDF claim", payable.KindRebate: "Rebate", payable.KindSpiff: "SPIFF"}
	return cmp.Or(names[s.Kind], string(s.Kind)) + " " + s.ID.String()
}

// claimAll claims what was chosen, side by side, so that the appends share a synced write, and is what it won, in order.
func (p *preparation) claimAll(ctx context.Context, chosen []payout.Item) (items []payout.Item, err error) {
	won := make([]bool, len(chosen))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(claimsAtOnce)
	for i := range chosen {
		group.Go(func() (err error) {
			won[i], err = p.claim(ctx, chosen[i])
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, item := range chosen {
		if won[i] {
			items = append(items, item)
		}
	}
	return items, nil
}

// claim reports whether the payout has the payable now, of the amount that it would pay. One that isn't so a reactor frees.
func (p *preparation) claim(ctx context.Context, item payout.Item) (won bool, err error) {
	_, err = p.Payables.Do(ctx, item.PayableID, p.step("claim", item.PayableID.String()), payable.Claim{PayoutID: p.id})
	if refused := domain.AsRejection(err); refused != nil {
		return false, nil //nolint:nilerr // somebody else has it, or nothing of it is open any more: it is left out
	}
	if err != nil {
		return false, err
	}
	err = p.Payables.View(ctx, item.PayableID, func(x *payable.Payable, _ domain.Source) error {
		won = x.ClaimedBy == p.id && x.Claimed.Amount == item.Amount
		return nil
	})
	return won, err
}
