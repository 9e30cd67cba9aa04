package payable

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Apply folds one event. Events come in recorded order, and those that took effect after the moment asked for are left out.
// A payable that isn't raised by then stays empty: its ID is zero.
func (p *Payable) Apply(e Event, env domain.Envelope) {
	if _, first := e.(Raised); !first && !p.Exists() {
		return
	}
	e.evolve(p, env)
	p.Status = p.status()
	p.Revision, p.EventID = env.Revision, env.EventID
}

func (p *Payable) status() Status {
	switch {
	case p.ClaimedBy != uuid.Nil:
		return StatusClaimed
	case p.Open.Amount.Sign() > 0:
		return StatusOpen
	case p.Sent.Amount.Sign() == 0:
		return StatusEnded
	}
	for i := range p.Payments {
		if x := &p.Payments[i]; x.Left.Amount.Sign() > 0 && !x.Confirmed.Taken() {
			return StatusSent
		}
	}
	return StatusPaid
}

func (e Raised) evolve(p *Payable, env domain.Envelope) {
	all := Amounts{Amount: e.Amount, Booked: e.Booked}
	none := all.minus(all)
	step := domain.StepOf(env, "")
	*p = Payable{
		ID: e.PayableID, PartnerID: e.PartnerID, Source: e.Source, Due: e.Due, Raised: all, Open: all,
		Sent: none, TakenBack: none, Offset: none, RaisedStep: step, Last: step,
	}
}

func (e Claimed) evolve(p *Payable, env domain.Envelope) {
	p.ClaimedBy, p.Claimed, p.Last = e.PayoutID, p.Open.part(e.Amount), domain.StepOf(env, "")
}

func (e Unclaimed) evolve(p *Payable, env domain.Envelope) {
	p.ClaimedBy, p.Claimed, p.Last = uuid.Nil, Amounts{}, domain.StepOf(env, e.Reason)
	p.Released = append(p.Released, e.PayoutID)
}

func (e Sent) evolve(p *Payable, env domain.Envelope) {
	none := sum(e.Paid, e.Paid.Neg())
	p.ClaimedBy, p.Claimed, p.Last = uuid.Nil, Amounts{}, domain.StepOf(env, "")
	p.Open, p.Sent = p.Open.minus(e.of()), p.Sent.plus(e.of())
	p.Payments = append(p.Payments, Paying{
		Payment: e.Payment, Left: e.Payment, PayeeID: e.PayeeID, FX: e.FX, ClearedOut: none, ClearedIn: none, SentStep: p.Last,
	})
}

func (e Confirmed) evolve(p *Payable, env domain.Envelope) {
	if x := p.Payment(e.PayoutID); x != nil {
		x.Confirmed, x.Reference = domain.StepOf(env, ""), e.Reference
	}
}

func (e Returned) evolve(p *Payable, env domain.Envelope) {
	p.Open, p.Sent = p.Open.plus(e.of()), p.Sent.minus(e.of())
	if x := p.Payment(e.PayoutID); x != nil {
		x.Left, x.Returned = x.Left.minus(e.Payment), domain.StepOf(env, e.Reason)
	}
	if e.MatchID != uuid.Nil {
		p.Returns = append(slices.Clone(p.Returns), Comeback{
			PayoutID: e.PayoutID, MatchID: e.MatchID, Standing: e.Payment, At: domain.StepOf(env, e.Reason),
		})
	}
}

func (e ReturnUndone) evolve(p *Payable, env domain.Envelope) {
	p.Open, p.Sent = p.Open.minus(e.of()), p.Sent.plus(e.of())
	if x := p.Payment(e.PayoutID); x != nil {
		x.Left = x.Left.plus(e.Payment)
	}
	p.Returns = slices.Clone(p.Returns)
	for i := range p.Returns {
		if r := &p.Returns[i]; r.MatchID == e.MatchID && r.PayoutID == e.PayoutID {
			r.Standing, r.Undone = r.Standing.minus(e.Payment), domain.StepOf(env, e.Reason)
		}
	}
}

func (e Cleared) evolve(p *Payable, env domain.Envelope) {
	p.Clearings = append(p.Clearings, Clearing{
		PayoutID: e.PayoutID, StatementID: e.StatementID, MatchID: e.MatchID, Amount: e.Amount, Incoming: e.Incoming,
		At: domain.StepOf(env, ""),
	})
	p.clear(e.PayoutID, e.Amount, e.Incoming)
}

func (e ClearingUndone) evolve(p *Payable, env domain.Envelope) {
	if c := p.clearing(e.MatchID, e.PayoutID); c != nil {
		c.Undone = domain.StepOf(env, e.Reason)
	}
	p.clear(e.PayoutID, e.Amount.Neg(), e.Incoming)
}

func (p *Payable) clear(payout uuid.UUID, amount domain.Money, incoming bool) {
	x := p.Payment(payout)
	switch {
	case x == nil: // its sending is left out of this fold
	case incoming:
		x.ClearedIn = sum(x.ClearedIn, amount)
	default:
		x.ClearedOut = sum(x.ClearedOut, amount)
	}
}

func (e TakenBack) evolve(p *Payable, env domain.Envelope) {
	part := Amounts{Amount: e.Amount, Booked: e.Booked}
	p.Open, p.TakenBack = p.Open.minus(part), p.TakenBack.plus(part)
	p.Taken = append(p.Taken, Taken{ID: e.ClawbackID, ClawbackID: e.ClawbackID, Amounts: part, At: domain.StepOf(env, e.Reason)})
}

func (e Offset) evolve(p *Payable, env domain.Envelope) {
	part := Amounts{Amount: e.Amount, Booked: e.Booked}
	p.Open, p.Offset = p.Open.minus(part), p.Offset.plus(part)
	p.Taken = append(p.Taken, Taken{
		ID: e.RecoveryID, ClawbackID: e.ClawbackID, Amounts: part, Offset: true, At: domain.StepOf(env, ""),
	})
}
