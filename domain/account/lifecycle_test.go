package account_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func TestApprove(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.wants(account.ApproveDeal{DealID: deal}, []account.Event{
		account.DealApproved{DealID: deal, ProtectedUntil: day(181), Policy: "deal_registration@1"},
	}, on(1))
	d := s.deal(deal)
	assert.Equal(t, account.StatusApproved, d.Status)
	assert.Equal(t, "desk-1", d.Approved.By)
	assert.False(t, d.ProtectedAt(day(0)))
	assert.True(t, d.ProtectedAt(day(1)))
	assert.False(t, d.ProtectedAt(day(181)))
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "wrong_status", "deal_id", on(2))
}

func TestApproveRefused(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx, on(1))
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "out_of_order", "effective_at",
		on(1), since(0), domaintest.By(domaintest.Importer()))
	s.refuses(account.ApproveDeal{DealID: deal, Reason: " "}, invalid, "invalid_field", "reason", on(1))
	s.facts = func(p uuid.UUID) account.Facts {
		f := facts(p)
		f.Partner.Active = false
		return f
	}
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "partner_not_active", "partner_id", on(1))
}

func TestMakerIsNotChecker(t *testing.T) {
	importer := domaintest.By(domaintest.Importer())
	s := newStory(t)
	deal := s.registers(north, gtx, importer)
	rival := s.registers(south, gtx)
	onBehalf := domaintest.By(domain.Actor{ID: "ops-1", Kind: domain.User, Roles: []domain.Role{domain.DealDesk}})
	s.refuses(account.ApproveDeal{DealID: deal}, forbidden, "maker_is_checker", "", onBehalf)
	s.refuses(account.ReturnDeal{DealID: deal, Reason: "x"}, forbidden, "maker_is_checker", "", onBehalf)
	s.refuses(account.RejectDeal{DealID: deal, Reason: "x"}, forbidden, "maker_is_checker", "", onBehalf)
	s.refuses(account.ApproveDeal{DealID: deal}, invalid, "invalid_field", "reason", importer)
	s.do(account.ApproveDeal{DealID: deal, Reason: "imported history"}, importer)
	s.do(account.ReturnDeal{DealID: rival, Reason: "which site?"})
	s.do(account.ResubmitDeal{DealID: rival}, importer)
	s.refuses(account.OverrideConflicts{DealID: rival, FindingIDs: []uuid.UUID{s.theFinding(rival).ID}, Reason: "x"},
		forbidden, "maker_is_checker", "", onBehalf)
}

func TestReturnAndResubmitInTimeKeepsThePlace(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	rival := s.registers(south, gtx)
	s.wants(account.ReturnDeal{DealID: deal, Reason: "which site?"}, []account.Event{
		account.DealReturned{DealID: deal, ResubmitBy: day(8), Reason: "which site?"},
	}, on(1))
	assert.True(t, s.deal(deal).Pending())
	s.refuses(account.ApproveDeal{DealID: rival}, conflict, "conflict", "deal_id", on(1))
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "wrong_status", "deal_id", on(1))
	s.refuses(account.ReturnDeal{DealID: deal, Reason: "x"}, conflict, "wrong_status", "deal_id", on(1))
	s.wants(account.ResubmitDeal{DealID: deal, Note: "Berlin"}, []account.Event{
		account.DealResubmitted{DealID: deal, KeepsPlace: true, ReviewDue: day(11), Note: "Berlin"},
	}, on(8))
	s.refuses(account.ResubmitDeal{DealID: deal}, conflict, "wrong_status", "deal_id", on(8))
	s.do(account.ApproveDeal{DealID: deal}, on(8))
}

func TestResubmitLateMovesToTheEnd(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	rival := s.registers(south, gtx)
	s.do(account.ReturnDeal{DealID: deal, Reason: "which site?"}, on(1))
	events := s.do(account.ResubmitDeal{DealID: deal}, on(9))
	require.Len(t, events, 2)
	assert.False(t, events[0].(account.DealResubmitted).KeepsPlace)
	assert.Equal(t, account.With{DealID: rival}, s.theFinding(deal).With)
	assert.Greater(t, s.deal(deal).Place, s.deal(rival).Place)
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id", on(9))
	s.do(account.ApproveDeal{DealID: rival}, on(9))
}

func TestResubmitRefused(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.do(account.ReturnDeal{DealID: deal, Reason: "x"})
	s.refuses(account.ResubmitDeal{DealID: deal, Note: strings.Repeat("x", 2001)}, invalid, "invalid_field", "note")
	s.refuses(account.ReturnDeal{DealID: deal}, invalid, "invalid_field", "reason")
}

func TestRejectAndWithdraw(t *testing.T) {
	s := newStory(t)
	a, b := s.registers(north, gtx), s.registers(north, gtx)
	s.refuses(account.RejectDeal{DealID: a}, invalid, "invalid_field", "reason")
	s.do(account.ReturnDeal{DealID: a, Reason: "x"})
	reject := account.RejectDeal{DealID: a, Reason: "no project"}
	s.wants(reject, []account.Event{account.DealRejected(reject)})
	assert.Equal(t, account.StatusRejected, s.deal(a).Status)
	assert.Equal(t, "no project", s.deal(a).Closed.Reason)
	s.refuses(reject, conflict, "wrong_status", "deal_id")
	s.refuses(account.WithdrawDeal{DealID: a}, conflict, "wrong_status", "deal_id")

	s.do(account.ApproveDeal{DealID: b})
	s.refuses(account.RejectDeal{DealID: b, Reason: "x"}, conflict, "wrong_status", "deal_id")
	s.refuses(account.WithdrawDeal{DealID: b}, conflict, "protection_over", "deal_id", on(180))
	withdraw := account.WithdrawDeal{DealID: b, Reason: "budget cut"}
	s.wants(withdraw, []account.Event{account.DealWithdrawn(withdraw)}, on(1))
	assert.False(t, s.deal(b).ProtectedAt(day(1)))
}

func TestExtension(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.wants(account.RequestExtension{DealID: deal, Evidence: "pilot runs"}, []account.Event{
		account.ExtensionRequested{DealID: deal, Until: day(270), Evidence: "pilot runs", Policy: "deal_registration@1"},
	}, on(179))
	assert.True(t, s.deal(deal).ProtectedAt(day(300)), "until it is decided")
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(180))
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "extension_pending", "deal_id", on(179))
	s.refuses(account.GrantExtension{DealID: deal}, conflict, "out_of_order", "effective_at",
		on(200), since(170), domaintest.By(domaintest.Importer()))
	s.wants(account.GrantExtension{DealID: deal, Reason: "active"}, []account.Event{
		account.ExtensionGranted{DealID: deal, ProtectedUntil: day(270), Policy: "deal_registration@1", Reason: "active"},
	}, on(200))
	assert.Equal(t, account.ExtensionGiven, s.deal(deal).Extension.Status)
	s.refuses(account.GrantExtension{DealID: deal}, conflict, "no_extension_pending", "deal_id", on(200))
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "extension_limit", "deal_id", on(201))
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(180))
	s.do(account.ExpireDeal{DealID: deal}, on(270))
}

func TestExtensionDeclined(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	ask := account.RequestExtension{DealID: deal, Evidence: "pilot runs"}
	s.do(ask, on(100))
	s.refuses(account.DeclineExtension{DealID: deal}, invalid, "invalid_field", "reason", on(101))
	s.wants(account.DeclineExtension{DealID: deal, Reason: "no activity"}, []account.Event{
		account.ExtensionDeclined{DealID: deal, ProtectedUntil: day(180), Reason: "no activity"},
	}, on(101))
	s.do(ask, on(179))
	s.do(account.DeclineExtension{DealID: deal, Reason: "no activity"}, on(190))
	assert.Equal(t, day(190), s.deal(deal).ProtectedUntil, "protected until it was decided")
	s.wants(account.ExpireDeal{DealID: deal}, []account.Event{account.DealExpired{DealID: deal}}, on(190))
}

func TestExtensionGrantedLaterThanItReaches(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: deal, Evidence: "pilot runs"}, on(179))
	s.do(account.GrantExtension{DealID: deal}, on(300))
	assert.Equal(t, day(300), s.deal(deal).ProtectedUntil)
}

func TestExtensionRefused(t *testing.T) {
	importer := domaintest.By(domaintest.Importer())
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "wrong_status", "deal_id")
	s.refuses(account.DeclineExtension{DealID: deal, Reason: "x"}, conflict, "no_extension_pending", "deal_id")
	s.do(account.ApproveDeal{DealID: deal})
	s.refuses(account.RequestExtension{DealID: deal}, invalid, "invalid_field", "evidence")
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "extension_too_late", "effective_at", on(180))
	rival := s.approved(south, on(181))
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "line_protected", "deal_id", on(182), since(170), importer)
	s.do(account.WithdrawDeal{DealID: rival}, on(182))
	s.refuses(account.RequestExtension{DealID: deal, Evidence: "x"}, conflict, "line_protected", "deal_id", on(183), since(170), importer)

	s = newStory(t)
	deal = s.approved(north, on(0))
	s.do(account.RequestExtension{DealID: deal, Evidence: "x"}, on(1), importer)
	s.refuses(account.GrantExtension{DealID: deal}, invalid, "invalid_field", "reason", on(1), importer)
	s.do(account.GrantExtension{DealID: deal, Reason: "imported history"}, on(1), importer)
}

// A request that is recorded late keeps the protection, which those who registered meanwhile learn of.
func TestExtensionRecordedLateWarnsWhoWaits(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	rival := s.registers(south, gtx, on(185))
	assert.Empty(t, s.deal(rival).Findings)
	events := s.do(account.RequestExtension{DealID: deal, Evidence: "x"}, on(186), since(170), domaintest.By(domaintest.Importer()))
	assert.Len(t, events, 2)
	assert.Equal(t, "requested", s.theFinding(rival).Evidence["extension"])
	s.refuses(account.ApproveDeal{DealID: rival}, conflict, "conflict", "deal_id", on(186))
}

func TestExpire(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.refuses(account.ExpireDeal{DealID: north}, missing, "deal_unknown", "deal_id")
	s.wants(account.ExpireDeal{DealID: deal}, nil)
	s.do(account.ApproveDeal{DealID: deal})
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(179))
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(181))
	s.wants(account.ExpireDeal{DealID: deal}, []account.Event{account.DealExpired{DealID: deal}}, on(180))
	assert.Equal(t, account.StatusExpired, s.deal(deal).Status)
	s.wants(account.ExpireDeal{DealID: deal}, nil, on(180))
}

func TestStages(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	advance := func(to account.Stage) account.AdvanceStage { return account.AdvanceStage{DealID: deal, Stage: to} }
	s.refuses(advance(account.StageProposal), conflict, "not_approved", "deal_id")
	s.do(account.ApproveDeal{DealID: deal}, on(1))
	s.refuses(advance("closing"), invalid, "invalid_field", "stage", on(2))
	s.wants(advance(account.StageProposal), []account.Event{account.StageAdvanced{DealID: deal, Stage: account.StageProposal}}, on(9))
	s.wants(advance(account.StageProposal), nil, on(10))
	importer := domaintest.By(domaintest.Importer())
	s.do(advance(account.StageQualified), on(11), since(5), importer)
	assert.Equal(t, account.StageProposal, s.deal(deal).Stage.Latest(), "the later fact holds")
	s.refuses(advance(account.StageQualified), conflict, "not_approved", "effective_at", on(11), since(0), importer)
	s.refuses(advance(account.StageNegotiation), conflict, "not_approved", "effective_at", on(181))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(20))
	s.refuses(advance(account.StageNegotiation), conflict, "not_approved", "effective_at", on(20))
	s.do(advance(account.StageNegotiation), on(21), since(19), importer)
}

func TestAmounts(t *testing.T) {
	importer := domaintest.By(domaintest.Importer())
	s := newStory(t)
	deal := s.registers(north, []string{"GTX Basic", "550.00", "MG Special", "55.00"}, on(1))
	revise := func(lines ...string) account.ReviseAmount {
		return account.ReviseAmount{DealID: deal, Lines: amounts(lines...), Reason: "more seats"}
	}
	s.do(revise("MG Special", "60.00"), on(2), domaintest.By(domaintest.Seller(north)))
	s.refuses(revise("MG Special", "61.00"), conflict, "out_of_order", "effective_at", on(2), since(0), importer)
	s.do(account.ApproveDeal{DealID: deal}, on(3))
	s.refuses(revise("MG Special", "70.00"), forbidden, "vendor_only", "", on(4), domaintest.By(domaintest.Seller(north)))
	s.wants(revise("gtx basic", "550", "MG Special", "70.00"), []account.Event{account.AmountRevised{
		DealID: deal, Lines: []account.Line{{Product: "MG Special", Line: "MG", Amount: money("70.00")}}, Reason: "more seats",
	}}, on(5))
	s.wants(revise("MG Special", "70.00"), nil, on(6))
	s.do(revise("MG Special", "65.00"), on(7), since(4), importer)
	s.do(revise("MG Special", "50.00"), on(7), since(1), importer)
	assert.Equal(t, money("70.00"), s.deal(deal).Lines[1].Amount.Latest())
	s.refuses(revise("Cable", "1.00"), missing, "product_unknown", "lines[0].product", on(8))
	s.refuses(revise("MG Special", "1.00", "mgspecial", "1.00"), invalid, "invalid_field", "lines[1].product", on(8))
	s.refuses(account.ReviseAmount{DealID: deal, Lines: []account.LineAmount{{Product: "MG Special", Amount: domain.Must(domain.NewMoney(1, "USD"))}}},
		invalid, "invalid_field", "lines[0].amount", on(8))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(9))
	s.refuses(revise("MG Special", "1.00"), conflict, "not_approved", "effective_at", on(9))
}

func TestWinOfSomeLines(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, []string{"GTX Basic", "550.00", "MG Special", "55.00"})
	win := account.WinDeal{DealID: deal, Lines: amounts("GTX Basic", "500.00"), OrderReference: "PO-1"}
	s.refuses(win, conflict, "wrong_status", "deal_id")
	s.do(account.ApproveDeal{DealID: deal}, on(1))
	s.wants(win, []account.Event{account.DealWon{
		DealID: deal, SellerID: northSeller, OrderReference: "PO-1", Protected: true,
		Lines: []account.Line{{Product: "GTX Basic", Line: "GTX", Amount: money("500.00")}},
	}}, on(30))
	d := s.deal(deal)
	assert.Equal(t, account.StatusWon, d.Status)
	assert.Equal(t, money("500.00"), d.Win.Amount)
	assert.Equal(t, account.OutcomeWon, d.Lines[0].Outcome)
	assert.Equal(t, account.OutcomeLost, d.Lines[1].Outcome)
	s.refuses(win, conflict, "wrong_status", "deal_id", on(31))
}

func TestWinsThatAreRefused(t *testing.T) {
	importer := domaintest.By(domaintest.Importer())
	s := newStory(t)
	deal := s.approved(north, on(1))
	win := account.WinDeal{DealID: deal, Lines: amounts(gtx...)}
	s.refuses(win, conflict, "out_of_order", "effective_at", on(1), since(0), importer)
	win.SellerID = southSeller
	s.refuses(win, missing, "seller_unknown", "seller_id", on(1))
	win.SellerID, win.Lines = uuid.Nil, nil
	s.refuses(win, invalid, "invalid_field", "lines", on(1))
	win.Lines, win.OrderReference = amounts(gtx...), strings.Repeat("x", 201)
	s.refuses(win, invalid, "invalid_field", "order_reference", on(1))
}

func TestReportedWinCountsNothing(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	report := account.ReportWin{DealID: deal, Lines: amounts(gtx...), OrderReference: "PO-1"}
	s.refuses(report, conflict, "wrong_status", "deal_id")
	s.do(account.ApproveDeal{DealID: deal})
	s.do(report, on(1))
	assert.Equal(t, account.StatusApproved, s.deal(deal).Status)
	assert.Nil(t, s.deal(deal).Win)
	assert.Equal(t, "PO-1", s.deal(deal).Report.OrderReference)
}

func TestWinAfterExpiryIsUnprotected(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.ExpireDeal{DealID: deal}, on(180))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(200))
	assert.Equal(t, account.StatusWon, s.deal(deal).Status)
	assert.False(t, s.deal(deal).Win.Protected)
	assert.False(t, s.deal(deal).ProtectedAt(day(190)))
}

func TestWinEffectiveBeforeARecordedExpiryCancelsIt(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.ExpireDeal{DealID: deal}, on(180))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(200), since(170), domaintest.By(domaintest.Importer()))
	assert.Equal(t, account.StatusWon, s.deal(deal).Status)
	assert.True(t, s.deal(deal).Win.Protected)
	assert.Equal(t, day(170), s.deal(deal).Closed.At)
}

func TestReversals(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	reverse := account.ReverseWin{DealID: deal, Amount: money("300.00"), Reason: account.ReversalReturned, Note: "one licence"}
	s.refuses(reverse, conflict, "wrong_status", "deal_id", on(1))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(1))
	s.refuses(reverse, conflict, "out_of_order", "effective_at", on(2), since(0), domaintest.By(domaintest.Importer()))
	s.wants(reverse, []account.Event{account.WinReversed(reverse)}, on(2))
	s.refuses(reverse, conflict, "reversal_above_win", "amount", on(3))
	wrong := reverse
	wrong.Amount = money("0")
	s.refuses(wrong, invalid, "invalid_field", "amount", on(3))
	wrong.Amount = domain.Must(domain.NewMoney(1, "USD"))
	s.refuses(wrong, invalid, "invalid_field", "amount", on(3))
	wrong = reverse
	wrong.Reason = "why not"
	s.refuses(wrong, invalid, "invalid_field", "reason", on(3))
	reverse.Amount = money("250.00")
	s.do(reverse, on(3))
	assert.Equal(t, money("0"), s.deal(deal).Win.Net())
	assert.Len(t, s.deal(deal).Win.Reversals, 2)
}

func TestLoss(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	lose := account.LoseDeal{DealID: deal, Reason: "price"}
	s.refuses(lose, conflict, "wrong_status", "deal_id")
	s.do(account.ApproveDeal{DealID: deal})
	s.do(account.RequestExtension{DealID: deal, Evidence: "x"}, on(1))
	s.refuses(account.LoseDeal{DealID: deal}, invalid, "invalid_field", "reason", on(2))
	s.wants(lose, []account.Event{account.DealLost(lose)}, on(2))
	assert.Equal(t, account.ExtensionLapsed, s.deal(deal).Extension.Status)
	assert.Equal(t, account.OutcomeLost, s.deal(deal).Lines[0].Outcome)
	s.refuses(lose, conflict, "wrong_status", "deal_id", on(3))
}

func TestReopen(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	reopen := account.ReopenDeal{DealID: deal, Reason: "the order was another's"}
	second := domaintest.By(domaintest.Another(domaintest.Desk()))
	s.refuses(reopen, conflict, "wrong_status", "deal_id", on(1))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(1))
	s.refuses(reopen, forbidden, "maker_is_checker", "", on(2))
	s.refuses(account.ReopenDeal{DealID: deal}, invalid, "invalid_field", "reason", on(2), second)
	s.refuses(reopen, conflict, "out_of_order", "effective_at", on(2), since(0), domaintest.By(domaintest.Importer()))
	waits := s.registers(south, gtx, on(2))
	events := s.do(reopen, on(3), second)
	assert.Equal(t, account.DealReopened{
		DealID: deal, From: account.StatusWon, To: account.StatusApproved, ProtectedUntil: day(180), Reason: reopen.Reason,
	}, events[0])
	assert.Nil(t, s.deal(deal).Win)
	assert.Empty(t, s.deal(deal).Lines[0].Outcome)
	assert.True(t, s.deal(deal).ProtectedAt(day(3)))
	assert.Equal(t, account.With{DealID: deal}, s.theFinding(waits).With, "who waits learns of it")
	s.refuses(account.ApproveDeal{DealID: waits}, conflict, "conflict", "deal_id", on(3))
	s.refuses(account.LoseDeal{DealID: deal, Reason: "x"}, conflict, "out_of_order", "effective_at",
		on(4), since(2), domaintest.By(domaintest.Importer()))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(4))
}

func TestReopenedWhileAnotherIsProtected(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(1))
	rival := s.approved(south, on(2))
	s.do(account.ReopenDeal{DealID: deal, Reason: "they came back"}, on(3), domaintest.By(domaintest.Another(domaintest.Desk())))
	assert.Equal(t, account.StatusExpired, s.deal(deal).Status)
	assert.False(t, s.deal(deal).ProtectedAt(day(3)))
	assert.True(t, s.deal(deal).ProtectedAt(day(0)))
	assert.True(t, s.deal(rival).ProtectedAt(day(3)))
	s.do(account.WinDeal{DealID: deal, Lines: amounts(gtx...)}, on(4))
	assert.False(t, s.deal(deal).Win.Protected)
}

func TestReopenedAfterItsProtection(t *testing.T) {
	s := newStory(t)
	deal := s.approved(north, on(0))
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(200))
	s.do(account.ReopenDeal{DealID: deal, Reason: "they came back"}, on(210), domaintest.By(domaintest.Another(domaintest.Desk())))
	assert.Equal(t, account.StatusExpired, s.deal(deal).Status)
	assert.Equal(t, day(180), s.deal(deal).ProtectedUntil)
	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(211))
}

func TestUnknownDeals(t *testing.T) {
	s := newStory(t)
	s.registers(north, gtx)
	for _, c := range []account.Command{
		account.ApproveDeal{}, account.ReturnDeal{}, account.ResubmitDeal{}, account.RejectDeal{}, account.WithdrawDeal{},
		account.RequestExtension{}, account.GrantExtension{}, account.DeclineExtension{}, account.ExpireDeal{},
		account.AdvanceStage{}, account.ReviseAmount{}, account.ReportWin{}, account.WinDeal{}, account.LoseDeal{},
		account.ReverseWin{}, account.ReopenDeal{}, account.OverrideConflicts{}, account.ReferConflicts{}, account.LinkCRM{},
	} {
		s.refuses(c, missing, "deal_unknown", "deal_id")
	}
}
