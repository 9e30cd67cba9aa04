package bank

import (
	"cmp"

	"github.com/channelledger/channelledger/domain"
)

// csvStatement is a statement on its way.
type csvStatement struct {
	tally       *tally
	given       Given
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
	given := c.givenHere()
	head, err := c.head(given)
	if err != nil {
		return err
	}
	c.open = &csvStatement{
		tally: newTally(head, c.limits.Lines), given: given, opening: c.said(Opening), closing: c.said(Closing),
	}
	if err := c.balances(&c.open.tally.end.Statement); err != nil {
		return err
	}
	return c.give(c.open.tally.end.Statement)
}

// givenHere is what was given of this statement. In a file of several it is given of the one with that account and number.
func (c *csvFile) givenHere() Given {
	several := c.Columns[Account] != "" || c.Columns[Number] != ""
	account, number := domain.CompactIBAN(c.said(Account).text), c.said(Number).text
	if several && (differ(account, domain.CompactIBAN(c.given.Account)) || differ(number, c.given.Number)) {
		return Given{}
	}
	c.met = true
	return c.given
}

func differ(said, given string) bool { return said != "" && given != "" && said != given }

// head is what the row, the labels, the mapping and the caller say of the statement.
func (c *csvFile) head(given Given) (Statement, error) {
	s := Statement{InFile: len(c.done) + 1, From: given.From, To: given.To}
	account := c.said(Account)
	number, err := accountIn(cmp.Or(account.text, c.Account, given.Account))
	switch {
	case err != nil:
		return s, wrong(CodeAccount, account.at, "%.40q: %v", account.text, err)
	case differ(number, domain.CompactIBAN(given.Account)):
		return s, wrong(CodeAccount, account.at, "the file is of account %s, not of %s", number, domain.CompactIBAN(given.Account))
	}
	s.Account = number
	currency := c.currency()
	if _, err := domain.NewMoney(0, currency.text); err != nil {
		return s, wrong(CodeCurrency, currency.at, "%v", err)
	}
	if s.Currency = currency.text; differ(c.Currency, s.Currency) {
		return s, wrong(CodeCurrency, currency.at, "%s: the mapping says %s", s.Currency, c.Currency)
	}
	said := c.said(Number)
	switch s.Number = cmp.Or(said.text, given.Number); {
	case s.Number == "":
		return s, wrong(CodeMissing, said.at, "the file has no number for the statement: give one")
	case differ(s.Number, given.Number):
		return s, wrong(CodeTwice, said.at, "the file says number %.40q, and %.40q was given", said.text, given.Number)
	}
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
	t := c.open.tally
	c.open = nil
	return t.close(Position{Line: c.line}, c.yield)
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
	if c.open != nil {
		if err := c.close(); err != nil {
			return err
		}
	}
	if !c.met {
		return wrong(CodeAccount, Position{Line: c.line}, "no statement in the file is of account %q and number %q as given",
			c.given.Account, c.given.Number)
	}
	return nil
}
