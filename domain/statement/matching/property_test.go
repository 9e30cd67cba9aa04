package matching_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/domain/statement/matching"
)

type world struct {
	lines []matching.Line
	items []matching.Item
}

// worlds are small and crowded, so that references, amounts and partners meet.
func worlds() *rapid.Generator[world] {
	partners, batches := []uuid.UUID{north, south}, []uuid.UUID{batch, domain.DeriveID("other batch")}
	amounts := rapid.SampledFrom([]string{"10", "10.50", "20", "30", "40", "60", "100"})
	return rapid.Custom(func(t *rapid.T) (w world) {
		for n := range rapid.IntRange(0, 12).Draw(t, "items") {
			i := item(n, amounts.Draw(t, "amount"), rapid.SampledFrom(partners).Draw(t, "partner"))
			i.Side.PayoutID = rapid.SampledFrom(batches).Draw(t, "batch")
			i.Refs = []string{hex(i.Side.PayoutID)}
			i.Outgoing = rapid.IntRange(0, 3).Draw(t, "direction") > 0
			if rapid.IntRange(0, 4).Draw(t, "is a debt") == 0 { // known by the same reference as a payment would be
				i.Outgoing, i.AnyDay = false, true
				i.Side.PayableID, i.Side.PayoutID, i.Side.ClawbackID = uuid.Nil, uuid.Nil, i.Side.PayableID
			}
			w.items = append(w.items, i)
		}
		for n := range rapid.IntRange(0, 12).Draw(t, "lines") {
			l := line(n+1, amounts.Draw(t, "amount"))
			l.Outgoing = rapid.IntRange(0, 3).Draw(t, "direction") > 0
			l.On = day.AddDays(rapid.IntRange(0, 7).Draw(t, "day"))
			if rapid.Bool().Draw(t, "has an end to end id") {
				l.EndToEnd = hex(payableID(rapid.IntRange(0, 12).Draw(t, "payable")))
			}
			if rapid.Bool().Draw(t, "has a batch") {
				l.Refs = []string{hex(rapid.SampledFrom(batches).Draw(t, "batch"))}
			}
			if rapid.Bool().Draw(t, "has a party") {
				to(rapid.SampledFrom(partners).Draw(t, "partner"))(&l)
			}
			w.lines = append(w.lines, l)
		}
		return w
	})
}

// thing is what a side settles.
func thing(side statement.Side) uuid.UUID {
	if side.ClawbackID != uuid.Nil {
		return side.ClawbackID
	}
	return side.PayableID
}

// Every line is told once, no payment is used twice, and never for more than it is.
func TestNothingIsUsedTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		r := matching.Find(w.lines, w.items, rules)
		seen, used := map[int]bool{}, map[uuid.UUID]bool{}
		tell := func(numbers []int) {
			for _, n := range numbers {
				require.False(t, seen[n], "line %d is told twice", n)
				seen[n] = true
			}
		}
		for _, f := range r.Found {
			tell(f.Lines)
			for _, side := range f.To {
				require.False(t, used[thing(side)], "used twice")
				used[thing(side)] = true
			}
		}
		for _, c := range r.Choices {
			tell(c.Lines)
			for _, side := range c.To {
				require.False(t, used[thing(side)], "used, and to choose from")
			}
		}
		tell(r.Unmatched)
		require.Len(t, seen, len(w.lines))
	})
}

// The order that lines and payments are given in changes nothing.
func TestTheOrderChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		want := matching.Find(w.lines, w.items, rules)
		lines, items := rapid.Permutation(w.lines).Draw(t, "lines"), rapid.Permutation(w.items).Draw(t, "items")
		require.Equal(t, want, matching.Find(lines, items, rules))
	})
}

// What is found passes the rules of the statement: it adds up exactly, and differs only as far as the policy allows. What is
// certain differs in nothing.
func TestTheStatementTakesWhatIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		s := statementOf(w.lines)
		facts := statement.Facts{Rules: policy.Rules{Reconciliation: policy.Versioned[policy.Reconciliation]{Version: 1, Body: rules}}}
		command := statement.MatchLines{}
		for _, f := range matching.Find(w.lines, w.items, rules).Found {
			m := f.Match
			m.MatchID, m.Score = s.MatchID(m, 0), statement.ByPerson
			if f.Certain {
				m.Score = statement.ByRule
			}
			command.Matches = append(command.Matches, m)
		}
		if len(command.Matches) == 0 {
			return
		}
		h := domain.Header{CommandID: domain.DeriveID("match"), Actor: domaintest.Finance(), Now: s.At, EffectiveAt: s.At}
		_, err := statement.Decider().Decide(s, h, facts, command)
		require.NoError(t, err)
	})
}

// statementOf has the lines in the books.
func statementOf(lines []matching.Line) *statement.Statement {
	d := statement.Decider()
	s, env := d.Initial(), domain.Envelope{EventID: domain.DeriveID("event")}
	recorded := make([]statement.Line, len(lines))
	for i, l := range lines {
		recorded[i] = statement.Line{
			Number: l.Number, Outgoing: l.Outgoing, Amount: l.Amount, BookedOn: l.On, Identity: fmt.Sprintf("%032x", i),
		}
	}
	imported := statement.Imported{StatementID: domain.DeriveID("statement"), Currency: "EUR", LineCount: len(lines), At: day.In(time.UTC)}
	s = d.Evolve(s, imported, env)
	return d.Evolve(s, statement.LinesRecorded{Lines: recorded}, env)
}
