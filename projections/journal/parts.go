package journal

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
)

// claim posts what an approved claim makes the vendor owe: what the fund is drawn by as the split says, in the fund's
// currency, and recoverable tax beside it. A claim in another currency is owed in its own; the two meet over equity:fx, at
// the approval's rate.
func (m *moves) claim(ref mdf.FundRef, split []mdf.SplitLine, drawn, approved, inputTax domain.Money, owedIn string) {
	owed, fx := OfPartner(owedIn, ref.PartnerID), OfPartner(EquityFX, ref.PartnerID)
	against, foreign := owed, approved.Currency() != drawn.Currency()
	if foreign {
		against = fx
	}
	var sum domain.Money
	for _, line := range split {
		m.financial(OfFund(ofTreatment(line.Treatment), ref.FundID), against, line.Amount)
		total, err := sum.Add(line.Amount)
		m.fail(err)
		sum = total
	}
	m.wants("split", drawn, sum)
	if foreign {
		m.financial(fx, owed, approved)
	}
	m.financial(OfFund(TaxInput, ref.FundID), owed, inputTax)
}

// clawedBack posts a claw-back's terms as they had been approved: what was paid since stands as a receivable.
func (m *moves) clawedBack(ref mdf.FundRef, t mdf.ClawbackTerms) {
	m.budgetary(OfFund(FundSpent, ref.FundID), OfFund(FundAvailable, ref.FundID), t.Drawn)
	owedIn := LiabilityMDFPayable
	if t.Paid {
		owedIn = ReceivableClawback
	}
	m.claim(ref, t.Split, t.Drawn, t.Amount, t.InputTax, owedIn)
}

// takenBack posts what a rebate is less: what wasn't paid yet is no longer owed, what was the partner owes.
func (m *moves) takenBack(partner uuid.UUID, amount, fromPayable, fromPaid domain.Money) {
	m.wants("from_payable and from_paid", amount, fromPayable, fromPaid)
	m.financial(OfPartner(LiabilityRebatePayable, partner), OfPartner(ContraRevenueRebate, partner), fromPayable)
	m.financial(OfPartner(ReceivableClawback, partner), OfPartner(ContraRevenueRebate, partner), fromPaid)
}

// spiffReversed posts what a SPIFF is less: what was sent already the partner owes.
func (m *moves) spiffReversed(e rebate.SpiffReversed) {
	spiff := OfPartner(ofSpiff(e.Treatment), e.PartnerID)
	unpaid, err := e.Amount.Sub(e.FromPaid)
	m.fail(err)
	if unpaid.Sign() < 0 {
		m.fail(fmt.Errorf("%s were paid of %s", e.FromPaid, e.Amount))
		return
	}
	m.financial(OfPartner(LiabilitySpiffPayable, e.PartnerID), spiff, unpaid)
	m.financial(OfPartner(ReceivableClawback, e.PartnerID), spiff, e.FromPaid)
}

// paid posts a payment: the debt is settled, by what the partner gets and what is withheld for the tax office.
//
// In another currency than the payable's the two meet over equity:fx. What the books carried the debt at in the payout's
// currency comes out of there; the rest is the exchange difference. Without such an amount there is nothing to differ from.
func (m *moves) paid(p payable.Payment) {
	liability := LiabilityOf(p.Kind)
	if liability == "" {
		m.fail(fmt.Errorf("payables of kind %q have no account", p.Kind))
		return
	}
	owed, cash := OfPartner(liability, p.PartnerID), OfBank(AssetCashClearing, p.BankAccount)
	from, foreign := owed, p.Amount.Currency() != p.Paid.Currency()
	if foreign {
		from = OfPartner(EquityFX, p.PartnerID)
		m.financial(owed, from, p.Amount)
	} else {
		m.wants("paid and withheld", p.Amount, p.Paid, p.Withheld)
	}
	m.financial(from, cash, p.Paid)
	m.financial(from, OfPartner(LiabilityWithholding, p.PartnerID), p.Withheld)
	if foreign {
		m.difference(p)
	}
}

// difference posts what a payment costs more, or less, than the books carried the debt at.
func (m *moves) difference(p payable.Payment) {
	if p.Booked.Currency() != p.Paid.Currency() {
		return
	}
	cost, err := p.Paid.Add(p.Withheld)
	m.fail(err)
	more, err := cost.Sub(p.Booked)
	m.fail(err)
	m.financial(OfPartner(ExpenseFX, p.PartnerID), OfPartner(EquityFX, p.PartnerID), more)
}

// recovered posts how a partner's debt ends.
func (m *moves) recovered(e clawback.Recovered) {
	var by Account
	switch e.By {
	case clawback.ByPayment:
		by = OfBank(AssetCashClearing, e.BankAccount)
	case clawback.ByOffset:
		by = OfPartner(LiabilityOf(payable.Kind(e.PayableKind)), e.PartnerID)
	case clawback.ByWriteOff:
		by = OfPartner(ExpenseBadDebt, e.PartnerID)
	}
	m.financial(by, OfPartner(ReceivableClawback, e.PartnerID), e.Amount)
}

// imported posts a bank statement's totals. Until its lines are explained they stand in suspense.
func (m *moves) imported(e statement.Imported) {
	bank, suspense := OfBank(AssetBank, e.BankAccount), OfBank(AssetBankSuspense, e.BankAccount)
	m.financial(bank, OfBank(EquityOpening, e.BankAccount), e.BroughtForward)
	m.financial(bank, suspense, e.TotalIn)
	m.financial(suspense, bank, e.TotalOut)
}

// matched posts lines that are what was paid. What they are more than that is a difference within tolerance, or owed back by
// whoever got it; of incoming lines everything goes the other way: what came in above a claw-back is the partner's credit.
func (m *moves) matched(bankAccount string, match statement.Match) {
	clearing := OfBank(AssetCashClearing, bankAccount)
	amount, variance, overpaid := match.Amount, match.Variance, match.Overpaid
	parts := []domain.Money{variance, overpaid}
	for _, side := range match.To {
		parts = append(parts, side.Amount)
	}
	m.wants("sides, variance and overpaid", amount, parts...)
	if !match.Outgoing {
		amount, variance, overpaid = amount.Neg(), variance.Neg(), overpaid.Neg()
	}
	m.financial(clearing, OfBank(AssetBankSuspense, bankAccount), amount)
	m.financial(OfBank(ExpenseVariance, bankAccount), clearing, variance)
	if overpaid.Sign() == 0 {
		return
	}
	if len(match.To) == 0 {
		m.fail(fmt.Errorf("match %s is overpaid, and settles nothing", match.MatchID))
		return
	}
	m.financial(OfPartner(ReceivableOverpayment, match.To[0].PartnerID), clearing, overpaid)
}

// resolved posts a line that nothing of ours explains.
func (m *moves) resolved(bankAccount, account string, outgoing bool, amount domain.Money) {
	if !outgoing {
		amount = amount.Neg()
	}
	m.financial(OfBank(account, bankAccount), OfBank(AssetBankSuspense, bankAccount), amount)
}
