package demo

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/eventstore"
)

// contested is what the story's disputes are about.
type contested struct {
	first, second deal // on one customer; the first is protected
	breached      deal // the vendor's own sales went for it
	fund, denied  uuid.UUID
}

// disputes come last. Their times run from when things are recorded, so all of this happens when the story is told: one case
// went through both instances, one was paid, and one waits for its ruling.
func (t *teller) disputes(north, iberia, lake ally) {
	t.whoseDeal(north, iberia)
	t.deniedClaim(iberia)
	t.awaitsItsRuling(lake)
}

// whoseDeal: upheld, carried out at once, appealed, overturned, and taken back.
func (t *teller) whoseDeal(north, iberia ally) {
	first, second := t.contested.first, t.contested.second
	stream := domain.StreamName(account.Category, first.account)
	approved := firstOf(t, stream, func(e account.DealApproved) bool { return e.DealID == first.id })
	earlier, later := t.registrationOf(first), t.registrationOf(second)
	id := t.opens(t.admin(iberia), dispute.Open{
		Kind: dispute.KindDealOwnership, Stream: stream, EventID: approved.EventID, Respondents: []dispute.Party{{PartnerID: north.id}},
		RemedySought: "the deal and its protection",
		Statement:    "We had quoted before Northwind registered. They came first by a day, and with our design.",
	})
	t.caseDoes(t.office("partner-operations"), id, dispute.Acknowledge{Note: "both sell to this customer"})
	t.caseDoes(t.office("partner-operations"), id, dispute.AssignAdjudicator{Adjudicator: "demo:mediator"})
	t.caseDoes(t.admin(north), id, dispute.FileResponse{Statement: "We registered first. That is the rule, and we kept to it."})
	t.caseDoes(t.admin(north), id, dispute.SubmitEvidence{Name: "our registration", EventRefs: []dispute.EventRef{earlier}})
	quote := t.shows(t.admin(iberia), id, dispute.SubmitEvidence{
		Name: "quote Q-118", Note: "12 routers, EUR 61 000.00, valid 30 days", EventRefs: []dispute.EventRef{later},
		Visibility: dispute.VisibleToAdjudicator, SealingReason: "it names our prices",
	})
	t.caseDoes(t.judge("mediator"), id, dispute.GrantSealing{
		EvidenceID: quote, Reason: "prices are nobody else's", Summary: "a quote to the customer, older than both registrations",
	})
	t.caseDoes(t.judge("mediator"), id, dispute.IssueRuling{
		Outcome: dispute.OutcomeUpheld, Policy: "conflict@1", Cites: []dispute.EventRef{approved, later}, RestsOn: []uuid.UUID{quote},
		Rationale: "The quote is older than both registrations, and it brought the project about.",
		Remedies: []dispute.Remedy{{
			Kind: dispute.RemedyReassign, Stream: stream, DealID: first.id, PartnerID: iberia.id, SellerID: iberia.seller, AtOnce: true,
		}},
	})
	t.settleCases()
	t.caseDoes(t.admin(north), id, dispute.FileAppeal{
		Grounds: "By its summary the quote may be for anything. Ours is for the site in Bremen.",
	})
	t.caseDoes(t.office("partner-operations"), id, dispute.AssignAdjudicator{Adjudicator: "demo:appeal-board"})
	t.caseDoes(t.judge("appeal-board"), id, dispute.RuleOnAppeal{
		Outcome: dispute.OutcomeDenied, Policy: "conflict@1", Cites: []dispute.EventRef{earlier, later}, RestsOn: []uuid.UUID{quote},
		Rationale: "The quote is for another site. Between the registrations it stays with who came first.",
	})
	t.settleCases()
}

// deniedClaim: partly upheld, taken by both sides as it is, paid; and the rule is changed because of it.
func (t *teller) deniedClaim(iberia ally) {
	fund, claim := t.contested.fund, t.contested.denied
	stream := domain.StreamName(mdf.FundCategory, fund)
	denied := firstOf(t, stream, func(e mdf.ClaimDenied) bool { return e.ClaimID == claim })
	id := t.opens(t.admin(iberia), dispute.Open{
		Kind: dispute.KindMDFDenial, Stream: stream, EventID: denied.EventID, RemedySought: "half of the bill",
		Statement: "The guests had come through the campaign; the dinner was its last evening.",
	})
	t.caseDoes(t.office("partner-operations"), id, dispute.Acknowledge{})
	t.caseDoes(t.office("finance-lead"), id, dispute.FileResponse{Statement: "The guest list came in after the denial."})
	t.caseDoes(t.office("partner-operations"), id, dispute.AssignAdjudicator{Adjudicator: "demo:ombudsman"})
	t.caseDoes(t.judge("ombudsman"), id, dispute.IssueRuling{
		Outcome: dispute.OutcomePartlyUpheld, Policy: "mdf@1", Cites: []dispute.EventRef{denied},
		Rationale: "Four of nine guests are on the campaign's list: for those it is a part of it.",
		Remedies: []dispute.Remedy{{
			Kind: dispute.RemedyApproveClaim, Stream: stream, ClaimID: claim, Amount: euros(200), Reserve: euros(200),
		}},
	})
	t.caseDoes(t.admin(iberia), id, dispute.WaiveAppeal{})
	t.caseDoes(t.office("partner-operations"), id, dispute.WaiveAppeal{})
	t.settleCases()
	t.fundGives(t.now(t.header(0, "treasury", uuid.Nil)), fund, mdf.PayClaim{ClaimID: claim, Reference: "SEPA-7002"})
	rules := policy.DefaultMDF()
	rules.DisputeDays = 45
	t.publish(rules, id)
}

// awaitsItsRuling: the vendor answers for its own sales, and somebody is to rule on it.
func (t *teller) awaitsItsRuling(lake ally) {
	stream := domain.StreamName(account.Category, t.contested.breached.account)
	breach := firstOf(t, stream, func(account.ProtectionBreached) bool { return true })
	id := t.opens(t.admin(lake), dispute.Open{
		Kind: dispute.KindDirectConflict, Stream: stream, EventID: breach.EventID, RemedySought: "the protection for as long as it was disturbed",
		Statement: "The vendor's own sales called on our customer while our registration was protected.",
	})
	t.caseDoes(t.office("partner-operations"), id, dispute.Acknowledge{})
	t.caseDoes(t.office("sales-director"), id, dispute.FileResponse{Statement: "The customer called us, about another product."})
	t.caseDoes(t.office("partner-operations"), id, dispute.AssignAdjudicator{Adjudicator: "demo:mediator"})
	t.settleCases()
}

// registrationOf is the event that registered a deal.
func (t *teller) registrationOf(d deal) dispute.EventRef {
	return firstOf(t, domain.StreamName(account.Category, d.account), func(e account.DealRegistered) bool { return e.DealID == d.id })
}

// firstOf is the first event of a sort in a stream that is as wanted. Where there is none, the command that is to name it says so.
func firstOf[E domain.Event](t *teller, stream string, wanted func(E) bool) (ref dispute.EventRef) {
	if t.err != nil {
		return ref
	}
	for recorded, err := range t.ledger.Store.Read(t.ctx, stream, eventstore.NoStream) {
		if t.fail(err, ref); err != nil {
			return ref
		}
		event, env, err := t.ledger.Codec.Decode(recorded)
		if t.fail(err, ref); err != nil {
			return ref
		}
		if e, ok := event.(E); ok && wanted(e) {
			return dispute.EventRef{Stream: stream, Revision: env.Revision, EventID: env.EventID}
		}
	}
	return ref
}

// now lets a command take effect when it is recorded.
func (t *teller) now(h domain.Header) domain.Header {
	h.EffectiveAt = time.Time{}
	return h
}

// admin is somebody who speaks for a partner.
func (t *teller) admin(of ally) domain.Header { return t.person(of.name, domain.PartnerAdmin, of.id) }

// office is somebody who speaks for the vendor, or runs its disputes.
func (t *teller) office(who string) domain.Header { return t.person(who, domain.PartnerOps, uuid.Nil) }

func (t *teller) judge(who string) domain.Header {
	return t.person(who, domain.Adjudicator, uuid.Nil)
}

func (t *teller) person(who string, role domain.Role, of uuid.UUID) domain.Header {
	h := t.now(t.header(0, who, of))
	h.Actor.Kind, h.Actor.Roles = domain.User, []domain.Role{role}
	return h
}

func (t *teller) officer(who string) domain.Actor {
	return domain.Actor{ID: "demo:" + who, Kind: domain.User, Roles: []domain.Role{domain.PartnerOps}}
}

// opens begins a case, and lets the hold follow. In a ledger whose story is older than its disputes it is late by now:
// partner operations admit it.
func (t *teller) opens(h domain.Header, command dispute.Open) uuid.UUID {
	id := dispute.IDOf(h.CommandID)
	if t.err == nil {
		_, err := t.ledger.Disputes.Do(t.ctx, id, h, command)
		if r := domain.AsRejection(err); r != nil && r.Rule == "too_late" {
			command.Claimant, command.LateReason = dispute.SideOf(h.Actor), "the story was told before it had disputes"
			h.Actor = t.officer("partner-operations")
			_, err = t.ledger.Disputes.Do(t.ctx, id, h, command)
		}
		t.fail(err, command)
	}
	t.settleCases()
	return id
}

// shows is the evidence that the command submits.
func (t *teller) shows(h domain.Header, id uuid.UUID, command dispute.SubmitEvidence) uuid.UUID {
	t.caseDoes(h, id, command)
	return domain.EntityID(h.CommandID, domain.StreamName(dispute.Category, id), "evidence")
}

func (t *teller) caseDoes(h domain.Header, id uuid.UUID, command dispute.Command) {
	if t.err == nil {
		_, err := t.ledger.Disputes.Do(t.ctx, id, h, command)
		t.fail(err, command)
	}
}
