package bank

import "github.com/channelledger/channelledger/domain"

// balances are what is said of them: in the file, or given.
func (c *csvFile) balances(s *Statement) error {
	for _, b := range []struct {
		said  cell
		given domain.Money
		into  *domain.Money
	}{{c.open.opening, c.open.given.Opening, &s.Opening}, {c.open.closing, c.open.given.Closing, &s.Closing}} {
		if *b.into = b.given; b.said.text != "" {
			m, err := c.moneyIn(b.said, s.Currency)
			if err != nil {
				return err
			}
			if !b.given.IsZero() && b.given != m {
				return wrong(CodeTwice, b.said.at, "the file says %s, and %s was given", m, b.given)
			}
			*b.into = m
		}
		if into := *b.into; !into.IsZero() && into.Currency() != s.Currency {
			return wrong(CodeCurrency, b.said.at, "%s was given: the account's currency is %s", into, s.Currency)
		}
	}
	return nil
}

// follow keeps the days, and holds the running balance against the one before.
func (s *csvStatement) follow(c *csvFile, l *Line) error {
	s.at = l.At
	if s.first.IsZero() || l.BookedOn.Compare(s.first) < 0 {
		s.first = l.BookedOn
	}
	if l.BookedOn.Compare(s.last) > 0 {
		s.last = l.BookedOn
	}
	if c.Columns[Balance] == "" {
		return nil
	}
	at := c.cell(Balance)
	behind, err := c.moneyIn(at, s.tally.end.Currency)
	if err != nil {
		return err
	}
	moved := l.Amount
	if l.Outgoing {
		moved = moved.Neg()
	}
	before, err := behind.Sub(moved)
	if err != nil {
		return wrong(CodeAmount, at.at, "%v", err)
	}
	met, left := before, behind
	if c.Order == NewestFirst {
		met, left = behind, before
	}
	if s.running.IsZero() {
		s.edge = met
	} else if s.running != met {
		return wrong(CodeRunning, at.at, "the balance is %s, but the row before leaves %s and this one makes %s of it", behind, s.running, l.signed())
	}
	s.running = left
	return nil
}

func (l *Line) signed() domain.Money {
	if l.Outgoing {
		return l.Amount.Neg()
	}
	return l.Amount
}

// agree takes a balance from the rows, or holds it against the one that is said.
func (c *csvFile) agree(which string, said *domain.Money, rows domain.Money) error {
	switch {
	case said.IsZero() && rows.IsZero():
		return wrong(CodeMissing, Position{Line: c.line}, "the file doesn't say the %s balance: map a column or a label, or give it", which)
	case said.IsZero():
		*said = rows
	case !rows.IsZero() && *said != rows:
		return wrong(CodeRunning, Position{Line: c.line}, "the %s balance is %s, but the rows make it %s", which, *said, rows)
	}
	return nil
}
