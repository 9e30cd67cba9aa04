package payable_test

import (
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

func TestFixtures(t *testing.T) {
	t.Parallel()
	samples := map[string]any{}
	fx := payable.FX{Rate: domain.Must(domain.ParseRate("1.0895")), Source: "ECB reference rate 2026-01-02"}
	sent := payment(usd("1145.05"))
	sent.Withheld = usd("200.00")
	match, statement := domain.DeriveID("match"), domain.DeriveID("statement")
	clawback := domain.DeriveID("clawback")
	for _, e := range []payable.Event{
		raised(),
		payable.Claimed{PayableID: id, PayoutID: first, Amount: eur("1234.56")},
		payable.Unclaimed{PayableID: id, PayoutID: first, Reason: "abandoned"},
		payable.Sent{PayableID: id, Payment: sent, PayeeID: payee, FX: fx},
		payable.Confirmed{PayableID: id, Payment: sent, Source: source, Reference: "B-2026-1"},
		payable.Returned{PayableID: id, Payment: sent, Source: source, Confirmed: true, Reason: "account closed"},
		payable.ReturnUndone{PayableID: id, Payment: sent, Source: source, MatchID: match, Reference: "B-2026-1", Reason: "another's"},
		payable.Cleared{PayableID: id, PayoutID: first, StatementID: statement, MatchID: match, Amount: usd("1145.05"), Incoming: true},
		payable.ClearingUndone{
			PayableID: id, PayoutID: first, StatementID: statement, MatchID: match, Amount: usd("1145.05"), Incoming: true, Reason: "another's",
		},
		payable.TakenBack{
			PayableID: id, PartnerID: north, ClawbackID: clawback, Amount: eur("234.56"), Booked: usd("254.19"), Reason: "no event took place",
		},
		payable.Offset{
			PayableID: id, PartnerID: north, Kind: payable.KindClaim, ClawbackID: clawback, RecoveryID: domain.DeriveID("recovery"),
			Amount: eur("1000.00"), Booked: usd("1083.70"),
		},
		held(disputed),
		lifted(disputed),
	} {
		samples[e.EventType()] = e
	}
	samples["payable.returned.v1+match_id"] = payable.Returned{
		PayableID: id, Payment: sent, Source: source, Confirmed: true, Reason: "it came back", MatchID: match,
	}
	samples["payable.taken_back.v1+cause"] = payable.TakenBack{
		PayableID: id, PartnerID: north, ClawbackID: clawback, Amount: eur("234.56"), Booked: usd("254.19"), Reason: "no event took place",
		Cause: payable.CauseClawback, InputTax: eur("34.56"),
	}
	samples["payable.offset.v1+reference"] = payable.Offset{
		PayableID: id, PartnerID: north, Kind: payable.KindClaim, ClawbackID: clawback, RecoveryID: domain.DeriveID("recovery"),
		Amount: eur("1000.00"), Reference: "agreed by letter",
	}
	domaintest.Fixtures(t, "testdata/events", payable.Types(), samples)
}
