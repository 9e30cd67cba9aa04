package mdf_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
)

func TestARequestIsSubmittedBeforeTheActivity(t *testing.T) {
	s := newStory(t)
	good := submission("1000.00")
	for name, c := range map[string]struct {
		change func(*mdf.SubmitRequest)
		kind   domain.RejectionKind
		rule   string
		field  string
	}{
		"activity":  {func(c *mdf.SubmitRequest) { c.Activity = "party" }, invalid, "invalid_field", "activity"},
		"title":     {func(c *mdf.SubmitRequest) { c.Title = " " }, invalid, "invalid_field", "title"},
		"no start":  {func(c *mdf.SubmitRequest) { c.Starts = domain.Date{} }, invalid, "invalid_field", "starts"},
		"no end":    {func(c *mdf.SubmitRequest) { c.Ends = domain.Date{} }, invalid, "invalid_field", "ends"},
		"backwards": {func(c *mdf.SubmitRequest) { c.Ends = c.Starts.AddDays(-1) }, invalid, "invalid_field", "ends"},
		"currency":  {func(c *mdf.SubmitRequest) { c.TotalCost = usd("1") }, invalid, "invalid_field", "total_cost"},
		"nothing":   {func(c *mdf.SubmitRequest) { c.Requested = eur("0") }, invalid, "invalid_field", "requested"},
		"negative":  {func(c *mdf.SubmitRequest) { c.ExpectedPipeline = eur("-1") }, invalid, "invalid_field", "expected_pipeline"},
		"share":     {func(c *mdf.SubmitRequest) { c.Requested = eur("1000.01") }, conflict, "above_share", "requested"},
		"over":      {func(c *mdf.SubmitRequest) { c.Starts, c.Ends = date(day(-9)), date(day(-1)) }, conflict, "activity_over", "ends"},
	} {
		t.Run(name, func(*testing.T) {
			wrong := good
			c.change(&wrong)
			s.refuses(wrong, c.kind, c.rule, c.field)
		})
	}
	s.refuses(good, forbidden, "own_partner", "", by(domaintest.Admin(domain.DeriveID("partner", "south"))))
	s.refuses(good, forbidden, "role", "", by(domaintest.Desk()))
	late := good
	late.Ends = date(expires)
	s.refuses(late, conflict, "fund_expired", "", domaintest.At(expires))
	s.facts.Partner = mdf.Standing{Known: true, Reason: "suspended"}
	s.refuses(good, conflict, "partner_not_active", "partner_id")
	s.facts.Partner = mdf.Standing{}
	s.refuses(good, missing, "partner_unknown", "partner_id")
}

func TestAnApprovalReservesAndAccrues(t *testing.T) {
	s := newStory(t)
	id := s.requests("1000.00", on(1))
	claimUntil := date(day(12)).AddDays(61).In(time.UTC)
	accrues := date(day(13)).In(time.UTC)
	of := mdf.OfRequest{RequestID: id}
	s.wants(approval(id, "800.00"), []mdf.FundEvent{
		mdf.RequestApproved{
			FundRef: ref, OfRequest: of, Amount: eur("800.00"), Treatment: mdf.ContraRevenue, Basis: basis,
			VendorSharePercent: domain.Must(domain.ParseRate("50")), ClaimUntil: claimUntil, AccruesAt: accrues,
			AddsUpTo: eur("800.00"), Policy: "mdf@1", Approval: "approval@1",
		},
		mdf.ObligationAccrued{FundRef: ref, OfRequest: of, Treatment: mdf.ContraRevenue, Amount: eur("800.00")},
	}, on(2))
	s.balance("9200.00", "800.00", "0.00", "0.00")
	s.refuses(approval(id, "800.00"), conflict, "wrong_status", "request_id", on(2))
}

func TestAnExpenseIsAccruedAtTheActivitysEnd(t *testing.T) {
	s := newStory(t)
	id := s.requests("1000.00")
	as := approval(id, "1000.00")
	as.Treatment = mdf.Expense
	require.Len(t, s.do(as), 1)
	ends := date(day(13)).In(time.UTC)
	at, due := s.request(id).AccruesAt()
	require.True(t, due)
	require.Equal(t, ends, at)
	s.wants(mdf.AccrueObligation{RequestID: id}, nil, domaintest.At(ends.Add(-time.Hour)))
	s.wants(mdf.AccrueObligation{RequestID: id}, []mdf.FundEvent{mdf.ObligationAccrued{
		FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Treatment: mdf.Expense, Amount: eur("1000.00"),
	}}, domaintest.At(ends))
	s.wants(mdf.AccrueObligation{RequestID: id}, nil, domaintest.At(ends))
}

func TestWhatCantBeApproved(t *testing.T) {
	s := newStory(t, "500.00")
	id := s.requests("600.00")
	s.refuses(approval(domain.DeriveID("nothing"), "1"), missing, "request_unknown", "request_id")
	s.refuses(approval(id, "600.01"), conflict, "above_request", "amount")
	s.refuses(approval(id, "600.00"), conflict, "fund_short", "amount")
	require.ErrorContains(t, s.when(approval(id, "600.00")).Outcome().Err(), "500.00 EUR of the fund are available")
	s.refuses(approval(id, "500.00"), conflict, "out_of_order", "effective_at", domaintest.Effective(day(-1)))
	s.refuses(approval(id, "500.00"), conflict, "fund_expired", "", domaintest.At(expires))
	wrong := approval(id, "500.00")
	wrong.Treatment = ""
	s.refuses(wrong, invalid, "invalid_field", "treatment")
	wrong = approval(id, "500.00")
	wrong.Basis = ""
	s.refuses(wrong, invalid, "invalid_field", "basis")
	s.refuses(approval(id, "500.00"), conflict, "deadline_passed", "", on(75))
	s.facts.Partner.Active = false
	s.refuses(approval(id, "500.00"), conflict, "partner_not_active", "partner_id")
}

func TestAboveTheLimitASecondPersonApproves(t *testing.T) {
	s := newStory(t)
	s.facts.Rules = limited(policy.ApproveRequest, eur("500.00"))
	id := s.requests("600.00")
	s.wants(approval(id, "600.00"), []mdf.FundEvent{mdf.RequestFirstApproved{
		OfRequest: mdf.OfRequest{RequestID: id}, Amount: eur("600.00"), Treatment: mdf.ContraRevenue, Basis: basis,
		AddsUpTo: eur("600.00"), Approval: "approval@1",
	}})
	s.balance("10000.00", "0.00", "0.00", "0.00")
	second := by(domaintest.Another(domaintest.Finance()))
	s.refuses(mdf.ApproveRequest{RequestID: id}, forbidden, "maker_is_checker", "")
	s.refuses(approval(id, "500.00"), conflict, "other_terms", "amount", second)
	other := approval(id, "600.00")
	other.Treatment = mdf.Expense
	s.refuses(other, conflict, "other_terms", "treatment", second)
	other = approval(id, "600.00")
	other.Basis = "sponsoring"
	s.refuses(other, conflict, "other_terms", "basis", second)
	require.Len(t, s.do(mdf.ApproveRequest{RequestID: id}, second), 2)
	s.balance("9400.00", "600.00", "0.00", "0.00")
	require.Equal(t, eur("600.00"), s.request(id).Approval.Amount)
}

func TestRequestsForOneActivityAddUp(t *testing.T) {
	s := newStory(t)
	s.facts.Rules = limited(policy.ApproveRequest, eur("500.00"))
	first, second := s.requests("300.00", on(0)), s.requests("300.00", on(5))
	s.do(approval(first, "300.00"), on(6))
	require.Equal(t, mdf.RequestIsFirstApproved, s.request(first).Status, "cut in two they still are one")
	s.do(mdf.DeclineRequest{RequestID: second, Reason: "no"}, on(6))
	other := submission("300.00")
	other.Activity = mdf.ActivityContent
	s.do(other, on(6))
	content := s.created("request")
	s.do(approval(content, "300.00"), on(6))
	require.Equal(t, mdf.RequestIsApproved, s.request(content).Status, "another activity")
	s.facts.Elsewhere = []mdf.Elsewhere{{AddsUp: eur("201.00")}, {}}
	other.Activity = mdf.ActivityTraining
	s.do(other, on(6))
	events := s.do(approval(s.created("request"), "300.00"), on(6))
	require.Equal(t, eur("501.00"), events[0].(mdf.RequestFirstApproved).AddsUpTo, "another fund of the partner")
}

func TestTheWindowOfAddingUp(t *testing.T) {
	s := newStory(t)
	s.facts.Rules = limited(policy.ApproveRequest, eur("500.00"))
	late := func(c mdf.SubmitRequest) mdf.SubmitRequest { c.Starts, c.Ends = date(day(50)), date(day(60)); return c }
	s.do(late(submission("300.00")), on(0))
	s.do(late(submission("300.00")), on(31))
	id := s.created("request")
	s.do(approval(id, "300.00"), on(31))
	require.Equal(t, mdf.RequestIsApproved, s.request(id).Status)

	command := approval(id, "300.00")
	other := newStory(t)
	otherID := other.requests("250.00")
	require.Equal(t, eur("250.00"), mdf.LookElsewhere(mdf.ApproveRequest{RequestID: id}, s.state, moved(other.state, 20), s.facts.Rules).AddsUp)
	require.Equal(t, eur("0.00"), mdf.LookElsewhere(command, s.state, moved(other.state, 200), s.facts.Rules).AddsUp)
	require.True(t, mdf.LooksElsewhere(command))
	require.NotEmpty(t, otherID)
}

// moved lets the requests of a fund come so many days after the story began.
func moved(s *mdf.FundState, days int) *mdf.FundState {
	for _, r := range s.Requests {
		r.Submitted.At = day(days)
	}
	return s
}

func TestDeclineAndCancel(t *testing.T) {
	s := newStory(t)
	id := s.requests("100.00")
	s.refuses(mdf.DeclineRequest{RequestID: id}, invalid, "invalid_field", "reason")
	s.wants(mdf.DeclineRequest{RequestID: id, Reason: "no fit"}, []mdf.FundEvent{
		mdf.RequestDeclined{OfRequest: mdf.OfRequest{RequestID: id}, Reason: "no fit"},
	})
	s.refuses(mdf.CancelRequest{RequestID: id, Reason: "x"}, conflict, "wrong_status", "request_id")

	id = s.approved("100.00")
	claim := s.files(invoice(id, "1", eur("50.00")))
	s.refuses(mdf.CancelRequest{RequestID: id, Reason: "called off"}, conflict, "claims_open", "request_id")
	s.do(mdf.DenyClaim{ClaimID: claim, Reason: "no"})
	finance := by(domaintest.Finance())
	s.refuses(mdf.CancelRequest{RequestID: id, Reason: "called off"}, conflict, "claim_disputable", "request_id", finance, on(29))
	s.wants(mdf.CancelRequest{RequestID: id, Reason: "called off"}, []mdf.FundEvent{
		mdf.RequestCancelled{FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Freed: eur("100.00"), Reason: "called off"},
		mdf.ObligationReleased{FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Treatment: mdf.ContraRevenue, Amount: eur("100.00")},
	}, finance, on(30))
	s.balance("10000.00", "0.00", "0.00", "0.00")
}

func TestWhatIsFreedAfterTheExpiryExpires(t *testing.T) {
	s := newStory(t)
	late := submission("1000.00")
	late.Starts, late.Ends = date(expires), date(expires.AddDate(0, 0, 9))
	s.do(late)
	id := s.created("request")
	s.do(approval(id, "1000.00"))
	s.wants(mdf.ExpireFunds{}, nil, domaintest.At(expires.Add(-1)))
	s.wants(mdf.ExpireFunds{}, []mdf.FundEvent{mdf.FundsExpired{FundRef: ref, Amount: eur("9000.00")}}, domaintest.At(expires))
	s.wants(mdf.ExpireFunds{}, nil, domaintest.At(expires))
	s.balance("0.00", "1000.00", "0.00", "9000.00")
	after := domaintest.At(expires.AddDate(0, 0, 10))
	claim := s.files(invoice(id, "1", eur("1200.00")), after)
	events := s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("600.00"), Final: true}, after)
	require.Equal(t, mdf.FundsExpired{FundRef: ref, Amount: eur("400.00")}, events[len(events)-1])
	s.balance("0.00", "0.00", "600.00", "9400.00")
	events = s.do(mdf.ClawBack{ClaimID: claim, Amount: eur("100.00"), Reason: "smaller"}, after)
	require.Equal(t, mdf.FundsExpired{FundRef: ref, Amount: eur("100.00")}, events[1])
	s.balance("0.00", "0.00", "500.00", "9500.00")
	s.refuses(mdf.ReverseClawback{ClaimID: claim, ClawbackID: s.claim(claim).Clawbacks[0].ClawbackID, Reason: "ruled"},
		conflict, "fund_short", "clawback_id", after, by(domaintest.Another(domaintest.Finance())))

	more := mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("carried over"), Amount: eur("50.00"), ExpiresAt: expires.AddDate(0, 3, 0)}
	s.do(more, after)
	s.balance("50.00", "0.00", "500.00", "9500.00")
	require.False(t, s.state.Fund.ExpiredAt(expires.AddDate(0, 0, 10)), "carried over: new requests again")
}

func TestACreditThatComesTooLateExpiresAtOnce(t *testing.T) {
	s := newStory(t)
	events := s.do(mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("late"), Amount: eur("5.00"), ExpiresAt: expires}, domaintest.At(expires))
	require.Equal(t, mdf.FundsExpired{FundRef: ref, Amount: eur("10005.00")}, events[1])
	s.refuses(mdf.CreditFund{FundRef: ref, Amount: eur("5.00"), ExpiresAt: expires}, forbidden, "reactor_only", "", by(domaintest.Importer()))
}

func TestRelease(t *testing.T) {
	s := newStory(t)
	s.approved("1000.00")
	s.refuses(mdf.ReleaseFund{PartnerID: north, Amount: eur("9000.01"), Reason: "x"}, conflict, "fund_short", "amount")
	s.wants(mdf.ReleaseFund{PartnerID: north, Amount: eur("4000.00"), Reason: "slow"}, []mdf.FundEvent{
		mdf.FundReleased{FundRef: ref, Amount: eur("4000.00"), Reason: "slow"},
	})
	s.wants(mdf.ReleaseAll{Reason: "deactivated"}, []mdf.FundEvent{
		mdf.FundReleased{FundRef: ref, Amount: eur("5000.00"), Reason: "deactivated"},
	})
	s.wants(mdf.ReleaseAll{Reason: "deactivated"}, nil)
	s.balance("0.00", "1000.00", "0.00", "0.00")
}

func TestARequestLapses(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	deadline, due := s.request(id).LapsesAt()
	require.True(t, due)
	require.Equal(t, s.request(id).Approval.ClaimUntil, deadline)
	s.wants(mdf.LapseRequest{RequestID: id}, nil, domaintest.At(deadline.Add(-time.Hour)))

	claim := s.files(invoice(id, "1", eur("200.00")), on(20))
	_, due = s.request(id).LapsesAt()
	require.False(t, due, "a claim waits")
	s.do(mdf.ReturnClaim{ClaimID: claim, Reason: "which?"}, domaintest.At(deadline.Add(-time.Hour)))
	at, _ := s.request(id).LapsesAt()
	require.Equal(t, deadline.Add(-time.Hour).AddDate(0, 0, 15), at, "a returned claim may come again")
	again := mdf.RefileClaim{
		ClaimID: claim, Supplier: "Messebau Nord GmbH", InvoiceNumber: "1b", InvoiceDate: date(day(2)), Net: eur("200.00"),
		Gross: eur("200.00"), Settlement: mdf.CreditNote, Proof: []mdf.Proof{{Name: "x", Size: 1, SHA256: sha("x")}},
	}
	s.do(again, domaintest.At(deadline.AddDate(0, 0, 14)))
	require.Equal(t, day(20), s.claim(claim).FiledAt, "it keeps its date")
	decided := deadline.AddDate(0, 0, 20)
	s.do(mdf.ApproveClaim{ClaimID: claim, Approved: eur("100.00")}, domaintest.At(decided))
	at, _ = s.request(id).LapsesAt()
	require.Equal(t, decided, at, "nothing more can come")
	s.wants(mdf.LapseRequest{RequestID: id}, []mdf.FundEvent{
		mdf.RequestLapsed{FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Freed: eur("900.00")},
		mdf.ObligationReleased{FundRef: ref, OfRequest: mdf.OfRequest{RequestID: id}, Treatment: mdf.ContraRevenue, Amount: eur("900.00")},
	}, domaintest.At(decided))
	s.wants(mdf.LapseRequest{RequestID: id}, nil, domaintest.At(decided))
	s.balance("9900.00", "0.00", "100.00", "0.00")
}

func TestADeadlineIsExtended(t *testing.T) {
	s := newStory(t)
	id := s.approved("1000.00")
	deadline := s.request(id).Approval.ClaimUntil
	s.refuses(invoice(id, "1", eur("1")), conflict, "deadline_passed", "", domaintest.At(deadline))
	s.refuses(mdf.ExtendDeadline{RequestID: id, Until: date(deadline).AddDays(-1), Reason: "x"}, invalid, "invalid_field", "until")
	s.refuses(mdf.ExtendDeadline{RequestID: id, Until: date(deadline).AddDays(367), Reason: "x"}, invalid, "invalid_field", "until")
	s.refuses(mdf.ExtendDeadline{RequestID: id, Reason: "x"}, invalid, "invalid_field", "until")
	s.do(mdf.ExtendDeadline{RequestID: id, Until: date(deadline).AddDays(9), Reason: "invoice is late"}, domaintest.At(deadline))
	s.files(invoice(id, "1", eur("1")), domaintest.At(deadline.AddDate(0, 0, 9)))
	require.Equal(t, deadline.AddDate(0, 0, 10), s.request(id).Approval.ClaimUntil)
}

func TestDeadlinesAreWhatTheSchedulerPlans(t *testing.T) {
	s := newStory(t)
	credited := s.state.Deadlines(mdf.FundCredited{})
	require.Equal(t, []mdf.Deadline{{Key: "expiry", At: expires, Command: mdf.ExpireFunds{}}}, credited)
	id := s.approved("100.00")
	planned := s.state.Deadlines(mdf.RequestApproved{OfRequest: mdf.OfRequest{RequestID: id}})
	require.Len(t, planned, 2)
	require.True(t, planned[0].At.IsZero(), "accrued at once")
	require.Equal(t, s.request(id).Approval.ClaimUntil, planned[1].At)
	require.Empty(t, s.state.Deadlines(mdf.FundReleased{}))
}
