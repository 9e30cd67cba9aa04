package conflicts

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "conflicts"

// Projection is the read model of findings.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 4,
		Types:   listing.TypeNames(account.Types(), listing.Every),
		Open:    open,
		Apply:   apply,
	}
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	switch e := e.(type) {
	case account.DealEvent:
		return t.applyDeal(e, env)
	case account.CustomerEvent:
		return t.applyCustomer(e, env)
	default:
		return fmt.Errorf("%T is neither about a deal nor about an account", e)
	}
}

func (t *tables) applyDeal(e account.DealEvent, env domain.Envelope) error {
	d, err := t.deal(e.Deal())
	if err != nil {
		return err
	}
	was, stood := d.Status, d.Live()
	if d.Apply(e, env); d.ID == uuid.Nil {
		return nil // its registration is left out, and so are its findings
	}
	t.deals.Put(d.ID.String(), d)
	if breached, ok := e.(account.ProtectionBreached); ok {
		t.breaches.Put(env.EventID.String(), newBreach(d, breached, env))
	}
	if found, ok := e.(account.ConflictFound); ok {
		if err := t.watch(d, found); err != nil {
			return err
		}
	}
	if err := t.restate(d, touched(e, d, d.Status != was)); err != nil || d.Live() == stood {
		return err
	}
	return t.restateWatching(d.ID)
}

// touched are the deal's own findings that an event may have changed.
func touched(e account.DealEvent, d *account.Deal, all bool) (ids []uuid.UUID) {
	switch e := e.(type) {
	case account.ConflictFound:
		ids = append(ids, e.FindingID)
	case account.ConflictOverridden:
		ids = append(ids, e.FindingIDs...)
	case account.ConflictOverrideUndone:
		ids = append(ids, e.FindingIDs...)
	case account.ConflictReferred:
		ids = append(ids, e.FindingIDs...)
	case account.HoldPlaced, account.HoldLifted: // the case begins, or is over
		all = true
	}
	if all {
		for _, f := range d.Findings {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func (t *tables) applyCustomer(e account.CustomerEvent, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	if err := t.accounts.Update(id.String(), func(a *account.Account) { a.Apply(e, env) }); err != nil {
		return err
	}
	return t.restateWatching(id)
}

// watch notes what the finding depends on besides its own deal: another deal, or the account, which tells of the vendor's
// opportunities and of the owner.
func (t *tables) watch(d *account.Deal, e account.ConflictFound) error {
	on := d.AccountID
	if e.With.DealID != uuid.Nil {
		on = e.With.DealID
	}
	return t.watched.Update(on.String(), func(w *watchers) {
		w.Findings = append(w.Findings, watcher{DealID: d.ID, FindingID: e.FindingID})
	})
}

// restateWatching states anew the findings that depend on a deal or an account.
func (t *tables) restateWatching(on uuid.UUID) error {
	w, err := t.watched.Get(on.String())
	if w == nil || err != nil {
		return err
	}
	for _, f := range w.Findings {
		d, err := t.deal(f.DealID)
		if err != nil {
			return err
		}
		if err := t.restate(d, []uuid.UUID{f.FindingID}); err != nil {
			return err
		}
	}
	return nil
}

// restate makes the rows of some findings from what the deal, and what they compare it with, are now.
func (t *tables) restate(d *account.Deal, findings []uuid.UUID) error {
	for _, f := range d.Findings {
		if !slices.Contains(findings, f.ID) {
			continue
		}
		stands, err := t.stands(d, f)
		if err != nil {
			return err
		}
		t.conflicts.Put(f.ID.String(), newConflict(d, f, stands))
	}
	return nil
}

// stands reports whether what the deal was compared with is still there. What an answer bounded by effective_at lacks is
// unknown, and taken as there.
func (t *tables) stands(d *account.Deal, f account.Finding) (bool, error) {
	switch {
	case f.Rule == account.RuleCoolOff:
		return true, nil // it looks back at a deal that expired
	case f.With.DealID != uuid.Nil:
		rival, err := t.deal(f.With.DealID)
		return rival.ID == uuid.Nil || rival.Live(), err
	}
	a, err := t.accounts.Get(d.AccountID.String())
	if a == nil || err != nil {
		return true, err
	}
	if f.With.OpportunityID != uuid.Nil {
		o := a.Opportunities[f.With.OpportunityID]
		return o == nil || o.Outcome == "", nil
	}
	switch f.Rule {
	case policy.RuleOwnedAccount:
		return len(a.Ownership.Entries) == 0 || a.Ownership.Latest().Owner == f.With.Owner, nil
	case policy.RuleCustomerPreference:
		p := a.Preference.Latest()
		return len(a.Preference.Entries) == 0 || p.PartnerID == f.With.PartnerID && p.Direct == (f.With.Owner != ""), nil
	}
	return true, nil // it lies in the registration itself
}

// deal is the deal with that id, or an empty one.
func (t *tables) deal(id uuid.UUID) (*account.Deal, error) {
	d, err := t.deals.Get(id.String())
	if d == nil {
		d = &account.Deal{}
	}
	return d, err
}
