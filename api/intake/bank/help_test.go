package bank

import (
	"fmt"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// collect reads to the end or the first error.
func collect(items iter.Seq2[Item, error]) (got []Item, err error) {
	for item, err := range items {
		if item != nil {
			got = append(got, item)
		}
		if err != nil {
			return got, err
		}
	}
	return got, nil
}

func readText(t *testing.T, read Reader, text string) ([]Item, error) {
	t.Helper()
	return collect(read(t.Context(), strings.NewReader(text)))
}

// shown is items as text, one line each, without what isn't there.
func shown(items []Item) string {
	var b strings.Builder
	for _, item := range items {
		switch item := item.(type) {
		case Statement:
			fmt.Fprintf(&b, "statement %d: %s %s, number %s (%s), %s to %s, %s to %s\n", item.InFile, item.Account, item.Currency,
				item.Number, item.Sequence, item.From, item.To, item.Opening, item.Closing)
		case Line:
			b.WriteString(shownLine(item))
		case End:
			fmt.Fprintf(&b, "end %d: %s to %s, %s to %s: %d lines, %s in, %s out = %s; %d entries, %d pending, %d zero, %d repeated\n",
				item.InFile, item.From, item.To, item.Opening, item.Closing, item.Lines, item.In, item.Out, item.Computed,
				item.Entries, item.Pending, item.Zero, item.Repeated)
		}
	}
	return b.String()
}

func shownLine(l Line) string {
	direction := "in"
	if l.Outgoing {
		direction = "out"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %d.%d %s %s %s %s at %s", l.Number, l.Entry, l.BookedOn, l.ValueOn, direction, l.Amount, l.At)
	for _, f := range []struct{ name, value string }{
		{"ref", l.Reference}, {"e2e", l.Payment.EndToEndID}, {"instr", l.Payment.Instruction}, {"msg", l.Payment.MessageID},
		{"pmt", l.Payment.PaymentID}, {"mandate", l.Payment.MandateID}, {"tx", l.Payment.Transaction},
		{"other", l.Other.Name}, {"account", l.Other.Account}, {"bic", l.Other.BIC}, {"text", l.Text},
		{"return", l.Return.Code}, {"why", l.Return.Text},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, " %s=%q", f.name, f.value)
		}
	}
	if !l.Charges.IsZero() {
		fmt.Fprintf(&b, " charges=%s", l.Charges)
	}
	if !l.Original.IsZero() {
		fmt.Fprintf(&b, " original=%s", l.Original)
	}
	if l.Batch > 0 {
		fmt.Fprintf(&b, " batch=%d", l.Batch)
	}
	if l.Reversal {
		b.WriteString(" reversal")
	}
	if l.Repeated {
		b.WriteString(" repeated")
	}
	return b.String() + "\n"
}

// golden compares with a file beside the sample; UPDATE_GOLDEN=1 writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
