package ledger

import (
	"context"
	"time"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// Check is what a registration for a customer would meet at a moment, on the product lines of some products or, without
// any, on whichever others stand. It records nothing.
// Errors: a Rejection that names what is wrong with the customer, as of account.Identify; those of the store.
func (l *Ledger) Check(ctx context.Context, c account.Customer, products []string, at time.Time) (checked account.Checked, err error) {
	identity, err := c.Identity()
	if err != nil {
		return checked, err
	}
	var facts account.Facts
	if facts.Rules, _, _, err = l.rules(ctx, at); err != nil {
		return checked, err
	}
	comparison := account.Comparison{Customer: c.Profile()}
	comparison.Customer.AccountID = identity.AccountID
	own, _, err := l.peer(ctx, identity.AccountID, at)
	if err != nil {
		return checked, err
	}
	comparison.Known = append(comparison.Known, own.LinkedTo)
	if facts.Peers, _, err = l.peersOf(ctx, comparison, facts.Rules.Conflict.Body.Threshold(), at); err != nil {
		return checked, err
	}
	var lines []string
	for _, p := range products {
		lines = append(lines, facts.Rules.Catalogue.Body.Line(p))
	}
	err = l.peers.View(ctx, identity.AccountID, func(s *account.State, _ domain.Source) error {
		checked = s.Check(comparison.Customer, lines, facts, at)
		return nil
	})
	return checked, err
}
