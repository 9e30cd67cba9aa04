package rebate_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

func TestAnAgreementPinsItsScheme(t *testing.T) {
	s := scheme(policy.SchemeGrowth)
	st := newStory(t, facts(s))
	c := opening(s)
	c.PriorPeriodRevenue = money("0")
	st.wants(c, []rebate.Event{rebate.AgreementOpened{
		AgreementID: id, PartnerID: north, Policy: "rebate@3", Scheme: s, Period: year,
		From: day0.AddDate(0, 0, -4).Truncate(24 * 60 * 60 * 1e9), Until: after, PriorPeriodRevenue: money("0"),
	}})
	st.refuses(c, domain.KindConflict, "agreement_exists", "")
}

func TestOpeningRefusals(t *testing.T) {
	s := scheme(policy.SchemeIncremental)
	for name, c := range map[string]struct {
		change      func(*rebate.OpenAgreement, *rebate.Facts)
		kind        domain.RejectionKind
		rule, field string
	}{
		"no partner": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.PartnerID = domain.DeriveID("nobody") },
			domain.KindNotFound, "partner_unknown", "partner_id"},
		"no id": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.PartnerID = [16]byte{} },
			domain.KindInvalid, "invalid_field", "partner_id"},
		"suspended": {func(_ *rebate.OpenAgreement, f *rebate.Facts) {
			f.Partner.Active, f.Partner.Reason = false, "suspended"
		},
			domain.KindConflict, "partner_not_active", "partner_id"},
		"no version": {func(_ *rebate.OpenAgreement, f *rebate.Facts) { f.Pinned = policy.Versioned[policy.Rebate]{} },
			domain.KindNotFound, "policy_version", "version"},
		"no scheme": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.Scheme = "other" },
			domain.KindNotFound, "scheme_unknown", "scheme"},
		"no period": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.Period = rebate.Period{} },
			domain.KindInvalid, "invalid_field", "period.first_day"},
		"backwards": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.Period.LastDay = c.Period.FirstDay.AddDays(-1) },
			domain.KindInvalid, "invalid_field", "period.last_day"},
		"for ever": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.Period.LastDay.Year = 2999 },
			domain.KindInvalid, "invalid_field", "period.last_day"},
		"prior": {func(c *rebate.OpenAgreement, _ *rebate.Facts) { c.PriorPeriodRevenue = money("1") },
			domain.KindInvalid, "invalid_field", "prior_period_revenue"},
		"prior in dollars": {func(c *rebate.OpenAgreement, f *rebate.Facts) {
			f.Pinned.Body.Schemes = []policy.Scheme{scheme(policy.SchemeGrowth)}
			c.PriorPeriodRevenue = in("1", "USD")
		}, domain.KindInvalid, "invalid_field", "prior_period_revenue"},
	} {
		t.Run(name, func(t *testing.T) {
			command, f := opening(s), facts(s)
			c.change(&command, &f)
			newStory(t, f).refuses(command, c.kind, c.rule, c.field)
		})
	}
}

func TestNothingHappensToAnAgreementThatIsNotThere(t *testing.T) {
	newStory(t, facts(scheme(policy.SchemeFlat))).refuses(sale("a", "1"), domain.KindNotFound, "agreement_unknown", "")
}

func TestSaleRefusals(t *testing.T) {
	s := scheme(policy.SchemeIncremental)
	s.ProductLines = []string{"gtx"}
	for name, c := range map[string]struct {
		change      func(*rebate.RecordSale)
		kind        domain.RejectionKind
		rule, field string
		option      domaintest.Option
	}{
		"other source": {func(c *rebate.RecordSale) { c.Source = policy.BasisSellIn }, domain.KindConflict, "wrong_source", "source", nil},
		"no source":    {func(c *rebate.RecordSale) { c.Source = "gossip" }, domain.KindInvalid, "invalid_field", "source", nil},
		"no reference": {func(c *rebate.RecordSale) { c.SourceRef = "" }, domain.KindInvalid, "invalid_field", "source_ref", nil},
		"no product":   {func(c *rebate.RecordSale) { c.Product = " " }, domain.KindInvalid, "invalid_field", "product", nil},
		"other line":   {func(c *rebate.RecordSale) { c.Product = "MG Special" }, domain.KindConflict, "line_not_counted", "product", nil},
		"nothing":      {func(c *rebate.RecordSale) { c.Amount = money("0") }, domain.KindInvalid, "invalid_field", "amount", nil},
		"fx for none":  {func(c *rebate.RecordSale) { c.FX.Rate = rate("1") }, domain.KindInvalid, "invalid_field", "fx", nil},
		"fx from nowhere": {func(c *rebate.RecordSale) { c.Amount, c.FX.Rate = in("1", "USD"), rate("1") },
			domain.KindInvalid, "invalid_field", "fx.source", nil},
		"no rate": {func(c *rebate.RecordSale) { c.Amount, c.FX.Source = in("1", "USD"), "ECB" },
			domain.KindInvalid, "invalid_field", "fx.rate", nil},
		"too much": {func(c *rebate.RecordSale) { c.Amount = domain.Must(domain.NewMoney(rebate.MaxSold+1, "EUR")) },
			domain.KindConflict, "too_much", "amount", nil},
		"before the period": {func(*rebate.RecordSale) {}, domain.KindConflict, "outside_period", "effective_at",
			domaintest.Effective(day0.AddDate(0, 0, -5))},
		"behind the period": {func(*rebate.RecordSale) {}, domain.KindConflict, "outside_period", "effective_at", domaintest.At(after)},
		"by the partner":    {func(*rebate.RecordSale) {}, domain.KindForbidden, "role", "", domaintest.By(domaintest.Admin(north))},
		"by the partner in a vendor's role": {func(*rebate.RecordSale) {}, domain.KindForbidden, "vendor_only", "",
			domaintest.By(domain.Actor{ID: "two", Kind: domain.User, Roles: []domain.Role{domain.Finance}, PartnerID: north})},
	} {
		t.Run(name, func(t *testing.T) {
			command := sale("a", "100")
			c.change(&command)
			st := opened(t, s)
			if c.option == nil {
				c.option = domaintest.At(day0)
			}
			st.refuses(command, c.kind, c.rule, c.field, c.option)
		})
	}
}

func TestTheFirstAndLastMomentOfThePeriodCount(t *testing.T) {
	st := opened(t, scheme(policy.SchemeFlat))
	st.do(sale("a", "1"), domaintest.Effective(day0.AddDate(0, 0, -4).Truncate(24*60*60*1e9)))
	st.do(sale("b", "1"), domaintest.At(after.Add(-1000)))
}

func TestASaleIsCountedOnce(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	st.do(sale("a", "20000"))
	st.wants(sale("a", "20000"), nil)
	st.refuses(sale("a", "20000.01"), domain.KindConflict, "sale_differs", "source_ref")
	st.facts.Partner.Active = false
	st.wants(sale("a", "20000"), nil)
	st.refuses(sale("b", "1"), domain.KindConflict, "partner_not_active", "partner_id")
	known, ok := st.state.Sale(saleID("a"))
	require.True(t, ok)
	require.Equal(t, rebate.KnownSale{
		ID: saleID("a"), AgreementID: id, SoldAt: day0, Amount: money("20000"), Reversed: money("0"), Revision: 1,
	}, known)
}

func TestReversals(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	st.do(sale("a", "20000"), domaintest.At(day0.AddDate(0, 0, 3)))
	st.refuses(reversal("b", "1"), domain.KindNotFound, "sale_unknown", "sale_id")
	st.refuses(reversal("a", "1"), domain.KindConflict, "out_of_order", "effective_at")
	now := domaintest.At(day0.AddDate(0, 0, 4))
	st.refuses(reversal("a", "0"), domain.KindInvalid, "invalid_field", "amount", now)
	st.refuses(reversal("a", "20000.01"), domain.KindConflict, "reversal_above_sale", "amount", now)
	wrong := reversal("a", "1")
	wrong.Reason = "why not"
	st.refuses(wrong, domain.KindInvalid, "invalid_field", "reason", now)

	c := reversal("a", "5000")
	c.Reference = "CN-1"
	st.do(c, now)
	st.wants(c, nil, now)
	c.Amount = money("1")
	st.refuses(c, domain.KindConflict, "reversal_differs", "reference", now)
	st.do(reversal("a", "15000"), domaintest.At(after.AddDate(0, 1, 0)))
	require.Equal(t, money("0"), st.agreement().Total())
}

func TestClosing(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	st.do(sale("a", "60000"))
	st.refuses(rebate.ClosePeriod{}, domain.KindConflict, "period_running", "effective_at", finance(), domaintest.At(after.Add(-1000)))
	st.refuses(rebate.ClosePeriod{}, domain.KindForbidden, "role", "", domaintest.At(after))
	st.wants(rebate.ClosePeriod{Reason: "Q1"}, []rebate.Event{
		rebate.PeriodClosed{PartnerID: north, Final: money("1300"), Revenue: money("60000"), Reason: "Q1"},
	}, finance(), domaintest.At(after))
	st.refuses(rebate.ClosePeriod{}, domain.KindConflict, "wrong_status", "", finance(), late())
}

func TestWhatComesBehindTheCloseAdjusts(t *testing.T) {
	st := closed(t, facts(scheme(policy.SchemeIncremental)))
	events := st.do(sale("3", "8000"), late(), domaintest.Effective(day0))
	adjusted := events[1].(rebate.Adjusted)
	require.Equal(t, rebate.AdjustedByScheme, adjusted.Kind)
	require.Equal(t, money("400"), adjusted.Delta)
	require.Equal(t, money("2200"), adjusted.Total)
	require.Equal(t, "2200.00", adjusted.Calculation.Unrounded)
	require.True(t, adjusted.FromPayable.IsZero())

	st.do(rebate.ApproveRebate{}, approver(), late())
	st.do(rebate.RecordPayment{Amount: money("2000"), Reference: "SEPA-1"}, importer(), late())
	adjusted = st.do(reversal("2", "29000"), late())[1].(rebate.Adjusted)
	require.Equal(t, money("-1420"), adjusted.Delta)
	require.Equal(t, []domain.Money{money("200"), money("1220")}, []domain.Money{adjusted.FromPayable, adjusted.FromPaid})
	a := st.agreement()
	require.Equal(t, []domain.Money{money("780"), money("0"), money("1220")}, []domain.Money{a.Total(), a.Payable, a.Receivable})
}

func TestAboveTheLimitASecondPersonApproves(t *testing.T) {
	st := closed(t, limited(scheme(policy.SchemeIncremental), "1000", "1000"))
	st.wants(rebate.ApproveRebate{Reason: "checked"}, []rebate.Event{rebate.FirstApproved{
		PartnerID: north, Total: money("1800"), Limit: money("1000"), Policy: "approval@2", Reason: "checked",
	}}, approver(), late())
	st.refuses(rebate.ApproveRebate{}, domain.KindForbidden, "maker_is_checker", "", approver(), late())
	second := domaintest.By(domaintest.Another(domaintest.Another(domaintest.Finance())))
	st.refuses(rebate.ApproveRebate{}, domain.KindConflict, "out_of_order", "effective_at", second, late(), domaintest.Effective(after))
	st.wants(rebate.ApproveRebate{}, []rebate.Event{
		rebate.Approved{PartnerID: north, Amount: money("1800"), Total: money("1800"), Policy: "approval@2"},
	}, second, late())
	st.refuses(rebate.ApproveRebate{}, domain.KindConflict, "wrong_status", "", second, late())
}

func TestAFirstApprovalIsOfOneAmount(t *testing.T) {
	st := closed(t, limited(scheme(policy.SchemeIncremental), "1000", "1000"))
	st.do(rebate.ApproveRebate{}, approver(), late())
	st.do(reversal("1", "1000"), late())
	second := domaintest.By(domaintest.Another(domaintest.Another(domaintest.Finance())))
	require.IsType(t, rebate.FirstApproved{}, st.do(rebate.ApproveRebate{}, second, late())[0], "void: the amount has changed")
	require.Equal(t, rebate.Approved{
		PartnerID: north, Amount: money("1800"), Total: money("1750"), Policy: "approval@2",
	}, st.do(rebate.ApproveRebate{}, approver(), late())[0])
}

func TestAdjustmentsByHand(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	propose := rebate.ProposeAdjustment{Delta: money("100"), Reason: "a late promotion"}
	st.refuses(propose, domain.KindConflict, "wrong_status", "", finance())
	st = closed(t, limited(scheme(policy.SchemeIncremental), "9999", "150"))
	for delta, rule := range map[string]string{"0": "invalid_field", "-1800.01": "more_than_owed"} {
		kind := map[string]domain.RejectionKind{"invalid_field": domain.KindInvalid, "more_than_owed": domain.KindConflict}[rule]
		st.refuses(rebate.ProposeAdjustment{Delta: money(delta), Reason: "x"}, kind, rule, "delta", finance(), late())
	}
	st.do(propose, finance(), late())
	first := st.made("adjustment")
	require.Equal(t, money("1800"), st.agreement().Total(), "nothing moves yet")
	approve := rebate.ApproveAdjustment{AdjustmentID: first}
	st.refuses(approve, domain.KindForbidden, "maker_is_checker", "", finance(), late())
	st.wants(approve, []rebate.Event{rebate.Adjusted{
		PartnerID: north, AdjustmentID: first, Kind: rebate.AdjustedByHand, Delta: money("100"), Total: money("1900"),
		Policy: "approval@2", Reason: "a late promotion",
	}}, approver(), late())
	st.refuses(approve, domain.KindConflict, "adjustment_decided", "adjustment_id", approver(), late())
	st.refuses(rebate.ApproveAdjustment{AdjustmentID: id}, domain.KindNotFound, "adjustment_unknown", "adjustment_id", approver(), late())
}

func TestAdjustmentsCutIntoSmallOnesAddUp(t *testing.T) {
	st := closed(t, limited(scheme(policy.SchemeIncremental), "9999", "150"))
	st.do(rebate.ProposeAdjustment{Delta: money("100"), Reason: "x"}, finance(), late())
	st.do(rebate.ApproveAdjustment{AdjustmentID: st.made("adjustment")}, approver(), late())
	st.do(rebate.ProposeAdjustment{Delta: money("-100"), Reason: "x"}, finance(), late())
	second := st.made("adjustment")
	st.wants(rebate.ApproveAdjustment{AdjustmentID: second}, []rebate.Event{rebate.AdjustmentFirstApproved{
		AdjustmentID: second, Limit: money("150"), Policy: "approval@2",
	}}, approver(), late())
	st.refuses(rebate.ApproveAdjustment{AdjustmentID: second}, domain.KindForbidden, "maker_is_checker", "", approver(), late())
	other := domaintest.By(domaintest.Another(domaintest.Another(domaintest.Finance())))
	require.IsType(t, rebate.Adjusted{}, st.do(rebate.ApproveAdjustment{AdjustmentID: second}, other, late())[0])

	st.do(rebate.ProposeAdjustment{Delta: money("100"), Reason: "x"}, finance(), domaintest.At(after.AddDate(0, 3, 0)))
	require.IsType(t, rebate.Adjusted{}, st.do(rebate.ApproveAdjustment{AdjustmentID: st.made("adjustment")}, approver(),
		domaintest.At(after.AddDate(0, 3, 0)))[0], "the others are long ago")
}

func TestAProposedAdjustmentCanBeDeclined(t *testing.T) {
	st := closed(t, facts(scheme(policy.SchemeIncremental)))
	st.do(rebate.ProposeAdjustment{Delta: money("100"), Reason: "x"}, finance(), late())
	decline := rebate.DeclineAdjustment{AdjustmentID: st.made("adjustment"), Reason: "no proof"}
	st.wants(decline, []rebate.Event{rebate.AdjustmentDeclined(decline)}, finance(), late())
	st.refuses(rebate.ApproveAdjustment{AdjustmentID: decline.AdjustmentID}, domain.KindConflict, "adjustment_decided", "adjustment_id",
		approver(), late())
	require.Equal(t, rebate.ProposalDeclined, st.agreement().Adjustments[0].Status)
}

func TestAClawbackTakesWhatIsUnpaidFirst(t *testing.T) {
	st := approved(t)
	st.do(rebate.RecordPayment{Amount: money("1500"), Reference: "SEPA-1"}, importer(), late())
	st.refuses(rebate.ClawBack{Amount: money("1800.01"), Reason: "x"}, domain.KindConflict, "more_than_owed", "amount", finance(), late())
	st.do(rebate.ClawBack{Amount: money("500"), Reason: "sold outside the territory"}, finance(), late())
	made := st.made("clawback")
	a := st.agreement()
	require.Equal(t, []domain.Money{money("0"), money("200"), money("1300")}, []domain.Money{a.Payable, a.Receivable, a.Left()})

	undo := rebate.ReverseClawback{ClawbackID: made, Reason: "it was inside"}
	requireOwed(t, st, made, "200")
	st.facts.Recovered = true
	st.refuses(undo, domain.KindConflict, "clawback_recovered", "clawback_id", approver(), late())
	st.facts.Recovered = false
	st.refuses(undo, domain.KindForbidden, "maker_is_checker", "", finance(), late())
	st.wants(undo, []rebate.Event{rebate.ClawbackReversed{
		PartnerID: north, ClawbackID: made, Amount: money("500"), FromPayable: money("300"), FromPaid: money("200"), Reason: "it was inside",
	}}, approver(), late())
	requireOwed(t, st, made, "0")
	a = st.agreement()
	require.Equal(t, []domain.Money{money("300"), money("0"), money("1800")}, []domain.Money{a.Payable, a.Receivable, a.Left()})
	st.refuses(undo, domain.KindConflict, "clawback_reversed", "clawback_id", approver(), late())
	st.refuses(rebate.ReverseClawback{ClawbackID: id, Reason: "x"}, domain.KindNotFound, "clawback_unknown", "clawback_id", approver(), late())
}

func requireOwed(t *testing.T, st *story, id uuid.UUID, amount string) {
	t.Helper()
	owed, since, ok := st.state.Receivable(id)
	require.True(t, ok)
	require.Equal(t, money(amount), owed)
	require.False(t, since.IsZero())
}

// What is adjusted away behind its payment is owed as a claw-back is.
func TestAnAdjustmentOfWhatWasPaidIsOwed(t *testing.T) {
	st := approved(t)
	st.do(rebate.RecordPayment{Amount: money("1700"), Reference: "SEPA-1"}, importer(), late())
	st.do(rebate.ProposeAdjustment{Delta: money("-300"), Reason: "x"}, finance(), late())
	made := st.made("adjustment")
	_, _, ok := st.state.Receivable(made)
	require.False(t, ok)
	st.do(rebate.ApproveAdjustment{AdjustmentID: made}, approver(), late())
	requireOwed(t, st, made, "200")
}

func TestOnlyWhatIsApprovedIsPaidOrClawedBack(t *testing.T) {
	st := closed(t, facts(scheme(policy.SchemeIncremental)))
	pay := rebate.RecordPayment{Amount: money("1"), Reference: "SEPA-1"}
	st.refuses(pay, domain.KindConflict, "wrong_status", "", importer(), late())
	st.refuses(rebate.ClawBack{Amount: money("1"), Reason: "x"}, domain.KindConflict, "wrong_status", "", finance(), late())
	st = approved(t)
	pay.Amount = money("1800.01")
	st.refuses(pay, domain.KindConflict, "more_than_payable", "amount", importer(), late())
	pay.Amount = in("1", "USD")
	st.refuses(pay, domain.KindInvalid, "invalid_field", "amount", importer(), late())
	st.refuses(pay, domain.KindForbidden, "role", "", finance(), late())
	st.refuses(pay, domain.KindForbidden, "role", "", domaintest.By(domaintest.Treasurer()), late())
}

func TestSpiffs(t *testing.T) {
	st := opened(t, scheme(policy.SchemeIncremental))
	earn := rebate.EarnSpiff{SellerID: seller, Amount: money("50"), Treatment: rebate.TreatmentExpense, Reference: "deal 7"}
	event := st.do(earn, finance())[0].(rebate.SpiffEarned)
	st.wants(earn, nil, finance())
	earn.Amount = money("51")
	st.refuses(earn, domain.KindConflict, "spiff_differs", "reference", finance())
	earn.Reference = "deal 8"
	st.refuses(earn, domain.KindConflict, "outside_period", "effective_at", finance(), domaintest.At(after))
	st.facts.Seller = false
	st.refuses(earn, domain.KindNotFound, "seller_unknown", "seller_id", finance())

	back := rebate.ReverseSpiff{SpiffID: event.SpiffID, Amount: money("20"), Reason: rebate.ReversalCancelled}
	st.do(back, finance())
	require.Equal(t, money("30"), st.agreement().SpiffsEarned)
	require.Equal(t, money("0"), st.agreement().Total(), "SPIFFs stand beside the rebate")
	back.Amount = money("30.01")
	st.refuses(back, domain.KindConflict, "reversal_above_spiff", "amount", finance())
	back.SpiffID = id
	st.refuses(back, domain.KindNotFound, "spiff_unknown", "spiff_id", finance())
}

func TestAFoldWithoutItsOpeningStaysEmpty(t *testing.T) {
	var a rebate.Agreement
	a.Apply(rebate.Accrued{Delta: money("1")}, domain.Envelope{})
	require.Equal(t, rebate.Agreement{}, a)
}
