package statement

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Statement is a statement as its decisions need it: of each line a few bytes, since there are many.
type Statement struct {
	Summary

	lines    []line // by number - 1
	skipped  map[int]struct{}
	matches  map[uuid.UUID]Match
	accounts map[int]string // of the lines that are resolved
	owners   map[int]string // of the lines that somebody looks after
}

type line struct {
	amount  int64 // minor units
	flags   lineFlags
	matched int32     // how often, undone ones included
	match   uuid.UUID // that settles it
}

type lineFlags uint8

const (
	outgoing lineFlags = 1 << iota
	skipped
	resolved
)

func newStatement() *Statement {
	return &Statement{
		skipped: map[int]struct{}{}, matches: map[uuid.UUID]Match{}, accounts: map[int]string{}, owners: map[int]string{},
	}
}

// inTheBooks refuses a statement that isn't there, or is parked.
func (s *Statement) inTheBooks() error {
	switch s.Status {
	case "":
		return domain.NotFound("statement_unknown", "", "there is no such statement")
	case StatusParked:
		return domain.Refuse("statement_parked", "", "the statement isn't in the books: %s", s.Parking.Why)
	}
	return nil
}

// whole refuses a statement whose lines aren't all there yet.
func (s *Statement) whole() error {
	if s.Recorded < s.LineCount {
		return domain.Refuse("still_importing", "", "%d of %d lines are recorded: import the file again to go on", s.Recorded, s.LineCount)
	}
	return nil
}

// at is a line by its number; nil where there is none.
func (s *Statement) at(number int) *line {
	if number < 1 || number > len(s.lines) {
		return nil
	}
	return &s.lines[number-1]
}

// LineStatus is what became of a line; empty where there is none.
func (s *Statement) LineStatus(number int) LineStatus {
	l := s.at(number)
	if l == nil {
		return ""
	}
	return l.status()
}

func (l *line) status() LineStatus {
	switch {
	case l.flags&skipped != 0:
		return LineIsSkipped
	case l.match != uuid.Nil:
		return LineIsMatched
	case l.flags&resolved != 0:
		return LineIsResolved
	}
	return LineUnmatched
}

func (l *line) outgoing() bool { return l.flags&outgoing != 0 }

// MatchOf is the match that a line is settled by; zero where it is by none.
func (s *Statement) MatchOf(number int) uuid.UUID {
	if l := s.at(number); l != nil {
		return l.match
	}
	return uuid.Nil
}

// Found finds a match that is not undone.
func (s *Statement) Found(id uuid.UUID) (Match, bool) {
	m, ok := s.matches[id]
	return m, ok
}

// MatchID is the id of a match: another one each time that its lines were matched before. attempt counts matches that were
// begun at the payables and taken back before the statement had them.
func (s *Statement) MatchID(m Match, attempt int) uuid.UUID {
	parts := []string{"match", s.ID.String(), strconv.Itoa(attempt)}
	for _, n := range slices.Sorted(slices.Values(m.Lines)) {
		before := 0
		if l := s.at(n); l != nil {
			before = int(l.matched)
		}
		parts = append(parts, "line", strconv.Itoa(n), strconv.Itoa(before))
	}
	for _, side := range m.To {
		parts = append(parts, side.PayableID.String(), side.PayoutID.String(), side.ClawbackID.String())
		parts = append(parts, side.Amount.String(), side.Short.String())
	}
	return domain.DeriveID(append(parts, m.Variance.String(), m.Overpaid.String())...)
}

// Money is what the lines come to, and which way they go. They are the statement's, unmatched, and go one way.
// Errors: a Rejection that names the line.
func (s *Statement) Money(numbers []int) (total domain.Money, out bool, err error) {
	if err := s.inTheBooks(); err != nil {
		return total, out, err
	}
	total = s.money(0)
	for i, n := range numbers {
		l := s.at(n)
		switch {
		case l == nil:
			return total, out, domain.NotFound("line_unknown", "lines", "the statement has no line %d", n)
		case l.status() != LineUnmatched:
			return total, out, domain.Refuse("line_settled", "lines", "line %d is %s already", n, l.status())
		case i > 0 && l.outgoing() != out:
			return total, out, domain.Invalid("lines", "line %d goes the other way", n)
		}
		total, out = sum(total, s.money(l.amount)), l.outgoing()
	}
	return total, out, nil
}

func (Parked) evolve(*Statement, domain.Envelope) {}

func (e Imported) evolve(s *Statement, _ domain.Envelope) {
	s.lines = slices.Grow(s.lines, e.LineCount)
	for _, n := range e.Skipped {
		s.skipped[n] = struct{}{}
	}
}

func (e LinesRecorded) evolve(s *Statement, _ domain.Envelope) {
	for _, x := range e.Lines {
		l := line{amount: x.Amount.Minor()}
		if x.Outgoing {
			l.flags |= outgoing
		}
		if _, known := s.skipped[x.Number]; known {
			l.flags |= skipped
		}
		s.lines = append(s.lines, l)
	}
}

func (e LinesMatched) evolve(s *Statement, _ domain.Envelope) {
	for _, m := range e.Matches {
		s.matches[m.MatchID] = m
		for _, n := range m.Lines {
			if l := s.at(n); l != nil {
				l.match = m.MatchID
				l.matched++
			}
		}
	}
}

func (e MatchUndone) evolve(s *Statement, _ domain.Envelope) {
	delete(s.matches, e.Match.MatchID)
	for _, n := range e.Match.Lines {
		if l := s.at(n); l != nil {
			l.match = uuid.Nil
		}
	}
}

func (e LineResolved) evolve(s *Statement, _ domain.Envelope) {
	if l := s.at(e.Line); l != nil {
		l.flags |= resolved
		s.accounts[e.Line] = e.Account
	}
}

func (e ResolutionUndone) evolve(s *Statement, _ domain.Envelope) {
	if l := s.at(e.Line); l != nil {
		l.flags &^= resolved
		delete(s.accounts, e.Line)
	}
}

func (e LineAssigned) evolve(s *Statement, _ domain.Envelope) {
	if s.owners[e.Line] = e.Owner; e.Owner == "" {
		delete(s.owners, e.Line)
	}
}

func (Reconciled) evolve(*Statement, domain.Envelope) {}
