package journal

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections/listing/histories"
)

// folded are the books and the domain's own numbers of one history, event by event.
type folded struct {
	totals     map[Book]domain.Totals
	accounts   map[Account]domain.Totals
	funds      map[uuid.UUID]*mdf.Fund
	budgets    map[uuid.UUID]*mdf.Budget
	requests   map[uuid.UUID]*mdf.Request
	claims     map[uuid.UUID]*mdf.Claim
	agreements map[uuid.UUID]*rebate.Agreement
	offset     map[Account]domain.Totals  // of it, by offsets, which histories take from any liability
	settled    map[Account]domain.Totals  // of liabilities by payments and offsets, of receivables by recoveries
	seen       map[string]int             // postings, by type and by account
	touched    map[string]map[string]bool // accounts, by type and book
}

func newFolded() *folded {
	return &folded{
		totals: map[Book]domain.Totals{}, accounts: map[Account]domain.Totals{}, funds: map[uuid.UUID]*mdf.Fund{},
		budgets: map[uuid.UUID]*mdf.Budget{}, requests: map[uuid.UUID]*mdf.Request{}, claims: map[uuid.UUID]*mdf.Claim{},
		agreements: map[uuid.UUID]*rebate.Agreement{}, settled: map[Account]domain.Totals{}, offset: map[Account]domain.Totals{},
		seen: map[string]int{}, touched: map[string]map[string]bool{},
	}
}

// TestTheBooksAreTheDomain: at every position both books are zero in each currency, the accounts of funds and budgets are
// what the funds and budgets say, and what is owed is what requests, claims and agreements say, less what was paid.
func TestTheBooksAreTheDomain(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(12) {
		f := newFolded()
		for _, r := range histories.New(seed).RunBooks(500).RunRebates(100).Events {
			f.post(t, r)
			f.apply(t, r)
			f.checkZero(t)
			f.checkFunds(t)
			f.checkOwed(t)
		}
		for name, n := range f.seen {
			seen[name] += n
		}
	}
	for _, name := range append(Posts(), Chart()...) {
		require.NotZero(t, seen[name], "no random history posted %s", name)
	}
}

// TestBoundedFundsAreTheDomain: what took effect later is left out of both.
func TestBoundedFundsAreTheDomain(t *testing.T) {
	t.Parallel()
	h := histories.New(100).RunBooks(500)
	for range 20 {
		bound := h.Events[h.IntN(len(h.Events))].Envelope.EffectiveAt
		f := newFolded()
		for _, r := range h.Events {
			if !r.Envelope.EffectiveAt.After(bound) {
				f.post(t, r)
				f.apply(t, r)
			}
		}
		f.checkZero(t)
		f.checkFunds(t)
	}
}

func (f *folded) post(t *testing.T, r histories.Recorded) {
	t.Helper()
	postings, err := Post(r.Event)
	require.NoError(t, err)
	for _, p := range postings {
		f.seen[r.Envelope.Type]++
		totals := f.totals[p.Book()]
		for _, l := range p.Lines() {
			require.NoError(t, totals.Add(l.Amount))
			f.seen[l.Account.Name]++
			f.touch(r.Envelope.Type, p.Book(), l.Account.Name)
			f.add(t, f.accounts, l.Account, l.Amount)
		}
		f.totals[p.Book()] = totals
	}
}

func (f *folded) touch(event string, book Book, account string) {
	if f.touched[event] == nil {
		f.touched[event] = map[string]bool{}
	}
	f.touched[event][string(book)+" "+account] = true
}

func (f *folded) add(t *testing.T, to map[Account]domain.Totals, a Account, amount domain.Money) {
	t.Helper()
	sums := to[a]
	require.NoError(t, sums.Add(amount))
	to[a] = sums
}

func row[T any](rows map[uuid.UUID]*T, id uuid.UUID) *T {
	if rows[id] == nil {
		rows[id] = new(T)
	}
	return rows[id]
}

// apply folds the domain's own.
func (f *folded) apply(t *testing.T, r histories.Recorded) {
	t.Helper()
	_, id, err := domain.ParseStream(r.Envelope.Stream)
	require.NoError(t, err)
	if e, ok := r.Event.(mdf.BudgetEvent); ok {
		row(f.budgets, id).Apply(e, r.Envelope)
	}
	if e, ok := r.Event.(mdf.FundEvent); ok {
		row(f.funds, id).Apply(e, r.Envelope)
	}
	if e, ok := r.Event.(mdf.RequestEvent); ok {
		row(f.requests, e.Request()).Apply(e, r.Envelope)
	}
	if e, ok := r.Event.(mdf.ClaimEvent); ok {
		row(f.claims, e.Claim()).Apply(e, r.Envelope)
	}
	if e, ok := r.Event.(rebate.Event); ok {
		row(f.agreements, id).Apply(e, r.Envelope)
	}
	switch e := r.Event.(type) {
	case mdf.ClaimPaid:
		if e.PayableID == uuid.Nil { // outside of this ledger
			f.add(t, f.settled, OfPartner(LiabilityMDFPayable, e.PartnerID), e.Amount)
		}
	case rebate.Paid:
		if e.PayableID == uuid.Nil {
			f.add(t, f.settled, OfPartner(LiabilityRebatePayable, e.PartnerID), e.Amount)
		}
	case payable.Sent:
		f.add(t, f.settled, OfPartner(LiabilityOf(e.Kind), e.PartnerID), e.Amount)
	case payable.Returned:
		f.add(t, f.settled, OfPartner(LiabilityOf(e.Kind), e.PartnerID), e.Amount.Neg())
	case payable.ReturnUndone:
		f.add(t, f.settled, OfPartner(LiabilityOf(e.Kind), e.PartnerID), e.Amount)
	case clawback.RecoveryUndone: // of payments alone
		f.add(t, f.settled, OfPartner(ReceivableClawback, e.PartnerID), e.Recovery.Amount.Neg())
	case clawback.Recovered:
		f.add(t, f.settled, OfPartner(ReceivableClawback, e.PartnerID), e.Amount)
		if e.By == clawback.ByOffset {
			f.add(t, f.settled, OfPartner(LiabilityOf(payable.Kind(e.PayableKind)), e.PartnerID), e.Amount)
			f.add(t, f.offset, OfPartner(LiabilityOf(payable.Kind(e.PayableKind)), e.PartnerID), e.Amount)
		}
	}
}

func (f *folded) checkZero(t *testing.T) {
	t.Helper()
	for book, totals := range f.totals {
		for _, sum := range totals {
			require.Zero(t, sum.Minor(), "the %s book is out of balance by %s", book, sum)
		}
	}
}

// holds wants an account to be so much, in an amount's currency.
func (f *folded) holds(t *testing.T, a Account, want domain.Money) {
	t.Helper()
	if got := f.accounts[a].In(want.Currency()).Minor(); got != want.Minor() {
		require.Equal(t, want.Minor(), got, "%s of %s in %s", a.Name, a.Party, want.Currency())
	}
}

func (f *folded) checkFunds(t *testing.T) {
	t.Helper()
	expired := map[uuid.UUID]domain.Money{}
	for id, fund := range f.funds {
		f.holds(t, OfFund(FundAvailable, id), fund.Available)
		f.holds(t, OfFund(FundReserved, id), fund.Reserved)
		f.holds(t, OfFund(FundSpent, id), fund.Spent)
		expired[fund.BudgetID] = domain.Must(expired[fund.BudgetID].Add(fund.Expired))
	}
	for id, budget := range f.budgets {
		f.holds(t, OfBudget(BudgetAuthority, id), budget.Authority.Neg())
		f.holds(t, OfBudget(BudgetUnallocated, id), budget.Unallocated)
		f.holds(t, OfBudget(BudgetExpired, id), domain.Must(expired[id].Sub(budget.CarriedOver)))
	}
}

// checkOwed adds up what is owed by account. What the domain knows as paid was paid by a payable before.
func (f *folded) checkOwed(t *testing.T) {
	t.Helper()
	owed := map[Account]domain.Totals{}
	for _, r := range f.requests {
		f.add(t, owed, OfFund(LiabilityMDFAccrued, r.FundID), r.Obligation)
	}
	for _, c := range f.claims {
		if c.Terms == nil || c.Paid.IsZero() {
			continue
		}
		f.add(t, owed, OfPartner(LiabilityMDFPayable, c.PartnerID), domain.Must(c.Owed().Add(c.Paid)))
		for _, back := range c.Clawbacks {
			if back.Paid && !back.Reversed.Taken() {
				f.add(t, owed, OfPartner(ReceivableClawback, c.PartnerID), back.Payable().Neg())
			}
		}
	}
	for _, a := range f.agreements {
		accrued, settledSoFar := a.Accrued, domain.Must(a.Payable.Add(a.Paid))
		switch {
		case a.Approved.Taken():
			accrued = domain.Money{}
		case a.Closed.Taken():
			settledSoFar = domain.Must(settledSoFar.Sub(a.Final))
		}
		f.add(t, owed, OfPartner(LiabilityRebateAccrued, a.PartnerID), accrued)
		f.add(t, owed, OfPartner(LiabilityRebatePayable, a.PartnerID), settledSoFar)
		f.add(t, owed, OfPartner(LiabilitySpiffPayable, a.PartnerID), a.SpiffsEarned)
		f.add(t, owed, OfPartner(ReceivableClawback, a.PartnerID), a.Receivable.Neg())
		for _, d := range a.SpiffsOwed { // reversed, and no liability less by it
			f.add(t, owed, OfPartner(LiabilitySpiffPayable, a.PartnerID), d.Amount)
			f.add(t, owed, OfPartner(ReceivableClawback, a.PartnerID), d.Amount.Neg())
		}
	}
	for account, sums := range f.accounts {
		if account.Name != LiabilitySpiffPayable {
			continue
		}
		for _, sum := range sums { // what was paid and is reversed the partner owes: no liability is below nought by it
			require.LessOrEqual(t, sum.Minor()-f.offset[account].In(sum.Currency()).Minor(), int64(0), account.Party)
		}
	}
	for account, sums := range f.accounts {
		if !strings.HasPrefix(account.Name, "liability:") && account.Name != ReceivableClawback || account.Name == LiabilityWithholding {
			continue
		}
		for _, sum := range sums {
			want := owed[account].In(sum.Currency()).Minor() - f.settled[account].In(sum.Currency()).Minor()
			if account.Name == ReceivableClawback {
				want = owed[account].In(sum.Currency()).Minor() + f.settled[account].In(sum.Currency()).Minor()
			}
			if -sum.Minor() != want {
				require.Equal(t, want, -sum.Minor(), "%s of %s in %s", account.Name, account.Party, sum.Currency())
			}
		}
	}
}
