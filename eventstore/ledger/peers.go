package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// maxPeers bounds how many accounts are looked at for one decision. What stands on a further one a reactor finds.
const maxPeers = 100

// Candidates names accounts that may be of one customer. It is the one read model that a decision asks, and only for names:
// what stands on them is read from their streams.
type Candidates interface {
	// Candidates are the accounts that may be of the customer, the most alike first; threshold is in ten-thousandths.
	Candidates(ctx context.Context, customer account.Profile, threshold int) ([]uuid.UUID, error)
}

// addPeers reads the accounts that may be of the same customer, for commands that are decided by them.
func (l *Ledger) addPeers(
	ctx context.Context, s *account.State, c account.Command, h domain.Header, facts *account.Facts, basis *domain.Basis,
) error {
	comparison, wanted := account.CompareWith(s, c)
	if !wanted {
		return nil
	}
	peers, sources, err := l.peersOf(ctx, comparison, facts.Rules.Conflict.Body.Threshold(), h.EffectiveAt)
	facts.Peers = peers
	basis.DecidedFrom = append(basis.DecidedFrom, sources...)
	return err
}

// peersOf are the accounts that a customer may have besides its own, as their streams' ends have them. What one of them is
// linked to is looked at, too.
func (l *Ledger) peersOf(
	ctx context.Context, c account.Comparison, threshold int, at time.Time,
) (peers []account.Peer, sources []domain.Source, err error) {
	ids := slices.Clone(c.Known)
	if l.Candidates != nil {
		found, err := l.Candidates.Candidates(ctx, c.Customer, threshold)
		if err != nil {
			return nil, nil, err
		}
		ids = append(ids, found...)
	}
	seen := map[uuid.UUID]bool{uuid.Nil: true, c.Customer.AccountID: true}
	for ; len(ids) > 0 && len(peers) < maxPeers; ids = ids[1:] {
		if seen[ids[0]] {
			continue
		}
		seen[ids[0]] = true
		peer, source, err := l.peer(ctx, ids[0], at)
		if err != nil {
			return nil, nil, err
		}
		peers, sources = append(peers, peer), append(sources, source)
		ids = append(ids, peer.LinkedTo)
	}
	return peers, sources, nil
}

func (l *Ledger) peer(ctx context.Context, id uuid.UUID, at time.Time) (peer account.Peer, source domain.Source, err error) {
	err = l.peers.View(ctx, id, func(s *account.State, from domain.Source) error {
		peer, source = s.Peer(at), from
		peer.AccountID = id // also of one that was linked to before anybody identified it
		return nil
	})
	return peer, source, err
}
