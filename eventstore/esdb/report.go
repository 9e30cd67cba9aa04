package esdb

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnsafe says that what is written to the log may not stay there.
var ErrUnsafe = errors.New("the event log doesn't keep what is written to it")

// Severity is how much a finding matters.
type Severity int

// The severities, each worse than the one before.
const (
	Fine    Severity = iota
	Warning          // somebody could change the past, or it can't be seen whether
	Refusal          // events are gone or will be, or the ledger can't work: don't write
)

// String is one word.
func (s Severity) String() string { return [...]string{"ok", "warning", "refusal"}[s] }

// Finding is one thing that Check saw.
type Finding struct {
	Severity Severity
	About    string // the stream, the setting or the right
	Says     string // what is so, and what that means for the audit
	Remedy   string // what to set; empty where nothing is to be done
}

// String is a line, and a second one with the remedy.
func (f Finding) String() string {
	line := fmt.Sprintf("%s: %s: %s", f.Severity, f.About, f.Says)
	if f.Remedy != "" {
		line += "\n  do: " + f.Remedy
	}
	return line
}

// Report is what Check found, in the order in which it looked.
type Report struct{ Findings []Finding }

// Worst is the highest severity.
func (r Report) Worst() Severity {
	worst := Fine
	for _, f := range r.Findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

// Err is why nothing should be written to the log: ErrUnsafe with every refusal; nil where there is none.
func (r Report) Err() error {
	var list []string
	for _, f := range r.Findings {
		if f.Severity == Refusal {
			list = append(list, f.About+": "+f.Says)
		}
	}
	if list == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnsafe, strings.Join(list, "; "))
}

// String is all findings, one behind the other.
func (r Report) String() string {
	lines := make([]string, len(r.Findings))
	for i, f := range r.Findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func (r *Report) add(severity Severity, about, says, remedy string) {
	r.Findings = append(r.Findings, Finding{severity, about, says, remedy})
}
