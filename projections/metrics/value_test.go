package metrics

import (
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// partnersOf are so many partners in the program, of which some are active, each with two deals.
func partnersOf(active, all int) (entries []Entry) {
	for i := range all {
		own := Entry{subject: domain.DeriveID("partner", strconv.Itoa(i))}
		entries = append(entries, own)
		if i < active {
			own.Numerator = true
			entries = append(entries, own, own)
		}
	}
	return entries
}

// The vectors of the activation rate.
func TestRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		active, all int
		ratio       string
	}{{30, 200, "0.15"}, {4, 40, "0.1"}, {4, 6, "0.666667"}, {6, 6, "1"}, {30, 35, "0.857143"}, {0, 7, "0"}, {0, 0, ""}} {
		values, err := countSum(activationRate(), partnersOf(c.active, c.all))
		require.NoError(t, err)
		require.Equal(t, []Value{{Numerator: strconv.Itoa(c.active), Denominator: strconv.Itoa(c.all), Ratio: c.ratio}}, values)
	}
}

func TestCurrenciesNeverMix(t *testing.T) {
	t.Parallel()
	entry := func(name, amount, currency string, numerator bool) Entry {
		return Entry{subject: domain.DeriveID(name)}.with(domain.Must(domain.ParseMoney(amount, currency)), numerator)
	}
	values, err := moneySum(sourcedRevenue(), []Entry{
		entry("a", "10.00", "EUR", true), entry("b", "5.00", "EUR", false), entry("c", "100", "JPY", false), entry("a", "10.00", "EUR", true),
	})
	require.NoError(t, err)
	require.Equal(t, []Value{
		{Currency: "EUR", Numerator: "10.00", Denominator: "15.00", Ratio: "0.666667"},
		{Currency: "JPY", Numerator: "0", Denominator: "100", Ratio: "0"},
	}, values)
}

func TestSumsOutOfRangeAreErrors(t *testing.T) {
	t.Parallel()
	most := domain.Must(domain.NewMoney(1<<62, "EUR"))
	_, err := moneySum(sourcedRevenue(), []Entry{
		Entry{subject: uuid.UUID{1}}.with(most, true), Entry{subject: uuid.UUID{2}}.with(most, true),
	})
	require.Equal(t, domain.RuleAmountOverflow, domain.AsRejection(err).Rule)
}
