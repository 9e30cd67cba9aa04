package ledger

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
)

// Budgets handles commands on budgets of market development funds.
type Budgets = eventstore.Handler[*mdf.Budget, mdf.BudgetCommand, mdf.BudgetFacts, mdf.BudgetEvent]

// Funds handles commands on partners' funds, and on the requests and claims in them.
type Funds = eventstore.Handler[*mdf.FundState, mdf.FundCommand, mdf.FundFacts, mdf.FundEvent]

func (l *Ledger) budgetFacts(
	ctx context.Context, _ *mdf.Budget, c mdf.BudgetCommand, h domain.Header,
) (facts mdf.BudgetFacts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if id, ok := mdf.PartnerOf(c); ok {
		facts.Partner, source, err = l.mdfStanding(ctx, id, h)
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	return facts, basis, err
}

func (l *Ledger) mdfStanding(ctx context.Context, id uuid.UUID, h domain.Header) (standing mdf.Standing, source domain.Source, err error) {
	err = l.Partners.View(ctx, id, func(p *partner.State, from domain.Source) error {
		found := p.StandingAt(h.EffectiveAt)
		standing = mdf.Standing{Known: found.Known, Active: found.Active, Reason: found.Reason}
		source = from
		return nil
	})
	return standing, source, err
}

func (l *Ledger) fundFacts(
	ctx context.Context, s *mdf.FundState, c mdf.FundCommand, h domain.Header,
) (facts mdf.FundFacts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if s.Fund.ID == uuid.Nil {
		return facts, basis, nil
	}
	if facts.Partner, source, err = l.mdfStanding(ctx, s.Fund.PartnerID, h); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = append(basis.DecidedFrom, source)
	if err = l.checkProof(ctx, c, &facts, &basis); err != nil {
		return facts, basis, err
	}
	if accountID, dealID, ok := mdf.DealOf(c); ok {
		if facts.Deal, source, err = l.dealFact(ctx, accountID, dealID); err != nil {
			return facts, basis, err
		}
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	if t, ok := mdf.TakingOf(s, h, c); ok {
		o, err := l.owing(ctx, takingInFund(s.Fund.ID, t), &basis)
		if err != nil {
			return facts, basis, err
		}
		facts.Payables = mdf.Payables{Known: o.known, Open: o.open, Taken: o.taken}
	}
	if id := mdf.Reversed(c); id != uuid.Nil {
		if facts.Recovered, err = l.recovered(ctx, id, &basis); err != nil {
			return facts, basis, err
		}
	}
	err = l.lookElsewhere(ctx, s, c, &facts, &basis)
	return facts, basis, err
}

// checkProof finds the documents that a command cites and nobody handed in.
func (l *Ledger) checkProof(ctx context.Context, c mdf.FundCommand, facts *mdf.FundFacts, basis *domain.Basis) error {
	for _, hash := range mdf.ProofOf(c) {
		stored, source, err := l.stored(ctx, hash)
		if err != nil {
			return err
		}
		if !stored {
			facts.NotStored = append(facts.NotStored, hash)
		}
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	return nil
}

// dealFact is what a deal brought, or is expected to bring.
func (l *Ledger) dealFact(ctx context.Context, accountID, dealID uuid.UUID) (fact mdf.DealFact, source domain.Source, err error) {
	err = l.Accounts.View(ctx, accountID, func(s *account.State, from domain.Source) (err error) {
		source = from
		d, ok := s.Deals[dealID]
		if !ok {
			return nil
		}
		fact = mdf.DealFact{Known: true, PartnerID: d.PartnerID}
		if d.Win != nil {
			fact.Amount = d.Win.Net()
			return nil
		}
		for _, line := range d.Lines {
			if fact.Amount, err = fact.Amount.Add(line.Amount.Latest()); err != nil {
				return err
			}
		}
		return nil
	})
	return fact, source, err
}

// lookElsewhere reads the partner's other funds, where the command needs to know of them. The streams are folded apart: a
// command on one of them may be looking at this one.
func (l *Ledger) lookElsewhere(
	ctx context.Context, s *mdf.FundState, c mdf.FundCommand, facts *mdf.FundFacts, basis *domain.Basis,
) error {
	if !mdf.LooksElsewhere(c) {
		return nil
	}
	funds, err := l.funds.of(ctx, s.Fund.PartnerID)
	if err != nil {
		return err
	}
	for _, id := range funds {
		if id == s.Fund.ID {
			continue
		}
		other, source, err := l.Funds.Fold(ctx, id)
		if err != nil {
			return err
		}
		facts.Elsewhere = append(facts.Elsewhere, mdf.LookElsewhere(c, s, other, facts.Rules))
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	return nil
}

// partnerFunds is which funds each partner has, by the log itself: it is followed to its end whenever somebody asks.
type partnerFunds struct {
	store eventstore.Store
	codec *eventstore.Codec

	mu    sync.Mutex
	after eventstore.Position
	funds map[uuid.UUID][]uuid.UUID
}

func newPartnerFunds(store eventstore.Store, codec *eventstore.Codec) *partnerFunds {
	return &partnerFunds{store: store, codec: codec, funds: map[uuid.UUID][]uuid.UUID{}}
}

func (p *partnerFunds) of(ctx context.Context, partner uuid.UUID) ([]uuid.UUID, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	filter := eventstore.Filter{Categories: []string{mdf.FundCategory}, Types: []string{mdf.FundCredited{}.EventType()}}
	for m, err := range p.store.Follow(ctx, p.after, filter) {
		if err != nil {
			return nil, err
		}
		if m.Kind == eventstore.Appeared {
			if err := p.add(m.Event); err != nil {
				return nil, err
			}
		}
		p.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return slices.Clone(p.funds[partner]), nil
}

func (p *partnerFunds) add(r eventstore.Recorded) error {
	event, _, err := p.codec.Decode(r)
	if err != nil {
		return err
	}
	if e, ok := event.(mdf.FundCredited); ok && !slices.Contains(p.funds[e.PartnerID], e.FundID) {
		p.funds[e.PartnerID] = append(p.funds[e.PartnerID], e.FundID)
	}
	return nil
}
