package ledger_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/statement"
)

const bankAccount = "DE89370400440532013000"

// takesIn imports a statement of movements out, 1 EUR each, that are named by numbers.
func (y *treasury) takesIn(number int, opening, from, to int) (*statement.Statement, error) {
	eur := func(n int) domain.Money { return domain.Must(domain.NewMoney(int64(n)*100, "EUR")) }
	day := domain.DateOf(now, time.UTC)
	c := statement.Import{
		BankAccount: bankAccount, Currency: "EUR", Format: statement.Camt053, SHA256: fmt.Sprintf("%064x", number), InFile: 1,
		Number: strconv.Itoa(number), From: day, To: day, Opening: eur(opening), Closing: eur(opening - (to - from + 1)),
		LineCount: to - from + 1, In: eur(0), Out: eur(to - from + 1), KnownIn: eur(0), KnownOut: eur(0),
	}
	var lines []statement.Line
	for i := range c.LineCount {
		lines = append(lines, statement.Line{
			Number: i + 1, Outgoing: true, Amount: eur(1), BookedOn: day, Identity: fmt.Sprintf("%032x", from+i),
		})
	}
	id := statement.IDOf(bankAccount, c.Number)
	header := func(step string) domain.Header {
		return domain.Header{CommandID: domain.DeriveID(step, strconv.Itoa(number), strconv.Itoa(opening)), Actor: domaintest.Finance()}
	}
	_, err := y.l.ImportStatement(ctx, bankAccount, c.Number, header("import"), func(known func(string) bool) (statement.Import, error) {
		for _, l := range lines {
			if known(l.Identity) {
				c.Known, c.KnownOut = append(c.Known, l.Number), domain.Must(c.KnownOut.Add(eur(1)))
			}
		}
		return c, nil
	})
	if err == nil && len(lines) > 0 {
		_, err = y.l.Statements.Do(ctx, id, header("lines"), statement.RecordLines{Lines: lines})
	}
	s, _, foldErr := y.l.Statements.Fold(ctx, id)
	require.NoError(y.t, foldErr)
	return s, err
}

func TestStatementsFollowEachOther(t *testing.T) {
	y := newTreasury(t)
	first, err := y.takesIn(1, 100, 1, 10)
	require.NoError(t, err)
	require.Equal(t, statement.StatusOpen, first.Status)
	second, err := y.takesIn(3, 80, 21, 25)
	require.Equal(t, "statement_parked", domain.AsRejection(err).Rule)
	require.Equal(t, statement.OpeningDiffers, second.Parking.Why)
	_, err = y.takesIn(2, 90, 11, 20)
	require.NoError(t, err)
	second, err = y.takesIn(3, 80, 21, 25)
	require.Equal(t, statement.StatusParked, second.Status, "the same command again says what it said")
	require.Error(t, err)
	overlapping, err := y.takesIn(4, 85, 16, 30)
	require.NoError(t, err)
	require.Equal(t, 5, overlapping.Skipped)
	require.Equal(t, 10, overlapping.Unmatched)
	require.Equal(t, statement.IDOf(bankAccount, "2"), overlapping.Follows)
	_, err = y.takesIn(5, 100, 1, 30)
	require.Equal(t, "nothing_new", domain.AsRejection(err).Rule)
}

// However many are imported at once, each goes on from exactly one before.
func TestImportsAtOnce(t *testing.T) {
	y := newTreasury(t)
	_, err := y.takesIn(1, 100, 1, 10)
	require.NoError(t, err)
	var wg sync.WaitGroup
	open := make([]bool, 8)
	for i := range open {
		wg.Go(func() {
			s, _ := y.takesIn(10+i, 90, 100*(i+1), 100*(i+1)+4)
			open[i] = s.Status == statement.StatusOpen
		})
	}
	wg.Wait()
	count := 0
	for _, o := range open {
		if o {
			count++
		}
	}
	require.Equal(t, 1, count)
}
