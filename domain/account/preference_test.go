package account_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

func prefers(partner uuid.UUID) account.RecordPreference {
	return account.RecordPreference{AccountID: acme, PartnerID: partner, Direct: partner == uuid.Nil, DocumentSHA256: letter}
}

func TestTheCustomersPreference(t *testing.T) {
	s := newStory(t)
	own, other := s.registers(north, gtx), s.registers(south, []string{"MG Special", "1.00"})
	assert.Len(t, s.do(prefers(north), on(1)), 2)
	assert.Empty(t, s.deal(own).Findings, "it is whom the customer prefers")
	f := s.theFinding(other)
	assert.Equal(t, policy.RuleCustomerPreference, f.Rule)
	assert.Equal(t, account.With{PartnerID: north}, f.With)
	assert.Equal(t, map[string]string{"document_sha256": letter}, f.Evidence)
	s.refuses(account.ApproveDeal{DealID: other}, conflict, "conflict", "deal_id", on(1))
	s.do(account.ApproveDeal{DealID: own}, on(1))
	s.wants(prefers(north), nil, on(2))

	later := s.registers(west, []string{"West Only", "1.00"}, on(2))
	assert.Equal(t, policy.RuleCustomerPreference, s.theFinding(later).Rule)
	s.overrideAll(later, on(2))
	s.do(account.ApproveDeal{DealID: later}, on(2))

	s.do(account.WithdrawPreference{AccountID: acme, Reason: "they are content again"}, on(3))
	s.do(account.ApproveDeal{DealID: other}, on(3))
	s.refuses(account.WithdrawPreference{AccountID: acme, Reason: "again"}, conflict, "no_preference", "effective_at", on(4))
}

func TestTheCustomerPrefersTheVendor(t *testing.T) {
	s := newStory(t)
	deal := s.registers(north, gtx)
	s.do(prefers(uuid.Nil), on(1))
	assert.Equal(t, account.With{Owner: account.OwnerDirect}, s.theFinding(deal).With)
	s.do(account.SetOwnership{AccountID: acme, Owner: account.OwnerDirect, Reason: "so they want it"}, on(2))
	assert.Len(t, s.deal(deal).Findings, 2, "another rule, another finding")
}

// The letter that took effect last holds, whenever it was recorded.
func TestAPreferenceRecordedLate(t *testing.T) {
	s := newStory(t)
	norths, souths := s.registers(north, gtx), s.registers(south, []string{"MG Special", "1.00"})
	s.do(prefers(north), on(5))
	s.do(prefers(south), on(6), since(2))
	assert.Empty(t, s.deal(norths).Findings, "the later letter holds")
	assert.Len(t, s.deal(souths).Findings, 1)
	early := s.registers(north, gtx, on(7), since(3), importer)
	assert.Equal(t, account.With{PartnerID: south}, s.theFinding(early).With, "as held at that moment")
}

func TestPreferencesThatAreRefused(t *testing.T) {
	s := newStory(t)
	s.refuses(prefers(north), missing, "account_unknown", "account_id")
	s.refuses(account.WithdrawPreference{AccountID: acme, Reason: "x"}, missing, "account_unknown", "account_id")
	s.do(account.IdentifyAccount{Customer: customer})
	with := func(change func(*account.RecordPreference)) account.RecordPreference {
		c := prefers(north)
		change(&c)
		return c
	}
	s.refuses(with(func(c *account.RecordPreference) { c.Direct = true }), invalid, "invalid_field", "partner_id")
	s.refuses(with(func(c *account.RecordPreference) { c.PartnerID = uuid.Nil }), invalid, "invalid_field", "partner_id")
	s.refuses(prefers(domain.DeriveID("nobody")), missing, "partner_unknown", "partner_id")
	s.refuses(with(func(c *account.RecordPreference) { c.DocumentSHA256 = "" }), invalid, "invalid_field", "document_sha256")
	s.refuses(with(func(c *account.RecordPreference) { c.DocumentSHA256 = "1E" }), invalid, "invalid_field", "document_sha256", importer)
	both := domaintest.Seller(north)
	both.Roles = append(both.Roles, domain.DealDesk)
	s.refuses(prefers(north), forbidden, "vendor_only", "", domaintest.By(both))
	s.refuses(prefers(north), forbidden, "role", "", domaintest.By(domaintest.Seller(north)))
	s.do(with(func(c *account.RecordPreference) { c.DocumentSHA256 = "" }), importer)
	s.refuses(account.WithdrawPreference{AccountID: acme}, invalid, "invalid_field", "reason")
	s.refuses(account.WithdrawPreference{AccountID: acme, Reason: "x", DocumentSHA256: "1e"}, invalid, "invalid_field", "document_sha256")
}
