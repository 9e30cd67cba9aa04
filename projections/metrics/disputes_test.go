package metrics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
)

// quarrels lets a history have disputes, and what those are about that chance alone seldom brings. It draws by itself, so that
// the rest of the history stays as it would be.
type quarrels struct {
	*rand.Rand
	h     *histories.History
	cases []*quarrel
}

type quarrel struct {
	id       uuid.UUID
	revision int64
	way      []domain.Event // that it goes from here
}

func newQuarrels(h *histories.History, seed uint64) *quarrels {
	return &quarrels{Rand: rand.New(rand.NewPCG(seed, 1)), h: h}
}

func (q *quarrels) step(n int) {
	if n%4 == 0 {
		by := q.h.Partners[q.IntN(len(q.h.Partners))]
		denies(q.h, fmt.Sprint("by chance ", n), by)
		closes(q.h, fmt.Sprint("by chance ", n), by)
	}
	kind := dispute.Kinds()[q.IntN(len(dispute.Kinds()))]
	if fit := suited(q.h, kind); len(fit) > 0 {
		claimant := dispute.Party{PartnerID: q.h.Partners[q.IntN(len(q.h.Partners))]}
		if q.IntN(5) == 0 {
			claimant = dispute.Party{Vendor: true}
		}
		id := opens(q.h, fmt.Sprint("by chance ", n), kind, claimant, fit[q.IntN(len(fit))])
		q.cases = append(q.cases, &quarrel{id: id, way: q.way()})
	}
	for _, c := range q.cases {
		if len(c.way) > 0 && q.IntN(3) == 0 {
			c.revision++
			q.h.Note(dispute.Category, c.id, c.revision, c.way[0])
			c.way = c.way[1:]
		}
	}
}

// way is how a case goes.
func (q *quarrels) way() []domain.Event {
	ruled := dispute.RulingIssued{Decision: dispute.Decision{Outcome: dispute.OutcomeDenied}}
	final := func(because dispute.FinalReason) dispute.Event { return dispute.BecameFinal{Because: because} }
	return [][]domain.Event{
		nil,
		{dispute.Acknowledged{}, ruled, final(dispute.FinalByTime), dispute.Closed{}},
		{ruled, dispute.Appealed{}, dispute.AppealRuled{Confirms: true}, final(dispute.FinalByAppeal)},
		{ruled, dispute.Appealed{}, dispute.AppealRuled{}, final(dispute.FinalByAppeal)},
		{dispute.Withdrawn{}, final(dispute.FinalByWithdrawal)},
	}[q.IntN(5)]
}

// suited are the events that disputes of a kind may be about.
func suited(h *histories.History, kind dispute.Kind) (fit []histories.Recorded) {
	for _, r := range h.Events {
		var ok bool
		switch r.Event.(type) {
		case account.DealEvent:
			ok = kind.AboutDeals()
		case mdf.ClaimDenied:
			ok = kind == dispute.KindMDFDenial
		case mdf.ClaimClawedBack, rebate.ClawedBack:
			ok = kind == dispute.KindClawback
		case rebate.Event, payable.Event:
			ok = kind == dispute.KindRebateAmount
		case partner.TierChanged, partner.TierGraceStarted:
			ok = kind == dispute.KindTierDecision
		}
		if ok {
			fit = append(fit, r)
		}
	}
	return fit
}

// opens disputes an event.
func opens(h *histories.History, name string, kind dispute.Kind, by dispute.Party, about histories.Recorded) (id uuid.UUID) {
	id = domain.DeriveID("dispute", name)
	env := about.Envelope
	s := dispute.Subject{
		EventRef: dispute.EventRef{Stream: env.Stream, Revision: env.Revision, EventID: env.EventID}, Type: env.Type,
		RecordedAt: env.RecordedAt, EffectiveAt: env.EffectiveAt,
	}
	switch e := about.Event.(type) {
	case account.DealEvent:
		s.DealID = e.Deal()
	case mdf.ClaimClawedBack:
		s.ClaimID, s.ClawbackID = e.ClaimID, e.ClawbackID
	case mdf.ClaimEvent:
		s.ClaimID = e.Claim()
	case rebate.ClawedBack:
		s.ClawbackID = e.ClawbackID
	}
	h.Note(dispute.Category, id, 0, dispute.Opened{
		DisputeID: id, Kind: kind, Subject: s, Claimant: by, Respondents: []dispute.Party{{Vendor: true}},
	})
	return id
}

// denies lets a claim of a partner be denied.
func denies(h *histories.History, name string, to uuid.UUID) histories.Recorded {
	fund, request := domain.DeriveID("fund", name), domain.DeriveID("request", name)
	h.Note(mdf.FundCategory, fund, 0, mdf.RequestSubmitted{
		FundRef: mdf.FundRef{FundID: fund, PartnerID: to}, OfRequest: mdf.OfRequest{RequestID: request},
		TotalCost: cents(100), Requested: cents(100),
	})
	claim := mdf.OfClaim{RequestID: request, ClaimID: domain.DeriveID("claim", name)}
	return note(h, mdf.FundCategory, fund, 1, mdf.ClaimDenied{OfClaim: claim})
}

// closes lets a rebate agreement be closed, and become payable.
func closes(h *histories.History, name string, to uuid.UUID) (raised histories.Recorded) {
	agreement := domain.DeriveID("agreement", name)
	h.Note(rebate.Category, agreement, 0, rebate.PeriodClosed{PartnerID: to})
	id := domain.DeriveID("payable", name)
	return note(h, payable.Category, id, 0, payable.Raised{
		PayableID: id, PartnerID: to, Source: payable.Source{Kind: payable.KindRebate, ID: agreement},
	})
}

func note(h *histories.History, category string, id uuid.UUID, revision int64, e domain.Event) histories.Recorded {
	h.Note(category, id, revision, e)
	return h.Events[len(h.Events)-1]
}

// casesOf are the disputes, as anybody would fold them.
func casesOf(p plain) map[uuid.UUID]*dispute.Case {
	cases := map[uuid.UUID]*dispute.Case{}
	for _, r := range p.events {
		if e, ok := r.Event.(dispute.Event); ok {
			_, id, _ := domain.ParseStream(r.Envelope.Stream)
			if cases[id] == nil {
				cases[id] = &dispute.Case{}
			}
			cases[id].Apply(e, r.Envelope)
		}
	}
	return cases
}

func matterOf(k dispute.Kind) string {
	if k.AboutDeals() {
		return string(metrics.MatterDeals)
	}
	return string(map[dispute.Kind]metrics.Matter{
		dispute.KindMDFDenial: metrics.MatterClaims, dispute.KindRebateAmount: metrics.MatterRebates,
		dispute.KindTierDecision: metrics.MatterTiers, dispute.KindClawback: metrics.MatterClawbacks,
	}[k])
}

// groupsSay asks a metric by matter and is what each group says.
func groupsSay(t *testing.T, a metrics.Answer) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, g := range a.Groups {
		said[g.Value] = g.Values[0].Numerator + " of " + g.Values[0].Denominator
	}
	return said
}

func figuresSay(v metrics.Value) map[string]string {
	said := map[string]string{}
	for _, f := range append(v.Figures, v.Apart...) {
		said[f.Name] = f.Value
	}
	return said
}
