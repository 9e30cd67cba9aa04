package policy

import (
	"fmt"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Bounds of an approval policy.
const (
	MaxLimits     = 500
	MaxWindowDays = 366
)

// ApprovalAction is what a second person may have to approve.
type ApprovalAction string

// The actions that a limit can be put on.
const (
	ApproveRequest    ApprovalAction = "request"    // a request for funds
	ApproveClaim      ApprovalAction = "claim"      // a claim on funds
	ApproveRebate     ApprovalAction = "rebate"     // a rebate at the close of its period
	ApproveAdjustment ApprovalAction = "adjustment" // a correction of an amount
	ApproveOverride   ApprovalAction = "override"   // an override of a rule that money depends on
	ApprovePayout     ApprovalAction = "payout"     // a batch of payments
)

// ApprovalActions lists every action.
func ApprovalActions() []ApprovalAction {
	return []ApprovalAction{
		ApproveRequest, ApproveClaim, ApproveRebate, ApproveAdjustment, ApproveOverride, ApprovePayout,
	}
}

// Approval says above which amounts one approver isn't enough. An action and currency without a limit need no second one.
type Approval struct {
	// WindowDays: the requests of one partner for one activity in so many calendar days add up, so that a large one can't
	// be cut into small ones; 0 to 366, 0 takes each by itself.
	WindowDays int     `json:"window_days"`
	Limits     []Limit `json:"limits"`
}

// Limit is the largest amount of one currency that one approver approves alone.
type Limit struct {
	Action ApprovalAction `json:"action"`
	UpTo   domain.Money   `json:"up_to"` // inclusive; zero of a currency: always two
}

// DefaultApproval has no limits, since what is much differs from program to program; requests of 30 days add up.
func DefaultApproval() Approval { return Approval{WindowDays: 30, Limits: []Limit{}} }

// Kind is approval.
func (Approval) Kind() Kind { return KindApproval }

// NeedsSecond reports whether the amount is above the limit of the action in its currency.
func (a Approval) NeedsSecond(action ApprovalAction, amount domain.Money) bool {
	limit, ok := a.Limit(action, amount.Currency())
	return ok && amount.Minor() > limit.Minor()
}

// Limit is the largest amount of the currency that one approver approves alone; false where there is no limit.
func (a Approval) Limit(action ApprovalAction, currency string) (domain.Money, bool) {
	for _, l := range a.Limits {
		if l.Action == action && l.UpTo.Currency() == currency {
			return l.UpTo, true
		}
	}
	return domain.Money{}, false
}

// Validate refuses unknown actions, negative and missing amounts, and two limits on one action and currency.
func (a Approval) Validate() error {
	if err := inRange("window_days", a.WindowDays, 0, MaxWindowDays); err != nil {
		return err
	}
	if len(a.Limits) > MaxLimits {
		return domain.Invalid("limits", "at most %d limits", MaxLimits)
	}
	for i, l := range a.Limits {
		path := fmt.Sprintf("limits[%d]", i)
		switch {
		case !slices.Contains(ApprovalActions(), l.Action):
			return domain.Invalid(path+".action", "unknown action %q: want one of %v", l.Action, ApprovalActions())
		case l.UpTo.IsZero() || l.UpTo.Sign() < 0:
			return domain.Invalid(path+".up_to", "want an amount of 0 or more and its currency")
		case slices.ContainsFunc(a.Limits[:i], l.sameAs):
			return domain.Invalid(path, "%s has a limit in %s already", l.Action, l.UpTo.Currency())
		}
	}
	return nil
}

func (l Limit) sameAs(other Limit) bool {
	return l.Action == other.Action && l.UpTo.Currency() == other.UpTo.Currency()
}

func inRange(path string, n, low, high int) error {
	if n < low || n > high {
		return domain.Invalid(path, "want %d to %d, not %d", low, high, n)
	}
	return nil
}
