package partner_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
)

func TestStandingAt(t *testing.T) {
	on := func(n int) domaintest.Option { return domaintest.At(now.AddDate(0, 0, n)) }
	p := scenario(t).Given(
		domaintest.Past(applied, on(1)),
		domaintest.Past(partner.Approved{}, on(2)),
		domaintest.Past(partner.AgreementSigned{
			AgreementID: agreement, From: now.AddDate(0, 0, 6), Until: now.AddDate(0, 0, 50),
		}, on(3)),
		domaintest.Past(partner.Onboarded{}, on(5)),
		domaintest.Past(partner.Suspended{Reason: "r"}, on(20)),
		domaintest.Past(partner.Reinstated{Reason: "r"}, on(30)),
		domaintest.Past(partner.Deactivated{Reason: "r"}, on(60)),
	).State()
	for n, want := range map[int]string{
		0: partner.ReasonNotOnboarded, 4: partner.ReasonNotOnboarded, 5: partner.ReasonNoAgreement, 6: "", 19: "",
		20: partner.ReasonSuspended, 29: partner.ReasonSuspended, 30: "", 49: "", 50: partner.ReasonNoAgreement,
		60: partner.ReasonDeactivated, 99: partner.ReasonDeactivated,
	} {
		got := p.StandingAt(now.AddDate(0, 0, n))
		assert.Equal(t, want, got.Reason, "day %d", n)
		assert.Equal(t, want == "", got.Active, "day %d", n)
		assert.True(t, got.Known)
		assert.Equal(t, self, got.PartnerID)
	}
	assert.Equal(t, partner.StatusSuspended, p.StandingAt(now.AddDate(0, 0, 20)).Status)
	assert.Equal(t, partner.Standing{Reason: partner.ReasonUnknown}, partner.Decider().Initial().StandingAt(now))
}

type recorded struct {
	event    partner.Event
	envelope domain.Envelope
}

// Whatever is commanded, however late: the life cycle stays in order, a log bounded by any effective time folds and says
// the same of every moment within, and bounded by now it is the live state.
func TestBoundedFoldProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log, live := history(r)
		require.True(r, inOrder(live.Status), "the steps of the life cycle are in the order they were recorded in")
		require.Equal(r, live, fold(log, latest))

		bound := moments(r, "bound")
		bounded := fold(log, bound)
		for range 5 {
			at := moments(r, "at")
			bounded.StandingAt(at)
			bounded.SellerAt(seller, at)
			if !at.After(bound) {
				require.Equal(r, live.SellerAt(seller, at), bounded.SellerAt(seller, at))
				require.Equal(r, live.StandingAt(at).Status, bounded.StandingAt(at).Status)
				require.Equal(r, live.StandingAt(at).Kind, bounded.StandingAt(at).Kind)
				require.Equal(r, live.TierAt(at), bounded.TierAt(at))
				require.Equal(r, live.TerritoriesAt(at), bounded.TerritoriesAt(at))
				require.Equal(r, live.ParentAt(at), bounded.ParentAt(at))
				require.Equal(r, holds(live, at), holds(bounded, at))
			}
		}
		anyOf(r, log) // no event needs another to fold
	})
}

var latest = now.AddDate(0, 0, 100)

func moments(r *rapid.T, name string) time.Time {
	return now.AddDate(0, 0, rapid.IntRange(0, 100).Draw(r, name))
}

// history gives random commands, now and late, and returns what was recorded and what it folds to live.
func history(r *rapid.T) (log []recorded, live *partner.State) {
	d := partner.Decider()
	live = d.Initial()
	clock := now
	for n := range rapid.IntRange(1, 60).Draw(r, "commands") {
		clock = clock.Add(time.Duration(rapid.IntRange(0, 72).Draw(r, "hours")) * time.Hour)
		if clock.After(latest) {
			break
		}
		h := domain.Header{CommandID: domaintest.NthCommand(n), Actor: domaintest.Importer(), Now: clock, EffectiveAt: clock}
		if rapid.Bool().Draw(r, "late") {
			h.EffectiveAt = clock.Add(-time.Duration(rapid.IntRange(0, 400).Draw(r, "by")) * time.Hour)
		}
		c := command(r, live)
		if due, isEnd := endOf(live, c); isEnd && !due.After(clock) {
			h.EffectiveAt = due
		}
		events, err := d.Decide(live, h, tiered, c)
		if err != nil {
			require.NotNil(r, domain.AsRejection(err), "every refusal is a rejection: %v", err)
		}
		for _, e := range events {
			env := domain.Envelope{
				EventID: domain.EventID(h.CommandID, "s", 0), Stream: domain.StreamName(partner.Category, self),
				Revision: int64(len(log)), RecordedAt: clock, Metadata: h.Metadata(domain.Basis{}),
			}
			log = append(log, recorded{e, env})
			live = d.Evolve(live, e, env)
		}
	}
	return log, live
}

// command draws one, more likely one that leads on.
func command(r *rapid.T, p *partner.State) partner.Command {
	onward := map[partner.Status]partner.Command{
		"":                        partner.Apply(applied),
		partner.StatusApplied:     partner.Approve{Reason: "r"},
		partner.StatusApproved:    partner.Onboard{},
		partner.StatusOnboarded:   partner.Suspend{Reason: "r"},
		partner.StatusSuspended:   partner.Reinstate{Reason: "r"},
		partner.StatusDeclined:    partner.Apply(applied),
		partner.StatusDeactivated: partner.Apply(applied),
	}
	last := now.AddDate(0, 0, rapid.IntRange(0, 120).Draw(r, "valid to"))
	until := domain.DateOf(last, time.UTC)
	return rapid.SampledFrom([]partner.Command{
		onward[p.Status.Latest()], onward[p.Status.Latest()], onward[p.Status.Latest()],
		partner.SignAgreement{AgreementID: agreement, Kind: "reseller", ValidFrom: date(2025, 6, 1), ValidTo: until},
		partner.SignAgreement{Kind: "reseller", ValidFrom: date(2025, 6, 1), ValidTo: until},
		partner.RenewAgreement{AgreementID: agreement, ValidTo: until},
		partner.TerminateAgreement{AgreementID: agreement, Reason: "r"},
		partner.ExpireAgreement{AgreementID: agreement},
		partner.CompleteStep{Step: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "step")},
		partner.ChangeKind{To: rapid.SampledFrom(partner.Kinds()).Draw(r, "kind")},
		partner.AddSeller(added), partner.RemoveSeller{SellerID: seller},
		partner.Decline{Reason: "r"}, partner.Deactivate{Reason: "r"},
		partner.CompleteTraining{SellerID: seller, Course: "basics"},
		partner.EarnCertification{SellerID: seller, Certification: "expert", ValidTo: until},
		partner.ExpireCertification{SellerID: seller, Certification: "expert"},
		partner.ChangeTier{To: rapid.SampledFrom(tiered.Tiering.Body.Names()).Draw(r, "tier"), Reason: "r"},
		partner.StartTierGrace{To: "registered", Failing: []string{"revenue"}},
		partner.LiftTierGrace{}, partner.EndTierGrace{},
		partner.GrantTierWaiver{ValidTo: until, Reason: "r", Tier: rapid.SampledFrom([]string{"", "gold"}).Draw(r, "waived")},
		partner.AssignTerritory{Territory: "DACH", Countries: rapid.SampledFrom([][]string{{"DE"}, {"DE", "AT"}}).Draw(r, "countries")},
		partner.RemoveTerritory{Territory: "dach"},
		partner.AssignParent{ParentID: distributor}, partner.RemoveParent{},
	}).Draw(r, "command")
}

// endOf is when something ends that the scheduler would record.
func endOf(p *partner.State, c partner.Command) (due time.Time, is bool) {
	switch c.(type) {
	case partner.EndTierGrace:
		for _, g := range p.Graces {
			due = g.Until
		}
	case partner.ExpireCertification:
		for _, s := range p.Sellers {
			for _, held := range s.Certifications {
				due = held.Until
			}
		}
	}
	return due, !due.IsZero()
}

func holds(p *partner.State, at time.Time) (held bool) {
	for _, s := range p.Sellers {
		held = held || s.HoldsAt("expert", at)
	}
	return held
}

func fold(log []recorded, bound time.Time) *partner.Partner {
	p := &partner.Partner{}
	for _, e := range log {
		if !e.envelope.EffectiveAt.After(bound) {
			p.Apply(e.event, e.envelope)
		}
	}
	return p
}

func anyOf(r *rapid.T, log []recorded) {
	p := &partner.Partner{}
	for _, e := range log {
		if rapid.Bool().Draw(r, "there") {
			p.Apply(e.event, e.envelope)
		}
	}
	p.StandingAt(moments(r, "asked"))
}

func inOrder(status domain.Dated[partner.Status]) bool {
	from := map[partner.Status][]partner.Status{
		"":                        {partner.StatusApplied},
		partner.StatusApplied:     {partner.StatusApproved, partner.StatusDeclined},
		partner.StatusApproved:    {partner.StatusOnboarded, partner.StatusDeactivated},
		partner.StatusOnboarded:   {partner.StatusSuspended, partner.StatusDeactivated},
		partner.StatusSuspended:   {partner.StatusOnboarded, partner.StatusDeactivated},
		partner.StatusDeclined:    {partner.StatusApplied},
		partner.StatusDeactivated: {partner.StatusApplied},
	}
	last := partner.Status("")
	for _, e := range status.Entries {
		if !contains(from[last], e.Value) {
			return false
		}
		last = e.Value
	}
	return true
}
