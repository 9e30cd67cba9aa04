package ledger

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
)

// addRemedies looks for what remedies are about: things in the streams that they are carried out on, and who is to sell a deal.
func (l *Ledger) addRemedies(
	ctx context.Context, remedies []dispute.Remedy, h domain.Header, facts *dispute.Facts, basis *domain.Basis,
) error {
	streams := map[string]map[uuid.UUID]bool{}
	for _, r := range remedies {
		if len(r.Named()) > 0 && streams[r.Stream] == nil {
			there := map[uuid.UUID]bool{}
			source, err := l.readDisputed(ctx, r.Stream, &hands{}, func(e domain.Event, _ domain.Envelope) { there[begunBy(e)] = true })
			if err != nil {
				return err
			}
			streams[r.Stream] = there
			basis.DecidedFrom = append(basis.DecidedFrom, source)
		}
		for _, id := range r.Named() {
			if !streams[r.Stream][id] {
				facts.Unknown = append(facts.Unknown, id)
			}
		}
		if err := l.addSeller(ctx, r, h, facts, basis); err != nil {
			return err
		}
	}
	return nil
}

// addSeller looks whether who is to sell a deal does so for that partner.
func (l *Ledger) addSeller(ctx context.Context, r dispute.Remedy, h domain.Header, facts *dispute.Facts, basis *domain.Basis) error {
	if r.SellerID == uuid.Nil {
		return nil
	}
	return l.Partners.View(ctx, r.PartnerID, func(p *partner.State, from domain.Source) error {
		if !sellersAt(p, h.EffectiveAt)[r.SellerID] {
			facts.Unknown = append(facts.Unknown, r.SellerID)
		}
		basis.DecidedFrom = append(basis.DecidedFrom, from)
		return nil
	})
}

// begunBy is the thing that an event begins which remedies may be about; zero: none.
func begunBy(e domain.Event) (id uuid.UUID) {
	switch e := e.(type) {
	case account.DealRegistered:
		return e.DealID
	case account.ConflictFound:
		return e.FindingID
	case mdf.ClaimFiled:
		return e.ClaimID
	case mdf.ClaimClawedBack:
		return e.ClawbackID
	case rebate.ClawedBack:
		return e.ClawbackID
	}
	return id
}
