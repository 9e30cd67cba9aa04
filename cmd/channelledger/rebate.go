package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

type rebateCommand struct {
	Explain rebateExplainCommand `cmd:"" help:"Say how the amount of an agreement came about, step by step."`
}

type rebateExplainCommand struct {
	JSON      bool   `name:"json" help:"Print one JSON object for each step."`
	Agreement string `arg:"" help:"The agreement: its id, or its stream rebate-<id>." placeholder:"AGREEMENT"`
}

// Help is the text below the flags.
func (rebateExplainCommand) Help() string {
	return `Each sale and reversal is told with the bands that it reached, the unrounded and the rounded value and the running total,
and names its event; what was adjusted and clawed back after the close follows. SPIFFs stand beside the rebate.

Examples:
  channelledger rebate explain 9f6961ce-e894-5cc1-a3fe-f584b9f7c909
  channelledger rebate explain --json rebate-9f6961ce-e894-5cc1-a3fe-f584b9f7c909`
}

// Run tells the agreement's stream from its beginning.
func (c *rebateExplainCommand) Run(ctx context.Context, s *session) error {
	id, err := uuid.Parse(strings.TrimPrefix(c.Agreement, rebate.Category+"-"))
	if err != nil {
		return fmt.Errorf("%.50q: want the id of an agreement, or its stream rebate-<id>", c.Agreement)
	}
	out := bufio.NewWriter(s.stdout)
	told, err := c.tell(ctx, s, id, out)
	if err == nil && !told {
		err = fmt.Errorf("there is no agreement %s", id)
	}
	return errors.Join(err, out.Flush())
}

func (c *rebateExplainCommand) tell(ctx context.Context, s *session, id uuid.UUID, out io.Writer) (told bool, err error) {
	print := printStep
	if c.JSON {
		print = encodeStep
	}
	var explainer rebate.Explainer
	for recorded, err := range s.store.Read(ctx, domain.StreamName(rebate.Category, id), eventstore.NoStream) {
		if err != nil {
			return told, err
		}
		decoded, envelope, err := s.ledger.Codec.Decode(recorded)
		if err != nil {
			return told, err
		}
		event, ok := decoded.(rebate.Event)
		if !ok {
			return told, fmt.Errorf("%s@%d: %s is no event of an agreement", recorded.Stream, recorded.Revision, recorded.Type)
		}
		if step, ok := explainer.Explain(event, envelope); ok {
			told = true
			if err := print(out, step); err != nil {
				return told, err
			}
		}
	}
	return told, nil
}

func encodeStep(out io.Writer, step rebate.ExplainedStep) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(step)
}

// printStep writes a step for people: what happened, why it gives that much, and what is owed then.
func printStep(out io.Writer, step rebate.ExplainedStep) error {
	lines := []string{fmt.Sprintf("%d. %s %s%s", step.Step, step.At.UTC().Format("2006-01-02 15:04"), step.What, headline(step))}
	if t := step.Agreement; t != nil {
		lines = append(lines, termLines(*t)...)
	}
	if c := step.Calculation; c != nil {
		lines = append(lines, calculationLines(*c)...)
	}
	if step.Reason != "" {
		lines = append(lines, "because: "+step.Reason)
	}
	if !step.Delta.IsZero() {
		lines = append(lines, "moves "+signed(step.Delta))
	}
	lines = append(lines, fmt.Sprintf("total %s   [%s@%d %s]", step.Total, step.Stream, step.Revision, step.EventID))
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n     "))
	return err
}

func headline(step rebate.ExplainedStep) string {
	s := step.Sale
	if s == nil {
		return ""
	}
	text := " " + strings.TrimSpace(strings.Join([]string{s.SourceRef, s.Product}, " "))
	if s.SourceRef == "" && s.Product == "" {
		text = " of sale " + s.ID.String()
	}
	text += ": " + signed(s.Amount)
	switch {
	case s.FX != nil:
		text += fmt.Sprintf(" (%s at %s, %s)", s.FX.Original, s.FX.Rate, s.FX.Source)
	case !s.Original.IsZero():
		text += fmt.Sprintf(" (%s at the sale's rate)", s.Original)
	}
	return text
}

func termLines(t rebate.Terms) (lines []string) {
	lines = append(lines,
		fmt.Sprintf("partner %s, %s to %s", t.PartnerID, t.Period.FirstDay, t.Period.LastDay),
		fmt.Sprintf("scheme %s of %s: %s on %s, in %s", t.Scheme.Name, t.Policy, t.Scheme.Kind, t.Scheme.Basis, t.Scheme.Currency),
	)
	for _, b := range t.Scheme.Bands {
		lines = append(lines, fmt.Sprintf("  from %s: %s %%", b.From, b.Percent))
	}
	for _, limit := range []struct {
		name   string
		amount domain.Money
	}{
		{"minimum", t.Scheme.Minimum}, {"maximum", t.Scheme.Maximum}, {"cap", t.Scheme.Cap}, {"baseline", t.Scheme.Baseline},
		{"prior period", t.PriorPeriodRevenue},
	} {
		if !limit.amount.IsZero() {
			lines = append(lines, "  "+limit.name+" "+limit.amount.String())
		}
	}
	if len(t.Scheme.ProductLines) > 0 {
		lines = append(lines, "  only "+strings.Join(t.Scheme.ProductLines, ", "))
	}
	return lines
}

func calculationLines(c rebate.Calculation) (lines []string) {
	line := "revenue " + c.Revenue.String()
	if c.Counted != c.Revenue {
		line += ", of which counts " + c.Counted.String()
	}
	if c.Base != c.Counted || !c.Prior.IsZero() {
		line += fmt.Sprintf(", above %s: %s", orNothing(c.Prior), c.Base)
	}
	lines = append(lines, line)
	for _, b := range c.Bands {
		lines = append(lines, fmt.Sprintf("  band from %s: %s %% of %s = %s", b.From, b.Percent, b.Amount, b.Unrounded))
	}
	line = fmt.Sprintf("unrounded %s, rounded %s", c.Unrounded, c.Rounded)
	if !c.Cap.IsZero() {
		line += ", cut at the cap " + c.Cap.String()
	}
	return append(lines, line)
}

func orNothing(m domain.Money) string {
	if m.IsZero() {
		return "a prior period that isn't there"
	}
	return m.String()
}

// signed is an amount with its sign, also where that is a plus.
func signed(m domain.Money) string {
	if m.Sign() < 0 {
		return m.String()
	}
	return "+" + m.String()
}
