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

func TestRanks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values      []int64
		median, p90 int64
	}{
		{[]int64{7}, 7, 7},
		{[]int64{9, 1}, 1, 9},
		{[]int64{3, 1, 2}, 2, 3},
		{[]int64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 5, 9},
		{[]int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 6, 10},
	} {
		median, _ := rank(c.values, 50)
		p90, _ := rank(c.values, 90)
		require.Equal(t, c.median, median, "%v", c.values)
		require.Equal(t, c.p90, p90, "%v", c.values)
	}
	_, ok := rank([]int64{}, 50)
	require.False(t, ok)
}

func TestDecimals(t *testing.T) {
	t.Parallel()
	for want, r := range map[string][2]int64{
		"0.0234375": {3, 128}, "0.333333": {1, 3}, "-0.666667": {-2, 3}, "12": {24, 2}, "0.000000000000000001": {1, 1e18},
	} {
		require.Equal(t, want, ratio(whole(r[0]), whole(r[1])))
	}
}
