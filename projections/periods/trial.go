package periods

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// TrialBalance is a month's: what every account of every party holds at the month's end, by posting date. Ask the journal as it
// was known at the month's cut.
func TrialBalance(ctx context.Context, q projections.Querier, m period.Month) ([]journal.Balance, error) {
	trial, err := journal.Trial(ctx, q, journal.BalanceQuery{By: journal.ByPosted, Days: journal.Days{To: m.Last()}, Parties: true})
	return trial.Balances, err
}

// CSV writes a trial balance in the one way that its hash is made from (RFC 4180, in the order of book, account, party and
// currency). A balance stands under debit or credit, without a sign; what is nought is left out. These bytes never change:
// whoever wants other columns makes another file.
func CSV(balances []journal.Balance) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	write := func(fields ...string) { _ = w.Write(fields) } // into memory: it can't fail
	write("book", "account", "party", "currency", "debit", "credit")
	for _, b := range balances {
		debit, credit := sides(b.Closing)
		if b.Closing.Sign() != 0 {
			write(string(b.Book), b.Account.Name, b.Account.Party, b.Closing.Currency(), debit, credit)
		}
	}
	w.Flush()
	return out.Bytes()
}

// sides are the columns that a balance stands in.
func sides(m domain.Money) (debit, credit string) {
	if m.Sign() < 0 {
		return "", m.Neg().Decimal()
	}
	return m.Decimal(), ""
}

// SHA256 is the hash of a file, 64 hex digits.
func SHA256(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}
