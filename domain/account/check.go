package account

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
)

// Checked is what a registration would meet.
type Checked struct {
	AccountID uuid.UUID  `json:"account_id"` // where the registration would stand
	Known     bool       `json:"known"`      // whether anybody made the customer known
	Meets     []Meeting  `json:"meets"`      // what would be found against it
	Alike     []Likeness `json:"alike"`      // other accounts that may be of the customer, live registrations or not
}

// Meeting is a finding that nobody recorded.
type Meeting struct {
	Rule     policy.ConflictRule `json:"rule"`
	Score    string              `json:"score"` // decimal, 0 to 1; 1 is exact
	With     With                `json:"with"`
	Blocks   bool                `json:"blocks"` // it would have to be overridden before an approval
	Evidence map[string]string   `json:"evidence"`
}

// Likeness is an account that is taken for the same customer.
type Likeness struct {
	AccountID uuid.UUID           `json:"account_id"`
	Name      string              `json:"name"`
	Rule      policy.ConflictRule `json:"rule"` // live_registration: somebody linked the two
	Score     string              `json:"score"`
	Live      int                 `json:"live"` // registrations that wait or are protected
}

// Check is what a registration for a customer would meet at a moment if a partner without registrations submitted it now,
// on some product lines or, without any, on whichever others stand. It decides like RegisterDeal, and changes nothing.
func (s *State) Check(customer Profile, lines []string, f Facts, at time.Time) Checked {
	c := Claim{Lines: lines, Place: last, PlacedAt: at, RankedAt: endless, Customer: customer}
	if len(lines) == 0 {
		c.Lines = s.everyLine(f)
	}
	checked := Checked{AccountID: customer.AccountID, Known: s.Account.ID != uuid.Nil, Meets: []Meeting{}, Alike: []Likeness{}}
	for _, found := range c.findings(s, f, at) {
		checked.Meets = append(checked.Meets, Meeting{
			Rule: found.Rule, Score: found.Score, With: found.With, Blocks: f.blocks(found.Rule), Evidence: found.Evidence,
		})
	}
	for _, related := range s.related(c, f) {
		for _, m := range related.matches {
			checked.Alike = append(checked.Alike, Likeness{
				AccountID: related.peer.AccountID, Name: related.peer.Name, Rule: m.Rule, Score: scoreText(m.Score), Live: len(related.peer.Rivals),
			})
		}
	}
	return checked
}

// everyLine is each product line that anything stands on, here or on the other accounts.
func (s *State) everyLine(f Facts) (lines []string) {
	add := func(named ...string) {
		for _, l := range named {
			if !slices.Contains(keysOf(lines), keyOf(l)) {
				lines = append(lines, l)
			}
		}
	}
	for _, d := range s.Deals {
		if d.Live() {
			add(d.claim().Lines...)
		}
	}
	for _, o := range s.Account.Opportunities {
		add(o.Lines...)
	}
	for _, p := range f.Peers {
		for _, r := range p.Rivals {
			add(r.Lines...)
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return slices.Compare([]byte(keyOf(a)), []byte(keyOf(b))) })
	return lines
}
