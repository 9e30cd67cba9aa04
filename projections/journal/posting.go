package journal

import (
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
)

// Post is what an event does to the books: a pure function of the event, one posting a book. An event that moves no money has
// none.
// Errors: the event contradicts itself, or names what has no account. The books halt at it, and say so.
func Post(e domain.Event) ([]Posting, error) {
	post, ok := rows()[e.EventType()]
	if !ok {
		return nil, nil
	}
	m := &moves{}
	post(e, m)
	all, err := m.postings()
	if err != nil {
		return nil, fmt.Errorf("post %s: %w", e.EventType(), err)
	}
	return all, nil
}

// Posts lists the event types that have a row in the posting table, in its order.
func Posts() (types []string) {
	for _, r := range table() {
		types = append(types, r.event)
	}
	return types
}

type tableRow struct {
	event string
	post  func(domain.Event, *moves)
}

var rows = sync.OnceValue(func() map[string]func(domain.Event, *moves) {
	byType := map[string]func(domain.Event, *moves){}
	for _, r := range table() {
		byType[r.event] = r.post
	}
	return byType
})

// on is a row of the table. Old versions of an event were read as the current one.
func on[E domain.Event](post func(E, *moves)) tableRow {
	var zero E
	return tableRow{event: zero.EventType(), post: func(e domain.Event, m *moves) {
		own, ok := e.(E)
		if !ok {
			m.fail(fmt.Errorf("%T is no %T", e, zero))
			return
		}
		post(own, m)
	}}
}

// table is the posting table: (debit, credit, amount). What an event doesn't say isn't posted; corrections are events too,
// and reverse exactly.
func table() []tableRow {
	return []tableRow{
		// budgets
		on(func(e mdf.BudgetOpened, m *moves) {
			m.budgetary(OfBudget(BudgetUnallocated, e.BudgetID), OfBudget(BudgetAuthority, e.BudgetID), e.Amount)
		}),
		on(func(e mdf.BudgetIncreased, m *moves) {
			m.budgetary(OfBudget(BudgetUnallocated, e.BudgetID), OfBudget(BudgetAuthority, e.BudgetID), e.Amount)
		}),
		on(func(e mdf.BudgetClosed, m *moves) {
			m.budgetary(OfBudget(BudgetAuthority, e.BudgetID), OfBudget(BudgetUnallocated, e.BudgetID), e.Amount)
		}),
		on(func(e mdf.Allocated, m *moves) {
			m.budgetary(OfFund(FundInTransit, e.FundID), OfBudget(BudgetUnallocated, e.BudgetID), e.Amount)
		}),
		on(func(e mdf.AllocationReleased, m *moves) {
			if e.Cause == mdf.CauseReleased { // what expired was posted when it did
				m.budgetary(OfBudget(BudgetUnallocated, e.BudgetID), OfFund(FundInTransit, e.FundID), e.Amount)
			}
		}),
		on(func(e mdf.BudgetCarriedOver, m *moves) {
			m.budgetary(OfBudget(BudgetUnallocated, e.BudgetID), OfBudget(BudgetExpired, e.BudgetID), e.Amount)
		}),

		// funds
		on(func(e mdf.FundCredited, m *moves) {
			m.budgetary(OfFund(FundAvailable, e.FundID), OfFund(FundInTransit, e.FundID), e.Amount)
		}),
		on(func(e mdf.FundReleased, m *moves) {
			m.budgetary(OfFund(FundInTransit, e.FundID), OfFund(FundAvailable, e.FundID), e.Amount)
		}),
		on(func(e mdf.FundsExpired, m *moves) {
			m.budgetary(OfBudget(BudgetExpired, e.BudgetID), OfFund(FundAvailable, e.FundID), e.Amount)
		}),
		on(func(e mdf.RequestApproved, m *moves) {
			m.budgetary(OfFund(FundReserved, e.FundID), OfFund(FundAvailable, e.FundID), e.Amount)
		}),
		// What is freed after the fund's end expires by an event of its own in the same append.
		on(func(e mdf.RequestCancelled, m *moves) {
			m.budgetary(OfFund(FundAvailable, e.FundID), OfFund(FundReserved, e.FundID), e.Freed)
		}),
		on(func(e mdf.RequestLapsed, m *moves) {
			m.budgetary(OfFund(FundAvailable, e.FundID), OfFund(FundReserved, e.FundID), e.Freed)
		}),
		on(func(e mdf.ObligationAccrued, m *moves) {
			m.financial(OfFund(ofTreatment(e.Treatment), e.FundID), OfFund(LiabilityMDFAccrued, e.FundID), e.Amount)
		}),
		on(func(e mdf.ObligationReleased, m *moves) {
			m.financial(OfFund(LiabilityMDFAccrued, e.FundID), OfFund(ofTreatment(e.Treatment), e.FundID), e.Amount)
		}),
		on(func(e mdf.ClaimApproved, m *moves) {
			m.budgetary(OfFund(FundSpent, e.FundID), OfFund(FundReserved, e.FundID), e.Drawn)
			m.budgetary(OfFund(FundAvailable, e.FundID), OfFund(FundReserved, e.FundID), e.Released)
			m.claim(e.FundRef, e.Split, e.Drawn, e.Approved, e.InputTax, LiabilityMDFPayable)
		}),
		on(func(e mdf.ClaimReopened, m *moves) {
			m.budgetary(OfFund(FundReserved, e.FundID), OfFund(FundAvailable, e.FundID), e.Reserved)
		}),
		on(func(e mdf.ClaimClawedBack, m *moves) {
			m.reverse(func(m *moves) { m.clawedBack(e.FundRef, e.ClawbackTerms) })
		}),
		on(func(e mdf.ClawbackReversed, m *moves) { m.clawedBack(e.FundRef, e.ClawbackTerms) }),

		// rebates and SPIFFs
		on(func(e rebate.Accrued, m *moves) {
			m.financial(OfPartner(ContraRevenueRebate, e.PartnerID), OfPartner(LiabilityRebateAccrued, e.PartnerID), e.Delta)
		}),
		on(func(e rebate.Approved, m *moves) {
			m.financial(OfPartner(LiabilityRebateAccrued, e.PartnerID), OfPartner(LiabilityRebatePayable, e.PartnerID), e.Amount)
		}),
		on(func(e rebate.Adjusted, m *moves) {
			if e.Delta.Sign() > 0 {
				m.financial(OfPartner(ContraRevenueRebate, e.PartnerID), OfPartner(LiabilityRebatePayable, e.PartnerID), e.Delta)
				return
			}
			m.takenBack(e.PartnerID, e.Delta.Neg(), e.FromPayable, e.FromPaid)
		}),
		on(func(e rebate.ClawedBack, m *moves) { m.takenBack(e.PartnerID, e.Amount, e.FromPayable, e.FromPaid) }),
		on(func(e rebate.ClawbackReversed, m *moves) {
			m.reverse(func(m *moves) { m.takenBack(e.PartnerID, e.Amount, e.FromPayable, e.FromPaid) })
		}),
		on(func(e rebate.SpiffEarned, m *moves) {
			m.financial(OfPartner(ofSpiff(e.Treatment), e.PartnerID), OfPartner(LiabilitySpiffPayable, e.PartnerID), e.Amount)
		}),
		on(func(e rebate.SpiffReversed, m *moves) { m.spiffReversed(e) }),

		// What a payout paid was posted when it was sent. What was adjusted away meanwhile the partner owes; what was paid outside
		// of this ledger was so before it began.
		on(func(e mdf.ClaimPaid, m *moves) {
			if e.PayableID == uuid.Nil {
				m.financial(OfPartner(LiabilityMDFPayable, e.PartnerID), OfPartner(EquityOpening, e.PartnerID), e.Amount)
			}
		}),
		on(func(e rebate.Paid, m *moves) {
			m.financial(OfPartner(ReceivableClawback, e.PartnerID), OfPartner(LiabilityRebatePayable, e.PartnerID), e.Overpaid)
			if e.PayableID == uuid.Nil {
				m.financial(OfPartner(LiabilityRebatePayable, e.PartnerID), OfPartner(EquityOpening, e.PartnerID), e.Amount)
			}
		}),
		on(func(e rebate.PaymentReturned, m *moves) {
			m.financial(OfPartner(LiabilityRebatePayable, e.PartnerID), OfPartner(ReceivableClawback, e.PartnerID), e.Overpaid)
		}),

		// money out, and back
		on(func(e payable.Sent, m *moves) { m.paid(e.Payment) }),
		on(func(e payable.Returned, m *moves) { m.reverse(func(m *moves) { m.paid(e.Payment) }) }),
		on(func(e payable.ReturnUndone, m *moves) { m.paid(e.Payment) }),
		on(func(e clawback.Recovered, m *moves) { m.recovered(e) }),
		on(func(e clawback.RecoveryUndone, m *moves) { m.reverse(func(m *moves) { m.recovered(e.Recovery) }) }),

		// bank statements
		on(func(e statement.Imported, m *moves) { m.imported(e) }),
		on(func(e statement.LinesMatched, m *moves) {
			for _, match := range e.Matches {
				m.matched(e.BankAccount, match)
			}
		}),
		on(func(e statement.MatchUndone, m *moves) {
			m.reverse(func(m *moves) { m.matched(e.BankAccount, e.Match) })
		}),
		on(func(e statement.LineResolved, m *moves) { m.resolved(e.BankAccount, e.Account, e.Outgoing, e.Amount) }),
		on(func(e statement.ResolutionUndone, m *moves) {
			m.resolved(e.BankAccount, e.Account, !e.Outgoing, e.Amount)
		}),
	}
}
