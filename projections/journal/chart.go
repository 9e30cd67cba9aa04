package journal

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// The accounts of the budgetary book. Authority is what there is; the others say where it stands.
const (
	BudgetAuthority   = "budget:authority"
	BudgetUnallocated = "budget:unallocated"
	BudgetExpired     = "budget:expired" // in funds, and not carried over
	FundInTransit     = "fund:in_transit"
	FundAvailable     = "fund:available"
	FundReserved      = "fund:reserved"
	FundSpent         = "fund:spent"
)

// The accounts of the financial book. A line of a bank statement may be resolved to any other name.
const (
	AssetBank              = "asset:bank"
	AssetBankSuspense      = "asset:bank_suspense" // what the bank moved and nobody has explained yet
	AssetCashClearing      = "asset:cash_clearing" // what was sent or is expected, and the bank hasn't shown yet
	ReceivableClawback     = "receivable:clawback" // what partners owe of what they were paid
	ReceivableOverpayment  = "receivable:overpayment"
	TaxInput               = "tax:input"
	LiabilityMDFAccrued    = "liability:mdf_accrued"
	LiabilityMDFPayable    = "liability:mdf_payable"
	LiabilityRebateAccrued = "liability:rebate_accrued"
	LiabilityRebatePayable = "liability:rebate_payable"
	LiabilitySpiffPayable  = "liability:spiff_payable"
	LiabilityWithholding   = "liability:withholding"
	EquityFX               = "equity:fx" // where two currencies meet, so that each is zero by itself
	EquityOpening          = "equity:opening_balance"
	ContraRevenueMDF       = "contra_revenue:mdf"
	ContraRevenueRebate    = "contra_revenue:rebate"
	ContraRevenueSpiff     = "contra_revenue:spiff"
	ExpenseMDF             = "expense:mdf"
	ExpenseSpiff           = "expense:spiff"
	ExpenseFX              = "expense:fx"
	ExpenseVariance        = "expense:variance"
	ExpenseBadDebt         = "expense:bad_debt"
)

// Chart lists the accounts that the posting table uses, in the order of a trial balance.
func Chart() []string {
	return []string{
		BudgetAuthority, BudgetUnallocated, BudgetExpired, FundInTransit, FundAvailable, FundReserved, FundSpent,
		AssetBank, AssetBankSuspense, AssetCashClearing, ReceivableClawback, ReceivableOverpayment, TaxInput,
		LiabilityMDFAccrued, LiabilityMDFPayable, LiabilityRebateAccrued, LiabilityRebatePayable, LiabilitySpiffPayable,
		LiabilityWithholding, EquityFX, EquityOpening, ContraRevenueMDF, ContraRevenueRebate, ContraRevenueSpiff,
		ExpenseMDF, ExpenseSpiff, ExpenseFX, ExpenseVariance, ExpenseBadDebt,
	}
}

// OfBudget is an account of one budget.
func OfBudget(name string, budget uuid.UUID) Account {
	return Account{name, "budget:" + budget.String()}
}

// OfFund is an account of one fund.
func OfFund(name string, fund uuid.UUID) Account { return Account{name, "fund:" + fund.String()} }

// OfPartner is an account of one partner.
func OfPartner(name string, partner uuid.UUID) Account {
	return Account{name, "partner:" + partner.String()}
}

// OfBank is an account about one bank account of ours.
func OfBank(name, bankAccount string) Account { return Account{name, "bank:" + bankAccount} }

// ofTreatment says where MDF goes; empty for a treatment that nobody knows.
func ofTreatment(t mdf.Treatment) string {
	return map[mdf.Treatment]string{mdf.ContraRevenue: ContraRevenueMDF, mdf.Expense: ExpenseMDF}[t]
}

// ofSpiff says where a SPIFF goes; empty for a treatment that nobody knows.
func ofSpiff(t rebate.Treatment) string {
	return map[rebate.Treatment]string{
		rebate.TreatmentContraRevenue: ContraRevenueSpiff, rebate.TreatmentExpense: ExpenseSpiff,
	}[t]
}

// LiabilityOf is the account that a payable of a kind is owed in; empty for a kind that nobody knows.
func LiabilityOf(kind payable.Kind) string {
	return map[payable.Kind]string{
		payable.KindClaim: LiabilityMDFPayable, payable.KindRebate: LiabilityRebatePayable, payable.KindSpiff: LiabilitySpiffPayable,
	}[kind]
}
