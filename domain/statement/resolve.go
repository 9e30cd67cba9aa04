package statement

import (
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// ResolveLine says which account of the books a line belongs to that nothing of ours explains.
type ResolveLine struct {
	Line       int    `json:"line"`       // number, from 1
	Account    string `json:"account"`    // as in expense:bank_charges
	Resolution string `json:"resolution"` // why it belongs there
}

func (ResolveLine) roles() []domain.Role { return bookkeepingRoles() }

var bookAccount = regexp.MustCompile(
	`^(asset|contra_revenue|equity|expense|income|liability|receivable|tax):[a-z][a-z0-9_]{0,60}(:[a-z][a-z0-9_]{0,60}){0,3}$`)

// controlled are the accounts that hold what statements and payments say, and nothing else.
var controlled = []string{"asset:bank", "asset:bank_suspense", "asset:cash_clearing"}

func (c ResolveLine) decide(s *Statement, _ domain.Header, _ Facts) ([]Event, error) {
	l, err := s.find(c.Line)
	if err != nil {
		return nil, err
	}
	switch {
	case !bookAccount.MatchString(c.Account):
		return nil, domain.Invalid("account", "want an account of the books, as in expense:bank_charges")
	case slices.Contains(controlled, c.Account):
		return nil, domain.Invalid("account", "%s is kept by the bank's statements and our payments: match the line, or name another", c.Account)
	case l.status() == LineIsResolved && s.accounts[c.Line] == c.Account:
		return nil, nil
	case l.status() != LineUnmatched:
		return nil, domain.Refuse("line_settled", "line", "line %d is %s already", c.Line, l.status())
	}
	if err := domain.AdmitText("resolution", c.Resolution, MaxReason); err != nil {
		return nil, err
	}
	return []Event{LineResolved{
		StatementID: s.ID, BankAccount: s.BankAccount, Line: c.Line, Outgoing: l.outgoing(), Amount: s.money(l.amount),
		Account: c.Account, Resolution: c.Resolution, At: s.At,
	}}, nil
}

// UndoResolution takes a resolution back exactly.
type UndoResolution struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (UndoResolution) roles() []domain.Role { return bookkeepingRoles() }

func (c UndoResolution) decide(s *Statement, _ domain.Header, _ Facts) ([]Event, error) {
	l, err := s.find(c.Line)
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitText("reason", c.Reason, MaxReason); err != nil {
		return nil, err
	}
	if l.status() != LineIsResolved {
		return nil, domain.Refuse("line_not_resolved", "line", "line %d is %s", c.Line, l.status())
	}
	return []Event{ResolutionUndone{
		StatementID: s.ID, BankAccount: s.BankAccount, Line: c.Line, Outgoing: l.outgoing(), Amount: s.money(l.amount),
		Account: s.accounts[c.Line], Reason: c.Reason,
	}}, nil
}

// AssignLine says who looks after a line; nobody, where the owner is left out.
type AssignLine struct {
	Line  int    `json:"line"`
	Owner string `json:"owner,omitempty"` // an actor's id
}

func (AssignLine) roles() []domain.Role { return clearingRoles() }

func (c AssignLine) decide(s *Statement, _ domain.Header, _ Facts) ([]Event, error) {
	l, err := s.find(c.Line)
	if err != nil {
		return nil, err
	}
	if err := domain.AdmitOptionalText("owner", c.Owner, MaxReference); err != nil {
		return nil, err
	}
	switch {
	case s.owners[c.Line] == c.Owner:
		return nil, nil
	case l.status() != LineUnmatched:
		return nil, domain.Refuse("line_settled", "line", "line %d is %s: there is nothing to look after", c.Line, l.status())
	}
	return []Event{LineAssigned{StatementID: s.ID, Line: c.Line, Owner: c.Owner}}, nil
}

// Reconcile says that every line is settled.
type Reconcile struct{}

func (Reconcile) roles() []domain.Role { return clearingRoles() }

func (Reconcile) decide(s *Statement, _ domain.Header, _ Facts) ([]Event, error) {
	if err := s.whole(); err != nil {
		return nil, err
	}
	switch {
	case s.Status == StatusReconciled:
		return nil, nil
	case s.Unmatched > 0:
		return nil, domain.Refuse("lines_unmatched", "", "%d lines are neither matched nor resolved", s.Unmatched)
	}
	return []Event{Reconciled{StatementID: s.ID}}, nil
}

// find is a line that can be settled.
func (s *Statement) find(number int) (*line, error) {
	if err := s.whole(); err != nil {
		return nil, err
	}
	l := s.at(number)
	if l == nil {
		return nil, domain.NotFound("line_unknown", "line", "the statement has no line %d", number)
	}
	return l, nil
}
