package rebate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

func reactor() domaintest.Option { return domaintest.By(domaintest.Scheduler()) }

var (
	payableID = domain.DeriveID("payable")
	paymentID = domain.DeriveID("payment")
)

// What is adjusted away while the bank has it is paid all the same, and owed back; it comes back with the payment.
func TestWhatIsPaidTooMuchIsOwedBack(t *testing.T) {
	st := approved(t)
	st.do(rebate.ProposeAdjustment{Delta: money("-500"), Reason: "x"}, finance(), late())
	st.do(rebate.ApproveAdjustment{AdjustmentID: st.made("adjustment")}, approver(), late())
	settle := rebate.SettleRebate{PayableID: payableID, PaymentID: paymentID, Amount: money("1800"), Reference: "B-1"}
	st.refuses(settle, domain.KindForbidden, "reactor_only", "", importer(), late())
	st.wants(settle, []rebate.Event{rebate.Paid{
		PartnerID: north, PaymentID: paymentID, Amount: money("1800"), Reference: "B-1", PayableID: payableID, Overpaid: money("500"),
	}}, reactor(), late())
	a := st.agreement()
	require.Equal(t, []domain.Money{money("0"), money("500"), money("1800")}, []domain.Money{a.Payable, a.Receivable, a.Paid})

	requireOwed(t, st, paymentID, "500")
	back := rebate.ReturnPayment{PayableID: payableID, PaymentID: paymentID, Amount: money("600"), Reason: "closed"}
	st.wants(back, []rebate.Event{rebate.PaymentReturned{
		PartnerID: north, PaymentID: paymentID, PayableID: payableID, Amount: money("600"), Overpaid: money("500"), Reason: "closed",
	}}, reactor(), late())
	a = st.agreement()
	require.Equal(t, []domain.Money{money("100"), money("0"), money("1200")}, []domain.Money{a.Payable, a.Receivable, a.Paid})
	requireOwed(t, st, paymentID, "0")
	back.Amount = money("1200.01")
	st.refuses(back, domain.KindConflict, "above_paid", "amount", reactor(), late())
}

// What was sent of a SPIFF that is reversed is owed by the partner; what is open is taken on its payable first.
func TestAReversedSpiffGoesByItsPayable(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	spiff := st.do(rebate.EarnSpiff{
		SellerID: seller, Amount: money("50"), Treatment: rebate.TreatmentExpense, Reference: "deal 7",
	}, finance())[0].(rebate.SpiffEarned).SpiffID
	back := rebate.ReverseSpiff{SpiffID: spiff, Amount: money("20"), Reason: rebate.ReversalCancelled}
	st.facts.Payables = rebate.Payables{Known: true, Open: money("50"), Taken: money("0")}
	st.refuses(back, domain.KindConflict, "payable_open", "amount", finance())
	st.facts.Payables = rebate.Payables{Known: true, Open: money("30"), Taken: money("20")}
	e := st.do(back, finance())[0].(rebate.SpiffReversed)
	require.True(t, e.FromPaid.IsZero())
	st.facts.Payables = rebate.Payables{Known: true, Open: money("0"), Taken: money("5")} // the rest is at the bank
	e = st.do(back, finance())[0].(rebate.SpiffReversed)
	require.Equal(t, money("15"), e.FromPaid)
	require.Equal(t, money("10"), st.agreement().SpiffsEarned)
	require.Equal(t, []rebate.Debt{{ID: e.ReversalID, Amount: money("15")}}, st.agreement().SpiffsOwed)
	require.Zero(t, st.agreement().Receivable.Sign(), "SPIFFs stand beside the rebate")
	requireOwed(t, st, e.ReversalID, "15")

	st.facts.Payables = rebate.Payables{Known: true, Open: money("0"), Taken: money("10")}
	finish := rebate.FinishSpiffReversal{ReversalID: domain.DeriveID("half"), ReverseSpiff: rebate.ReverseSpiff{
		SpiffID: spiff, Amount: money("10"), Reason: rebate.ReversalCancelled,
	}}
	st.refuses(finish, domain.KindForbidden, "reactor_only", "", finance())
	e = st.do(finish, reactor())[0].(rebate.SpiffReversed)
	require.Equal(t, domain.DeriveID("half"), e.ReversalID)
	st.wants(finish, nil, reactor())
}

// What the payable is told of a reversal's reason leads back to it.
func TestTheReasonOfAReversedSpiff(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	spiff := st.do(rebate.EarnSpiff{
		SellerID: seller, Amount: money("50"), Treatment: rebate.TreatmentExpense, Reference: "deal 7",
	}, finance())[0].(rebate.SpiffEarned).SpiffID
	for _, note := range []string{"", "the order was cancelled: twice"} {
		c := rebate.ReverseSpiff{SpiffID: spiff, Amount: money("20"), Reason: rebate.ReversalCancelled, Note: note}
		taking, ok := rebate.TakingOf(st.state, domain.Header{CommandID: domain.DeriveID("c")}, c)
		require.True(t, ok)
		require.Equal(t, c, rebate.SpiffReversalOf(spiff, c.Amount, taking.Reason))
	}
	long := rebate.ReverseSpiff{SpiffID: spiff, Amount: money("20"), Reason: rebate.ReversalCancelled}
	long.Note = strings.Repeat("ä", rebate.MaxReason)
	taking, _ := rebate.TakingOf(st.state, domain.Header{CommandID: domain.DeriveID("c")}, long)
	require.Len(t, []rune(taking.Reason), rebate.MaxReason)
	_, ok := rebate.TakingOf(st.state, domain.Header{}, rebate.ReverseSpiff{SpiffID: domain.DeriveID("none"), Amount: money("1")})
	require.False(t, ok)
}

// The payables say what was sent: a claw-back takes from there what is open, and is owed the rest.
func TestAClawbackGoesByThePayables(t *testing.T) {
	st := approved(t)
	st.facts.Payables = rebate.Payables{Known: true, Open: money("1800"), Taken: money("0")}
	back := rebate.ClawBack{Amount: money("500"), Reason: "x"}
	st.refuses(back, domain.KindConflict, "payable_open", "amount", finance(), late())
	st.refuses(rebate.RecordPayment{Amount: money("500"), Reference: "x"}, domain.KindConflict, "payable_exists", "amount", importer(), late())
	st.facts.Payables = rebate.Payables{Known: true, Open: money("1300"), Taken: money("500")}
	e := st.do(back, finance(), late())[0].(rebate.ClawedBack)
	require.Equal(t, []domain.Money{money("500"), money("0")}, []domain.Money{e.FromPayable, e.FromPaid})
	st.do(rebate.RecordPayment{Amount: money("500"), Reference: "x"}, importer(), late())

	st.facts.Payables = rebate.Payables{Known: true, Open: money("0"), Taken: money("100")} // the rest is at the bank
	finish := rebate.FinishClawback{ClawBack: rebate.ClawBack{Amount: money("300"), Reason: "x"}, ClawbackID: domain.DeriveID("half")}
	st.refuses(finish, domain.KindForbidden, "reactor_only", "", finance(), late())
	e = st.do(finish, reactor(), late())[0].(rebate.ClawedBack)
	require.Equal(t, []domain.Money{money("100"), money("200")}, []domain.Money{e.FromPayable, e.FromPaid})
	require.Equal(t, domain.DeriveID("half"), e.ClawbackID)
	st.wants(finish, nil, reactor(), late())
}
