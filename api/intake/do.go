package intake

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
)

// do takes a unit's steps. A row that the domain refuses is set aside, and what would come after is left.
func (i *importer) do(ctx context.Context, u unit) error {
	r := u.row
	if r.rejected != nil {
		return nil
	}
	if barrier := i.barrier(r); barrier != nil {
		r.rejected = r.reject(*barrier)
		return nil
	}
	for _, s := range u.steps {
		err := i.take(ctx, r, s)
		if _, other := errors.AsType[*eventstore.KeyReusedError](err); other {
			return i.rejectChanged(ctx, r, err)
		}
		if refusal := domain.AsRejection(err); refusal != nil {
			r.rejected = r.reject(fault{i.mapping.columnOf(refusal.Field), Refused, refusal.Error()})
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rejectChanged sets a row aside whose step another import took with other content since this one began.
func (i *importer) rejectChanged(ctx context.Context, r *row, reused error) error {
	register := i.mapping.commandID(r.id, registering)
	now := newMemory(i.ledger, i.actor.ID, map[uuid.UUID]bool{register: true})
	if err := now.recallAccount(ctx, r.account); err != nil {
		return err
	}
	if said := now.said[register]; said != nil {
		if r.rejected = i.forbidden(r, i.changes(r, said)); r.rejected != nil {
			return nil
		}
	}
	r.rejected = r.reject(fault{"", Changed, reused.Error()})
	return nil
}

// The rules by which the domain refuses what may be well all the same.
const (
	ruleConflict    = "conflict"
	ruleWrongStatus = "wrong_status"
)

// take gives a step's command. An approval that findings stand against overrides them. What somebody did already in the
// import's place, with the same result, is done.
func (i *importer) take(ctx context.Context, r *row, s step) error {
	err := i.tell(ctx, r, s)
	refusal := domain.AsRejection(err)
	if refusal == nil {
		return err
	}
	_, isApproval := s.command.(account.ApproveDeal)
	switch {
	case isApproval && refusal.Rule == ruleConflict:
		if err := i.overrideAll(ctx, r); err != nil {
			return err
		}
		return i.tell(ctx, r, s)
	case refusal.Rule == ruleWrongStatus:
		return i.unlessDone(ctx, r, s, err)
	}
	return err
}

func (i *importer) overrideAll(ctx context.Context, r *row) error {
	var findings []uuid.UUID
	err := i.look(ctx, r, func(d *account.Deal) {
		for _, f := range d.Findings {
			if !taken(f.Override) {
				findings = append(findings, f.ID)
			}
		}
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(findings, account.MaxFindings) {
		if err := i.tell(ctx, r, i.override(r, some)); err != nil {
			return err
		}
	}
	return nil
}

func (i *importer) unlessDone(ctx context.Context, r *row, s step, refusal error) error {
	done := false
	err := i.look(ctx, r, func(d *account.Deal) {
		switch s.command.(type) {
		case account.ApproveDeal:
			done = taken(d.Approved)
		case account.WinDeal:
			done = d.Status == account.StatusWon && d.Win.Net() == r.amount
		case account.LoseDeal:
			done = d.Status == account.StatusLost
		}
	})
	if err != nil || done {
		return err
	}
	return refusal
}

// look shows a row's deal as it stands.
func (i *importer) look(ctx context.Context, r *row, at func(*account.Deal)) error {
	return i.ledger.Accounts.View(ctx, r.account, func(s *account.State, _ domain.Source) error {
		if d := s.Deals[r.deal]; d != nil {
			at(d)
		}
		return nil
	})
}

func (i *importer) tell(ctx context.Context, r *row, s step) error {
	return i.count(i.ledger.Accounts.Do(ctx, r.account, domain.Header{
		CommandID: i.mapping.commandID(r.id, s.name), RequestHash: hashOf(s.content), Actor: i.actor, EffectiveAt: s.at,
	}, s.command))
}

func (i *importer) count(outcome eventstore.Outcome, err error) error {
	if err == nil && !outcome.Repeated {
		i.mu.Lock()
		i.appended += outcome.Count
		i.mu.Unlock()
	}
	return err
}
