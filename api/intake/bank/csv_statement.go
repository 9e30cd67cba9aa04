package bank

import (
	"cmp"

	"github.com/channelledger/channelledger/domain"
)

// csvStatement is a statement on its way.
type csvStatement struct {
	tally       *tally
	opening     cell // as the rows or labels say it
	closing     cell
	first, last domain.Date  // days of the lines
	running     domain.Money // what the last row left, or in a file with the newest first, found
	edge        domain.Money // the balance at the file's other end
	at          Position     // of the last row
}

// turn opens the statement that the row belongs to, and closes the one before.
func (c *csvFile) turn() error {
	account, number := c.said(Account), c.said(Number)
	key := account.text + "\x00" + number.text
	if c.open != nil && key == c.key {
		return c.sameStatement()
	}
	if c.open != nil {
		if err := c.close(); err != nil {
			return err
		}
	}
	if c.done[key] {
		return wrong(CodeTwice, number.at, "statement %.40q of account %.40q goes on here, behind another: want the rows of each together",
			number.text, account.text)
	}
	if c.key = key; len(c.done) >= c.limits.Statements {
		return wrong(CodeTooLarge, Position{Line: c.line}, "the file has more than %d statements", c.limits.Statements)
	}
	return c.begin()
}

// begin gives the head, as far as it is known.
func (c *csvFile) begin() error {
	head, err := c.head()
	if err != nil {
		return err
	}
	c.open = &csvStatement{tally: newTally(head, c.limits.Lines), opening: c.said(Opening), closing: c.said(Closing)}
	if err := c.balances(&c.open.tally.end.Statement); err != nil {
		return err
	}
	return c.give(c.open.tally.end.Statement)
}

// head is what the row, the labels, the mapping and the caller say of the statement.
func (c *csvFile) head() (Statement, error) {
	s := Statement{InFile: len(c.done) + 1, Number: c.given.Number, From: c.given.From, To: c.given.To}
	account := c.said(Account)
	number, fault := accountOf(cmp.Or(account.text, c.Account, c.given.Account))
	switch {
	case fault != "":
		return s, wrong(CodeAccount, account.at, "%.40q: %s", account.text, fault)
	case c.given.Account != "" && plainAccount(c.given.Account) != number:
		return s, wrong(CodeAccount, account.at, "the file is of account %s, not of %s", number, plainAccount(c.given.Account))
	}
	s.Account = number
	currency := c.currency()
	if _, err := domain.NewMoney(0, currency.text); err != nil {
		return s, wrong(CodeCurrency, currency.at, "%v", err)
	}
	if s.Currency = currency.text; c.Currency != "" && c.Currency != s.Currency {
		return s, wrong(CodeCurrency, currency.at, "%s: the mapping says %s", s.Currency, c.Currency)
	}
	said := c.said(Number)
	switch {
	case said.text == "" && s.Number == "":
		return s, wrong(CodeMissing, said.at, "the file has no number for the statement: give one")
	case said.text != "" && s.Number != "" && said.text != s.Number:
		return s, wrong(CodeTwice, said.at, "the file says number %.40q, and %.40q was given", said.text, s.Number)
	}
	s.Number = cmp.Or(said.text, s.Number)
	return s, c.days(&s, c.said(FromDay), c.said(ToDay))
}

// days sets the first and the last day, where they are said.
func (c *csvFile) days(s *Statement, from, to cell) (err error) {
	if from.text != "" {
		if s.From, err = c.dayIn(from); err != nil {
			return err
		}
	}
	if to.text != "" {
		if s.To, err = c.dayIn(to); err != nil {
			return err
		}
	}
	return nil
}

// balances are what is said of them: in the file, or given.
func (c *csvFile) balances(s *Statement) error {
	for _, b := range []struct {
		said  cell
		given domain.Money
		into  *domain.Money
	}{{c.open.opening, c.given.Opening, &s.Opening}, {c.open.closing, c.given.Closing, &s.Closing}} {
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

// sameStatement refuses a row that says something else of the statement than the first.
func (c *csvFile) sameStatement() error {
	if at := c.currency(); at.text != c.open.tally.end.Currency {
		return wrong(CodeCurrency, at.at, "%.20q: the account's currency is %s", at.text, c.open.tally.end.Currency)
	}
	for _, said := range []struct {
		field  Field
		before cell
	}{{Opening, c.open.opening}, {Closing, c.open.closing}} {
		before := said.before
		if at := c.cell(said.field); c.Columns[said.field] != "" && at.text != before.text {
			return wrong(CodeTwice, at.at, "%.40q: the statement's first row says %.40q", at.text, before.text)
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

// close gives the end. What the rows themselves say of the balances must agree with what is said elsewhere.
func (c *csvFile) close() error {
	s := &c.open.tally.end.Statement
	if c.open.closing.text == "" {
		c.open.closing = c.labels[Closing]
	}
	if c.open.opening.text == "" {
		c.open.opening = c.labels[Opening]
	}
	if err := c.balances(s); err != nil {
		return err
	}
	opening, closing := c.open.edge, c.open.running
	if c.Order == NewestFirst {
		opening, closing = closing, opening
	}
	if err := c.agree("opening", &s.Opening, opening); err != nil {
		return err
	}
	if err := c.agree("closing", &s.Closing, closing); err != nil {
		return err
	}
	if err := c.days(s, c.labels[FromDay], c.labels[ToDay]); err != nil {
		return err
	}
	s.From, s.To = firstDay(s.From, c.open.first), firstDay(s.To, c.open.last)
	switch {
	case s.From.IsZero() || s.To.IsZero():
		return wrong(CodeMissing, Position{Line: c.line}, "the file has no lines and doesn't say its days: give them")
	case s.From.Compare(s.To) > 0:
		return wrong(CodeDate, Position{Line: c.line}, "the statement is of %s to %s: the first day is after the last", s.From, s.To)
	}
	c.done[c.key] = true
	end, err := c.open.tally.close(Position{Line: c.line})
	if c.open = nil; err != nil {
		if end != nil {
			c.yield(end, err)
			return errStopped
		}
		return err
	}
	return c.give(end)
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

// finish closes the last statement; a file without lines is one all the same.
func (c *csvFile) finish() error {
	if c.open == nil && len(c.done) == 0 {
		if c.Columns[Account] != "" || c.Columns[Number] != "" || c.Currency == "" && c.Columns[Currency] != "" {
			return wrong(CodeNothing, Position{Line: c.line}, "there are no lines in the file")
		}
		if err := c.begin(); err != nil {
			return err
		}
	}
	if c.open == nil {
		return nil
	}
	return c.close()
}
