package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/metrics"
)

// printHistory shows a metric over all periods.
func (s *session) printHistory(ctx context.Context, m metrics.Metric) error {
	reader, err := s.runner.Reader(metrics.Name)
	if err != nil {
		return err
	}
	var answers []metrics.Answer
	if err := reader.Read(ctx, func(q projections.Querier) (err error) {
		answers, err = metrics.History(ctx, q, m, s.now(), s.zone)
		return err
	}); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.stdout, "\n%s: %s\n%s\n\n", m.ID(), m.Title, m.Counts)
	out := tabwriter.NewWriter(s.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, strings.Join(historyHeader(m), "\t"))
	for _, a := range answers {
		printPeriod(out, m, a)
	}
	return out.Flush()
}

// printPeriod prints a line for each value: the totals, or the groups of a metric that always has some.
func printPeriod(out io.Writer, m metrics.Metric, a metrics.Answer) {
	if m.GroupedBy == "" {
		a.Groups = []metrics.Group{{Values: a.Total}}
	}
	for _, g := range a.Groups {
		for _, v := range g.Values {
			line := []string{a.Window.Name}
			if m.GroupedBy != "" {
				line = append(line, g.Value)
			}
			_, _ = fmt.Fprintln(out, strings.Join(append(line, historyLine(m, v)...), "\t"))
		}
	}
}

func historyHeader(m metrics.Metric) []string {
	header := []string{"PERIOD"}
	if m.GroupedBy != "" {
		header = append(header, strings.ToUpper(string(m.GroupedBy)))
	}
	if m.Unit == metrics.Money {
		header = append(header, "CURRENCY")
	}
	header = append(header, "NUMERATOR")
	if m.Denominator != "" {
		header = append(header, "DENOMINATOR", "RATIO")
	}
	for _, n := range append(m.Apart, m.Figures...) {
		header = append(header, strings.ToUpper(n.Name))
	}
	return header
}

func historyLine(m metrics.Metric, v metrics.Value) (line []string) {
	if m.Unit == metrics.Money {
		line = append(line, v.Currency)
	}
	line = append(line, v.Numerator)
	if m.Denominator != "" {
		line = append(line, v.Denominator, orDash(v.Ratio))
	}
	for _, f := range append(v.Apart, v.Figures...) {
		line = append(line, orDash(f.Value))
	}
	return line
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
