package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/metrics"
)

type rebuildCommand struct {
	Names []string `arg:"" optional:"" help:"Read models; all of them where none is named."`
	Only  string   `placeholder:"METRIC" help:"Rebuild what metrics are counted from, and show this one over all history."`
}

// Help is the text below the flags.
func (rebuildCommand) Help() string {
	return `Examples:
  channelledger rebuild
  channelledger rebuild pipeline conflicts
  channelledger rebuild --only activation_rate@2`
}

// Run rebuilds one read model after the other.
func (c *rebuildCommand) Run(ctx context.Context, s *session) error {
	if c.Only != "" {
		return c.rebuildMetric(ctx, s)
	}
	names, err := c.names()
	if err != nil {
		return err
	}
	return s.whileLive(ctx, func(ctx context.Context) error {
		for _, name := range names {
			if err := rebuild(ctx, s, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// rebuildMetric shows a metric over all history, from facts made anew.
func (c *rebuildCommand) rebuildMetric(ctx context.Context, s *session) error {
	if len(c.Names) > 0 {
		return errors.New("--only rebuilds what metrics are counted from: name no read model beside it")
	}
	metric, err := metrics.Parse(c.Only)
	if err != nil {
		return err
	}
	return s.whileLive(ctx, func(ctx context.Context) error {
		if err := rebuild(ctx, s, metrics.Name); err != nil {
			return err
		}
		return s.printHistory(ctx, metric)
	})
}

// names checks what was asked for.
func (c *rebuildCommand) names() ([]string, error) {
	var known []string
	for _, d := range definitions(nil) {
		name, _ := d.Named()
		known = append(known, name)
	}
	for _, name := range c.Names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no read model %q: want %s", name, strings.Join(known, ", "))
		}
	}
	if len(c.Names) > 0 {
		return c.Names, nil
	}
	return known, nil
}

func rebuild(ctx context.Context, s *session, name string) error {
	if err := s.runner.WaitFor(ctx, name, eventstore.Position{}); err != nil { // the first build of a process that just started
		return err
	}
	bar := newProgress(s.stderr, s.Width, "rebuild "+name)
	var last projections.Progress
	err := s.runner.Rebuild(ctx, name, func(p projections.Progress) {
		last = p
		total := int64(0)
		if p.Fraction > 0 {
			total = int64(float64(p.Events) / p.Fraction)
		}
		bar.tell(int64(p.Events), total)
	})
	bar.done()
	if err != nil {
		return fmt.Errorf("rebuild %s: %w", name, err)
	}
	_, err = fmt.Fprintf(s.stdout, "%s: rebuilt from %d events, %.0f a second\n", name, last.Events, last.Rate)
	return err
}
