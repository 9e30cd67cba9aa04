// Package closing is what is looked at before a month's books are closed: one check a file, each with a name that stays.
package closing

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// Books are what a check may look at.
type Books struct {
	Month    period.Month
	Balances []journal.Balance    // of every account and party at the month's end, as they were at the cut
	Models   []projections.Status // as they are now
	Halted   string               // why the reactors stopped; empty while they run
	Parked   map[string]int       // how many events each reactor can't handle
	// Ask asks another read model, as it is now.
	Ask func(ctx context.Context, name string, query func(projections.Querier) error) error
}

// Finding is one thing that a check found, and where it can be looked at.
type Finding struct {
	What    string           `json:"what"`
	Link    string           `json:"link,omitempty"` // where it is told in full, a path of the API; set by whoever serves it
	Amount  domain.Money     `json:"amount,omitzero"`
	Account *journal.Account `json:"account,omitempty"` // of the books
	Entity  uuid.UUID        `json:"id,omitzero"`       // of the agreement or statement that it is about
	Reactor string           `json:"reactor,omitempty"` // that can't go on
	Line    int              `json:"line,omitempty"`    // of the statement
	Warning bool             `json:"warning,omitempty"` // worth a look; it doesn't fail the check
}

// Check is one look at the books.
type Check struct {
	Name  string // stable: acceptances name it
	Title string
	Find  func(context.Context, Books) ([]Finding, error)
}

// All lists the checks, in the order that they are told. A new one is a file and a line here.
func All() []Check {
	return []Check{balanced(), openSuspense(), openClearing(), openFX(), unmatchedLines(), rebateBands(), haltedModels(), parkedReactors()}
}

// Result is what a check came to.
type Result struct {
	Name     string        `json:"name"`
	Title    string        `json:"title"`
	Result   period.Result `json:"result"`
	Findings []Finding     `json:"findings"`
}

// Run makes every check. Errors: those of asking; a check that can't be made isn't passed.
func Run(ctx context.Context, books Books) ([]Result, error) {
	var results []Result
	for _, c := range All() {
		found, err := c.Find(ctx, books)
		if err != nil {
			return nil, err
		}
		results = append(results, Result{Name: c.Name, Title: c.Title, Result: worst(found), Findings: append([]Finding{}, found...)})
	}
	return results, nil
}

func worst(found []Finding) period.Result {
	result := period.Passed
	for _, f := range found {
		if !f.Warning {
			return period.Failed
		}
		result = period.Warned
	}
	return result
}

// Recorded is what a closing keeps of the results.
func Recorded(results []Result) (checks []period.Check) {
	for _, r := range results {
		checks = append(checks, period.Check{Name: r.Name, Result: r.Result, Found: len(r.Findings)})
	}
	return checks
}
