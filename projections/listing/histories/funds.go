package histories

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
)

// Activity is a funded activity of a partner.
type Activity struct {
	Fund, Request uuid.UUID
}

// Budget gives a command to a budget and records what follows. It tells whether the command was taken.
func (h *History) Budget(id uuid.UUID, header domain.Header, c mdf.BudgetCommand) bool {
	if h.budgets[id] == nil {
		h.budgets[id] = &stream[*mdf.Budget]{state: mdf.BudgetDecider().Initial()}
	}
	return give(h, mdf.BudgetDecider(), h.budgets[id], id, header, mdf.BudgetFacts{Rules: fundRules(), Partner: standing()}, c)
}

// Fund gives a command to a fund and records what follows. It tells whether the command was taken.
func (h *History) Fund(id uuid.UUID, header domain.Header, c mdf.FundCommand) bool {
	if h.funds[id] == nil {
		h.funds[id] = &stream[*mdf.FundState]{state: mdf.FundDecider().Initial()}
	}
	return give(h, mdf.FundDecider(), h.funds[id], id, header, h.fundFacts(c), c)
}

func standing() mdf.Standing { return mdf.Standing{Known: true, Active: true} }

func fundRules() policy.Rules {
	return policy.Rules{
		Zone:     time.UTC,
		Approval: policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
		MDF:      policy.Versioned[policy.MDF]{Version: 1, Body: policy.DefaultMDF()},
	}
}

func (h *History) fundFacts(c mdf.FundCommand) mdf.FundFacts {
	f := mdf.FundFacts{Rules: fundRules(), Partner: standing()}
	f.Rules.MDF.Body.ProofRequired = false
	accountID, dealID, ok := mdf.DealOf(c)
	if account := h.accounts[accountID]; ok && account != nil && account.state.Deals[dealID] != nil {
		d := account.state.Deals[dealID]
		f.Deal = mdf.DealFact{Known: true, PartnerID: d.PartnerID}
		for _, l := range d.Lines {
			f.Deal.Amount = domain.Must(f.Deal.Amount.Add(l.Amount.Latest()))
		}
	}
	return f
}

// Funds gives a partner money for an activity that starts today.
func (h *History) Funds(to uuid.UUID) Activity {
	if h.budget == uuid.Nil {
		header := h.Header()
		h.budget = mdf.BudgetID(header.CommandID)
		from := domain.DateOf(Begin, time.UTC)
		h.Budget(h.budget, header, mdf.OpenBudget{
			Name: "Market development", Period: mdf.Period{From: from, To: from.AddDays(9999)}, Amount: h.euros(9_000_000),
		})
	}
	amount := h.euros(1 + h.Int64N(99_999))
	header := h.Header()
	h.Budget(h.budget, header, mdf.Allocate{PartnerID: to, Amount: amount})
	allocated := h.Events[len(h.Events)-1].Envelope
	a := Activity{Fund: mdf.FundID(h.budget, to)}
	ref := mdf.FundRef{FundID: a.Fund, BudgetID: h.budget, PartnerID: to}
	header = h.Header()
	header.Actor = domaintest.Scheduler()
	h.Fund(a.Fund, header, mdf.CreditFund{FundRef: ref, Ref: allocated.EventID, Amount: amount, ExpiresAt: Begin.AddDate(30, 0, 0)})

	today := domain.DateOf(h.Now, time.UTC)
	header = h.Header()
	a.Request = domain.EntityID(header.CommandID, domain.StreamName(mdf.FundCategory, a.Fund), "request")
	h.Fund(a.Fund, header, mdf.SubmitRequest{
		FundID: a.Fund, Activity: mdf.ActivityEvent, Title: "Fair", Starts: today, Ends: today.AddDays(h.IntN(20)),
		TotalCost: h.euros(9_000_000), Requested: amount,
	})
	h.Fund(a.Fund, h.Header(), mdf.ApproveRequest{
		RequestID: a.Request, Amount: amount, Treatment: mdf.ContraRevenue, Basis: "none", Reason: why,
	})
	return a
}

// Claims lets a claim on the activity be filed, approved and, most often, paid some days later; now and then something is
// clawed back. What came of it is a deal.
func (h *History) Claims(a Activity, accountID, deal uuid.UUID) {
	header := h.Header()
	claim := domain.EntityID(header.CommandID, domain.StreamName(mdf.FundCategory, a.Fund), "claim")
	net := h.euros(9 + h.Int64N(9_999))
	h.Fund(a.Fund, header, mdf.FileClaim{
		RequestID: a.Request, Supplier: "Messebau", InvoiceNumber: fmt.Sprint(h.commands), InvoiceDate: domain.DateOf(h.Now, time.UTC),
		Net: net, Gross: net, Settlement: mdf.CreditNote,
	})
	h.Fund(a.Fund, h.Header(), mdf.AttributePipeline{RequestID: a.Request, AccountID: accountID, DealID: deal})
	h.Now = h.Now.Add(time.Duration(h.IntN(200)) * time.Hour)
	h.Fund(a.Fund, h.Header(), mdf.ApproveClaim{ClaimID: claim, Approved: h.euros(net.Minor() / 3), Reason: why})
	h.Now = h.Now.Add(time.Duration(h.IntN(900)) * time.Hour)
	if h.IntN(4) > 0 {
		h.Fund(a.Fund, h.header(), mdf.PayClaim{ClaimID: claim, Reference: "SEPA"})
	}
	if h.IntN(3) == 0 {
		h.Fund(a.Fund, h.header(), mdf.ClawBack{ClaimID: claim, Amount: h.euros(1), Reason: why})
	}
}

// FundState is a fund as its stream tells it.
func (h *History) FundState(id uuid.UUID) *mdf.FundState { return h.funds[id].state }

func (h *History) euros(cents int64) domain.Money { return domain.Must(domain.NewMoney(cents, "EUR")) }
