package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/projections/metrics"
)

// spans is what the spans mean, as the page says it.
var spans = map[metrics.Span]string{
	metrics.Moment:       "the moment asked for; `period` asks for its end",
	metrics.TrailingYear: "the 12 calendar months up to the moment, (t − 12 months, t]; `period` moves the moment to its end",
	metrics.YearOrPeriod: "the 12 calendar months up to the moment, (t − 12 months, t]; or `period`",
	metrics.Quarter:      "the last completed quarter; or `period`",
	metrics.Ever:         "all of history; or `period`",
}

// definitions is the reference of the metrics.
func definitions(string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# Metrics\n\nGenerated from `projections/metrics`; see `make docs`. What the words mean and who may see what: " +
		"[metrics](../explanation/metrics.md).\n")
	for _, m := range metrics.All() {
		fmt.Fprintf(&out, "\n## `%s`: %s\n\n%s\n\n| | |\n| --- | --- |\n", m.ID(), m.Title, m.Counts)
		row := func(name, text string) {
			if text != "" {
				fmt.Fprintf(&out, "| %s | %s |\n", name, text)
			}
		}
		row("unit", string(m.Unit))
		row("numerator", m.Numerator)
		row("denominator", m.Denominator)
		row("ratio", m.Ratio)
		for _, n := range m.Apart {
			row("apart: `"+n.Name+"`", n.Text)
		}
		for _, n := range m.Figures {
			row("`"+n.Name+"`", n.Text)
		}
		row("looks at", spans[m.Span])
		row("groups", groupNames(m))
		if m.GroupedBy != "" {
			row("grouped by", "`"+string(m.GroupedBy)+"`, unless `group_by` says otherwise")
		}
		if m.VendorOnly {
			row("seen by", "the vendor's people only")
		}
		row("source", m.Source)
	}
	return out.Bytes(), nil
}

func groupNames(m metrics.Metric) string {
	var names []string
	for _, by := range m.Groups {
		names = append(names, "`"+string(by)+"`")
	}
	return strings.Join(names, ", ")
}
