package bank

import (
	"bytes"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

// small keeps a fuzzed file from costing more than it shows.
var small = Limits{Bytes: 1 << 20, Token: 64 << 10, Statements: 100, Lines: 10_000}

func FuzzCamt053(f *testing.F) {
	samples, err := filepath.Glob("testdata/*.xml")
	require.NoError(f, err)
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(message(2, "")))
	f.Add([]byte(bomb))
	f.Fuzz(func(t *testing.T, text []byte) {
		checkAccepted(t, Camt053(small)(t.Context(), bytes.NewReader(text)))
	})
}

func FuzzCSV(f *testing.F) {
	for _, name := range []string{"example", "newest-first", "accounts"} {
		text, err := os.ReadFile("testdata/" + name + ".csv")
		require.NoError(f, err)
		for kind := range 4 {
			f.Add(text, kind)
		}
	}
	f.Add([]byte(rows), 3)
	mappings := []*Mapping{
		mappingFile(f, exampleMapping), mappingFile(f, "testdata/newest-first.mapping.yaml"), mappingFile(f, "testdata/accounts.mapping.yaml"),
	}
	last, err := ParseMapping(strings.NewReader(rowsMapping))
	require.NoError(f, err)
	mappings = append(mappings, last)
	f.Fuzz(func(t *testing.T, text []byte, kind int) {
		m := mappings[uint(kind)%4]
		given := Given{}
		if m.Columns[Number] == "" {
			given.Number = "1"
		}
		checkAccepted(t, CSV(m, given, small)(t.Context(), bytes.NewReader(text)))
	})
}

// checkAccepted holds what is accepted against what every file must be: statements in order, each with its lines and its end;
// numbers without gaps; amounts above 0 in the account's currency; and lines that make the closing of the opening. What is
// refused has a code and words.
func checkAccepted(t require.TestingT, items iter.Seq2[Item, error]) {
	var open *Statement
	var sum domain.Money
	var statements, lines int
	identities := map[string]bool{}
	for item, err := range items {
		if err != nil {
			var fault *Error
			require.ErrorAs(t, err, &fault)
			require.NotEmpty(t, fault.Code)
			require.NotEmpty(t, fault.Detail)
			require.LessOrEqual(t, len(fault.Detail), 1000)
			return
		}
		switch item := item.(type) {
		case Statement:
			require.Nil(t, open)
			statements++
			require.Equal(t, statements, item.InFile)
			open, sum, lines, identities = &item, domain.Must(domain.NewMoney(0, item.Currency)), 0, map[string]bool{}
		case Line:
			require.NotNil(t, open)
			lines++
			require.Equal(t, lines, item.Number)
			require.Equal(t, statements, item.InFile)
			require.Equal(t, 1, item.Amount.Sign())
			require.Equal(t, open.Currency, item.Amount.Currency())
			require.False(t, item.BookedOn.IsZero() || item.ValueOn.IsZero())
			require.False(t, identities[item.Identity])
			require.Positive(t, item.At.Line)
			identities[item.Identity] = true
			sum = domain.Must(sum.Add(item.signed()))
		case End:
			require.NotNil(t, open)
			require.Equal(t, lines, item.Lines)
			require.Equal(t, item.Closing, domain.Must(item.Opening.Add(sum)))
			require.Equal(t, item.Closing, item.Computed)
			require.Equal(t, open.Account, item.Account)
			require.NotEmpty(t, item.Number)
			require.LessOrEqual(t, item.From.Compare(item.To), 0)
			open = nil
		}
	}
	require.Nil(t, open, "every statement has an end")
	require.Positive(t, statements)
}

// A day's movements, written as the one format and as the other, are the same lines with the same identities.
func TestBothFormatsSayTheSame(t *testing.T) {
	t.Parallel()
	mapping := "currency: EUR\naccount: DE89370400440532013000\ndates: [YYYY-MM-DD]\n" +
		"columns: {booked_on: day, value_on: value, amount: amount, reference: ref, end_to_end_id: e2e, counterparty: name}\n" +
		"text: [text]\nlabels: {opening: opening, closing: closing, from: from, to: to}\n"
	csvReader := rowsReader(t, mapping, Given{Number: "S-1"})
	rapid.Check(t, func(t *rapid.T) {
		book := randomBook(t)
		asXML, err := collect(Camt053(Limits{})(t.Context(), strings.NewReader(book.xml())))
		require.NoError(t, err)
		asCSV, err := collect(csvReader(t.Context(), strings.NewReader(book.csv())))
		require.NoError(t, err)
		require.Len(t, asXML, len(asCSV))
		for i, item := range asCSV {
			switch item := item.(type) {
			case Line:
				other, is := asXML[i].(Line)
				require.True(t, is)
				item.At, other.At, item.Batch, other.Batch = Position{}, Position{}, 0, 0
				require.Equal(t, other, item)
			case End:
				require.Equal(t, asXML[i], item)
			}
		}
		checkAccepted(t, Camt053(Limits{})(t.Context(), strings.NewReader(book.xml())))
		checkAccepted(t, csvReader(t.Context(), strings.NewReader(book.csv())))
	})
}
