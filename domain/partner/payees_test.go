package partner_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
)

var (
	payee    = domain.EntityID(domaintest.NthCommand(3), domain.StreamName(partner.Category, self), "payee")
	proposal = partner.ProposePayee{
		Name: "Acme GmbH", Account: "DE89 3704 0044 0532 0130 00", BIC: "COBADEFFXXX", Currency: "EUR", DocumentSHA256: document,
	}
	proposed = partner.PayeeProposed{
		PayeeID: payee, Name: "Acme GmbH", Account: "DE89370400440532013000", BIC: "COBADEFFXXX", Currency: "EUR", DocumentSHA256: document,
	}
	verification = partner.ApprovePayee{PayeeID: payee, Verified: "called back the number in the contract"}
	verified     = partner.PayeeApproved{PayeeID: payee, Verified: "called back the number in the contract"}

	treasurer = domaintest.By(domaintest.Treasurer())
	finance   = domaintest.By(domaintest.Finance())
)

func joined(t *testing.T) given {
	t.Helper()
	return scenario(t).Given(applied, partner.Approved{})
}

// An account is proposed by one, also of the partner, and checked by another, who isn't.
func TestAPayeeTakesTwo(t *testing.T) {
	t.Parallel()
	for _, maker := range []domaintest.Option{admin, ops, finance, importer} {
		joined(t).When(facts, proposal, maker).Then(proposed)
	}
	o := joined(t).When(facts, proposal, finance).Then(proposed)
	_, ok := o.State().Payee(now, "EUR")
	require.False(t, ok, "not before it is approved")
	o.When(facts, verification, finance).ThenRejected(domain.KindForbidden, "maker_is_checker", "")
	o.When(facts, verification, admin).ThenRejected(domain.KindForbidden, "role", "")
	o.When(facts, verification, ops).ThenRejected(domain.KindForbidden, "role", "")
	treasurerOfPartner := domaintest.Treasurer()
	treasurerOfPartner.PartnerID = self
	o.When(facts, verification, domaintest.By(treasurerOfPartner)).ThenRejected(domain.KindForbidden, "maker_is_checker", "")
	o = o.When(facts, partner.ApprovePayee{PayeeID: payee}, treasurer).ThenRejected(domain.KindInvalid, "invalid_field", "verified")
	o = o.When(facts, verification, treasurer).Then(verified)
	o = o.When(facts, verification, treasurer).ThenRejected(domain.KindConflict, "payee_status", "payee_id")
	x, ok := o.State().Payee(now, "EUR")
	require.True(t, ok)
	require.Equal(t, domain.Personal("DE89370400440532013000"), x.Account)
	require.True(t, o.State().Cites(document))
	_, ok = o.State().Payee(now, "USD")
	require.False(t, ok)
	o = o.When(facts, partner.RevokePayee{PayeeID: payee, Reason: "closed"}, admin).Then(partner.PayeeRevoked{PayeeID: payee, Reason: "closed"})
	_, ok = o.State().Payee(now, "EUR")
	require.False(t, ok)
	o.When(facts, partner.RevokePayee{PayeeID: payee, Reason: "closed"}, admin).ThenRejected(domain.KindConflict, "payee_status", "payee_id")
}

// The last one approved counts; when it is revoked the one before doesn't come back. Backdating an approval makes no account old.
func TestThePayeeAtAMoment(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	other := proposed
	other.PayeeID, other.Account = domain.DeriveID("other payee"), "GB29NWBK60161331926819"
	p := scenario(t).Given(applied, partner.Approved{},
		proposed, domaintest.Past(verified, domaintest.At(day(5)), domaintest.Effective(day(1))),
		other, domaintest.Past(partner.PayeeApproved{PayeeID: other.PayeeID, Verified: "x"}, domaintest.At(day(10))),
		domaintest.Past(partner.PayeeRevoked{PayeeID: other.PayeeID, Reason: "x"}, domaintest.At(day(20))),
	).State()
	_, ok := p.Payee(now, "EUR")
	require.False(t, ok)
	first, _ := p.Payee(day(3), "EUR")
	require.Equal(t, payee, first.ID)
	require.Equal(t, day(5), first.ChangedAt())
	second, _ := p.Payee(day(10), "EUR")
	require.Equal(t, other.PayeeID, second.ID)
	_, ok = p.Payee(day(20), "EUR")
	require.False(t, ok)
	known, ok := p.PayeeByID(payee)
	require.True(t, ok)
	require.Equal(t, first, known)
}

func TestAPayeeIsRefused(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*partner.ProposePayee){
		"name":            func(c *partner.ProposePayee) { c.Name = "" },
		"account":         func(c *partner.ProposePayee) { c.Account = "DE88370400440532013000" },
		"bic":             func(c *partner.ProposePayee) { c.BIC = "COBA" },
		"currency":        func(c *partner.ProposePayee) { c.Currency = "Euro" },
		"document_sha256": func(c *partner.ProposePayee) { c.DocumentSHA256 = "" },
	} {
		wrong := proposal
		spoil(&wrong)
		joined(t).When(facts, wrong, admin).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
	joined(t).When(partner.Facts{}, proposal, admin).ThenRejected(domain.KindConflict, "document_unknown", "document_sha256")
	joined(t).When(facts, proposal, outsider).ThenRejected(domain.KindForbidden, "own_partner", "")
	joined(t).When(facts, proposal, treasurer).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied).When(facts, proposal, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	joined(t).When(facts, verification, treasurer).ThenRejected(domain.KindNotFound, "payee", "payee_id")
	joined(t).When(facts, partner.RevokePayee{PayeeID: payee, Reason: "x"}, ops).ThenRejected(domain.KindNotFound, "payee", "payee_id")
}
