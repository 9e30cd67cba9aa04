package histories

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
)

// Bank is the account of ours that a history's money moves on.
const Bank = "DE02120300000000202051"

// afterwards records what follows from what partners earned: payments, claw-backs that are settled, bank statements, months.
// Its events are made up here, in shapes that their aggregates give them.
type afterwards struct {
	*History
	revisions map[string]int64
	spiffs    int // events looked through for SPIFFs
	debts     int // events looked through for what partners owe
	statement int
	month     period.Month // the next to be cut
	cuts      map[period.Month]int
}

func newAfterwards(h *History) *afterwards {
	return &afterwards{
		History: h, revisions: map[string]int64{}, cuts: map[period.Month]int{}, month: period.MonthOf(domain.DateOf(h.Now, time.UTC)),
	}
}

func (a *afterwards) step() {
	switch a.IntN(8) {
	case 0, 1:
		a.payClaims()
	case 2:
		a.payRebates()
	case 3:
		a.paySpiffs()
	case 4:
		a.settleDebts()
	case 5, 6:
		a.bank()
	case 7:
		a.months()
	}
}

// note records an event as it is.
func (a *afterwards) note(category string, id uuid.UUID, e domain.Event) {
	name := domain.StreamName(category, id)
	a.record(name, a.revisions[name], domain.Must(a.Codec.Encode(name, 0, e, a.header().Metadata(domain.Basis{}))))
	a.revisions[name]++
}

// Note records an event as it is, at a revision of its stream.
func (h *History) Note(category string, id uuid.UUID, revision int64, e domain.Event) {
	h.NoteBy(h.Header(), category, id, revision, e)
}

// NoteBy is Note for what somebody in particular did.
func (h *History) NoteBy(header domain.Header, category string, id uuid.UUID, revision int64, e domain.Event) {
	name := domain.StreamName(category, id)
	h.record(name, revision, domain.Must(h.Codec.Encode(name, 0, e, header.Metadata(domain.Basis{}))))
}

func (a *afterwards) payClaims() {
	for _, fund := range sortedIDs(a.funds) {
		c := oneOf(a.History, a.funds[fund].state.Claims)
		if c == nil || c.Owed().Sign() <= 0 {
			continue
		}
		if a.IntN(6) == 0 {
			a.Fund(fund, a.Header(), mdf.PayClaim{ClaimID: c.ID, Reference: "before the ledger"})
			continue
		}
		p := a.payment(payable.KindClaim, c.PartnerID, c.Owed())
		if c.Terms.Drawn.Currency() != c.Currency() && len(c.Clawbacks) == 0 {
			p.Booked = c.Terms.Drawn
		}
		if a.pays(c.ID, p) {
			a.Fund(fund, a.reaction(), mdf.SettleClaim{ClaimID: c.ID, PayableID: payable.IDOf(c.ID), Amount: p.Amount, Reference: "SEPA"})
		}
	}
}

func (a *afterwards) payRebates() {
	for _, id := range a.Agreements() {
		x := a.Agreement(id)
		if x.Status == rebate.StatusClosed {
			a.Rebate(id, a.Header(), rebate.ApproveRebate{Reason: why})
		}
		a.changeRebate(id, x)
		owed := x.Payable
		if x.Status != rebate.StatusApproved || owed.Sign() <= 0 {
			continue
		}
		if p := a.payment(payable.KindRebate, x.PartnerID, owed); a.pays(id, p) {
			a.settleRebate(id, x, p)
		}
	}
}

// settleRebate records a payment. Some was adjusted away while the bank had it; some comes back.
func (a *afterwards) settleRebate(id uuid.UUID, x *rebate.Agreement, p payable.Payment) {
	if a.IntN(3) == 0 {
		a.Rebate(id, a.Header(), rebate.ProposeAdjustment{Delta: cents(-1 - p.Amount.Minor()/3), Reason: why})
		a.Rebate(id, a.Header(), rebate.ApproveAdjustment{AdjustmentID: x.Adjustments[len(x.Adjustments)-1].ID, Reason: why})
	}
	settled := rebate.SettleRebate{
		PayableID: payable.IDOf(id), PaymentID: domain.DeriveID("payment", fmt.Sprint(len(a.Events))), Amount: p.Amount, Reference: "SEPA",
	}
	a.Rebate(id, a.reaction(), settled)
	if a.IntN(3) == 0 {
		a.note(payable.Category, settled.PayableID, payable.Returned{
			PayableID: settled.PayableID, Payment: p, Confirmed: true, Reason: "account closed",
		})
		a.Rebate(id, a.reaction(), rebate.ReturnPayment{
			PayableID: settled.PayableID, PaymentID: settled.PaymentID, Amount: p.Amount, Reason: "account closed",
		})
	}
}

// reaction is the header of a reactor's command.
func (a *afterwards) reaction() domain.Header {
	header := a.Header()
	header.Actor = domain.Actor{ID: "reactor:payables", Kind: domain.Reactor}
	return header
}

// changeRebate claws a part back, undoes that, or adjusts it.
func (a *afterwards) changeRebate(id uuid.UUID, x *rebate.Agreement) {
	switch n := len(x.Clawbacks); {
	case n == 0 && a.IntN(3) == 0:
		a.Rebate(id, a.Header(), rebate.ClawBack{Amount: cents(1 + x.Left().Minor()/2), Reason: why})
	case n > 0 && a.IntN(3) == 0:
		a.Rebate(id, a.Header(), rebate.ReverseClawback{ClawbackID: x.Clawbacks[n-1].ID, Reason: why})
	default:
		a.Rebate(id, a.Header(), rebate.ProposeAdjustment{Delta: cents(1 - x.Left().Minor()/int64(2+a.IntN(9))), Reason: why})
		for _, proposed := range x.Adjustments {
			a.Rebate(id, a.Header(), rebate.ApproveAdjustment{AdjustmentID: proposed.ID, Reason: why})
		}
	}
}

// payment is in the payable's currency, or in another at some rate.
func (a *afterwards) payment(kind payable.Kind, to uuid.UUID, amount domain.Money) payable.Payment {
	p := payable.Payment{PayoutID: uuid.UUID{1}, PartnerID: to, Kind: kind, BankAccount: Bank, Amount: amount, Paid: amount}
	if currency := pick(a.History, "EUR", "EUR", amount.Currency()); currency != amount.Currency() {
		p.Paid = domain.Must(amount.Convert(domain.Must(domain.ParseRate("0.9211")), currency))
	}
	p.Withheld = domain.Must(domain.NewMoney(0, p.Paid.Currency()))
	if a.IntN(3) == 0 {
		parts := domain.Must(p.Paid.Split([]int64{17, 3}))
		p.Paid, p.Withheld = parts[0], parts[1]
	}
	return p
}

// pays reports whether the bank carried it out. Some payments come back, or a part of them does and goes out again.
func (a *afterwards) pays(id uuid.UUID, p payable.Payment) bool {
	id = payable.IDOf(id)
	a.note(payable.Category, id, payable.Sent{PayableID: id, Payment: p})
	a.Now = a.Now.Add(time.Duration(a.IntN(30)) * time.Hour)
	switch a.IntN(5) {
	case 0:
		back := payable.Returned{PayableID: id, Payment: p, Reason: "account closed"}
		wrong := a.IntN(2) == 0 // the line was another's
		if wrong {
			back.MatchID = domain.DeriveID("match", id.String())
		}
		if a.note(payable.Category, id, back); !wrong {
			return false
		}
		a.note(payable.Category, id, payable.ReturnUndone{PayableID: id, Payment: p, MatchID: back.MatchID, Reason: "another's"})
	case 1:
		part := half(p)
		a.note(payable.Category, id, payable.Returned{PayableID: id, Payment: part, Reason: "short"})
		a.note(payable.Category, id, payable.Sent{PayableID: id, Payment: part})
	}
	a.note(payable.Category, id, payable.Confirmed{PayableID: id, Payment: p, Reference: "SEPA"})
	return true
}

func half(p payable.Payment) payable.Payment {
	part := func(m domain.Money) domain.Money {
		if m.IsZero() {
			return m
		}
		return domain.Must(m.Split([]int64{1, 1}))[0]
	}
	p.Withheld, p.Booked, p.Amount, p.Paid = part(p.Withheld), part(p.Booked), part(p.Amount), part(p.Paid)
	if p.Amount.Currency() == p.Paid.Currency() {
		p.Amount = domain.Must(p.Paid.Add(p.Withheld))
	}
	return p
}

func (a *afterwards) bank() {
	a.statement++
	id := domain.DeriveID("statement", fmt.Sprint(a.statement))
	imported := statement.Imported{
		StatementID: id, BankAccount: Bank, Currency: "EUR", TotalIn: a.euros(a.Int64N(9_000)), TotalOut: a.euros(a.Int64N(9_000)),
	}
	if a.statement == 1 {
		imported.BroughtForward = a.euros(1_000_000)
	}
	a.note(statement.Category, id, imported)
	amount, off := a.euros(1000+a.Int64N(9_000)), a.euros(a.Int64N(500)-250)
	match := statement.Match{
		MatchID: id, Lines: []int{1}, Outgoing: a.IntN(3) > 0, Amount: domain.Must(amount.Add(off)),
		To: []statement.Side{{PartnerID: pick(a.History, a.Partners...), Amount: amount}}, Variance: off,
	}
	if off.Sign() > 0 && a.IntN(2) == 0 {
		match.Variance, match.Overpaid = domain.Money{}, off
	}
	a.note(statement.Category, id, statement.LinesMatched{StatementID: id, BankAccount: Bank, Matches: []statement.Match{match}})
	resolved := statement.LineResolved{
		StatementID: id, BankAccount: Bank, Line: 2, Outgoing: a.IntN(2) == 0, Amount: amount, Account: "expense:bank_charges",
	}
	a.note(statement.Category, id, resolved)
	if a.IntN(3) == 0 {
		a.note(statement.Category, id, statement.MatchUndone{StatementID: id, BankAccount: Bank, Match: match, Why: "wrong"})
		a.note(statement.Category, id, statement.ResolutionUndone{
			StatementID: id, BankAccount: Bank, Line: 2, Outgoing: resolved.Outgoing, Amount: amount, Account: resolved.Account,
		})
	}
}

// months cuts the months that are over, in order; now and then the last one is opened again.
func (a *afterwards) months() {
	if last := a.month.Add(-1); a.cuts[last] > 0 && a.IntN(3) == 0 {
		a.note(period.Category, period.IDOf(last), period.Reopened{Month: last, Version: a.cuts[last]})
		a.month = last
	}
	for a.month.Compare(period.MonthOf(domain.DateOf(a.Now, time.UTC))) < 0 {
		a.cuts[a.month]++
		a.note(period.Category, period.IDOf(a.month), period.Cut{
			Month: a.month, Version: a.cuts[a.month], From: a.month.First().In(time.UTC), Until: a.month.Next().First().In(time.UTC),
		})
		a.month = a.month.Next()
	}
}
