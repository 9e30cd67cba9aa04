package period

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// ClosePeriod says that the trial balance at the cut is the month's. It names the one that somebody looked at; what the checks
// found is recorded with it, and one that failed has to be accepted by name, with a reason.
// Errors: the month isn't cut or closed already (wrong_status), it was cut anew meanwhile (cut_anew), the trial balance is
// another (trial_balance_differs), a check failed and isn't accepted (check_failed), or a field is wrong.
type ClosePeriod struct {
	Version            int          `json:"version"`              // of the cut
	TrialBalanceSHA256 string       `json:"trial_balance_sha256"` // of the trial balance at the cut as CSV, 64 hex digits
	Accepted           []Acceptance `json:"accepted,omitempty"`   // of checks that failed

	Books Books `json:"-"` // as they are found when the command comes in; nobody sends them
}

// Books are a month's as they are at a cut of it.
type Books struct {
	TrialBalanceSHA256 string
	Checks             []Check // each that there is, by name
}

func (c ClosePeriod) decide(p *Period, _ domain.Header, _ Facts) ([]Event, error) {
	switch {
	case p.Status != StatusCut:
		return nil, domain.Refuse("wrong_status", "", "%s is %s, not cut", p.Month, p.Status)
	case c.Version != p.Version:
		return nil, domain.Refuse("cut_anew", "version", "the last cut of %s is version %d, not %d", p.Month, p.Version, c.Version)
	}
	if err := domain.FirstOf(checkSHA256(c.TrialBalanceSHA256), c.checkAccepted()); err != nil {
		return nil, err
	}
	if err := c.Books.check(); err != nil {
		return nil, err
	}
	if c.TrialBalanceSHA256 != c.Books.TrialBalanceSHA256 {
		return nil, domain.Refuse("trial_balance_differs", "trial_balance_sha256",
			"the trial balance at the cut has the hash %s: look at that one", c.Books.TrialBalanceSHA256)
	}
	return []Event{Closed{
		Month: p.Month, Version: p.Version, Cut: p.last().Cut.EventID, TrialBalanceSHA256: c.TrialBalanceSHA256,
		Checks: c.Books.Checks, Accepted: slices.Concat(c.Accepted), // none is nil, as it is read again
	}}, nil
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func checkSHA256(text string) error {
	if sha256Hex.MatchString(text) {
		return nil
	}
	return domain.Invalid("trial_balance_sha256", "want the SHA-256 of the trial balance, 64 hex digits in lower case")
}

// check refuses to close a month that nobody looked at. What was found comes from the program itself.
func (b Books) check() error {
	if len(b.Checks) == 0 {
		return errors.New("no books were found to close: their trial balance and checks come with the command")
	}
	return nil
}

// checkAccepted holds that exactly the checks that failed are accepted.
func (c ClosePeriod) checkAccepted() error {
	accepted := map[string]bool{}
	for i, a := range c.Accepted {
		field := fmt.Sprintf("accepted[%d].", i)
		at := c.find(a.Check)
		switch {
		case at < 0:
			return domain.Invalid(field+"check", "there is no check %.50q", a.Check)
		case c.Books.Checks[at].Result != Failed:
			return domain.Invalid(field+"check", "%s %s: there is nothing to accept", a.Check, c.Books.Checks[at].Result)
		case accepted[a.Check]:
			return domain.Invalid(field+"check", "%s is accepted twice", a.Check)
		}
		if err := domain.AdmitText(field+"reason", a.Reason, MaxReason); err != nil {
			return err
		}
		accepted[a.Check] = true
	}
	for _, check := range c.Books.Checks {
		if check.Result == Failed && !accepted[check.Name] {
			return domain.Refuse("check_failed", "accepted", "%s found %d: settle it, or accept it by name with a reason", check.Name, check.Found)
		}
	}
	return nil
}

func (c ClosePeriod) find(name string) int {
	return slices.IndexFunc(c.Books.Checks, func(check Check) bool { return check.Name == name })
}
