package statement_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/statement"
)

// follows makes it a statement behind another.
func follows(e *statement.Imported) {
	e.Follows, e.BroughtForward = domain.DeriveID("before"), domain.Money{}
}

func imported(change func(*statement.Imported)) statement.Imported {
	e := statement.Imported{
		StatementID: id, BankAccount: account, Currency: "EUR", Format: statement.Camt053, SHA256: hash, InFile: 1, Number: "7",
		From: may1, To: may31, Opening: eur("1000"), Closing: eur("860"),
		BroughtForward: eur("1000"), LineCount: 4, TotalIn: eur("30"), TotalOut: eur("170"), At: ended,
	}
	if change != nil {
		change(&e)
	}
	return e
}

func TestImport(t *testing.T) {
	s := scenario(t).When(facts(), file()).Then(imported(nil))
	require.Equal(t, statement.StatusImporting, s.State().Status)
	s.When(facts(), statement.Reconcile{}).ThenRejected(conflict, "still_importing", "")
	s = s.When(facts(), statement.RecordLines{Lines: lines()[:2]}).Outcome().
		When(facts(), statement.RecordLines{Lines: lines()[:2]}).Then().
		When(facts(), statement.RecordLines{Lines: lines()}).
		Then(statement.LinesRecorded{StatementID: id, BankAccount: account, Lines: lines()[2:], At: ended})
	require.Equal(t, statement.StatusOpen, s.State().Status)
	require.Equal(t, 4, s.State().Unmatched)
	require.Equal(t, statement.LineUnmatched, s.State().LineStatus(4))
	require.Empty(t, s.State().LineStatus(5))
}

func TestAFileIsImportedOnce(t *testing.T) {
	s := opened(t)
	s.When(facts(), file()).ThenRejected(conflict, "file_imported", "sha256")
	another := file()
	another.SHA256 = another.SHA256[2:] + "00"
	s.When(facts(), another).ThenRejected(conflict, "statement_imported", "number")
}

func TestItGoesOnFromTheOneBefore(t *testing.T) {
	scenario(t).When(behind("1000"), file()).Then(imported(follows))
	parked := statement.Parked{
		StatementID: id, BankAccount: account, Currency: "EUR", Format: statement.Camt053, SHA256: hash, InFile: 1, Number: "7",
		From: may1, To: may31, Why: statement.OpeningDiffers, Expected: eur("900"), Found: eur("1000"),
	}
	s := scenario(t).When(behind("900"), file()).Then(parked).When(behind("900"), file()).Then()
	require.Equal(t, statement.StatusParked, s.State().Status)
	s.When(facts(), statement.RecordLines{Lines: lines()}).ThenRejected(conflict, "statement_parked", "")
	parked.Expected = eur("950")
	s.When(behind("950"), file()).Then(parked).When(behind("1000"), file()).Then(imported(follows))
	scenario(t).When(facts(), statement.Reconcile{}).ThenRejected(missing, "statement_unknown", "")
}

func TestLinesThatDontMakeTheClosingBalance(t *testing.T) {
	c := file()
	c.Closing = eur("861")
	s := scenario(t).When(facts(), c).Outcome().State()
	require.Equal(t, statement.LinesDiffer, s.Parking.Why)
	require.Equal(t, []domain.Money{eur("861"), eur("860")}, []domain.Money{s.Parking.Expected, s.Parking.Found})
}

// The first line is in the books already.
func TestLinesOfAnEarlierStatement(t *testing.T) {
	c := file()
	c.Known, c.KnownOut = []int{1}, eur("100")
	skips := func(change func(*statement.Imported)) statement.Imported {
		return imported(func(e *statement.Imported) {
			follows(e)
			e.Skipped, e.TotalOut = []int{1}, eur("70")
			change(e)
		})
	}
	overlapping := scenario(t).When(behind("900"), c).Then(skips(func(*statement.Imported) {}))
	s := overlapping.When(facts(), statement.RecordLines{Lines: lines()}).Outcome()
	require.Equal(t, statement.LineIsSkipped, s.State().LineStatus(1))
	require.Equal(t, 3, s.State().Unmatched)
	s.When(facts(), matching(match("100", []int{1}, payment(1, "100")))).ThenRejected(conflict, "line_settled", "matches[0].lines[0]")

	repeated := c // for information
	repeated.Closing = eur("960")
	scenario(t).When(behind("1000"), repeated).Then(skips(func(e *statement.Imported) { e.Closing = eur("960") }))

	genuine := scenario(t).When(behind("1000"), c) // the balances say that the reference is used twice
	genuine.Then(imported(follows))

	scenario(t).When(behind("1"), c).Then(statement.Parked{
		StatementID: id, BankAccount: account, Currency: "EUR", Format: statement.Camt053, SHA256: hash, InFile: 1, Number: "7",
		From: may1, To: may31, Why: statement.OpeningDiffers, Expected: eur("1"), Found: eur("1000"),
	})

	c.Known, c.KnownIn, c.KnownOut = []int{1, 2, 3, 4}, eur("30"), eur("170")
	scenario(t).When(behind("860"), c).ThenRejected(conflict, "nothing_new", "")
}

func TestImportIsRefused(t *testing.T) {
	for field, change := range map[string]func(*statement.Import){
		"bank_account": func(c *statement.Import) { c.BankAccount = "DE89 3704" },
		"sha256":       func(c *statement.Import) { c.SHA256 = "x" },
		"mapping":      func(c *statement.Import) { c.Mapping = "x" },
		"in_file":      func(c *statement.Import) { c.InFile = 0 },
		"number":       func(c *statement.Import) { c.Number = "" },
		"format":       func(c *statement.Import) { c.Format = "mt940" },
		"to":           func(c *statement.Import) { c.To = may1.AddDays(-1) },
		"known":        func(c *statement.Import) { c.Known = []int{2, 1} },
		"opening":      func(c *statement.Import) { c.Opening = domain.Money{} },
		"in":           func(c *statement.Import) { c.In = eur("-1") },
		"out":          func(c *statement.Import) { c.Out = domain.Must(domain.NewMoney(statement.MaxAmount+1, "EUR")) },
	} {
		c := file()
		change(&c)
		scenario(t).When(facts(), c).ThenRejected(invalid, "invalid_field", field)
	}
	c := file()
	c.LineCount = statement.MaxLines + 1
	scenario(t).When(facts(), c).ThenRejected(conflict, "too_many", "line_count")
	dollars := behind("1")
	dollars.Previous.Closing = domain.Must(domain.ParseMoney("1", "USD"))
	scenario(t).When(dollars, file()).ThenRejected(invalid, "invalid_field", "currency")
	scenario(t).When(facts(), file(), domaintest.By(domaintest.Ops())).ThenRejected(denied, "role", "")
	admin := domaintest.Admin(north)
	admin.Roles = append(admin.Roles, domain.Finance)
	scenario(t).When(facts(), file(), domaintest.By(admin)).ThenRejected(denied, "vendor_only", "")
}

func TestLinesAreRefused(t *testing.T) {
	s := scenario(t).When(facts(), file()).Outcome()
	refused := func(kind domain.RejectionKind, rule, field string, change func(all []statement.Line) []statement.Line) {
		t.Helper()
		s.When(facts(), statement.RecordLines{Lines: change(lines())}).ThenRejected(kind, rule, field)
	}
	refused(invalid, "invalid_field", "lines", func([]statement.Line) []statement.Line { return nil })
	refused(invalid, "invalid_field", "lines", func(all []statement.Line) []statement.Line { return append(all[:1], all[2]) })
	refused(conflict, "lines_missing", "lines", func(all []statement.Line) []statement.Line { return all[1:] })
	for field, change := range map[string]func(*statement.Line){
		"lines.number":     func(l *statement.Line) { l.Number = 5 },
		"lines.booked_on":  func(l *statement.Line) { l.BookedOn = domain.Date{} },
		"lines.identity":   func(l *statement.Line) { l.Identity = "x" },
		"lines.amount":     func(l *statement.Line) { l.Amount = eur("0") },
		"lines.reference":  func(l *statement.Line) { l.Reference = " x" },
		"lines.end_to_end": func(l *statement.Line) { l.EndToEndID = "\x00" },
	} {
		refused(invalid, "invalid_field", field, func(all []statement.Line) []statement.Line {
			change(&all[3])
			return all[3:]
		})
	}
	refused(conflict, "totals_differ", "lines", func(all []statement.Line) []statement.Line {
		all[3].Amount = eur("31")
		return all
	})
	s = s.When(facts(), statement.RecordLines{Lines: lines()[:1]}).Outcome()
	refused(conflict, "line_differs", "lines", func(all []statement.Line) []statement.Line {
		all[0].Amount = eur("1")
		return all
	})
}
