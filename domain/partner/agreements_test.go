package partner_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
)

var sign = partner.SignAgreement{
	AgreementID: agreement, Kind: "reseller", DocumentSHA256: document,
	ValidFrom: date(2026, 1, 1), ValidTo: date(2026, 12, 31),
}

func TestSignAgreement(t *testing.T) {
	approved := func() given { return scenario(t).Given(applied, partner.Approved{}) }
	once := approved().When(facts, sign, ops).Then(signed)
	once.When(facts, sign, ops).ThenRejected(domain.KindConflict, "agreement_exists", "agreement_id")

	derived := sign
	derived.AgreementID = uuid.Nil
	id := approved().When(facts, derived, ops).Outcome().Events()[0].(partner.AgreementSigned).AgreementID
	assert.Equal(t, domain.EntityID(domaintest.NthCommand(3), domain.StreamName(partner.Category, self), "agreement"), id)

	endless := sign
	endless.ValidTo = domain.Date{}
	event := approved().When(facts, endless, ops).Outcome().Events()[0].(partner.AgreementSigned)
	assert.True(t, event.Until.IsZero())

	onboarded(t, partner.Suspended{Reason: "r"}).When(facts, derived, ops).Outcome()
	scenario(t).Given(applied).When(facts, sign, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	approved().When(facts, sign, ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindConflict, "partner_status", "")
	approved().When(facts, sign, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).When(facts, sign, ops).ThenRejected(domain.KindNotFound, "partner", "")
}

// An agreement's days are days in the program's zone.
func TestSignAgreementInZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	c := sign
	c.ValidFrom, c.ValidTo = date(2026, 3, 29), date(2026, 3, 29) // 23 hours
	e := scenario(t).Given(applied, partner.Approved{}).When(partner.Facts{Zone: berlin, DocumentStored: true}, c, ops).Outcome().
		Events()[0].(partner.AgreementSigned)
	assert.Equal(t, time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), e.From)
	assert.Equal(t, time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC), e.Until)
}

func TestSignAgreementNamesTheWrongField(t *testing.T) {
	for field, changes := range map[string][]func(*partner.SignAgreement){
		"kind": {
			func(c *partner.SignAgreement) { c.Kind = "" },
			func(c *partner.SignAgreement) { c.Kind = "Reseller Agreement" },
		},
		"document_sha256": {
			func(c *partner.SignAgreement) { c.DocumentSHA256 = "" },
			func(c *partner.SignAgreement) { c.DocumentSHA256 = "0A" + document[2:] },
		},
		"valid_from": {
			func(c *partner.SignAgreement) { c.ValidFrom = domain.Date{} },
			func(c *partner.SignAgreement) { c.ValidFrom = date(1899, 12, 31) },
		},
		"valid_to": {
			func(c *partner.SignAgreement) { c.ValidTo = date(2025, 12, 31) },
			func(c *partner.SignAgreement) { c.ValidTo = date(3000, 1, 1) },
		},
	} {
		for _, change := range changes {
			c := sign
			change(&c)
			scenario(t).Given(applied, partner.Approved{}).When(facts, c, ops).
				ThenRejected(domain.KindInvalid, "invalid_field", field)
		}
	}
	bare := sign
	bare.DocumentSHA256 = ""
	scenario(t).Given(applied, partner.Approved{}).When(facts, bare, importer).Outcome()
	past := []domain.Event{applied, partner.Approved{}}
	for i := range 500 {
		past = append(past, partner.AgreementSigned{AgreementID: domain.DeriveID(fmt.Sprint(i))})
	}
	scenario(t).Given(past...).When(facts, sign, ops).ThenRejected(domain.KindConflict, "too_many", "")
}

func TestRenewAgreement(t *testing.T) {
	renew := partner.RenewAgreement{AgreementID: agreement, DocumentSHA256: document, ValidTo: date(2027, 12, 31)}
	renewed := partner.AgreementRenewed{
		AgreementID: agreement, DocumentSHA256: document, ValidTo: date(2027, 12, 31), Until: day(2028, 1, 1),
	}
	p := onboarded(t).When(facts, renew, ops).Then(renewed).State()
	assert.Equal(t, day(2028, 1, 1), p.Agreements[0].Until)

	expired := domaintest.Past(partner.AgreementExpired{AgreementID: agreement}, domaintest.At(day(2027, 1, 1)))
	lastMoment := day(2027, 1, 1).Add(-time.Nanosecond)
	p = onboarded(t, expired).
		When(facts, renew, ops, domaintest.At(day(2027, 2, 1)), domaintest.Effective(lastMoment)).Then(renewed).State()
	assert.True(t, p.Agreements[0].ExpiredAt.IsZero(), "a renewal in time undoes an expiry")
	assert.True(t, p.StandingAt(day(2027, 1, 15)).Active)

	onboarded(t).When(facts, renew, ops, domaintest.At(day(2027, 1, 1))).
		ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	onboarded(t, partner.AgreementTerminated{AgreementID: agreement, Reason: "r"}).When(facts, renew, ops).
		ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	terminatedLater := domaintest.Past(partner.AgreementTerminated{AgreementID: agreement, Reason: "r"}, domaintest.At(day(2026, 6, 1)))
	onboarded(t, terminatedLater).When(facts, renew, ops).
		ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	onboarded(t).When(facts, renew, ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindConflict, "effective_before_step", "effective_at")
	onboarded(t).When(facts, renew, admin).ThenRejected(domain.KindForbidden, "role", "")

	endless := renew
	endless.ValidTo = domain.Date{}
	open := onboarded(t).When(facts, endless, ops).
		Then(partner.AgreementRenewed{AgreementID: agreement, DocumentSHA256: document})
	open.When(facts, renew, ops).ThenRejected(domain.KindConflict, "agreement_open_ended", "agreement_id")

	for field, c := range map[string]partner.RenewAgreement{
		"document_sha256": {AgreementID: agreement, ValidTo: date(2027, 12, 31)},
		"valid_to":        {AgreementID: agreement, ValidTo: date(2026, 12, 31), DocumentSHA256: document},
	} {
		onboarded(t).When(facts, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
	}
	far := renew
	far.ValidTo = date(3000, 1, 1)
	onboarded(t).When(facts, far, ops).ThenRejected(domain.KindInvalid, "invalid_field", "valid_to")
	unknown := renew
	unknown.AgreementID = seller
	onboarded(t).When(facts, unknown, ops).ThenRejected(domain.KindNotFound, "agreement", "agreement_id")
	// An imported renewal may come without its document; the old one stays.
	bare := renew
	bare.DocumentSHA256 = ""
	p = onboarded(t).When(facts, bare, importer).Outcome().State()
	assert.Equal(t, document, p.Agreements[0].DocumentSHA256)
}

func TestExpireAgreement(t *testing.T) {
	expire, expired := partner.ExpireAgreement{AgreementID: agreement}, partner.AgreementExpired{AgreementID: agreement}
	scheduler, due := domaintest.By(domaintest.Scheduler()), domaintest.At(day(2027, 1, 1))

	once := onboarded(t).When(facts, expire, scheduler, due).Then(expired)
	once.When(facts, expire, scheduler, due).Then()
	assert.Equal(t, day(2027, 1, 1), once.State().Agreements[0].ExpiredAt)
	onboarded(t).When(facts, expire, scheduler, domaintest.At(day(2027, 1, 3)), domaintest.Effective(day(2027, 1, 1))).Then(expired)

	onboarded(t).When(facts, expire, scheduler, domaintest.At(day(2026, 12, 31))).Then()
	onboarded(t, partner.AgreementTerminated{AgreementID: agreement, Reason: "r"}).When(facts, expire, scheduler, due).Then()
	onboarded(t, partner.AgreementRenewed{AgreementID: agreement, ValidTo: date(2027, 12, 31), Until: day(2028, 1, 1)}).
		When(facts, expire, scheduler, due).Then()
	onboarded(t, partner.AgreementRenewed{AgreementID: agreement}).When(facts, expire, scheduler, due).Then()

	onboarded(t).When(facts, expire, scheduler, domaintest.At(day(2027, 1, 2))).
		ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
	onboarded(t).When(facts, partner.ExpireAgreement{AgreementID: seller}, scheduler, due).
		ThenRejected(domain.KindNotFound, "agreement", "agreement_id")
	onboarded(t).When(facts, expire, ops, due).ThenRejected(domain.KindForbidden, "role", "")
}

func TestTerminateAgreement(t *testing.T) {
	terminate := partner.TerminateAgreement{AgreementID: agreement, Reason: "breach"}
	terminated := partner.AgreementTerminated{AgreementID: agreement, Reason: "breach"}
	once := onboarded(t).When(facts, terminate, ops).Then(terminated)
	once.When(facts, terminate, ops).ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	assert.Equal(t, partner.ReasonNoAgreement, once.State().StandingAt(now).Reason)

	june := domaintest.At(day(2026, 6, 1))
	later := onboarded(t, domaintest.Past(terminated, june))
	later.When(facts, terminate, ops).ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	onboarded(t).When(facts, terminate, ops, domaintest.At(day(2027, 1, 1))).
		ThenRejected(domain.KindConflict, "agreement_ended", "agreement_id")
	onboarded(t).When(facts, terminate, ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindConflict, "effective_before_step", "effective_at")
	onboarded(t).When(facts, partner.TerminateAgreement{AgreementID: agreement}, ops).
		ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	onboarded(t).When(facts, partner.TerminateAgreement{AgreementID: seller, Reason: "r"}, ops).
		ThenRejected(domain.KindNotFound, "agreement", "agreement_id")
	onboarded(t).When(facts, terminate, admin).ThenRejected(domain.KindForbidden, "role", "")

	// Effective before an expiry that is recorded: the agreement ended then.
	expired := domaintest.Past(partner.AgreementExpired{AgreementID: agreement}, domaintest.At(day(2027, 1, 1)))
	p := onboarded(t, expired).
		When(facts, terminate, ops, domaintest.At(day(2027, 2, 1)), domaintest.Effective(day(2026, 6, 1))).Then(terminated).State()
	assert.False(t, p.AgreementAt(day(2026, 7, 1)))
	assert.True(t, p.AgreementAt(day(2026, 5, 1)))
}

// An agreement stands on a document that somebody handed in; a service that imports history may name one that lies elsewhere.
func TestAnAgreementsDocumentIsStored(t *testing.T) {
	approved := func() given { return scenario(t).Given(applied, partner.Approved{}) }
	approved().When(partner.Facts{}, sign, ops).ThenRejected(domain.KindConflict, "document_unknown", "document_sha256")
	approved().When(partner.Facts{}, sign, importer).Then(signed)
	renew := partner.RenewAgreement{AgreementID: agreement, DocumentSHA256: strings.Repeat("0b", 32), ValidTo: date(2027, 12, 31)}
	onboarded(t).When(partner.Facts{}, renew, ops).ThenRejected(domain.KindConflict, "document_unknown", "document_sha256")
	p := onboarded(t).When(facts, renew, ops).Outcome().State()
	assert.Equal(t, document, partner.DocumentOf(sign))
	assert.True(t, p.Cites(partner.DocumentOf(renew)))
	assert.True(t, p.Cites(document), "the one that was renewed")
	assert.False(t, p.Cites(strings.Repeat("0c", 32)))
	assert.Empty(t, partner.DocumentOf(partner.Onboard{}))
}
