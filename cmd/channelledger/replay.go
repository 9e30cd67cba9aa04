package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	funds "github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/pipeline"
	"github.com/channelledger/channelledger/projections/timeline"
)

type replayCommand struct {
	KnownAt     string `name:"known-at" help:"Tell it as it stood then: a moment, a day, or a position."`
	EffectiveAt string `name:"effective-at" help:"Leave out what took effect later: a moment, or a day."`
	Viewpoint   string `help:"As this partner sees it." placeholder:"PARTNER"`
	JSON        bool   `name:"json" help:"Print one JSON object."`
	Kind        string `arg:"" help:"What it is: dispute, deal, account, partner, fund, request, claim or agreement." placeholder:"KIND"`
	ID          string `arg:"" help:"Its id." placeholder:"ID"`
}

// Help is the text below the flags.
func (replayCommand) Help() string {
	return `Everything that bears on the case, from all streams involved, event by event: who, when, why, what changed, what it did to the
books. On a terminal it is stepped through: n or → next, b or ← back, N and B within its own stream, g to a date, Home and End,
J and K scroll the event, j and k the state, q quits. Elsewhere it is printed.

Examples:
  channelledger replay dispute 9cc1…
  channelledger replay deal 04f7…
  channelledger replay claim 9a31… --known-at 2026-03-31
  channelledger replay deal 04f7… --viewpoint 04e23778-0b7b-5b68-a7d2-4296b3e0bf84 --json`
}

// replayed is a case told to somebody, each entry with the subject as it is behind it.
type replayed struct {
	Subject   timeline.Subject  `json:"subject"`
	Viewpoint string            `json:"viewpoint,omitempty"` // the partner by whose eyes
	Entries   []replayedEntry   `json:"entries"`
	Withheld  timeline.Withheld `json:"withheld"`
}

// replayedEntry is an entry that can be read back: a position is text to all but the store that gave it.
type replayedEntry struct {
	timeline.Entry
	Position string `json:"position"`
}

// Run tells the case.
func (c *replayCommand) Run(ctx context.Context, s *session) error {
	told, err := c.tell(ctx, s)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(s.stdout)
	if c.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(told)
	} else {
		printCase(out, told)
	}
	return errors.Join(err, out.Flush())
}

func (c *replayCommand) tell(ctx context.Context, s *session) (told replayed, err error) {
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return told, fmt.Errorf("%.50q: want the id of a %s", c.ID, c.Kind)
	}
	reader := timeline.Reader{EachState: true}
	if c.Viewpoint != "" {
		if reader.Partner, err = uuid.Parse(c.Viewpoint); err != nil {
			return told, fmt.Errorf("--viewpoint %.50q: want the id of a partner", c.Viewpoint)
		}
	}
	bounds, err := c.bounds(ctx, s)
	if err != nil {
		return told, err
	}
	home, err := homeOf(ctx, s, timeline.Kind(c.Kind), id)
	if err != nil {
		return told, err
	}
	source := projections.Source{Store: s.store, Codec: s.ledger.Codec}
	of, err := timeline.Gather(ctx, source, timeline.Of(timeline.Kind(c.Kind), id, home), bounds)
	if err != nil {
		return told, err
	}
	if len(of.Facts) == 0 {
		return told, fmt.Errorf("there is no %s %s, or there was none then", c.Kind, id)
	}
	whole, err := of.Tell(reader, -1)
	if err != nil {
		return told, err
	}
	told = replayed{Subject: of.Subject, Viewpoint: c.Viewpoint, Withheld: whole.Withheld}
	for _, e := range whole.Entries {
		told.Entries = append(told.Entries, replayedEntry{Entry: e, Position: e.Position.String()})
	}
	return told, nil
}

func (c *replayCommand) bounds(ctx context.Context, s *session) (b projections.Bounds, err error) {
	zone := time.UTC
	if err := s.ledger.Programs.View(ctx, program.DefaultID, func(p *program.State, _ domain.Source) error {
		rules, _ := p.RulesAt(s.now())
		zone = rules.Zone
		return nil
	}); err != nil {
		return b, err
	}
	if b.EffectiveAt, err = momentIn(zone, c.EffectiveAt); err != nil {
		return b, fmt.Errorf("--effective-at: %w", err)
	}
	if b.KnownAt, err = momentIn(zone, c.KnownAt); err == nil {
		return b, nil
	}
	at, positionErr := eventstore.ParsePosition(c.KnownAt, s.store.Origin())
	if positionErr != nil {
		return b, fmt.Errorf("--known-at: %w, or a position of this ledger", err)
	}
	b.KnownPosition = at
	return b, nil
}

// momentIn reads a moment, or a day, which is its start in the zone.
func momentIn(zone *time.Location, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	day, err := domain.ParseDate(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.50q: want a moment as in 2026-01-31T12:00:00Z, or a day as in 2026-01-31", text)
	}
	return day.In(zone), nil
}

// homeOf is the stream that a thing stands in, by the read models.
func homeOf(ctx context.Context, s *session, kind timeline.Kind, id uuid.UUID) (home uuid.UUID, err error) {
	switch kind {
	case timeline.Deal:
		return homeBy(ctx, s, pipeline.Name, kind, id, pipeline.Get, func(d *account.Deal) uuid.UUID { return d.AccountID })
	case timeline.Request:
		return homeBy(ctx, s, funds.Name, kind, id, funds.GetRequest, func(r *mdf.Request) uuid.UUID { return r.FundID })
	case timeline.Claim:
		return homeBy(ctx, s, funds.Name, kind, id, funds.GetClaim, func(c *mdf.Claim) uuid.UUID { return c.FundID })
	}
	for _, known := range timeline.Kinds() {
		if known == kind {
			return id, nil
		}
	}
	return id, fmt.Errorf("%.50q: want one of %v", kind, timeline.Kinds())
}

func homeBy[R any](
	ctx context.Context, s *session, model string, kind timeline.Kind, id uuid.UUID,
	get func(context.Context, projections.Querier, uuid.UUID) (*R, error), home func(*R) uuid.UUID,
) (at uuid.UUID, err error) {
	var row *R
	err = s.whileLive(ctx, func(ctx context.Context) error {
		head, err := s.runner.Latest(ctx)
		if err != nil {
			return err
		}
		if err := s.runner.WaitFor(ctx, model, head.Position); err != nil {
			return err
		}
		reader, err := s.runner.Reader(model)
		if err != nil {
			return err
		}
		return reader.Read(ctx, func(q projections.Querier) (err error) {
			row, err = get(ctx, q, id)
			return err
		})
	})
	switch {
	case err != nil:
		return at, err
	case row == nil:
		return at, fmt.Errorf("there is no %s %s", kind, id)
	}
	return home(row), nil
}
