package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
)

// Facts are read from the streams themselves, to their ends, never from a read model; what was read is the decision's basis.

// noFacts is for aggregates that decide by their own stream alone.
func noFacts[S, C, F any](context.Context, S, C, domain.Header) (facts F, basis domain.Basis, err error) {
	return facts, basis, nil
}

func (l *Ledger) partnerFacts(
	ctx context.Context, _ *partner.State, c partner.Command, h domain.Header,
) (facts partner.Facts, basis domain.Basis, err error) {
	rules, _, source, err := l.rules(ctx, h.EffectiveAt)
	if err != nil {
		return facts, basis, err
	}
	facts.Zone, facts.Tiering = rules.Zone, rules.Tiering
	basis.DecidedFrom = []domain.Source{source}
	if parent := partner.ParentOf(c); parent != uuid.Nil {
		var read []domain.Source
		facts.Above, read, err = l.above(ctx, parent, h.EffectiveAt)
		basis.DecidedFrom = append(basis.DecidedFrom, read...)
	}
	if document := partner.DocumentOf(c); document != "" && err == nil {
		facts.DocumentStored, source, err = l.stored(ctx, document)
		basis.DecidedFrom = append(basis.DecidedFrom, source)
	}
	return facts, basis, err
}

// stored reports whether a document was handed in.
func (l *Ledger) stored(ctx context.Context, sha256 string) (stored bool, source domain.Source, err error) {
	err = l.Files.View(ctx, file.IDOf(sha256), func(f *file.State, from domain.Source) error {
		stored, source = f.Exists(), from
		return nil
	})
	return stored, source, err
}

// above is a partner's standing at a moment, and whoever is above it from then on, nearest first. The streams are folded
// apart: the command that asks is itself on a partner, and may be above another that asks.
func (l *Ledger) above(ctx context.Context, id uuid.UUID, at time.Time) (above partner.Above, read []domain.Source, err error) {
	next := []uuid.UUID{id}
	for i := 0; i < len(next) && i <= partner.MaxAbove; i++ {
		p, source, err := l.Partners.Fold(ctx, next[i])
		if err != nil {
			return above, read, err
		}
		read = append(read, source)
		if i == 0 {
			above.Parent = p.StandingAt(at)
		}
		for _, parent := range p.ParentsFrom(at) {
			if !slices.Contains(next, parent) {
				next = append(next, parent)
			}
		}
	}
	above.All = next[1:]
	return above, read, nil
}

func (l *Ledger) accountFacts(
	ctx context.Context, s *account.State, c account.Command, h domain.Header,
) (facts account.Facts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if err = l.addPeers(ctx, s, c, h, &facts, &basis); err != nil {
		return facts, basis, err
	}
	id, concerned := account.PartnerOf(s, c)
	if !concerned {
		return facts, basis, nil
	}
	facts.Partner, source, err = l.standing(ctx, id, h.EffectiveAt)
	basis.DecidedFrom = append(basis.DecidedFrom, source)
	return facts, basis, err
}

// rules are the program's policies in force at a moment.
func (l *Ledger) rules(ctx context.Context, at time.Time) (rules policy.Rules, refs []string, source domain.Source, err error) {
	err = l.Programs.View(ctx, program.DefaultID, func(s *program.State, from domain.Source) error {
		rules, refs = s.RulesAt(at)
		source = from
		return nil
	})
	return rules, refs, source, err
}

// standing is what a partner may do at a moment, as the account's decisions ask it.
func (l *Ledger) standing(ctx context.Context, id uuid.UUID, at time.Time) (standing account.Standing, source domain.Source, err error) {
	err = l.Partners.View(ctx, id, func(s *partner.State, from domain.Source) error {
		found := s.StandingAt(at)
		standing = account.Standing{
			PartnerID: id, Known: found.Known, Active: found.Active, Reason: found.Reason, Sellers: sellersAt(s, at),
			Countries: countriesOf(found.Territories), Tier: found.Tier,
		}
		source = from
		return nil
	})
	return standing, source, err
}

// countriesOf is where somebody with the territories may sell.
func countriesOf(territories []partner.AssignedTerritory) (countries []string) {
	for _, t := range territories {
		countries = append(countries, t.Countries...)
	}
	return countries
}

func sellersAt(p *partner.State, at time.Time) map[uuid.UUID]bool {
	sellers := map[uuid.UUID]bool{}
	for _, seller := range p.Sellers {
		if member, _ := seller.Member.At(at); member {
			sellers[seller.ID] = true
		}
	}
	return sellers
}
