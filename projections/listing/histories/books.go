package histories

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

// books is a history of whatever moves money: two budgets, each partner's funds, rebates, and what payouts, banks and
// periods tell.
type books struct {
	*History
	budgets []uuid.UUID
	reacted int         // events that the reactors have seen
	told    *afterwards // what follows from what was earned
}

// RunBooks gives so many random commands that move money, and records what payouts, banks and periods tell of it.
func (h *History) RunBooks(commands int) *History {
	b := &books{History: h, told: newAfterwards(h)}
	for i, name := range []string{"a quarter", "a year"} {
		header, from := h.Header(), domain.DateOf(h.Now, time.UTC)
		id := mdf.BudgetID(header.CommandID)
		h.Budget(id, header, mdf.OpenBudget{
			Name: name, Period: mdf.Period{From: from, To: from.AddDays([]int{89, 364}[i])}, Amount: h.euros(1_000_000),
		})
		b.budgets = append(b.budgets, id)
	}
	for range commands {
		h.Now = h.Now.Add(time.Duration(h.IntN(h.IntN(24*2)+1)) * time.Hour)
		b.step()
		if h.IntN(3) > 0 {
			b.react()
			b.fallDue()
		}
	}
	b.react()
	return h
}

func (b *books) step() {
	of, budget := pick(b.History, b.Partners...), pick(b.History, b.budgets...)
	id := mdf.FundID(budget, of)
	switch b.IntN(12) {
	case 0:
		b.Budget(budget, b.header(), b.drawForBudget(budget, of))
		return
	case 1, 2:
		b.stepRebates()
		b.stepRebates()
		return
	case 3, 4:
		b.told.step()
		return
	}
	if fund := b.funds[id]; fund != nil {
		header := b.header()
		b.Fund(id, header, b.drawForFund(fund.state))
	}
}

func (b *books) drawForBudget(id, of uuid.UUID) mdf.BudgetCommand {
	budget, amount := b.BudgetOf(id), b.euros(1+b.Int64N(90_000))
	commands := []mdf.BudgetCommand{
		mdf.Allocate{PartnerID: of, Amount: amount}, mdf.Allocate{PartnerID: of, Amount: amount}, mdf.Allocate{PartnerID: of, Amount: amount},
		mdf.IncreaseBudget{Amount: amount, Reason: why},
		mdf.RequestCarryOver{Amount: b.euros(1 + budget.Expired.Minor()/2), Until: domain.DateOf(b.Now, time.UTC).AddDays(60), Reason: why},
	}
	if x := budget.CarryOver; x != nil && !x.Approved.Taken() {
		return mdf.ApproveCarryOver{CarryOverID: x.ID, Reason: why}
	}
	if b.IntN(100) == 0 {
		return mdf.CloseBudget{Reason: why}
	}
	return pick(b.History, commands...)
}

func (b *books) drawForFund(s *mdf.FundState) mdf.FundCommand {
	today, amount := domain.DateOf(b.Now, time.UTC), b.euros(1+b.Int64N(30_000))
	draw := []mdf.FundCommand{
		mdf.SubmitRequest{
			FundID: s.Fund.ID, Activity: mdf.ActivityEvent, Title: "Fair", Starts: today, Ends: today.AddDays(b.IntN(20)),
			TotalCost: b.euros(9_000_000), Requested: amount,
		},
		mdf.ReleaseFund{PartnerID: s.Fund.PartnerID, Amount: b.euros(1 + b.Int64N(3_000)), Reason: why},
	}
	if r := oneOf(b.History, s.Requests); r != nil {
		draw = append(draw, b.drawForRequest(r), b.drawForRequest(r), b.drawForRequest(r))
	}
	if c := oneOf(b.History, s.Claims); c != nil {
		of := s.Requests[c.RequestID]
		draw = append(draw, b.drawForClaim(of, c), b.drawForClaim(of, c), b.drawForClaim(of, c))
	}
	return pick(b.History, draw...)
}

func (b *books) drawForRequest(r *mdf.Request) mdf.FundCommand {
	if r.Status != mdf.RequestIsApproved {
		return mdf.ApproveRequest{
			RequestID: r.ID, Amount: r.Requested, Treatment: pick(b.History, mdf.Treatments()...), Basis: "none", Reason: why,
		}
	}
	if b.IntN(8) == 0 {
		return mdf.CancelRequest{RequestID: r.ID, Reason: why}
	}
	currency := pick(b.History, "EUR", "EUR", "USD")
	net := domain.Must(domain.NewMoney(9+b.Int64N(40_000), currency))
	tax := domain.Must(domain.NewMoney(net.Minor()/5, currency))
	return mdf.FileClaim{
		RequestID: r.ID, Supplier: "Messebau", InvoiceNumber: fmt.Sprint(b.commands), InvoiceDate: domain.DateOf(b.Now, time.UTC),
		Net: net, Tax: tax, TaxCode: "S", Recoverable: tax, Gross: domain.Must(net.Add(tax)), Settlement: mdf.CreditNote,
	}
}

func (b *books) drawForClaim(of *mdf.Request, c *mdf.Claim) mdf.FundCommand {
	part := domain.Must(domain.NewMoney(1+b.Int64N(1+c.Net.Minor()/3), c.Currency()))
	approve := mdf.ApproveClaim{ClaimID: c.ID, Approved: part, InputTax: c.Tax, Final: b.IntN(3) == 0, Reason: why}
	if c.Currency() != "EUR" {
		approve.FX = mdf.FX{Rate: domain.Must(domain.ParseRate("0.9137")), Source: "ECB"}
	}
	switch c.Status {
	case mdf.ClaimIsApproved, mdf.ClaimIsPaid:
		for _, back := range c.Clawbacks {
			if !back.Reversed.Taken() && b.IntN(2) == 0 {
				return mdf.ReverseClawback{ClaimID: c.ID, ClawbackID: back.ClawbackID, Reason: why}
			}
		}
		tax := domain.Must(domain.NewMoney(b.Int64N(2), c.Currency()))
		return mdf.ClawBack{ClaimID: c.ID, Amount: part, InputTax: tax, Reason: why}
	case mdf.ClaimIsDenied:
		if of.Status == mdf.RequestIsApproved {
			return mdf.ReopenClaim{ClaimID: c.ID, Reason: why}
		}
		return mdf.ReopenClaim{ClaimID: c.ID, Reserve: b.euros(1 + b.Int64N(100)), Reason: why}
	default:
		if b.IntN(4) == 0 {
			return mdf.DenyClaim{ClaimID: c.ID, Reason: why}
		}
		return approve
	}
}

// react takes money across between budgets and funds, some time after it left.
func (b *books) react() {
	for ; b.reacted < len(b.Events); b.reacted++ {
		by := b.Header()
		by.Actor = domaintest.Scheduler()
		recorded := b.Events[b.reacted]
		release := func(ref mdf.FundRef, amount domain.Money, cause mdf.ReleaseCause) {
			b.Budget(ref.BudgetID, by, mdf.ReleaseAllocation{FundRef: ref, Amount: amount, Cause: cause, Source: recorded.Envelope.EventID})
		}
		switch e := recorded.Event.(type) {
		case mdf.Allocated:
			b.Fund(e.FundID, by, mdf.CreditFund{FundRef: e.FundRef, Ref: recorded.Envelope.EventID, Amount: e.Amount, ExpiresAt: e.ExpiresAt})
		case mdf.FundReleased:
			release(e.FundRef, e.Amount, mdf.CauseReleased)
		case mdf.FundsExpired:
			release(e.FundRef, e.Amount, mdf.CauseExpired)
		}
	}
}

// fallDue lets funds expire, requests lapse and obligations accrue, each effective when it was due.
func (b *books) fallDue() {
	for _, id := range sortedIDs(b.funds) {
		s := b.funds[id].state
		b.at(id, s.Fund.ExpiresAt, mdf.ExpireFunds{})
		for _, r := range sortedIDs(s.Requests) {
			if at, ok := s.Requests[r].AccruesAt(); ok {
				b.at(id, at, mdf.AccrueObligation{RequestID: r})
			}
			if at, ok := s.Requests[r].LapsesAt(); ok {
				b.at(id, at, mdf.LapseRequest{RequestID: r})
			}
		}
	}
}

func (b *books) at(fund uuid.UUID, due time.Time, c mdf.FundCommand) {
	if due.After(b.Now) {
		return
	}
	header := b.Header()
	header.Actor, header.EffectiveAt = domaintest.Scheduler(), due
	b.Fund(fund, header, c)
}

// BudgetOf is a budget as its stream has it.
func (h *History) BudgetOf(id uuid.UUID) *mdf.Budget { return h.budgets[id].state }

func sortedIDs[V any](things map[uuid.UUID]V) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(things), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
}

func oneOf[T any](h *History, things map[uuid.UUID]*T) *T {
	if len(things) == 0 {
		return nil
	}
	return things[pick(h, sortedIDs(things)...)]
}
