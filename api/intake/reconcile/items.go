package reconcile

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/statements"
)

// How many payments are looked at for one statement, and at once.
const (
	maxItems = 500_000
	itemPage = 5_000
)

// look asks the read model as the log's end has it. What it says are candidates: the payables decide.
func (r *Reconciler) look(ctx context.Context, query func(projections.Querier) error) error {
	head, err := r.Models.Latest(ctx)
	if err != nil {
		return err
	}
	end := head.Position
	for m, err := range r.Ledger.Store.Follow(ctx, end, eventstore.Filter{Categories: ledger.Categories()}) {
		if err != nil {
			return err
		}
		if end = m.Position; m.Kind == eventstore.CaughtUp {
			break
		}
	}
	if err := r.Models.WaitFor(ctx, statements.Name, end); err != nil {
		return err
	}
	reader, err := r.Models.Reader(statements.Name)
	if err != nil {
		return err
	}
	return reader.Read(ctx, query)
}

// items are the payments that lines of the statement may show: those of the bank account that are still to be seen, and those
// that a line names; where something came in, also what partners owe.
func (r *Reconciler) items(ctx context.Context, s statement.Summary, named []uuid.UUID, incoming bool) ([]matching.Item, error) {
	var payments []statements.Payment
	err := r.look(ctx, func(q projections.Querier) error {
		for behind := ""; ; {
			some, next, err := statements.OpenPayments(ctx, q, s.BankAccount, s.Currency, behind, itemPage)
			if err != nil {
				return err
			}
			payments = append(payments, some...)
			if behind = next; next == "" || len(payments) >= maxItems {
				break
			}
		}
		more, err := statements.PaymentsOf(ctx, q, without(named, payments))
		for _, p := range more {
			if p.BankAccount == s.BankAccount && p.Paid.Currency() == s.Currency {
				payments = append(payments, p)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	items, err := r.itemsOf(ctx, payments, incoming)
	if err != nil || !incoming {
		return items, err
	}
	debts, err := r.debts(ctx, s)
	return append(items, debts...), err
}

// without are the payables that no payment is there of yet.
func without(named []uuid.UUID, payments []statements.Payment) []uuid.UUID {
	there := make(map[uuid.UUID]struct{}, len(payments))
	for _, p := range payments {
		there[p.PayableID] = struct{}{}
	}
	return slices.DeleteFunc(slices.Clone(named), func(id uuid.UUID) bool {
		_, ok := there[id]
		return ok
	})
}

// itemsOf makes of a payment what may be seen of it: all that is still to leave, and all that may come back. Of a payable
// that was sent several times, a payment that failed without ever being seen gives way to one that may be.
func (r *Reconciler) itemsOf(ctx context.Context, payments []statements.Payment, incoming bool) (items []matching.Item, err error) {
	parties := map[uuid.UUID][]matching.Party{}
	open := map[uuid.UUID]bool{}
	for _, p := range payments {
		open[p.PayableID] = open[p.PayableID] || p.Open().Sign() > 0
	}
	for _, p := range payments {
		known, ok := parties[p.PayeeID]
		if !ok {
			if known, err = r.parties(ctx, p.PartnerID, p.PayeeID); err != nil {
				return nil, err
			}
			parties[p.PayeeID] = known
		}
		item := matching.Item{
			Side: statement.Side{PayableID: p.PayableID, PayoutID: p.PayoutID, PartnerID: p.PartnerID},
			On:   domain.DateOf(p.Sent.At, time.UTC), EndToEnd: refOf(p.PayableID), Refs: []string{refOf(p.PayoutID)}, Parties: known,
		}
		out := p.Open()
		if !open[p.PayableID] {
			out = p.Out()
		}
		if out.Sign() > 0 {
			item.Side.Amount, item.Outgoing = out, true
			items = append(items, item)
		}
		if back := domain.Must(p.Paid.Sub(p.ClearedIn)); incoming && back.Sign() > 0 {
			item.Side.Amount, item.Outgoing = back, false
			items = append(items, item)
		}
	}
	return items, nil
}

// parties is who a payee is: its account's holder, and the partner.
func (r *Reconciler) parties(ctx context.Context, partnerID, payeeID uuid.UUID) (all []matching.Party, err error) {
	err = r.Ledger.Partners.View(ctx, partnerID, func(p *partner.State, _ domain.Source) error {
		if p.LegalName != "" {
			all = append(all, matching.Party{Name: p.LegalName})
		}
		if payee, ok := p.PayeeByID(payeeID); ok && payee.Account != domain.Erased {
			all = append(all, matching.Party{Name: strings.Clone(string(payee.Name)), Account: string(payee.Account)})
		}
		return nil
	})
	return all, err
}

// explain is what the rules say of the lines that aren't settled.
func (r *Reconciler) explain(ctx context.Context, s *source, id uuid.UUID) (result matching.Result, err error) {
	var lines []matching.Line
	var named []uuid.UUID
	var summary statement.Summary
	incoming := false
	err = r.Ledger.Statements.View(ctx, id, func(st *statement.Statement, _ domain.Source) error {
		summary = st.Summary
		for i, l := range s.lines {
			if st.LineStatus(l.Number) != statement.LineUnmatched {
				continue
			}
			c := s.clues[i]
			incoming = incoming || !l.Outgoing
			lines = append(lines, matching.Line{
				Number: l.Number, Outgoing: l.Outgoing, Amount: l.Amount, On: l.BookedOn, EndToEnd: c.endToEnd, Refs: c.refs, Party: c.party,
			})
			for _, ref := range append([]string{c.endToEnd}, c.refs...) {
				if id, ok := idIn(ref); ok {
					named = append(named, id)
				}
			}
		}
		return nil
	})
	if err != nil || len(lines) == 0 {
		return result, err
	}
	items, err := r.items(ctx, summary, named, incoming)
	if err != nil {
		return result, err
	}
	rules, err := r.Ledger.Reconciliation(ctx, r.Clock())
	if err != nil {
		return result, err
	}
	return matching.Find(lines, items, rules), nil
}
