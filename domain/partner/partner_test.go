package partner_test

import (
	"encoding/json"
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

var (
	facts     = partner.Facts{DocumentStored: true}
	self      = domaintest.DefaultStreamID()
	now       = domaintest.Epoch
	agreement = domain.DeriveID("agreement")
	seller    = domain.DeriveID("seller")
	document  = strings.Repeat("0a", 32)

	ops      = domaintest.By(domaintest.Ops())
	desk     = domaintest.By(domaintest.Desk())
	admin    = domaintest.By(domaintest.Admin(self))
	importer = domaintest.By(domaintest.Importer())
	outsider = domaintest.By(domaintest.Admin(domain.DeriveID("another partner")))
)

var (
	applied = partner.Applied{
		LegalName: "Acme GmbH", Kind: partner.Reseller, Country: "DE", Domain: "acme.example",
		Territories: []string{"DACH"}, Verticals: []string{"retail"},
	}
	signed = partner.AgreementSigned{
		AgreementID: agreement, Kind: "reseller", DocumentSHA256: document,
		ValidFrom: date(2026, 1, 1), ValidTo: date(2026, 12, 31), From: day(2026, 1, 1), Until: day(2027, 1, 1),
	}
	added = partner.SellerAdded{SellerID: seller, Name: "Ada", Email: "ada@acme.example"}
)

func TestFixtures(t *testing.T) {
	domaintest.Fixtures(t, "testdata/events", partner.Types(), map[string]any{
		"partner.applied.v1":          applied,
		"partner.approved.v1":         partner.Approved{Reason: "imported history"},
		"partner.declined.v1":         partner.Declined{Reason: "no references"},
		"partner.agreement_signed.v1": signed,
		"partner.agreement_renewed.v1": partner.AgreementRenewed{
			AgreementID: agreement, DocumentSHA256: document, ValidTo: date(2027, 12, 31), Until: day(2028, 1, 1),
		},
		"partner.agreement_expired.v1":         partner.AgreementExpired{AgreementID: agreement},
		"partner.agreement_terminated.v1":      partner.AgreementTerminated{AgreementID: agreement, Reason: "breach"},
		"partner.onboarding_step_completed.v1": partner.OnboardingStepCompleted{Step: "sales_training"},
		"partner.onboarded.v1":                 partner.Onboarded{},
		"partner.onboarded.v1+tier":            partner.Onboarded{Tier: "registered"},
		"partner.kind_changed.v1":              partner.KindChanged{From: partner.Reseller, To: partner.MSP},
		"partner.seller_added.v1":              added,
		"partner.seller_removed.v1":            partner.SellerRemoved{SellerID: seller},
		"partner.suspended.v1":                 partner.Suspended{Reason: "unpaid invoices"},
		"partner.reinstated.v1":                partner.Reinstated{Reason: "paid"},
		"partner.deactivated.v1":               partner.Deactivated{Reason: "left the market"},
		"partner.training_completed.v1":        partner.TrainingCompleted{SellerID: seller, Course: "product_basics"},
		"partner.certification_earned.v1":      earned,
		"partner.certification_expired.v1":     partner.CertificationExpired{SellerID: seller, Certification: "sales_expert"},
		"partner.tier_changed.v1": partner.TierChanged{
			From: "gold", To: "silver", Reason: partner.TierByHand, Note: "as agreed", Policy: "tiering@1",
		},
		"partner.tier_grace_started.v1": grace,
		"partner.tier_grace_lifted.v1":  partner.TierGraceLifted{Reason: partner.GraceRecovered},
		"partner.tier_waiver_granted.v1": partner.TierWaiverGranted{
			ValidTo: date(2026, 6, 30), Until: day(2026, 7, 1), Reason: "merger",
		},
		"partner.territory_assigned.v1": dach,
		"partner.territory_removed.v1":  partner.TerritoryRemoved{Territory: "DACH"},
		"partner.parent_assigned.v1":    partner.ParentAssigned{ParentID: distributor},
		"partner.parent_removed.v1":     partner.ParentRemoved{ParentID: distributor},
		"partner.payee_proposed.v1":     proposed,
		"partner.payee_approved.v1":     verified,
		"partner.payee_revoked.v1":      partner.PayeeRevoked{PayeeID: payee, Reason: "account closed"},
	})
}

func TestApply(t *testing.T) {
	apply := partner.Apply(applied)
	first := scenario(t).When(facts, apply, ops).Then(applied)
	first.When(facts, apply, ops).ThenRejected(domain.KindConflict, "partner_status", "")

	newcomer := domaintest.By(domaintest.Admin(uuid.Nil))
	scenario(t).When(facts, apply, newcomer).Then(applied)
	scenario(t).When(facts, apply, outsider).ThenRejected(domain.KindForbidden, "own_partner", "")
	scenario(t).When(facts, apply, desk).ThenRejected(domain.KindForbidden, "role", "")

	p := first.State()
	assert.Equal(t, self, p.ID)
	assert.Equal(t, "Acme GmbH", p.LegalName)
	assert.Equal(t, partner.StatusApplied, p.Status.Latest())
	assert.Equal(t, partner.Reseller, p.Kind.Latest())
	assert.Equal(t, domaintest.Ops(), p.AppliedBy)
	assert.Equal(t, domain.EventID(domaintest.NthCommand(1), domain.StreamName(partner.Category, self), 0), p.LastEventID)
}

// After a refusal or a deactivation the partner applies again, by itself if it likes, and is onboarded anew.
func TestApplyAgain(t *testing.T) {
	again := applied
	again.LegalName, again.Kind = "Acme AG", partner.MSP
	declined := func() given { return scenario(t).Given(applied, partner.Declined{Reason: "r"}) }
	declined().When(facts, partner.Apply(again), admin).Then(again)
	declined().When(facts, partner.Apply(again), outsider).ThenRejected(domain.KindForbidden, "own_partner", "")

	left := func() given {
		return onboarded(t, partner.OnboardingStepCompleted{Step: "training"}, partner.Deactivated{Reason: "r"})
	}
	p := left().When(facts, partner.Apply(again), ops).Then(again).State()
	assert.Equal(t, "Acme AG", p.LegalName)
	assert.Equal(t, partner.MSP, p.Kind.Latest())
	assert.Equal(t, partner.StatusApplied, p.Status.Latest())
	assert.Empty(t, p.Steps)
	assert.Empty(t, p.Reason)
	assert.Len(t, p.Agreements, 1)

	left().When(facts, partner.Apply(again), ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindConflict, "effective_before_step", "effective_at")
}

func TestApplyNamesTheWrongField(t *testing.T) {
	with := func(change func(*partner.Apply)) partner.Apply {
		c := partner.Apply(applied)
		change(&c)
		return c
	}
	long := strings.Repeat("x", 201)
	for field, cases := range map[string][]partner.Apply{
		"legal_name": {
			with(func(c *partner.Apply) { c.LegalName = "" }),
			with(func(c *partner.Apply) { c.LegalName = long }),
			with(func(c *partner.Apply) { c.LegalName = " Acme" }),
			with(func(c *partner.Apply) { c.LegalName = "Ac\x00me" }),
			with(func(c *partner.Apply) { c.LegalName = "Ac\xffme" }),
		},
		"kind": {with(func(c *partner.Apply) { c.Kind = "friend" }), with(func(c *partner.Apply) { c.Kind = "" })},
		"country": {
			with(func(c *partner.Apply) { c.Country = "" }),
			with(func(c *partner.Apply) { c.Country = "de" }),
			with(func(c *partner.Apply) { c.Country = "UK" }),
			with(func(c *partner.Apply) { c.Country = "E " }),
		},
		"domain": {
			with(func(c *partner.Apply) { c.Domain = "Acme.example" }),
			with(func(c *partner.Apply) { c.Domain = "acme" }),
			with(func(c *partner.Apply) { c.Domain = "https://acme.example" }),
			with(func(c *partner.Apply) { c.Domain = "-a.example" }),
			with(func(c *partner.Apply) { c.Domain = strings.Repeat("a.", 127) + "ex" }),
		},
		"territories":    {with(func(c *partner.Apply) { c.Territories = make([]string, 101) })},
		"territories[1]": {with(func(c *partner.Apply) { c.Territories = []string{"DACH", "dach"} })},
		"territories[0]": {with(func(c *partner.Apply) { c.Territories = []string{""} })},
		"verticals":      {with(func(c *partner.Apply) { c.Verticals = make([]string, 101) })},
		"verticals[0]":   {with(func(c *partner.Apply) { c.Verticals = []string{long} })},
	} {
		for _, c := range cases {
			scenario(t).When(facts, c, ops).ThenRejected(domain.KindInvalid, "invalid_field", field)
		}
	}
	// A service that imports history says what the old system holds.
	bare := partner.Apply{LegalName: "Acme", Kind: partner.Reseller}
	scenario(t).When(facts, bare, importer).Then(partner.Applied(bare))
	idn := with(func(c *partner.Apply) { c.Domain = "xn--mller-kva.xn--p1ai" })
	scenario(t).When(facts, idn, ops).Then(partner.Applied(idn))
}

// Whoever applied, acts for them, or is of the partner, doesn't approve; only importing services do, and say why.
func TestApprove(t *testing.T) {
	another := domaintest.By(domaintest.Another(domaintest.Ops()))
	byOps := func() given { return scenario(t).Given(applied) }
	byOps().When(facts, partner.Approve{}, another).Then(partner.Approved{})
	byOps().When(facts, partner.Approve{Reason: "fine"}, ops).ThenRejected(domain.KindForbidden, "maker_is_checker", "")
	// The service acts on behalf of ops, and says why.
	byOps().When(facts, partner.Approve{Reason: "fine"}, importer).Then(partner.Approved{Reason: "fine"})
	byOps().When(facts, partner.Approve{}, importer).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	byOps().When(facts, partner.Approve{Reason: " "}, another).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
	byOps().When(facts, partner.Approve{}, admin).ThenRejected(domain.KindForbidden, "role", "")
	byOps().When(facts, partner.Approve{}, domaintest.By(domain.Actor{
		ID: "mole", Kind: domain.User, Roles: []domain.Role{domain.PartnerOps}, PartnerID: self,
	})).ThenRejected(domain.KindForbidden, "maker_is_checker", "")

	byImport := func() given { return scenario(t).Given(domaintest.Past(applied, importer)) }
	byImport().When(facts, partner.Approve{Reason: "imported history"}, importer).Then(partner.Approved{Reason: "imported history"})
	byImport().When(facts, partner.Approve{}, ops).ThenRejected(domain.KindForbidden, "maker_is_checker", "")

	approved := scenario(t).Given(applied, partner.Approved{})
	approved.When(facts, partner.Approve{}, another).ThenRejected(domain.KindConflict, "partner_status", "")
	scenario(t).When(facts, partner.Approve{}, another).ThenRejected(domain.KindNotFound, "partner", "")
}

// Each step of the life cycle: what it takes, from where it may start, and who may take it.
func TestLifeCycle(t *testing.T) {
	pasts := map[partner.Status][]domain.Event{
		partner.StatusApplied:     {applied},
		partner.StatusDeclined:    {applied, partner.Declined{Reason: "r"}},
		partner.StatusApproved:    {applied, partner.Approved{}, signed},
		partner.StatusOnboarded:   {applied, partner.Approved{}, signed, partner.Onboarded{}},
		partner.StatusSuspended:   {applied, partner.Approved{}, signed, partner.Onboarded{}, partner.Suspended{Reason: "r"}},
		partner.StatusDeactivated: {applied, partner.Approved{}, signed, partner.Deactivated{Reason: "r"}},
	}
	const why = "because of this"
	for name, c := range map[string]struct {
		command    partner.Command
		event      partner.Event
		to         partner.Status
		from       []partner.Status
		unreasoned partner.Command
	}{
		"decline": {
			partner.Decline{Reason: why}, partner.Declined{Reason: why}, partner.StatusDeclined,
			[]partner.Status{partner.StatusApplied}, partner.Decline{},
		},
		"onboard": {
			partner.Onboard{}, partner.Onboarded{}, partner.StatusOnboarded,
			[]partner.Status{partner.StatusApproved}, nil,
		},
		"suspend": {
			partner.Suspend{Reason: why}, partner.Suspended{Reason: why}, partner.StatusSuspended,
			[]partner.Status{partner.StatusOnboarded}, partner.Suspend{},
		},
		"reinstate": {
			partner.Reinstate{Reason: why}, partner.Reinstated{Reason: why}, partner.StatusOnboarded,
			[]partner.Status{partner.StatusSuspended}, partner.Reinstate{},
		},
		"deactivate": {
			partner.Deactivate{Reason: why}, partner.Deactivated{Reason: why}, partner.StatusDeactivated,
			[]partner.Status{partner.StatusApproved, partner.StatusOnboarded, partner.StatusSuspended}, partner.Deactivate{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for status, past := range pasts {
				from := func() given { return scenario(t).Given(past...) }
				require.Equal(t, status, from().State().Status.Latest())
				if !contains(c.from, status) {
					from().When(facts, c.command, ops).ThenRejected(domain.KindConflict, "partner_status", "")
					continue
				}
				p := from().When(facts, c.command, ops).Then(c.event).State()
				assert.Equal(t, c.to, p.Status.Latest())
				from().When(facts, c.command, admin).ThenRejected(domain.KindForbidden, "role", "")
				from().When(facts, c.command, domaintest.By(domaintest.Auditor())).ThenRejected(domain.KindForbidden, "role", "")
				from().When(facts, c.command, ops, domaintest.Effective(now.Add(-time.Second))).
					ThenRejected(domain.KindConflict, "effective_before_step", "effective_at")
				from().When(facts, c.command, ops, domaintest.Effective(now.Add(time.Hour))).
					ThenRejected(domain.KindInvalid, "invalid_field", "effective_at")
				if c.unreasoned != nil {
					from().When(facts, c.unreasoned, ops).ThenRejected(domain.KindInvalid, "invalid_field", "reason")
				}
			}
			scenario(t).When(facts, c.command, ops).ThenRejected(domain.KindNotFound, "partner", "")
		})
	}
}

func TestOnboardNeedsAnAgreement(t *testing.T) {
	approved := scenario(t).Given(applied, partner.Approved{})
	approved.When(facts, partner.Onboard{}, ops).ThenRejected(domain.KindConflict, "no_agreement", "")
	late := signed
	late.From = now.AddDate(0, 0, 1)
	scenario(t).Given(applied, partner.Approved{}, late).When(facts, partner.Onboard{}, ops).
		ThenRejected(domain.KindConflict, "no_agreement", "")
}

func TestCompleteStep(t *testing.T) {
	approved := func() given { return scenario(t).Given(applied, partner.Approved{}) }
	step := partner.CompleteStep{Step: "sales_training"}
	done := approved().When(facts, step, ops).Then(partner.OnboardingStepCompleted{Step: "sales_training"})
	assert.Equal(t, []partner.Step{{Name: "sales_training", CompletedAt: now}}, done.State().Steps)
	done.When(facts, step, ops).ThenRejected(domain.KindConflict, "step_completed", "step")
	approved().When(facts, step, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied).When(facts, step, ops).ThenRejected(domain.KindConflict, "partner_status", "")
	onboarded(t).When(facts, step, ops).Then(partner.OnboardingStepCompleted{Step: "sales_training"})
	for _, name := range []string{"", "Sales training", "7days", strings.Repeat("x", 101)} {
		approved().When(facts, partner.CompleteStep{Step: name}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "step")
	}
	past := []domain.Event{applied, partner.Approved{}}
	for i := range 100 {
		past = append(past, partner.OnboardingStepCompleted{Step: "step_" + strings.Repeat("x", i)})
	}
	scenario(t).Given(past...).When(facts, step, ops).ThenRejected(domain.KindConflict, "too_many", "")
}

func TestChangeKind(t *testing.T) {
	change := partner.ChangeKind{To: partner.MSP}
	changed := onboarded(t).When(facts, change, ops).Then(partner.KindChanged{From: partner.Reseller, To: partner.MSP})
	changed.When(facts, change, ops).ThenRejected(domain.KindConflict, "same_kind", "to")
	onboarded(t).When(facts, partner.ChangeKind{To: "friend"}, ops).ThenRejected(domain.KindInvalid, "invalid_field", "to")
	onboarded(t).When(facts, change, admin).ThenRejected(domain.KindForbidden, "role", "")
	scenario(t).Given(applied, partner.Declined{Reason: "r"}).When(facts, change, ops).
		ThenRejected(domain.KindConflict, "partner_status", "")
	onboarded(t).When(facts, change, ops, domaintest.Effective(now.Add(-time.Hour))).
		ThenRejected(domain.KindConflict, "partner_status", "")
}

// A kind is a dated value: a change that comes late holds until the next one known.
func TestKindIsDated(t *testing.T) {
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	p := onboarded(t,
		domaintest.Past(partner.KindChanged{From: partner.Reseller, To: partner.MSP}, domaintest.At(day(10))),
	).When(facts, partner.ChangeKind{To: partner.VAR}, domaintest.At(day(20)), domaintest.Effective(day(5))).
		Then(partner.KindChanged{From: partner.Reseller, To: partner.VAR}).State()
	for n, want := range map[int]partner.Kind{4: partner.Reseller, 5: partner.VAR, 10: partner.MSP, 20: partner.MSP} {
		assert.Equal(t, want, p.StandingAt(day(n)).Kind, "day %d", n)
	}
}

// The read model keeps the partner as JSON between events: it must come back as it was, and go on as it would have.
func TestPartnerSurvivesJSON(t *testing.T) {
	past := []domain.Event{
		applied, partner.Approved{}, signed, partner.OnboardingStepCompleted{Step: "training"}, partner.Onboarded{}, added,
		partner.TrainingCompleted{SellerID: seller, Course: "basics"}, earned, tierTo("registered", "gold"), grace,
		partner.TierGraceLifted{Reason: partner.GraceRecovered},
		partner.TierWaiverGranted{ValidTo: date(2026, 6, 30), Until: day(2026, 7, 1), Reason: "merger"},
		dach, partner.TerritoryRemoved{Territory: "dach"}, partner.ParentAssigned{ParentID: distributor},
		partner.ParentRemoved{ParentID: distributor},
		partner.KindChanged{From: partner.Reseller, To: partner.MSP}, partner.SellerRemoved{SellerID: seller},
		partner.AgreementExpired{AgreementID: agreement}, partner.AgreementRenewed{AgreementID: agreement},
		partner.AgreementTerminated{AgreementID: agreement, Reason: "r"}, partner.Suspended{Reason: "r"},
		partner.Reinstated{Reason: "r"}, partner.Deactivated{Reason: "r"}, applied,
	}
	kept := partner.Partner{}
	for n, e := range past {
		kept.Apply(e.(partner.Event), domain.Envelope{
			EventID: domain.EventID(domaintest.NthCommand(n+1), domain.StreamName(partner.Category, self), 0),
			Stream:  domain.StreamName(partner.Category, self), Revision: int64(n), RecordedAt: now,
			Metadata: domain.Metadata{EffectiveAt: now, Actor: domaintest.Ops()},
		})
		want := scenario(t).Given(past[:n+1]...).State()
		require.Equal(t, want, &kept)
		written, err := json.Marshal(kept)
		require.NoError(t, err)
		kept = partner.Partner{}
		require.NoError(t, json.Unmarshal(written, &kept))
		require.Equal(t, want, &kept, "after event %d", n)
	}
}

type (
	start = domaintest.Start[*partner.State, partner.Command, partner.Facts, partner.Event]
	given = domaintest.Given[*partner.State, partner.Command, partner.Facts, partner.Event]
)

// scenario is a new one: what is decided in a scenario is there for its further steps.
func scenario(t *testing.T) start {
	t.Helper()
	return domaintest.For(t, partner.Decider())
}

// onboarded is a partner that became active at Epoch, and what happened since.
func onboarded(t *testing.T, since ...domain.Event) given {
	t.Helper()
	return scenario(t).Given(append([]domain.Event{applied, partner.Approved{}, signed, partner.Onboarded{}}, since...)...)
}

func contains(list []partner.Status, s partner.Status) bool {
	for _, other := range list {
		if other == s {
			return true
		}
	}
	return false
}

func date(y int, m time.Month, d int) domain.Date { return domain.Date{Year: y, Month: m, Day: d} }

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
