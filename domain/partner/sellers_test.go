package partner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
)

func TestAddSeller(t *testing.T) {
	add := partner.AddSeller(added)
	once := onboarded(t).When(facts, add, admin).Then(added)
	once.When(facts, add, ops).ThenRejected(domain.KindConflict, "seller_exists", "seller_id")
	onboarded(t).When(facts, add, importer).Then(added)
	onboarded(t).When(facts, add, outsider).ThenRejected(domain.KindForbidden, "own_partner", "")
	onboarded(t).When(facts, add, domaintest.By(domaintest.Seller(self))).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t).When(facts, add, admin, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindForbidden, "backdating", "")
	scenario(t).Given(applied).When(facts, add, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	onboarded(t, partner.Deactivated{Reason: "r"}).When(facts, add, ops).ThenRejected(domain.KindConflict, "partner_status", "")

	add.SellerID = uuid.Nil
	id := onboarded(t).When(facts, add, ops).Outcome().Events()[0].(partner.SellerAdded).SellerID
	assert.Equal(t, domain.EntityID(domaintest.NthCommand(5), domain.StreamName(partner.Category, self), "seller"), id)

	for field, bad := range map[string][]partner.AddSeller{
		"name":  {{Name: ""}, {Name: domain.Personal(strings.Repeat("x", 201))}},
		"email": {{Name: "A", Email: "ada"}, {Name: "A", Email: "a b@c.de"}, {Name: "A", Email: domain.Personal(strings.Repeat("x", 250) + "@c.de")}},
	} {
		for _, c := range bad {
			onboarded(t).When(facts, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
		}
	}
}

func TestTooManySellers(t *testing.T) {
	p := onboarded(t).State()
	for i := range 10_000 {
		p.Sellers = append(p.Sellers, partner.Seller{ID: domain.DeriveID(fmt.Sprint(i))})
	}
	h := domain.Header{CommandID: self, Actor: domaintest.Ops(), Now: now, EffectiveAt: now}
	_, err := partner.Decider().Decide(p, h, facts, partner.AddSeller(added))
	assert.Equal(t, "too_many", domain.AsRejection(err).Rule)
}

func TestRemoveSeller(t *testing.T) {
	remove := partner.RemoveSeller{SellerID: seller}
	removed := onboarded(t, added).When(facts, remove, admin).Then(partner.SellerRemoved(remove))
	removed.When(facts, remove, admin).ThenRejected(domain.KindNotFound, "seller", "seller_id")
	onboarded(t).When(facts, remove, ops).ThenRejected(domain.KindNotFound, "seller", "seller_id")
	onboarded(t, added).When(facts, remove, outsider).ThenRejected(domain.KindForbidden, "own_partner", "")
	onboarded(t, added).When(facts, remove, desk).ThenRejected(domain.KindForbidden, "role", "")
	removed.When(facts, partner.AddSeller(added), ops).Then(added) // comes back
}

// Who sells for the partner is asked for a moment; what comes late counts from when it took effect.
func TestSellerAt(t *testing.T) {
	on := func(n int) domaintest.Option { return domaintest.At(now.AddDate(0, 0, n)) }
	late := func(n int) domaintest.Option { return domaintest.Effective(now.AddDate(0, 0, n)) }
	p := onboarded(t, domaintest.Past(added, on(10))).
		When(facts, partner.RemoveSeller{SellerID: seller}, on(20)).Then(partner.SellerRemoved{SellerID: seller}).
		When(facts, partner.AddSeller(added), on(30)).Then(added).
		When(facts, partner.AddSeller(added), on(40), late(5)).Then(added). // was there earlier
		When(facts, partner.RemoveSeller{SellerID: seller}, on(41), late(15)).Then(partner.SellerRemoved{SellerID: seller}).
		State()
	for n, want := range map[int]bool{4: false, 5: true, 10: true, 14: true, 15: false, 20: false, 29: false, 30: true, 99: true} {
		assert.Equal(t, want, p.SellerAt(seller, now.AddDate(0, 0, n)), "day %d", n)
	}
	assert.False(t, p.SellerAt(agreement, now))
}
