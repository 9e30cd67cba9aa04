package partner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
)

var earned = partner.CertificationEarned{
	SellerID: seller, Certification: "sales_expert", ValidTo: date(2026, 1, 31), Until: day(2026, 2, 1),
}

var expired = partner.CertificationExpired{SellerID: seller, Certification: "sales_expert"}

func earn(last domain.Date) partner.EarnCertification {
	return partner.EarnCertification{SellerID: seller, Certification: "sales_expert", ValidTo: last}
}

func TestCompleteTraining(t *testing.T) {
	finish := partner.CompleteTraining{SellerID: seller, Course: "product_basics"}
	done := onboarded(t, added).When(facts, finish, ops).Then(partner.TrainingCompleted(finish))
	assert.Equal(t, []partner.Training{{Course: "product_basics", CompletedAt: now}}, done.State().Sellers[0].Trainings)
	done.When(facts, finish, on(0), domaintest.Effective(now.Add(-time.Hour))).ThenRejected(domain.KindNotFound, "seller", "seller_id")
	done.When(facts, finish, domaintest.At(now.Add(23*time.Hour))).ThenRejected(domain.KindConflict, "training_known", "course")
	done.When(facts, finish, on(1)).Then(partner.TrainingCompleted(finish)) // taken again

	onboarded(t, added).When(facts, finish, admin).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t).When(facts, finish, ops).ThenRejected(domain.KindNotFound, "seller", "seller_id")
	onboarded(t, added, partner.SellerRemoved{SellerID: seller}).When(facts, finish, ops).
		ThenRejected(domain.KindNotFound, "seller", "seller_id")
	for _, course := range []string{"", "Product basics", strings.Repeat("x", 101)} {
		onboarded(t, added).When(facts, partner.CompleteTraining{SellerID: seller, Course: course}, ops).
			ThenRejected(domain.KindInvalid, "invalid_field", "course")
	}
}

func TestEarnCertification(t *testing.T) {
	once := onboarded(t, added).When(facts, earn(date(2026, 1, 31)), ops).Then(earned)
	for _, last := range []domain.Date{date(2026, 1, 31), date(2026, 1, 30)} {
		once.When(facts, earn(last), on(5)).ThenRejected(domain.KindConflict, "certification_held", "valid_to")
	}
	renewal := partner.CertificationEarned{
		SellerID: seller, Certification: "sales_expert", ValidTo: date(2026, 3, 31), Until: day(2026, 4, 1),
	}
	renewed := once.When(facts, earn(date(2026, 3, 31)), on(20)).Then(renewal)
	forGood := renewed.When(facts, earn(domain.Date{}), on(21)).Then(partner.CertificationEarned{SellerID: seller, Certification: "sales_expert"})
	forGood.When(facts, earn(domain.Date{}), on(22)).ThenRejected(domain.KindConflict, "certification_held", "valid_to")

	onboarded(t, added).When(facts, earn(date(2026, 1, 31)), admin).ThenRejected(domain.KindForbidden, "role", "")
	onboarded(t).When(facts, earn(date(2026, 1, 31)), ops).ThenRejected(domain.KindNotFound, "seller", "seller_id")
	onboarded(t, added).When(facts, earn(date(2025, 12, 31)), ops).ThenRejected(domain.KindInvalid, "invalid_field", "valid_to")
	onboarded(t, added).When(facts, earn(date(3000, 1, 1)), ops).ThenRejected(domain.KindInvalid, "invalid_field", "valid_to")
	onboarded(t, added).When(facts, partner.EarnCertification{SellerID: seller, Certification: "Sales"}, ops).
		ThenRejected(domain.KindInvalid, "invalid_field", "certification")
}

// The expiry is recorded on its day, once, and only where no renewal covers it.
func TestExpireCertification(t *testing.T) {
	expire := partner.ExpireCertification{SellerID: seller, Certification: "sales_expert"}
	ended := onboarded(t, added, earned).When(facts, expire, byScheduler(), on(40), takes(31)).Then(expired)
	ended.When(facts, expire, byScheduler(), on(41), takes(31)).Then()
	assert.Equal(t, day(2026, 2, 1), ended.State().Sellers[0].Certifications[0].ExpiredAt)

	onboarded(t, added, earned).When(facts, expire, byScheduler(), on(30)).Then()
	onboarded(t, added).When(facts, expire, byScheduler()).Then()
	onboarded(t, added, earned, partner.CertificationEarned{SellerID: seller, Certification: "sales_expert"}).
		When(facts, expire, byScheduler(), on(31)).Then()
	onboarded(t, added, earned).When(facts, expire, ops, on(31)).ThenRejected(domain.KindForbidden, "role", "")
}

// Who holds a certificate is asked for a moment: the dates decide, whether or not the expiry is recorded; what comes late
// counts from when it took effect; and what a person learned stays with the person.
func TestHoldsAt(t *testing.T) {
	p := onboarded(t, added, earned, domaintest.Past(expired, on(31))).
		When(facts, earn(date(2026, 2, 28)), on(60), takes(25)).Outcome(). // renewed in time, known late
		When(facts, partner.RemoveSeller{SellerID: seller}, on(61), takes(40)).Outcome().
		When(facts, partner.AddSeller(added), on(62), takes(50)).Outcome().State()
	s := p.Sellers[0]
	for n, want := range map[int]bool{-1: false, 0: true, 30: true, 31: true, 45: true, 58: true, 59: false} {
		assert.Equal(t, want, s.HoldsAt("sales_expert", now.AddDate(0, 0, n)), "day %d", n)
	}
	assert.False(t, s.HoldsAt("another", now))
}
