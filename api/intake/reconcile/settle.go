package reconcile

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// workers is how many matches are cleared side by side, so that their appends share a synced write.
const workers = 64

// settleAll settles what the rules are certain of, and tells the rest.
func (r *run) settleAll(ctx context.Context, s *source, report *StatementReport) error {
	result, err := r.explain(ctx, s, report.ID)
	if err != nil {
		return err
	}
	var certain []statement.Match
	for _, f := range result.Found {
		if f.Certain {
			f.Score = statement.ByRule
			certain = append(certain, f.Match)
		}
	}
	settled, err := r.settle(ctx, report.ID, s, certain)
	report.Matched = counts(settled.matches)
	report.tell(s, result, settled.refused)
	if err != nil {
		return err
	}
	state, err := r.state(ctx, report.ID)
	if err != nil {
		return err
	}
	report.Before = state.Matched + state.Resolved - linesOf(settled.matches)
	if state.Unmatched == 0 && state.Status == statement.StatusOpen {
		header := domain.Header{CommandID: domain.DeriveID("reconcile", "done", report.ID.String(), state.EventID.String()), Actor: r.Actor}
		if _, err = r.Ledger.Statements.Do(ctx, report.ID, header, statement.Reconcile{}); err != nil {
			return err
		}
	}
	report.Reconciled = state.Unmatched == 0
	return nil
}

func linesOf(matches []statement.Match) (n int) {
	for _, m := range matches {
		n += len(m.Lines)
	}
	return n
}

// settled is what came of matches.
type settled struct {
	matches []statement.Match
	refused []Refusal
}

// settle clears and records matches in chunks, what left before what came back: a payment may be in both. What a payable or
// the statement refuses is told, and the rest goes on.
func (r *run) settle(ctx context.Context, id uuid.UUID, s *source, matches []statement.Match) (all settled, err error) {
	total := linesOf(matches)
	matches = slices.Clone(matches)
	slices.SortStableFunc(matches, func(a, b statement.Match) int { return direction(a) - direction(b) })
	for len(matches) > 0 {
		r.Progress("match", linesOf(all.matches), total)
		var chunk []statement.Match
		chunk, matches = cut(matches)
		if err := r.settleChunk(ctx, id, s, chunk, &all); err != nil {
			return all, err
		}
	}
	r.Progress("match", total, total)
	return all, nil
}

func direction(m statement.Match) int {
	if m.Outgoing {
		return 0
	}
	return 1
}

// cut takes as many matches as one append may record, of one direction: those of a chunk are cleared side by side.
func cut(matches []statement.Match) (chunk, rest []statement.Match) {
	size := 0
	for i, m := range matches {
		size += len(m.Lines) + len(m.To)
		if i == statement.MaxMatches || i > 0 && (size > statement.MaxSides || m.Outgoing != matches[0].Outgoing) {
			return matches[:i], matches[i:]
		}
	}
	return matches, nil
}

func (r *run) settleChunk(ctx context.Context, id uuid.UUID, s *source, chunk []statement.Match, all *settled) error {
	var summary statement.Summary
	locked := make([]bool, len(chunk))
	err := r.Ledger.Statements.View(ctx, id, func(st *statement.Statement, _ domain.Source) error {
		summary = st.Summary
		for i := range chunk {
			chunk[i].MatchID = st.MatchID(chunk[i], 0)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := range chunk {
		group.Go(func() error {
			err := r.begin(inner, summary, s, &chunk[i])
			locked[i] = err == nil
			if domain.AsRejection(err) == nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			all.refuse(chunk[i], err)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	ready := make([]statement.Match, 0, len(chunk))
	for i, m := range chunk {
		if locked[i] {
			ready = append(ready, m)
		}
	}
	return r.append(ctx, summary, ready, all)
}

func (all *settled) refuse(m statement.Match, err error) {
	rejection := domain.AsRejection(err)
	all.refused = append(all.refused, Refusal{Lines: m.Lines, Rule: rejection.Rule, Reason: rejection.Detail})
}

// begin locks a match. One that was begun before and taken back begins anew, under another id.
func (r *run) begin(ctx context.Context, s statement.Summary, src *source, m *statement.Match) error {
	reference := fmt.Sprintf("statement %s, line %d", s.Number, m.Lines[0])
	if src != nil && src.lines[m.Lines[0]-1].Reference != "" {
		reference = src.lines[m.Lines[0]-1].Reference
	}
	for attempt := 1; ; attempt++ {
		err := r.lock(ctx, s, *m, reference)
		if rejection := domain.AsRejection(err); rejection == nil || rejection.Rule != "clearing_undone" || attempt == maxTries {
			return err
		}
		if err := r.Ledger.Statements.View(ctx, s.ID, func(st *statement.Statement, _ domain.Source) error {
			m.MatchID = st.MatchID(*m, attempt)
			return nil
		}); err != nil {
			return err
		}
	}
}

// append records matches that are locked; where the statement refuses them together, each by itself.
func (r *run) append(ctx context.Context, s statement.Summary, matches []statement.Match, all *settled) error {
	if len(matches) == 0 {
		return nil
	}
	parts := []string{"reconcile", "matches", s.ID.String()}
	for _, m := range matches {
		parts = append(parts, m.MatchID.String())
	}
	header := domain.Header{CommandID: domain.DeriveID(parts...), Actor: r.Actor}
	outcome, err := r.Ledger.Statements.Do(ctx, s.ID, header, statement.MatchLines{Matches: matches})
	switch {
	case err == nil:
		all.matches = append(all.matches, matches...)
		r.at = outcome.Position
		return r.shorts(ctx, outcome, matches)
	case domain.AsRejection(err) == nil:
		return err
	case len(matches) > 1:
		for _, m := range matches {
			if err := r.append(ctx, s, []statement.Match{m}, all); err != nil {
				return err
			}
		}
		return nil
	}
	all.refuse(matches[0], err)
	return r.unlock(ctx, matches[0], len(matches[0].To))
}
