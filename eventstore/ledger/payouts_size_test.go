package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
)

// As many items as a payout has, each of another currency, taxed, in large amounts, fit into one append, or as many as do.
func TestTheLargestPayoutFitsIntoOneAppend(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	var partners []uuid.UUID
	r := c.request("EUR")
	r.Rates = []payout.ExchangeRate{{Currency: "USD", Rate: domain.Must(domain.ParseRate("0.923456789")), Source: "ECB reference rate 2026-03-02, as published"}}
	for i := range 20 {
		partners = append(partners, c.pays(fmt.Sprint("partner ", i), "EUR"))
		r.Withholding = append(r.Withholding, payout.Withholding{PartnerID: partners[i], Percent: domain.Must(domain.ParseRate("26.375"))})
	}
	c.rests()
	r.ExecutionOn = domain.DateOf(c.now, time.UTC)
	const owed = payout.MaxItems + 50
	for i := range owed {
		source := payable.Source{
			Kind: payable.KindClaim, Stream: "mdf_fund-" + uuid.Nil.String(), ID: domain.DeriveID("claim"), EventID: domain.DeriveID("approval", fmt.Sprint(i)),
		}
		h := domain.Header{CommandID: domain.CommandID("raise", fmt.Sprint(i)), Actor: domaintest.Importer()}
		_, err := c.l.Payables.Do(ctx, payable.IDOf(source.EventID), h, payable.Raise{
			PartnerID: partners[i%len(partners)], Source: source, Amount: domain.Must(domain.NewMoney(90_000_000_000_000+int64(i), "USD")),
			Due: domain.DateOf(c.now, time.UTC),
		})
		require.NoError(t, err)
	}
	p := c.prepares("large", r)
	require.Greater(t, len(p.Items), payout.MaxItems*3/4)
	c.sends(p.ID)
	q := c.prepares("rest", r)
	require.Equal(t, owed, len(p.Items)+len(q.Items), "what doesn't fit is left for the next payout")
}
