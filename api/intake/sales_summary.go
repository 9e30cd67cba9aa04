package intake

import (
	"fmt"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// SalesSummary is what became of the files' rows in this run.
type SalesSummary struct {
	System      string        `json:"system"`
	Rows        int           `json:"rows"`
	Sales       int           `json:"sales"` // recorded now
	Sold        domain.Totals `json:"sold,omitempty"`
	Reversals   int           `json:"reversals"` // recorded now
	TakenBack   domain.Totals `json:"taken_back,omitempty"`
	Known       int           `json:"known"` // recorded before
	Quarantined int           `json:"quarantined"`
	Counts      []Count       `json:"counts,omitempty"` // the quarantined by reason
	Appended    int           `json:"appended"`         // events
}

// count adds a row that was taken. A sum that gets out of range is left as it is: each amount stands in the ledger.
func (s *SalesSummary) count(r *saleRow, appended int) {
	s.Appended += appended
	switch {
	case appended == 0:
		s.Known++
	case r.reverses != "":
		s.Reversals++
		_ = s.TakenBack.Add(r.amount)
	default:
		s.Sales++
		_ = s.Sold.Add(r.amount)
	}
}

// String is the summary for people.
func (s SalesSummary) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s read", plural(s.Rows, "row"))
	line("%s recorded%s", plural(s.Sales, "sale"), worth(s.Sold))
	line("%s recorded%s", plural(s.Reversals, "reversal"), worth(s.TakenBack))
	line("%s known before", plural(s.Known, "row"))
	line("%s quarantined", grouped(s.Quarantined))
	for _, c := range s.Counts {
		line("  %s", c)
	}
	line("%s appended", plural(s.Appended, "event"))
	return b.String()
}
