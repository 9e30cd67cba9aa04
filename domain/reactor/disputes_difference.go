package reactor

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
)

// difference is what the bank's lines of one event lack for a partner's payments, or are more, beyond tolerance: one case.
type difference struct {
	partner  uuid.UUID
	overpaid bool // the partner owes it; else the partner lacks it
	parts    []differing
	env      domain.Envelope
}

// differing is what one match says of it.
type differing struct {
	match    uuid.UUID
	amount   domain.Money
	payables []uuid.UUID
}

// stepOf tells the cases about one event of the statement apart.
func stepOf(partner uuid.UUID, overpaid bool) string {
	if overpaid {
		return "open overpaid " + partner.String()
	}
	return "open short " + partner.String()
}

// matched opens a case for each partner that was paid short, and one against each that was paid too much, unless one about the
// same payment is open. When the statement was drawn up doesn't matter: a match is confirmed when somebody looks.
func (d *Disputes) matched(e statement.LinesMatched, env domain.Envelope) {
	var keys []uuid.UUID
	differ := func(partner uuid.UUID, overpaid bool, part differing) {
		x := &difference{partner: partner, overpaid: overpaid, env: env}
		if d.isDisputed(x, part) {
			return
		}
		key := d.opens(env.EventID, stepOf(partner, overpaid))
		if d.differs[key] == nil {
			d.differs[key], keys = x, append(keys, key)
		}
		d.differs[key].parts = append(d.differs[key].parts, part)
	}
	for _, m := range e.Matches {
		for _, side := range m.To {
			if side.Short.Sign() > 0 {
				differ(side.PartnerID, false, differing{m.MatchID, side.Short, []uuid.UUID{side.PayableID}})
			}
		}
		if m.Overpaid.Sign() > 0 && m.Outgoing { // what a partner paid back too much is no bank's mistake
			partner := m.To[0].PartnerID
			differ(partner, true, differing{m.MatchID, m.Overpaid, paidTo(partner, m)})
		}
	}
	for _, key := range keys {
		d.openDifference(key)
	}
}

func paidTo(partner uuid.UUID, m statement.Match) (payables []uuid.UUID) {
	for _, side := range m.To {
		if side.PartnerID == partner {
			payables = append(payables, side.PayableID)
		}
	}
	return payables
}

// claimant is whose the money is.
func (x *difference) claimant() dispute.Party {
	if x.overpaid {
		return dispute.Party{Vendor: true}
	}
	return dispute.Party{PartnerID: x.partner}
}

// isDisputed reports whether a case of the same claimant about the same payment is open.
func (d *Disputes) isDisputed(x *difference, part differing) bool {
	for _, c := range d.cases {
		if c.Claimant == x.claimant() && c.Subject.Type == x.env.Type && namesPayable(c, part.payables) {
			return true
		}
	}
	return false
}

func namesPayable(c *dispute.Case, ids []uuid.UUID) bool {
	return slices.ContainsFunc(ids, func(id uuid.UUID) bool {
		return slices.Contains(c.Streams, domain.StreamName(payable.Category, id))
	})
}

// unmatched takes out of what is planned what an undone match said; a case that is open stays.
func (d *Disputes) unmatched(e statement.MatchUndone) {
	for key, x := range d.differs {
		before := len(x.parts)
		x.parts = slices.DeleteFunc(x.parts, func(p differing) bool { return p.match == e.Match.MatchID })
		switch planned := d.todo.planned[key.String()] != nil; {
		case len(x.parts) == 0:
			d.todo.drop(key.String())
			delete(d.differs, key)
		case planned && len(x.parts) < before:
			d.openDifference(key)
		}
	}
}

// openDifference plans the case as far as its matches stand.
func (d *Disputes) openDifference(key uuid.UUID) {
	x := d.differs[key]
	var payables []uuid.UUID
	var total domain.Money
	for _, part := range x.parts {
		total = domain.Must(total.Add(part.amount)) // a statement bounds what its lines come to
		payables = append(payables, part.payables...)
	}
	c := dispute.Open{
		Kind: dispute.KindRebateAmount, Claimant: x.claimant(), Respondents: []dispute.Party{{Vendor: true}},
		Streams: d.owedBy(payables), RemedySought: "what is missing",
		Statement: fmt.Sprintf("The bank's statement shows %s less than was sent to the partner.", total),
	}
	if x.overpaid {
		c.Respondents[0] = dispute.Party{PartnerID: x.partner}
		c.RemedySought = "what was paid too much"
		c.Statement = fmt.Sprintf("The bank's statement shows %s more than was to be paid to the partner.", total)
	}
	d.open(x.env, stepOf(x.partner, x.overpaid), c)
}

// owedBy are what payables follow from, where remedies are carried out, and their own streams: as many as a case may name.
func (d *Disputes) owedBy(payables []uuid.UUID) (streams []string) {
	add := func(stream string) {
		if stream != "" && len(streams) < dispute.MaxStreams && !slices.Contains(streams, stream) {
			streams = append(streams, stream)
		}
	}
	for _, id := range payables {
		add(d.sources[id])
	}
	for _, id := range payables {
		add(domain.StreamName(payable.Category, id))
	}
	return streams
}
