package timeline

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
)

// thing is something that an event changed, as it is behind the event.
type thing struct {
	kind Kind
	id   uuid.UUID
	doc  any         // as the API shows it
	of   []uuid.UUID // the partners whose it is; none: the vendor's
}

// story folds one stream and tells what each event is about. It folds by the aggregate's own evolve: there is no second
// definition of what an event does.
type story interface {
	take(e domain.Event, env domain.Envelope) []thing
}

// told is the story of one sort of stream.
type told[S any, E domain.Event] struct {
	state  S
	evolve func(S, E, domain.Envelope) S
	about  func(S, E) []thing
}

func (t *told[S, E]) take(e domain.Event, env domain.Envelope) []thing {
	own, ok := e.(E)
	if !ok {
		return nil
	}
	t.state = t.evolve(t.state, own, env)
	return t.about(t.state, own)
}

// tell begins a story, by an aggregate's decider.
func tell[S, C, F any, E domain.Event](d domain.Decider[S, C, F, E], about func(S, E) []thing) story {
	return &told[S, E]{state: d.Initial(), evolve: d.Evolve, about: about}
}

// storyOf begins the story of a stream; nil where nobody tells one. An aggregate is a line here.
func storyOf(category string) story {
	switch category {
	case account.Category:
		return tell(account.Decider(), ofAccount)
	case partner.Category:
		return tell(partner.Decider(), func(p *partner.State, _ partner.Event) []thing {
			return []thing{{Partner, p.ID, p, []uuid.UUID{p.ID}}}
		})
	case mdf.FundCategory:
		return tell(mdf.FundDecider(), ofFund)
	case rebate.Category:
		return tell(rebate.Decider(), func(s *rebate.State, _ rebate.Event) []thing {
			return []thing{{Agreement, s.Agreement.ID, &s.Agreement, []uuid.UUID{s.Agreement.PartnerID}}}
		})
	case payable.Category:
		return tell(payable.Decider(), func(p *payable.Payable, _ payable.Event) []thing {
			return []thing{{Payable, p.ID, p, []uuid.UUID{p.PartnerID}}}
		})
	case dispute.Category:
		return tell(dispute.Decider(), func(s *dispute.State, _ dispute.Event) []thing {
			return []thing{{Dispute, s.ID, s, partnersOf(s.Parties())}}
		})
	}
	return nil
}

// partnersOf are the partners among a dispute's parties.
func partnersOf(parties []dispute.Party) (ids []uuid.UUID) {
	for _, p := range parties {
		if !p.Vendor {
			ids = append(ids, p.PartnerID)
		}
	}
	return ids
}

// ofDeal is an event that names a deal.
type ofDeal interface{ Deal() uuid.UUID }

func ofAccount(s *account.State, e account.Event) []thing {
	if e, ok := e.(ofDeal); ok {
		if d := s.Deals[e.Deal()]; d != nil {
			return []thing{{Deal, d.ID, d, []uuid.UUID{d.PartnerID}}}
		}
		return nil
	}
	return []thing{{Account, s.Account.ID, &s.Account, nil}}
}

// ofFund tells of the fund itself only where the case holds all of it: of a request or claim there isn't what credited it.
func ofFund(s *mdf.FundState, e mdf.FundEvent) (things []thing) {
	if e, ok := e.(mdf.ClaimEvent); ok {
		if c := s.Claims[e.Claim()]; c != nil {
			things = append(things, thing{Claim, c.ID, c, []uuid.UUID{c.PartnerID}})
		}
	}
	if e, ok := e.(mdf.RequestEvent); ok {
		if r := s.Requests[e.Request()]; r != nil {
			things = append(things, thing{Request, r.ID, r, []uuid.UUID{r.PartnerID}})
		}
	}
	if s.Fund.ID != uuid.Nil {
		things = append(things, thing{Fund, s.Fund.ID, &s.Fund, []uuid.UUID{s.Fund.PartnerID}})
	}
	return things
}
