package period

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// MaxReason bounds a reason, in characters.
const MaxReason = 2000

// Command is what can be asked of a period.
type Command interface {
	decide(*Period, domain.Header, Facts) ([]Event, error)
}

// Facts are what other streams say, as far as a decision on a period needs it.
type Facts struct {
	Zone       *time.Location // of the program
	Earlier    bool           // some earlier month was cut, whether or not it was reopened since
	Neighbours []Neighbour    // as Neighbours names them
}

// Neighbour is another month, and whether its cut holds.
type Neighbour struct {
	Month Month
	Cut   bool
}

// Neighbours are the months that a decision on one depends on: the one before it, and those behind it. known are all months
// that were ever cut, in any order.
func Neighbours(m Month, known []Month) []Month {
	months := []Month{m.Add(-1)}
	for _, k := range known {
		if k.Compare(m) > 0 {
			months = append(months, k)
		}
	}
	slices.SortFunc(months, Month.Compare)
	return months
}

// previousCut reports whether the cut of the month before holds.
func (f Facts) previousCut(m Month) bool {
	return slices.Contains(f.Neighbours, Neighbour{Month: m.Add(-1), Cut: true})
}

// laterCut is the last month behind m whose cut holds; zero where none does.
func (f Facts) laterCut(m Month) (last Month) {
	for _, n := range f.Neighbours {
		if n.Cut && n.Month.Compare(m) > 0 && n.Month.Compare(last) > 0 {
			last = n.Month
		}
	}
	return last
}

// Roles give every command: those who keep the books.
func Roles() []domain.Role { return []domain.Role{domain.Finance, domain.ServiceRole} }

// decide lets nothing be backdated: a cut divides the log, and nobody can have cut it earlier than it stands there.
func decide(p *Period, h domain.Header, f Facts, c Command) ([]Event, error) {
	action := actionOf(c)
	if err := domain.Admit(h, action, Roles()); err != nil {
		return nil, err
	}
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "%s is the vendor's: nobody of a partner may do it", action)
	}
	if !h.EffectiveAt.Equal(h.Now) {
		return nil, domain.Invalid("effective_at", "%s takes effect now: a cut stands where it is in the log", action)
	}
	if _, first := c.(CutPeriod); !first && !p.Exists() {
		return nil, domain.NotFound("period_unknown", "", "the month was never cut")
	}
	return c.decide(p, h, f)
}

// actionOf is the command's name, for people.
func actionOf(c Command) string {
	_, name, _ := strings.Cut(fmt.Sprintf("%T", c), ".")
	return name
}
