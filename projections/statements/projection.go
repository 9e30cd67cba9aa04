package statements

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "statements"

// Projection is the read model of bank statements.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 1,
		Types: slices.Concat(
			listing.TypeNames(statement.Types(), listing.Every),
			listing.TypeNames(payable.Types(), func(e domain.Event) bool {
				switch e.(type) {
				case payable.Sent, payable.Returned, payable.ReturnUndone, payable.Cleared, payable.ClearingUndone:
					return true
				}
				return false
			}),
		),
		Open:  open,
		Apply: apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	if event, ok := e.(statement.Event); ok {
		return t.applyStatement(event, env)
	}
	return t.applyPayment(e, env)
}

func (t *tables) applyStatement(e statement.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	s, err := t.statements.Get(id.String())
	if err != nil {
		return err
	}
	if s == nil {
		s = &statement.Summary{}
	}
	s.Apply(e, env)
	if s.ID == uuid.Nil {
		return nil // its import took effect later than what is asked for
	}
	t.statements.Put(id.String(), s)
	return t.applyLines(id, e, env)
}

func (t *tables) applyLines(id uuid.UUID, e statement.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case statement.Imported:
		return t.skip(id, e, env)
	case statement.LinesRecorded:
		return t.record(id, e, env)
	case statement.LinesMatched:
		for _, m := range e.Matches {
			if err := t.match(id, e.BankAccount, m, env); err != nil {
				return err
			}
		}
	case statement.MatchUndone:
		return t.undo(id, e, env)
	case statement.LineResolved:
		return t.line(id, e.Line, env, func(l *Line) {
			l.Status, l.Account, l.Resolution, l.Settled = statement.LineIsResolved, e.Account, e.Resolution, domain.StepOf(env, "")
		})
	case statement.ResolutionUndone:
		return t.line(id, e.Line, env, func(l *Line) { l.unsettle() })
	case statement.LineAssigned:
		return t.line(id, e.Line, env, func(l *Line) { l.Owner = e.Owner })
	}
	return nil
}

// skip notes the lines that don't count before they come.
func (t *tables) skip(id uuid.UUID, e statement.Imported, env domain.Envelope) error {
	for _, n := range e.Skipped {
		l := &Line{Line: statement.Line{Number: n}, StatementID: id, BankAccount: e.BankAccount, Status: statement.LineIsSkipped}
		l.Revision, l.EventID = env.Revision, env.EventID
		t.lines.Put(lineKey(id, n), l)
	}
	return nil
}

func (t *tables) record(id uuid.UUID, e statement.LinesRecorded, env domain.Envelope) error {
	for _, recorded := range e.Lines {
		key := lineKey(id, recorded.Number)
		l, err := t.lines.Get(key)
		if err != nil {
			return err
		}
		if l == nil {
			l = &Line{StatementID: id, BankAccount: e.BankAccount, Status: statement.LineUnmatched}
		}
		l.Line, l.Revision, l.EventID = recorded, env.Revision, env.EventID
		t.lines.Put(key, l)
	}
	return nil
}

func (t *tables) match(id uuid.UUID, account string, m statement.Match, env domain.Envelope) error {
	step := domain.StepOf(env, m.By)
	t.matches.Put(m.MatchID.String(), &Match{
		Match: m, StatementID: id, BankAccount: account, Matched: step, Revision: env.Revision, EventID: env.EventID,
	})
	for _, n := range m.Lines {
		if err := t.line(id, n, env, func(l *Line) {
			l.Status, l.MatchID, l.Rule, l.Settled = statement.LineIsMatched, m.MatchID, m.Rule, step
		}); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) undo(id uuid.UUID, e statement.MatchUndone, env domain.Envelope) error {
	row, err := t.matches.Get(e.Match.MatchID.String())
	if err != nil {
		return err
	}
	if row != nil {
		row.Undone, row.Revision, row.EventID = domain.StepOf(env, e.Why), env.Revision, env.EventID
		t.matches.Put(e.Match.MatchID.String(), row)
	}
	for _, n := range e.Match.Lines {
		if err := t.line(id, n, env, func(l *Line) { l.unsettle() }); err != nil {
			return err
		}
	}
	return nil
}

func (l *Line) unsettle() {
	l.Status, l.MatchID, l.Rule, l.Account, l.Resolution = statement.LineUnmatched, uuid.Nil, "", "", ""
	l.Settled = domain.Step{}
}

// line changes a line that is there.
func (t *tables) line(id uuid.UUID, number int, env domain.Envelope, change func(*Line)) error {
	return update(t.lines, lineKey(id, number), func(l *Line) {
		change(l)
		l.Revision, l.EventID = env.Revision, env.EventID
	})
}

func (t *tables) applyPayment(e domain.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case payable.Sent:
		none := minus(e.Paid, e.Paid)
		t.payments.Put(paymentKey(e.PayableID, e.PayoutID), &Payment{
			PayableID: e.PayableID, PayoutID: e.PayoutID, PartnerID: e.PartnerID, PayeeID: e.PayeeID, Kind: e.Kind,
			BankAccount: e.BankAccount, Paid: e.Paid, Returned: none, ClearedOut: none, ClearedIn: none,
			Sent: domain.StepOf(env, ""), Revision: env.Revision, EventID: env.EventID,
		})
	case payable.Returned:
		return t.payment(e.PayableID, e.PayoutID, env, func(p *Payment) { p.Returned = minus(p.Returned, e.Paid.Neg()) })
	case payable.ReturnUndone:
		return t.payment(e.PayableID, e.PayoutID, env, func(p *Payment) { p.Returned = minus(p.Returned, e.Paid) })
	case payable.Cleared:
		return t.payment(e.PayableID, e.PayoutID, env, func(p *Payment) { p.clear(e.Incoming, e.Amount) })
	case payable.ClearingUndone:
		return t.payment(e.PayableID, e.PayoutID, env, func(p *Payment) { p.clear(e.Incoming, e.Amount.Neg()) })
	}
	return nil
}

func (p *Payment) clear(incoming bool, amount domain.Money) {
	if incoming {
		p.ClearedIn = minus(p.ClearedIn, amount.Neg())
	} else {
		p.ClearedOut = minus(p.ClearedOut, amount.Neg())
	}
}

func (t *tables) payment(payable, payout uuid.UUID, env domain.Envelope, change func(*Payment)) error {
	return update(t.payments, paymentKey(payable, payout), func(p *Payment) {
		change(p)
		p.Revision, p.EventID = env.Revision, env.EventID
	})
}

// update changes a row that is there; one that took effect later than what is asked for isn't.
func update[R any](t *projections.Table[R], key string, change func(*R)) error {
	row, err := t.Get(key)
	if row == nil || err != nil {
		return err
	}
	change(row)
	t.Put(key, row)
	return nil
}
