package export

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// beancountAccount is what beancount takes (its language syntax).
var beancountAccount = regexp.MustCompile(`^(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+$`)

// hledgerAccount is narrower than hledger: words without blanks or comment signs.
var hledgerAccount = regexp.MustCompile(`^(asset|liability|equity|revenue|expense)(:[A-Za-z0-9_-]+)+$`)

func TestEveryAccountOfTheChartHasItsOwnName(t *testing.T) {
	t.Parallel()
	inHledger, inBeancount := newNames(hledgerName), newNames(beancountName)
	for _, name := range journal.Chart() {
		require.NotContains(t, hledgerName(journal.Account{Name: name}), ":other:", "%s has no row in the table of names", name)
		for _, party := range []string{"", "partner:" + domain.DeriveID("p").String(), "bank:DE89370400440532013000", "bank:de 89_x"} {
			a := journal.Account{Name: name, Party: party}
			called, err := inHledger.of(a)
			require.NoError(t, err)
			require.Regexp(t, hledgerAccount, called)
			called, err = inBeancount.of(a)
			require.NoError(t, err)
			require.Regexp(t, beancountAccount, called)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	id := "6b0c0e2e-6b7e-5d52-8d1e-0d8a5c2f7a11"
	for _, c := range []struct {
		of                 journal.Account
		hledger, beancount string
	}{
		{journal.Account{Name: "liability:mdf_payable", Party: "partner:" + id}, "liability:mdf_payable:partner-" + id, "Liabilities:MdfPayable:Partner-" + id},
		{journal.Account{Name: "fund:in_transit", Party: "fund:" + id}, "equity:budgetary:fund:in_transit:fund-" + id, "Equity:Budgetary:Fund:InTransit:Fund-" + id},
		{journal.Account{Name: "asset:bank", Party: "bank:DE89"}, "asset:bank:bank-DE89", "Assets:Bank:Bank-DE89"},
		{journal.Account{Name: "receivable:clawback"}, "asset:receivable:clawback", "Assets:Receivable:Clawback"},
		{journal.Account{Name: "contra_revenue:mdf"}, "revenue:contra:mdf", "Income:Contra:Mdf"},
		{journal.Account{Name: "suspense"}, "equity:other:suspense", "Equity:Other:Suspense"},
		{journal.Account{Name: "expense:bank charges;", Party: "bank:a_1-x"}, "expense:bank-x20charges-x3B:bank-a_1-x2Dx", "Expenses:Bank-x20charges-x3B:Bank-a-x5F1-x2Dx"},
		{journal.Account{Name: "expense:_é"}, "expense:_-xC3-xA9", "Expenses:X-x5F-xC3-xA9"},
	} {
		require.Equal(t, c.hledger, hledgerName(c.of))
		require.Equal(t, c.beancount, beancountName(c.of))
	}
}

// TestNoTwoAccountsAreCalledAlike takes names as the books have them: lower-case words, and parties of any kind.
func TestNoTwoAccountsAreCalledAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.Custom(func(t *rapid.T) journal.Account {
			return journal.Account{
				Name:  rapid.SampledFrom([]string{"asset", "liability", "expense", "fund"}).Draw(t, "root") + ":" + rapid.StringMatching(`[ax]([_ax1-]{0,4})`).Draw(t, "rest"),
				Party: "bank:" + rapid.StringOfN(rapid.RuneFrom([]rune("aXx1_-5F: é")), 0, 6, -1).Draw(t, "party"),
			}
		})
		a, b := account.Draw(t, "a"), account.Draw(t, "b")
		require.Equal(t, a == b, hledgerName(a) == hledgerName(b))
		require.Equal(t, a == b, beancountName(a) == beancountName(b))
		require.Regexp(t, beancountAccount, beancountName(a))
		require.Regexp(t, hledgerAccount, hledgerName(a))
	})
}

func TestAccountsThatWouldBeCalledAlikeAreNamed(t *testing.T) {
	t.Parallel()
	n := newNames(func(a journal.Account) string { return strings.ToLower(a.Name) })
	_, err := n.of(journal.Account{Name: "a"})
	require.NoError(t, err)
	_, err = n.of(journal.Account{Name: "A"})
	require.ErrorContains(t, err, "would both be called a")
}
