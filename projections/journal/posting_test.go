package journal

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

const bank = "DE02120300000000202051"

var (
	partner = domain.DeriveID("partner")
	ref     = mdf.FundRef{FundID: domain.DeriveID("fund"), BudgetID: domain.DeriveID("budget"), PartnerID: partner}
)

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}

func eur(amount string) domain.Money { return money(amount, "EUR") }
func usd(amount string) domain.Money { return money(amount, "USD") }

// lines are all lines of an event, account and amount, as text.
func lines(t *testing.T, e domain.Event) (all []string) {
	t.Helper()
	postings, err := Post(e)
	require.NoError(t, err)
	for _, p := range postings {
		for _, l := range p.Lines() {
			all = append(all, l.Account.Name+" "+l.Amount.String())
		}
	}
	return all
}

// TestEveryEventTypeHasARowOrMovesNoMoney: whoever adds an event says which.
func TestEveryEventTypeHasARowOrMovesNoMoney(t *testing.T) {
	t.Parallel()
	rows := Posts()
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(rows))), len(rows), "a row twice")
	types := slices.Concat(ledger.Types(), payable.Types(), payout.Types(), statement.Types(), period.Types(), clawback.Types())
	silent := movesNoMoney()
	for _, each := range types {
		name := each.Value(each.New()).EventType()
		posts, moves := slices.Contains(rows, name), !slices.Contains(silent, name)
		require.Equal(t, posts, moves, "%s: give it a row in the posting table, or put it on the list of what moves no money", name)
	}
}

// movesNoMoney is every event type without a row, and why.
func movesNoMoney() []string {
	return slices.Concat(
		[]string{ // of funds: wishes, steps on the way and notes
			"mdf.carry_over_requested.v1", "mdf.request_submitted.v1", "mdf.request_first_approved.v1", "mdf.request_declined.v1",
			"mdf.deadline_extended.v1", "mdf.claim_filed.v1", "mdf.claim_returned.v1", "mdf.claim_refiled.v1", "mdf.claim_withdrawn.v1",
			"mdf.duplicate_found.v1", "mdf.duplicate_overridden.v1", "mdf.claim_first_approved.v1", "mdf.claim_denied.v1",
			"mdf.pipeline_attributed.v1",
		},
		[]string{ // of rebates: what it is reckoned from, and steps on the way
			"rebate.agreement_opened.v1", "rebate.sale_recorded.v1", "rebate.sale_reversed.v1", "rebate.period_closed.v1",
			"rebate.first_approved.v1", "rebate.adjustment_proposed.v1", "rebate.adjustment_first_approved.v1",
			"rebate.adjustment_declined.v1",
		},
		[]string{"mdf.claim_payment_returned.v1"}, // payable.returned moved it
		[]string{ // who may touch what is owed, and what became of a payment: the money moves with sent, returned and recovered
			"payable.raised.v1", "payable.claimed.v1", "payable.unclaimed.v1", "payable.confirmed.v1", "payable.cleared.v1",
			"payable.clearing_undone.v1", "payable.taken_back.v1", "payable.offset.v1", "payable.held.v1", "payable.hold_lifted.v1",
			"clawback.cleared.v1", "clawback.clearing_undone.v1",
		},
		namesOf(payout.Types()), // batches of payables, each of which tells what it moves
		[]string{"statement.parked.v1", "statement.lines_recorded.v1", "statement.line_assigned.v1", "statement.reconciled.v1"},
		namesOf(period.Types()), // decide when money posts
		// what is claimed, agreed, disputed or kept; a ruling's remedies are events of what they change
		of(ledger.Types(), "program", "partner", "account", "deal", "dispute", "file", "reactor", "privacy"),
	)
}

func TestAnUnbalancedPostingCantBeMade(t *testing.T) {
	t.Parallel()
	a, b := OfFund(FundAvailable, ref.FundID), OfFund(FundReserved, ref.FundID)
	_, err := newPosting(Budgetary, []Line{{a, eur("1.00")}, {b, eur("-0.99")}})
	require.ErrorContains(t, err, "out of balance by 0.01 EUR")
	_, err = newPosting(Budgetary, []Line{{a, eur("1.00")}, {b, usd("-1.00")}})
	require.ErrorContains(t, err, "out of balance")
	_, err = newPosting(Budgetary, []Line{{a, eur("1.00")}, {Account{}, eur("-1.00")}})
	require.ErrorContains(t, err, "has no account")
}

// TestForeignClaim is the design's vector: EUR 1 234.56 at 1.0837 into a USD fund, paid with USD 1 345.00.
func TestForeignClaim(t *testing.T) {
	t.Parallel()
	drawn, err := eur("1234.56").Convert(domain.Must(domain.ParseRate("1.0837")), "USD")
	require.NoError(t, err)
	require.Equal(t, usd("1337.89"), drawn)
	approved := mdf.ClaimApproved{FundRef: ref, Released: usd("0.00"), Terms: mdf.Terms{
		Approved: eur("1234.56"), InputTax: eur("0.00"), Drawn: drawn, Split: []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: drawn}},
	}}
	require.Equal(t, []string{
		"fund:spent 1337.89 USD", "fund:reserved -1337.89 USD",
		"contra_revenue:mdf 1337.89 USD", "equity:fx 1234.56 EUR", "equity:fx -1337.89 USD", "liability:mdf_payable -1234.56 EUR",
	}, lines(t, approved))

	payment := payable.Payment{
		PartnerID: partner, Kind: payable.KindClaim, BankAccount: bank, Amount: eur("1234.56"), Paid: usd("1345.00"), Booked: usd("1337.89"),
	}
	require.Equal(t, []string{
		"liability:mdf_payable 1234.56 EUR", "equity:fx 1337.89 USD", "expense:fx 7.11 USD",
		"equity:fx -1234.56 EUR", "asset:cash_clearing -1345.00 USD",
	}, lines(t, payable.Sent{Payment: payment}))
	require.Equal(t, []string{
		"equity:fx 1234.56 EUR", "asset:cash_clearing 1345.00 USD",
		"liability:mdf_payable -1234.56 EUR", "equity:fx -1337.89 USD", "expense:fx -7.11 USD",
	}, lines(t, payable.Returned{Payment: payment}), "sent, the other way round")

	payment.Booked, payment.Withheld = domain.Money{}, usd("100.00")
	require.Equal(t, []string{
		"liability:mdf_payable 1234.56 EUR", "equity:fx 1445.00 USD",
		"equity:fx -1234.56 EUR", "asset:cash_clearing -1345.00 USD", "liability:withholding -100.00 USD",
	}, lines(t, payable.Sent{Payment: payment}), "nothing in the books to differ from")
}

func TestRecoverableTaxIsOwedAndNoCost(t *testing.T) {
	t.Parallel()
	terms := mdf.Terms{
		Approved: eur("100.00"), InputTax: eur("19.00"), Drawn: eur("100.00"),
		Split: []mdf.SplitLine{{Treatment: mdf.ContraRevenue, Amount: eur("60.00")}, {Treatment: mdf.Expense, Amount: eur("40.00")}},
	}
	require.Equal(t, []string{
		"fund:spent 100.00 EUR", "fund:available 20.00 EUR", "fund:reserved -120.00 EUR",
		"contra_revenue:mdf 60.00 EUR", "expense:mdf 40.00 EUR", "tax:input 19.00 EUR", "liability:mdf_payable -119.00 EUR",
	}, lines(t, mdf.ClaimApproved{FundRef: ref, Terms: terms, Released: eur("20.00")}))

	back := mdf.ClawbackTerms{Amount: terms.Approved, InputTax: terms.InputTax, Drawn: terms.Drawn, Split: terms.Split}
	require.Equal(t, []string{
		"fund:available 100.00 EUR", "fund:spent -100.00 EUR",
		"liability:mdf_payable 119.00 EUR", "contra_revenue:mdf -60.00 EUR", "expense:mdf -40.00 EUR", "tax:input -19.00 EUR",
	}, lines(t, mdf.ClaimClawedBack{FundRef: ref, ClawbackTerms: back}))
	back.Paid = true
	require.Contains(t, lines(t, mdf.ClaimClawedBack{FundRef: ref, ClawbackTerms: back}), "receivable:clawback 119.00 EUR")
	require.Contains(t, lines(t, mdf.ClawbackReversed{FundRef: ref, ClawbackTerms: back}), "receivable:clawback -119.00 EUR")

	terms.Split = terms.Split[:1]
	_, err := Post(mdf.ClaimApproved{FundRef: ref, Terms: terms})
	require.ErrorContains(t, err, "split")
}

func TestWhatExpiredIsPostedOnce(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"budget:expired 5.00 EUR", "fund:available -5.00 EUR"}, lines(t, mdf.FundsExpired{FundRef: ref, Amount: eur("5.00")}))
	require.Empty(t, lines(t, mdf.AllocationReleased{FundRef: ref, Amount: eur("5.00"), Cause: mdf.CauseExpired}))
	require.Equal(t, []string{"budget:unallocated 5.00 EUR", "fund:in_transit -5.00 EUR"},
		lines(t, mdf.AllocationReleased{FundRef: ref, Amount: eur("5.00"), Cause: mdf.CauseReleased}))
}

func TestRebatesGoDownAsTheyWentUp(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"liability:rebate_accrued 3.00 EUR", "contra_revenue:rebate -3.00 EUR"},
		lines(t, rebate.Accrued{PartnerID: partner, Delta: eur("-3.00")}))
	require.Equal(t, []string{"liability:rebate_payable 1.00 EUR", "receivable:clawback 2.00 EUR", "contra_revenue:rebate -3.00 EUR"},
		lines(t, rebate.Adjusted{PartnerID: partner, Delta: eur("-3.00"), FromPayable: eur("1.00"), FromPaid: eur("2.00")}))
	require.Equal(t, []string{"contra_revenue:rebate 3.00 EUR", "liability:rebate_payable -3.00 EUR"},
		lines(t, rebate.Adjusted{PartnerID: partner, Delta: eur("3.00")}))
	_, err := Post(rebate.ClawedBack{PartnerID: partner, Amount: eur("3.00"), FromPayable: eur("1.00"), FromPaid: eur("1.00")})
	require.ErrorContains(t, err, "from_payable and from_paid")
}

func TestPaymentsInOneCurrency(t *testing.T) {
	t.Parallel()
	p := payable.Payment{
		PartnerID: partner, Kind: payable.KindSpiff, BankAccount: bank, Amount: eur("100.00"), Paid: eur("85.00"), Withheld: eur("15.00"),
	}
	require.Equal(t, []string{"liability:spiff_payable 100.00 EUR", "asset:cash_clearing -85.00 EUR", "liability:withholding -15.00 EUR"},
		lines(t, payable.Sent{Payment: p}))
	p.Withheld = eur("14.00")
	_, err := Post(payable.Sent{Payment: p})
	require.ErrorContains(t, err, "paid and withheld")
	p.Kind = "gift"
	_, err = Post(payable.Sent{Payment: p})
	require.ErrorContains(t, err, "no account")
}

func TestRecoveries(t *testing.T) {
	t.Parallel()
	r := clawback.Recovered{PartnerID: partner, By: clawback.ByPayment, Amount: eur("7.00"), BankAccount: bank}
	require.Equal(t, []string{"asset:cash_clearing 7.00 EUR", "receivable:clawback -7.00 EUR"}, lines(t, r))
	require.Equal(t, []string{"receivable:clawback 7.00 EUR", "asset:cash_clearing -7.00 EUR"},
		lines(t, clawback.RecoveryUndone{PartnerID: partner, Recovery: r}))
	r.By, r.PayableKind = clawback.ByOffset, string(payable.KindRebate)
	require.Equal(t, []string{"liability:rebate_payable 7.00 EUR", "receivable:clawback -7.00 EUR"}, lines(t, r))
	r.By = clawback.ByWriteOff
	require.Equal(t, []string{"expense:bad_debt 7.00 EUR", "receivable:clawback -7.00 EUR"}, lines(t, r))
	r.By = "luck"
	_, err := Post(r)
	require.ErrorContains(t, err, "has no account")
}

func TestStatements(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"asset:bank 90.00 EUR", "asset:bank_suspense 10.00 EUR", "equity:opening_balance -100.00 EUR"},
		lines(t, statement.Imported{BankAccount: bank, BroughtForward: eur("100.00"), TotalIn: eur("20.00"), TotalOut: eur("30.00")}))

	side := statement.Side{PartnerID: partner, Amount: eur("30.00")}
	match := statement.Match{MatchID: uuid.New(), Outgoing: true, Amount: eur("30.00"), To: []statement.Side{side}}
	matched := func(m statement.Match) []string {
		return lines(t, statement.LinesMatched{BankAccount: bank, Matches: []statement.Match{m}})
	}
	require.Equal(t, []string{"asset:cash_clearing 30.00 EUR", "asset:bank_suspense -30.00 EUR"}, matched(match))
	require.Equal(t, []string{"asset:bank_suspense 30.00 EUR", "asset:cash_clearing -30.00 EUR"},
		lines(t, statement.MatchUndone{BankAccount: bank, Match: match}))

	match.Amount, match.Variance = eur("31.50"), eur("1.50")
	require.Equal(t, []string{"asset:cash_clearing 30.00 EUR", "expense:variance 1.50 EUR", "asset:bank_suspense -31.50 EUR"}, matched(match))
	match.Variance, match.Overpaid = domain.Money{}, eur("1.50")
	require.Equal(t, []string{"asset:cash_clearing 30.00 EUR", "receivable:overpayment 1.50 EUR", "asset:bank_suspense -31.50 EUR"},
		matched(match))
	match.Outgoing = false
	require.Equal(t, []string{"asset:bank_suspense 31.50 EUR", "asset:cash_clearing -30.00 EUR", "receivable:overpayment -1.50 EUR"},
		matched(match))
	match.Overpaid = eur("1.00")
	_, err := Post(statement.LinesMatched{BankAccount: bank, Matches: []statement.Match{match}})
	require.ErrorContains(t, err, "sides, variance and overpaid")

	resolved := statement.LineResolved{BankAccount: bank, Outgoing: true, Amount: eur("4.00"), Account: "expense:bank_charges"}
	require.Equal(t, []string{"expense:bank_charges 4.00 EUR", "asset:bank_suspense -4.00 EUR"}, lines(t, resolved))
	require.Equal(t, []string{"asset:bank_suspense 4.00 EUR", "expense:bank_charges -4.00 EUR"},
		lines(t, statement.ResolutionUndone{BankAccount: bank, Outgoing: true, Amount: eur("4.00"), Account: "expense:bank_charges"}))
}

func namesOf(types []domain.Type) (names []string) {
	for _, t := range types {
		names = append(names, t.Name)
	}
	return names
}

// of are the names that begin with one of the nouns.
func of(types []domain.Type, nouns ...string) []string {
	return slices.DeleteFunc(namesOf(types), func(name string) bool {
		noun, _, _ := strings.Cut(name, ".")
		return !slices.Contains(nouns, noun)
	})
}
