package export_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/export"
)

// tool runs a program of another project on files; without it the test is skipped, and says so.
func tool(t *testing.T, name string, args ...string) (stdout string, err error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s isn't installed: apt-get install hledger beancount", name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%.4000s%.4000s", name, err, out.String(), errs.String())
	}
	return out.String(), nil
}

func saved(t *testing.T, text, extension string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "books."+extension)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestHledgerTakesTheBooks(t *testing.T) {
	t.Parallel()
	text := content(t, journalFile(t, export.Hledger, fxEntry(), yenEntry()))
	golden(t, "books.hledger", text)
	_, err := tool(t, "hledger", "check", "--strict", "-f", saved(t, text, "hledger"))
	require.NoError(t, err)
	for name, wrong := range map[string]string{
		"a balance":  strings.Replace(text, "= 1234.56 EUR", "= 1234.55 EUR", 1),
		"an account": strings.Replace(text, "account equity:fx", "account equity:fy", 1),
		"a currency": strings.Replace(text, "commodity 1000. JPY\n", "", 1),
		"an amount":  strings.Replace(text, "1337.89 USD", "1337.88 USD", 1),
	} {
		require.NotEqual(t, text, wrong)
		_, err := tool(t, "hledger", "check", "--strict", "-f", saved(t, wrong, "hledger"))
		require.Error(t, err, name)
	}
}

func TestBeancountTakesTheBooks(t *testing.T) {
	t.Parallel()
	text := content(t, journalFile(t, export.Beancount, fxEntry(), yenEntry()))
	golden(t, "books.beancount", text)
	_, err := tool(t, "bean-check", "-C", saved(t, text, "beancount"))
	require.NoError(t, err)
	for name, wrong := range map[string]string{
		"a balance":             strings.Replace(text, "1234.56 ~ 0", "1234.55 ~ 0", 1),
		"an account":            strings.Replace(text, "open Equity:Fx", "open Equity:Fy", 1),
		"an amount by one cent": strings.Replace(text, "1337.89 USD", "1337.90 USD", 1),
	} {
		require.NotEqual(t, text, wrong)
		_, err := tool(t, "bean-check", "-C", saved(t, wrong, "beancount"))
		require.Error(t, err, name)
	}
}

func TestBooksWithoutEntries(t *testing.T) {
	t.Parallel()
	for _, format := range export.Formats() {
		file := journalFile(t, format)
		require.Zero(t, file.Rows)
		require.NotEmpty(t, content(t, file))
	}
	_, err := tool(t, "hledger", "check", "--strict", "-f", saved(t, content(t, journalFile(t, export.Hledger)), "hledger"))
	require.NoError(t, err)
	_, err = tool(t, "bean-check", "-C", saved(t, content(t, journalFile(t, export.Beancount)), "beancount"))
	require.NoError(t, err)
}

func TestTextHeadersSayWhatFollows(t *testing.T) {
	t.Parallel()
	for _, format := range []export.Format{export.CSV, export.Hledger, export.Beancount} {
		file := journalFile(t, format, fxEntry(), yenEntry())
		require.EqualValues(t, 6, file.Rows)
		checkHash(t, file)
	}
}

// hledgerBalances are what hledger adds up, by account, but for those of nought; it checks the files as strictly as it can.
func hledgerBalances(t *testing.T, files ...string) map[string]domain.Totals {
	t.Helper()
	args := []string{"balance", "--strict", "--flat", "--empty", "--no-total", "--layout=bare", "-O", "csv"}
	for _, f := range files {
		args = append(args, "-f", f)
	}
	out, err := tool(t, "hledger", args...)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	balances := map[string]domain.Totals{}
	for _, row := range rows[1:] { // account, commodity, balance
		if row[1] == "" || strings.Trim(row[2], "0.") == "" {
			continue
		}
		totals := balances[row[0]]
		require.NoError(t, totals.Add(money(row[2], row[1])))
		balances[row[0]] = totals
	}
	return balances
}
