package payout_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payout"
)

// TestFixtures freezes the wire contract: the files under testdata/events are never overwritten.
func TestFixtures(t *testing.T) {
	one := item("a", north, "1234.56")
	one.FX, one.Percent = payout.FX{Rate: rate("1.0837"), Source: "ECB reference rate 2026-03-02"}, rate("10")
	one.Paid, one.Withheld = money("1204.10", "USD"), money("133.79", "USD")
	held := []payout.Held{{PayableID: payable("b"), PartnerID: south, Reason: payout.HeldSuspended}}
	filter := payout.Filter{PartnerIDs: []uuid.UUID{north}, Kinds: []string{"mdf_claim"}, DueUntil: today}
	samples := map[string]any{}
	for _, e := range []payout.Event{
		payout.Opened{
			PayoutID: id, Currency: "USD", Filter: filter, Debtor: open().Debtor, ExecutionOn: today,
			Rates:       []payout.ExchangeRate{{Currency: "EUR", Rate: rate("1.0837"), Source: "ECB reference rate 2026-03-02"}},
			Withholding: []payout.Withholding{{PartnerID: north, Percent: rate("10")}},
		},
		payout.Prepared{PayoutID: id, Items: []payout.Item{one}, Total: one.Paid, Withheld: one.Withheld, Held: held},
		payout.FirstApproved{PayoutID: id, Total: one.Paid, Approval: "approval@2", Reason: "checked"},
		payout.Approved{PayoutID: id, Total: one.Paid, Approval: "approval@2", Reason: "checked"},
		payout.Sent{PayoutID: id, Format: payout.Pain001, MessageID: payout.MessageID(id), SHA256: sha, Held: held},
		payout.Completed{PayoutID: id},
		payout.Abandoned{PayoutID: id, Reason: "a mistake"},
	} {
		samples[e.EventType()] = e
	}
	domaintest.Fixtures(t, "testdata/events", payout.Types(), samples)
}
