package export

import (
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/projections/journal"
)

// roots is the one table of how accounts are called elsewhere, by the first word of ours. hledger tells assets, liabilities,
// equity, revenue and expenses by these first words; beancount knows these five and no other. The budgetary book stands
// under equity: it is zero by itself, and moves no money.
var roots = []struct{ ours, hledger, beancount string }{
	{"budget", "equity:budgetary:budget", "Equity:Budgetary:Budget"},
	{"fund", "equity:budgetary:fund", "Equity:Budgetary:Fund"},
	{"asset", "asset", "Assets"},
	{"receivable", "asset:receivable", "Assets:Receivable"},
	{"tax", "asset:tax", "Assets:Tax"},
	{"liability", "liability", "Liabilities"},
	{"equity", "equity", "Equity"},
	{"revenue", "revenue", "Income"},
	{"income", "revenue:income", "Income:Income"},
	{"contra_revenue", "revenue:contra", "Income:Contra"},
	{"expense", "expense", "Expenses"},
}

// names calls accounts by names of another program, each account by one of its own.
type names struct {
	call  func(journal.Account) string
	taken map[string]journal.Account
	known map[journal.Account]string
}

func newNames(call func(journal.Account) string) *names {
	return &names{call: call, taken: map[string]journal.Account{}, known: map[journal.Account]string{}}
}

// of is an account's name. Errors: another account has it, which the rules of naming leave no room for in our own chart.
func (n *names) of(a journal.Account) (string, error) {
	if name, ok := n.known[a]; ok {
		return name, nil
	}
	name := n.call(a)
	if other, taken := n.taken[name]; taken {
		return "", fmt.Errorf("accounts %+v and %+v would both be called %s", other, a, name)
	}
	n.taken[name], n.known[a] = a, name
	return name, nil
}

// hledgerName is an account as hledger calls it: liability:mdf_payable:partner-<id>.
func hledgerName(a journal.Account) string {
	root, rest, _ := strings.Cut(a.Name, ":")
	name := "equity:other:" + root
	for _, r := range roots {
		if r.ours == root {
			name = r.hledger
		}
	}
	for _, part := range parts(rest) {
		name += ":" + escaped(part, "_")
	}
	if a.Party != "" {
		name += ":" + escaped(party(a), "_")
	}
	return name
}

// beancountName is an account as beancount calls it: Liabilities:MdfPayable:Partner-<id>. Its words begin with a capital or
// a digit, and hold letters, digits and hyphens only.
func beancountName(a journal.Account) string {
	root, rest, _ := strings.Cut(a.Name, ":")
	name := "Equity:Other:" + capitalised(root)
	for _, r := range roots {
		if r.ours == root {
			name = r.beancount
		}
	}
	for _, part := range parts(rest) {
		name += ":" + capitalised(part)
	}
	if a.Party != "" {
		of := party(a)
		name += ":" + startable(escaped(strings.ToUpper(of[:1])+of[1:], ""))
	}
	return name
}

func parts(rest string) []string {
	if rest == "" {
		return nil
	}
	return strings.Split(rest, ":")
}

// party is whom the account is about, as one word: partner:<id> is partner-<id>.
func party(a journal.Account) string { return strings.Replace(a.Party, ":", "-", 1) }

// capitalised makes MdfPayable of mdf_payable.
func capitalised(word string) string {
	var b strings.Builder
	for i, part := range strings.Split(word, "_") {
		switch {
		case part != "" && 'a' <= part[0] && part[0] <= 'z':
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		case i == 0:
			b.WriteString(part)
		default: // no word begins here: the underscore stays, so that a_1 and a1 differ
			b.WriteString("_" + part)
		}
	}
	return startable(escaped(b.String(), ""))
}

// startable is a word that may begin a part of beancount's names.
func startable(word string) string {
	if strings.HasPrefix(word, "-") {
		return "X" + word
	}
	return word
}

// escaped keeps ASCII letters, digits, hyphens and some more; each byte of what else there is becomes -xHH. A hyphen before
// an x is escaped too, so no two texts come out alike.
func escaped(text, more string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			c == '-' && !strings.HasPrefix(text[i+1:], "x") || strings.IndexByte(more, c) >= 0
		if plain {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "-x%02X", c)
		}
	}
	return b.String()
}
