package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progressLines is how often a line is printed where there is no terminal.
const progressLines = 5 * time.Second

// progress tells how far long work is: a bar on a terminal, plain lines otherwise.
type progress struct {
	what  string
	out   io.Writer
	bar   *progressbar.ProgressBar // nil: plain lines
	start time.Time
	told  time.Time
}

// newProgress begins telling of the work named; width is the terminal's, or 0.
func newProgress(out io.Writer, width int, what string) *progress {
	p := &progress{what: what, out: out, start: time.Now()}
	p.told = p.start
	if width > 0 {
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(min(40, width/3)), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// tell says that done of total are done; total 0 is unknown.
func (p *progress) tell(done, total int64) {
	if p.bar != nil {
		if total > 0 && p.bar.GetMax64() != total {
			p.bar.ChangeMax64(total)
		}
		_ = p.bar.Set64(done)
		return
	}
	if now := time.Now(); now.Sub(p.told) >= progressLines {
		p.told = now
		_, _ = fmt.Fprintln(p.out, p.line(done, total, now.Sub(p.start)))
	}
}

// line is progress as text: count, rate, and what is left at that rate.
func (p *progress) line(done, total int64, elapsed time.Duration) string {
	rate := float64(done) / elapsed.Seconds()
	if total <= 0 || rate == 0 {
		return fmt.Sprintf("%s: %d (%.0f/s)", p.what, done, rate)
	}
	left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s: %d of %d (%.0f/s, %s left)", p.what, done, total, rate, left)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
