package statement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/statement"
)

const (
	account  = "DE89370400440532013000"
	invalid  = domain.KindInvalid
	conflict = domain.KindConflict
	missing  = domain.KindNotFound
	denied   = domain.KindForbidden
)

var (
	hash  = strings.Repeat("ab", 32)
	north = domain.DeriveID("north")
	id    = statement.IDOf(account, "7")
	may1  = domain.Date{Year: 2026, Month: 5, Day: 1}
	may31 = domain.Date{Year: 2026, Month: 5, Day: 31}
	ended = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).Add(-time.Microsecond)
	now   = time.Date(2026, 6, 3, 9, 0, 0, 0, time.UTC)
)

type outcome = domaintest.Outcome[*statement.Statement, statement.Command, statement.Facts, statement.Event]

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func facts() statement.Facts {
	return statement.Facts{Rules: policy.Rules{
		Zone: time.UTC, Reconciliation: policy.Versioned[policy.Reconciliation]{Version: 1, Body: policy.DefaultReconciliation()},
	}}
}

// behind says that the account stands at an amount.
func behind(closing string) statement.Facts {
	f := facts()
	f.Previous = statement.Previous{StatementID: domain.DeriveID("before"), Number: "6", Closing: eur(closing)}
	return f
}

// file is a statement of four lines: 100, 50 and 20 out, 30 in.
func file() statement.Import {
	return statement.Import{
		BankAccount: account, Currency: "EUR", Format: statement.Camt053, SHA256: hash, InFile: 1, Number: "7", From: may1, To: may31,
		Opening: eur("1000"), Closing: eur("860"), LineCount: 4, In: eur("30"), Out: eur("170"), KnownIn: eur("0"), KnownOut: eur("0"),
	}
}

func lines() []statement.Line {
	all := []statement.Line{
		{Amount: eur("100"), Outgoing: true}, {Amount: eur("50"), Outgoing: true}, {Amount: eur("20"), Outgoing: true}, {Amount: eur("30")},
	}
	for i := range all {
		all[i].Number, all[i].BookedOn, all[i].Identity = i+1, may31, fmt.Sprintf("%032x", i+1)
	}
	return all
}

func scenario(t *testing.T) domaintest.Start[*statement.Statement, statement.Command, statement.Facts, statement.Event] {
	t.Helper()
	return domaintest.For(t, statement.Decider(), domaintest.StreamID(id), domaintest.At(now), domaintest.By(domaintest.Finance()))
}

// opened is the file's statement, in the books with its lines.
func opened(t *testing.T) outcome {
	t.Helper()
	s := scenario(t).When(facts(), file()).Outcome().When(facts(), statement.RecordLines{Lines: lines()})
	return s.Then(statement.LinesRecorded{StatementID: id, BankAccount: account, Lines: lines(), At: ended})
}

func payment(n int, amount string) statement.Side {
	return statement.Side{
		PayableID: domain.DeriveID("payable", fmt.Sprint(n)), PayoutID: domain.DeriveID("payout"), PartnerID: north, Amount: eur(amount),
	}
}

func match(amount string, numbers []int, to ...statement.Side) statement.Match {
	return statement.Match{
		MatchID: domain.DeriveID("match", fmt.Sprint(numbers)), Lines: numbers, Outgoing: numbers[0] != 4, Amount: eur(amount), To: to,
		Rule: "end_to_end", Score: statement.ByRule,
	}
}

func matching(m ...statement.Match) statement.MatchLines { return statement.MatchLines{Matches: m} }

func matched(m ...statement.Match) statement.LinesMatched {
	return statement.LinesMatched{StatementID: id, BankAccount: account, Matches: m, At: ended}
}

func clawback(amount string) statement.Side {
	return statement.Side{ClawbackID: domain.DeriveID("clawback"), PartnerID: north, Amount: eur(amount)}
}
