package statement_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/statement"
)

func TestMatchUndoMatchAgain(t *testing.T) {
	one := match("100", []int{1}, payment(1, "100"))
	many := match("70", []int{2, 3}, payment(2, "60"), payment(3, "10"))
	s := opened(t).When(facts(), matching(one, many)).Then(matched(one, many))
	s.When(facts(), matching(one, many)).Then()
	require.Equal(t, statement.LineIsMatched, s.State().LineStatus(3))
	require.Equal(t, many.MatchID, s.State().MatchOf(3))
	require.Equal(t, 1, s.State().Unmatched)
	first := opened(t).State().MatchID(one, 0)
	undo := statement.UndoMatch{MatchID: one.MatchID, Reason: "another payment"}
	s = s.When(facts(), undo).Then(statement.MatchUndone{StatementID: id, BankAccount: account, Match: one, Why: "another payment"})
	s.When(facts(), undo).ThenRejected(missing, "match_unknown", "match_id")
	require.NotEqual(t, first, s.State().MatchID(one, 0), "the payables know the old one")
	require.NotEqual(t, s.State().MatchID(match("100", []int{1}, payment(2, "100")), 0), s.State().MatchID(one, 0))
	require.NotEqual(t, s.State().MatchID(one, 1), s.State().MatchID(one, 0))
	_, there := s.State().Found(one.MatchID)
	require.False(t, there)
	again := one
	again.MatchID = s.State().MatchID(one, 0)
	s.When(facts(), matching(again)).Then(matched(again))
}

// What recovered a claw-back is undone like any other; the reactor takes the recovery back.
func TestARecoveryIsUndone(t *testing.T) {
	recovered := match("30", []int{4}, clawback("30"))
	o := opened(t).When(facts(), matching(recovered)).Then(matched(recovered))
	o.When(facts(), statement.UndoMatch{MatchID: recovered.MatchID, Reason: "x"}).Then(
		statement.MatchUndone{StatementID: id, BankAccount: account, Match: recovered, Why: "x"})
}

// What a payout has of what the match brought back would be paid again.
func TestAMatchThatAPayoutRestsOn(t *testing.T) {
	back := match("30", []int{4}, payment(1, "30"))
	o := opened(t).When(facts(), matching(back)).Then(matched(back))
	f := facts()
	f.Claimed = north
	o.When(f, statement.UndoMatch{MatchID: back.MatchID, Reason: "x"}).ThenRejected(conflict, "payable_claimed", "match_id")
}

func TestDifferences(t *testing.T) {
	by := func(m statement.Match, change func(*statement.Match)) statement.Match {
		m.Score = statement.ByPerson
		change(&m)
		return m
	}
	short := payment(1, "100")
	short.Short = eur("10")
	for name, m := range map[string]statement.Match{
		"a charge": by(match("100", []int{1}, payment(1, "100.80")), func(m *statement.Match) {
			m.Variance, m.Reason = eur("-0.80"), statement.BankCharge
		}),
		"at the tolerance": by(match("100", []int{1}, payment(1, "99")), func(m *statement.Match) {
			m.Variance, m.Reason = eur("1"), statement.Rounding
		}),
		"more": by(match("100", []int{1}, payment(1, "90")), func(m *statement.Match) {
			m.Overpaid, m.Reason = eur("10"), statement.Overpaid
		}),
		"less":        by(match("100", []int{1}, short), func(m *statement.Match) { m.Reason = statement.ShortPaid }),
		"a claw-back": by(match("30", []int{4}, clawback("30")), func(*statement.Match) {}),
		"more than a claw-back": by(match("30", []int{4}, clawback("20")), func(m *statement.Match) {
			m.Overpaid, m.Reason = eur("10"), statement.Overpaid
		}),
	} {
		opened(t).When(facts(), matching(m)).Then(matched(m))
		require.NotEmpty(t, name)
	}
}

func TestMatchIsRefused(t *testing.T) {
	refused := func(kind domain.RejectionKind, rule, field string, m ...statement.Match) {
		t.Helper()
		opened(t).When(facts(), matching(m...)).ThenRejected(kind, rule, field)
	}
	good := func() statement.Match { return match("100", []int{1}, payment(1, "100")) }
	refused(invalid, "invalid_field", "matches")
	for field, change := range map[string]func(*statement.Match){
		"matches[0].match_id":          func(m *statement.Match) { m.MatchID = [16]byte{} },
		"matches[0].rule":              func(m *statement.Match) { m.Rule = "" },
		"matches[0].confidence":        func(m *statement.Match) { m.Score = "feeling" },
		"matches[0].lines[0]":          func(m *statement.Match) { m.Outgoing = false },
		"matches[0].lines[1]":          func(m *statement.Match) { m.Lines = []int{1, 1} },
		"matches[0].amount":            func(m *statement.Match) { m.Amount = eur("99") },
		"matches[0].to":                func(m *statement.Match) { m.To[0].Amount = eur("99") },
		"matches[0].to[0]":             func(m *statement.Match) { m.To[0].PayoutID = [16]byte{} },
		"matches[0].to[0].amount":      func(m *statement.Match) { m.To[0].Amount = eur("0") },
		"matches[0].to[0].partner_id":  func(m *statement.Match) { m.To[0].PartnerID = [16]byte{} },
		"matches[0].to[0].clawback_id": func(m *statement.Match) { m.To[0] = clawback("100") },
		"matches[0].to[1]":             func(m *statement.Match) { m.To = append(m.To, m.To[0]) },
		"matches[0].to[0].short":       func(m *statement.Match) { m.To[0].Short = eur("-1") },
		"matches[0].variance":          func(m *statement.Match) { m.Variance = eur("0") },
		"matches[0].overpaid":          func(m *statement.Match) { m.Overpaid, m.To[0].Amount = eur("-1"), eur("101") },
		"matches[0].reason_code":       func(m *statement.Match) { m.Reason = statement.Rounding },
	} {
		m := good()
		change(&m)
		refused(invalid, "invalid_field", field, m)
	}
	change := func(change func(*statement.Match)) statement.Match {
		m := good()
		m.Score, m.Reason = statement.ByPerson, statement.Unexplained
		change(&m)
		return m
	}
	refused(conflict, "above_tolerance", "matches[0].variance", change(func(m *statement.Match) {
		m.Variance, m.To[0].Amount = eur("1.01"), eur("98.99")
	}))
	refused(conflict, "above_tolerance", "matches[0].variance", change(func(m *statement.Match) {
		m.Variance, m.To[0].Amount = eur("-1.01"), eur("101.01")
	}))
	refused(conflict, "within_tolerance", "matches[0].overpaid", change(func(m *statement.Match) {
		m.Overpaid, m.To[0].Amount = eur("1"), eur("99")
	}))
	refused(conflict, "within_tolerance", "matches[0].to", change(func(m *statement.Match) { m.To[0].Short = eur("1") }))
	refused(conflict, "not_exact", "matches[0].confidence", change(func(m *statement.Match) {
		m.Variance, m.To[0].Amount, m.Score = eur("1"), eur("99"), statement.ByRule
	}))
	refused(invalid, "invalid_field", "matches[0].variance", change(func(m *statement.Match) {
		m.Variance, m.To[0].Amount, m.To[0].Short = eur("1"), eur("99"), eur("2")
	}))
	refused(invalid, "invalid_field", "matches[0].reason_code", change(func(m *statement.Match) {
		m.Variance, m.To[0].Amount, m.Reason = eur("1"), eur("99"), ""
	}))
	twice := good()
	twice.MatchID = domain.DeriveID("another")
	refused(invalid, "invalid_field", "matches[1].lines[0]", good(), twice)
	refused(missing, "line_unknown", "matches[0].lines[0]", match("1", []int{9}, payment(1, "1")))
	opened(t).When(facts(), matching(good())).Outcome().When(facts(), matching(twice)).
		ThenRejected(conflict, "line_settled", "matches[0].lines[0]")
	opened(t).When(facts(), matching(good()), domaintest.By(domaintest.Desk())).ThenRejected(denied, "role", "")
	refused(invalid, "invalid_field", "matches[0].overpaid", func() statement.Match {
		m := match("30", []int{4}, payment(1, "20"))
		m.Score, m.Reason, m.Overpaid = statement.ByPerson, statement.Overpaid, eur("10")
		return m
	}())
}

func TestResolve(t *testing.T) {
	resolve := statement.ResolveLine{Line: 3, Account: "expense:bank_charges", Resolution: "monthly fee"}
	said := statement.LineResolved{
		StatementID: id, BankAccount: account, Line: 3, Outgoing: true, Amount: eur("20"), Account: "expense:bank_charges",
		Resolution: "monthly fee", At: ended,
	}
	s := opened(t).When(facts(), resolve).Then(said).When(facts(), resolve).Then()
	require.Equal(t, statement.LineIsResolved, s.State().LineStatus(3))
	s.When(facts(), matching(match("20", []int{3}, payment(1, "20")))).ThenRejected(conflict, "line_settled", "matches[0].lines[0]")
	s = s.When(facts(), statement.UndoResolution{Line: 3, Reason: "wrong"}).Then(statement.ResolutionUndone{
		StatementID: id, BankAccount: account, Line: 3, Outgoing: true, Amount: eur("20"), Account: "expense:bank_charges", Reason: "wrong",
	})
	s.When(facts(), statement.UndoResolution{Line: 3, Reason: "wrong"}).ThenRejected(conflict, "line_not_resolved", "line")
	s.When(facts(), statement.UndoResolution{Line: 3}).ThenRejected(invalid, "invalid_field", "reason")
	for _, wrong := range []string{"", "lunch", "asset:bank", "asset:cash_clearing", "expense:Bank"} {
		s.When(facts(), statement.ResolveLine{Line: 3, Account: wrong, Resolution: "x"}).ThenRejected(invalid, "invalid_field", "account")
	}
	s.When(facts(), statement.ResolveLine{Line: 3, Account: "tax:input"}).ThenRejected(invalid, "invalid_field", "resolution")
	s.When(facts(), statement.ResolveLine{Line: 9, Account: "tax:input"}).ThenRejected(missing, "line_unknown", "line")
	s.When(facts(), resolve, domaintest.By(domaintest.Treasurer())).ThenRejected(denied, "role", "")
}

func TestAssign(t *testing.T) {
	assign := statement.AssignLine{Line: 2, Owner: "finance-7"}
	s := opened(t).When(facts(), assign).Then(statement.LineAssigned{StatementID: id, Line: 2, Owner: "finance-7"}).
		When(facts(), assign).Then()
	s.When(facts(), statement.AssignLine{Line: 2}).Then(statement.LineAssigned{StatementID: id, Line: 2})
	s.When(facts(), statement.AssignLine{Line: 2, Owner: " "}).ThenRejected(invalid, "invalid_field", "owner")
	s = s.When(facts(), matching(match("50", []int{2}, payment(1, "50")))).Outcome()
	s.When(facts(), statement.AssignLine{Line: 2, Owner: "x"}).ThenRejected(conflict, "line_settled", "line")
}

func TestReconcile(t *testing.T) {
	s := opened(t)
	s.When(facts(), statement.Reconcile{}).ThenRejected(conflict, "lines_unmatched", "")
	all := match("170", []int{1, 2, 3}, payment(1, "170"))
	s = s.When(facts(), matching(all)).Outcome().
		When(facts(), statement.ResolveLine{Line: 4, Account: "income:other", Resolution: "interest"}).Outcome().
		When(facts(), statement.Reconcile{}).Then(statement.Reconciled{StatementID: id}).
		When(facts(), statement.Reconcile{}).Then()
	require.Equal(t, statement.StatusReconciled, s.State().Status)
	s = s.When(facts(), statement.UndoMatch{MatchID: all.MatchID, Reason: "x"}).Outcome()
	require.Equal(t, statement.StatusOpen, s.State().Status)
	require.False(t, s.State().Reconciled.Taken())
	require.Equal(t, 3, s.State().Unmatched)
}

func TestFixtures(t *testing.T) {
	m := match("100", []int{1}, payment(1, "99"), clawback("1"))
	m.To[0].Short, m.Variance, m.Overpaid, m.Reason, m.By = eur("2"), eur("0.10"), eur("5"), statement.Rounding, "seen"
	all := lines()
	all[0].ValueOn, all[0].Reference, all[0].EndToEndID = may1, "NTRY1", "E2E"
	domaintest.Fixtures(t, "testdata/events", statement.Types(), map[string]any{
		"statement.parked.v1": statement.Parked{
			StatementID: id, BankAccount: account, Currency: "EUR", Format: statement.CSV, SHA256: hash, InFile: 2, Mapping: hash, Number: "7",
			From: may1, To: may31, Why: statement.OpeningDiffers, Expected: eur("1"), Found: eur("2"),
		},
		"statement.imported.v1": imported(func(e *statement.Imported) {
			e.Mapping, e.Skipped, e.Follows = hash, []int{1}, domain.DeriveID("before")
		}),
		"statement.lines_recorded.v1": statement.LinesRecorded{StatementID: id, BankAccount: account, Lines: all, At: ended},
		"statement.lines_matched.v1":  matched(m),
		"statement.match_undone.v1":   statement.MatchUndone{StatementID: id, BankAccount: account, Match: m, Why: "wrong"},
		"statement.line_resolved.v1": statement.LineResolved{
			StatementID: id, BankAccount: account, Line: 3, Outgoing: true, Amount: eur("20"), Account: "expense:bank_charges",
			Resolution: "fee", At: ended,
		},
		"statement.resolution_undone.v1": statement.ResolutionUndone{
			StatementID: id, BankAccount: account, Line: 3, Outgoing: true, Amount: eur("20"), Account: "expense:bank_charges", Reason: "wrong",
		},
		"statement.line_assigned.v1": statement.LineAssigned{StatementID: id, Line: 3, Owner: "finance-7"},
		"statement.reconciled.v1":    statement.Reconciled{StatementID: id},
	})
}
