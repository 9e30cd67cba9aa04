package timeline

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
)

// dispute is one of the case's as it is behind the last event; whoever hears it by then sees its papers in every entry.
func (c *Case) dispute(stream string) *dispute.Case {
	if of := c.disputes[stream]; of != nil {
		return of
	}
	return &dispute.Case{}
}

// paper is what a party shows the adjudicator alone.
type paper struct {
	dispute string // its stream
	by      dispute.Party
}

// sees reports whether a reader sees a paper that only the adjudicator is to see: by a partner's eyes the partner's own, and
// only what is the reader's own side's, or for who sees all of the dispute's.
func (c *Case) sees(r Reader, p paper) bool {
	if r.Partner != uuid.Nil && p.by.PartnerID != r.Partner {
		return false
	}
	return r.Actor.ID == "" || p.by == dispute.SideOf(r.Actor) || c.dispute(p.dispute).SeesAll(r.Actor)
}

// sightOfPapers is what a reader sees of an event that shows a paper, decides about it, or has a part in the case only because
// a paper points at it; everything, where it does none of that or the reader sees the paper.
func (c *Case) sightOfPapers(r Reader, fact projections.Fact) sight {
	if by := c.pointed[fact.Envelope.EventID]; len(by) > 0 && !slices.ContainsFunc(by, func(p paper) bool { return c.sees(r, p) }) {
		return sight{none: true, rule: RuleSealed}
	}
	stream := fact.Envelope.Stream
	if by, ok := c.dispute(stream).PaperBy(fact.Event); ok && !c.sees(r, paper{stream, by}) {
		return sight{open: dispute.OpenOfPaper(), rule: RuleSealed}
	}
	return everything
}

// sightOfDispute: a party sees its dispute whole, but for papers and for what the vendor's people noted for themselves.
func (c *Case) sightOfDispute(viewer uuid.UUID, fact projections.Fact) sight {
	if !c.dispute(fact.Envelope.Stream).IsParty(viewer) {
		return sight{none: true, rule: RuleRival}
	}
	switch e := fact.Event.(type) {
	case dispute.RulingIssued, dispute.AppealRuled, dispute.SettlementProposed:
		return sight{all: true, rivals: dispute.SellersOfOthers(e.(dispute.Event), viewer)}
	case dispute.Opened:
		return sight{all: true, hidden: []string{"excluded_actors.*"}, rule: RuleInternal}
	case dispute.Acknowledged:
		return sight{all: true, hidden: []string{"note"}, rule: RuleInternal}
	case dispute.AdjudicatorAssigned:
		return sight{all: true, hidden: []string{"reason"}, rule: RuleInternal}
	}
	return everything
}

// seenDispute is a dispute, as it was at some event, as a reader may see it.
func (c *Case) seenDispute(then *dispute.Case, r Reader) *dispute.Case {
	if r.Partner != uuid.Nil {
		then, _ = then.ForParty(dispute.Party{PartnerID: r.Partner})
	}
	if r.Actor.ID != "" && !c.dispute(domain.StreamName(dispute.Category, then.ID)).SeesAll(r.Actor) {
		then, _ = then.ForParty(dispute.SideOf(r.Actor))
	}
	return then
}
