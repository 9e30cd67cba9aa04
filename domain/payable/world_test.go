package payable_test

import (
	"testing"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

var (
	north  = domain.DeriveID("north")
	payee  = domain.DeriveID("payee")
	first  = domain.DeriveID("payout", "1")
	second = domain.DeriveID("payout", "2")
	source = payable.Source{
		Kind: payable.KindClaim, Stream: "mdf_fund-" + domain.DeriveID("fund").String(), ID: domain.DeriveID("claim"),
		EventID: domain.DeriveID("approval"),
	}
	id   = payable.IDOf(source.EventID)
	none = payable.Facts{}
	due  = domain.Must(domain.ParseDate("2026-01-31"))
)

const bank = "DE89370400440532013000"

type (
	given   = domaintest.Given[*payable.Payable, payable.Command, payable.Facts, payable.Event]
	outcome = domaintest.Outcome[*payable.Payable, payable.Command, payable.Facts, payable.Event]
)

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }
func usd(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "USD")) }

// raised is EUR 1 234.56 that a fund in dollars carries as USD 1 337.89 (domain.md section 11, the FX vector).
func raised() payable.Raised {
	return payable.Raised{
		PayableID: id, PartnerID: north, Source: source, Amount: eur("1234.56"), Booked: usd("1337.89"), Due: due,
	}
}

// payment is what goes out for it in the same currency: USD 200 are withheld.
func payment(payout domain.Money) payable.Payment {
	return payable.Payment{
		PayoutID: first, PartnerID: north, Kind: payable.KindClaim, BankAccount: bank, Amount: eur("1234.56"), Paid: payout,
		Booked: usd("1337.89"),
	}
}

func send(payout domain.Money) payable.Send {
	return payable.Send{PayoutID: first, BankAccount: bank, PayeeID: payee, Paid: payout}
}

func there(t *testing.T) given {
	t.Helper()
	return domaintest.For(t, payable.Decider(), domaintest.By(domaintest.Importer())).Given(raised())
}

func claimed(t *testing.T) outcome {
	t.Helper()
	return there(t).When(none, payable.Claim{PayoutID: first}).Then(
		payable.Claimed{PayableID: id, PayoutID: first, Amount: eur("1234.56")})
}

func sent(t *testing.T) outcome {
	t.Helper()
	return claimed(t).When(none, send(eur("1234.56"))).Then(
		payable.Sent{PayableID: id, PayeeID: payee, Payment: payment(eur("1234.56"))})
}
