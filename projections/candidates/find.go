package candidates

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
)

// Bounds of a search.
const (
	maxBlock = 5000 // accounts compared for one key
	maxFound = 50   // accounts named
)

// Find names the accounts that may be of a customer, the most alike first: those whose profile is, from a threshold in
// ten-thousandths on, and those that are linked with any of these or with the customer's own record, as far as somebody
// ever registered a deal on one of them. The customer's own account isn't among them. Of more than 50 it names the best.
func Find(ctx context.Context, q projections.Querier, customer account.Profile, threshold int) ([]uuid.UUID, error) {
	f := finder{ctx: ctx, q: q, threshold: threshold, scores: map[uuid.UUID]int{}}
	own, err := f.linkedWith(customer.AccountID)
	if err != nil {
		return nil, err
	}
	profiles := []account.Profile{customer}
	for _, r := range own {
		profiles = append(profiles, r.Profile)
	}
	for _, p := range profiles {
		if err := f.compare(p); err != nil {
			return nil, err
		}
	}
	found := map[uuid.UUID]int{}
	for id, score := range f.scores {
		if err := f.name(found, id, score); err != nil {
			return nil, err
		}
	}
	if err := f.name(found, customer.AccountID, 1<<30); err != nil { // what is linked with it goes first
		return nil, err
	}
	delete(found, customer.AccountID)
	all := byScore(found)
	return all[:min(maxFound, len(all))], nil
}

type finder struct {
	ctx       context.Context
	q         projections.Querier
	threshold int
	scores    map[uuid.UUID]int // the best of each account that is alike
}

// compare looks at the accounts that share a key with a profile.
func (f *finder) compare(p account.Profile) error {
	for _, key := range p.Keys() {
		block, err := projections.All[lookup](f.ctx, f.q, "SELECT doc FROM lookups WHERE lookup = ? ORDER BY key LIMIT ?", key, maxBlock)
		if err != nil {
			return err
		}
		for _, l := range block {
			for _, m := range account.Compare([]account.Profile{p}, []account.Profile{l.Profile}) {
				if m.Holds(f.threshold) && m.Score > f.scores[l.Profile.AccountID] {
					f.scores[l.Profile.AccountID] = m.Score
				}
			}
		}
	}
	return nil
}

// name takes an account with all that it is linked with, if anybody registered a deal on any of them.
func (f *finder) name(found map[uuid.UUID]int, id uuid.UUID, score int) error {
	records, err := f.linkedWith(id)
	if err != nil || !slices.ContainsFunc(records, func(r record) bool { return r.Registered }) {
		return err
	}
	for _, r := range records {
		found[r.ID] = max(found[r.ID], score)
	}
	return nil
}

// linkedWith are the records of the account's customer, its own among them; none of an account that isn't known.
func (f *finder) linkedWith(id uuid.UUID) (all []record, err error) {
	own, err := projections.One[record](f.ctx, f.q, "records", id.String())
	if own == nil || err != nil {
		return nil, err
	}
	c, err := projections.One[customer](f.ctx, f.q, "customers", own.Customer.String())
	if c == nil || err != nil {
		return []record{*own}, err
	}
	for _, id := range c.Records {
		r, err := projections.One[record](f.ctx, f.q, "records", id.String())
		if err != nil {
			return nil, err
		}
		if r != nil {
			all = append(all, *r)
		}
	}
	return all, nil
}

// byScore are the ids with the best score first, equal ones in their own order.
func byScore(best map[uuid.UUID]int) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(best))
	for id := range best {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int {
		return cmp.Or(best[b]-best[a], bytes.Compare(a[:], b[:]))
	})
	return ids
}
