package period

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// ClosePeriod says that the trial balance at the cut is the month's. What the checks found is recorded with it; one that failed
// has to be accepted by name, with a reason.
// Errors: the month isn't cut or closed already (wrong_status), it was cut anew meanwhile (cut_anew), a check failed and isn't
// accepted (check_failed), or a field is wrong.
type ClosePeriod struct {
	Version            int          `json:"version"`              // of the cut
	TrialBalanceSHA256 string       `json:"trial_balance_sha256"` // of the trial balance at the cut as CSV, 64 hex digits
	Checks             []Check      `json:"checks"`               // each that was made, by name
	Accepted           []Acceptance `json:"accepted,omitempty"`
}

func (c ClosePeriod) decide(p *Period, _ domain.Header, _ Facts) ([]Event, error) {
	switch {
	case p.Status != StatusCut:
		return nil, domain.Refuse("wrong_status", "", "%s is %s, not cut", p.Month, p.Status)
	case c.Version != p.Version:
		return nil, domain.Refuse("cut_anew", "version", "the last cut of %s is version %d, not %d", p.Month, p.Version, c.Version)
	}
	if err := domain.FirstOf(checkSHA256(c.TrialBalanceSHA256), c.checkChecks(), c.checkAccepted()); err != nil {
		return nil, err
	}
	return []Event{Closed{
		Month: p.Month, Version: p.Version, Cut: p.last().Cut.EventID, TrialBalanceSHA256: c.TrialBalanceSHA256,
		Checks: c.Checks, Accepted: slices.Concat(c.Accepted), // none is nil, as it is read again
	}}, nil
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func checkSHA256(text string) error {
	if sha256Hex.MatchString(text) {
		return nil
	}
	return domain.Invalid("trial_balance_sha256", "want the SHA-256 of the trial balance, 64 hex digits in lower case")
}

func (c ClosePeriod) checkChecks() error {
	if len(c.Checks) == 0 || len(c.Checks) > MaxChecks {
		return domain.Invalid("checks", "want 1 to %d checks", MaxChecks)
	}
	for i, check := range c.Checks {
		field := fmt.Sprintf("checks[%d].", i)
		if err := domain.FirstOf(
			domain.AdmitText(field+"name", check.Name, MaxName),
			domain.AdmitOneOf(field+"result", check.Result, Passed, Warned, Failed),
		); err != nil {
			return err
		}
		if c.find(check.Name) != i {
			return domain.Invalid(field+"name", "%s stands here twice", check.Name)
		}
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
		case c.Checks[at].Result != Failed:
			return domain.Invalid(field+"check", "%s %s: there is nothing to accept", a.Check, c.Checks[at].Result)
		case accepted[a.Check]:
			return domain.Invalid(field+"check", "%s is accepted twice", a.Check)
		}
		if err := domain.AdmitText(field+"reason", a.Reason, MaxReason); err != nil {
			return err
		}
		accepted[a.Check] = true
	}
	for _, check := range c.Checks {
		if check.Result == Failed && !accepted[check.Name] {
			return domain.Refuse("check_failed", "accepted", "%s found %d: settle it, or accept it by name with a reason", check.Name, check.Found)
		}
	}
	return nil
}

func (c ClosePeriod) find(name string) int {
	return slices.IndexFunc(c.Checks, func(check Check) bool { return check.Name == name })
}
