// Package domaintest tells what a decider does as given, when, then, and holds recorded events to frozen fixtures.
//
//	domaintest.For(t, account.Decider).
//		Given(registered, domaintest.Past(approved, domaintest.By(domaintest.Desk()))).
//		When(facts, account.ReportWin{DealID: deal}, domaintest.By(domaintest.Seller(partner))).
//		Then(account.WinReported{DealID: deal})
//
// Each step offers the steps that may follow, and no other. Nothing is random and no clock is read: a scenario gives the
// same ids, times and revisions on every run.
package domaintest

// TB is what the package needs of a test: *testing.T, *testing.B and *rapid.T have it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}
