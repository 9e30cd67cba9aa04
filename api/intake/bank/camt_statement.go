package bank

import (
	"cmp"
	"encoding/xml"

	"github.com/channelledger/channelledger/domain"
)

// camtStatement is a Stmt on its way: what stands before its entries, and what they came to.
type camtStatement struct {
	id, number, currency string
	electronic, legal    string
	page                 string
	accounts             int
	iban                 bool // the number is one
	made, from, to       domain.Date
	balances             []camtBalance
	head                 Statement
	tally                *tally // from the first entry on
}

func (c *camt) statement() error {
	if c.stmts++; c.stmts > c.limits.Statements {
		return c.wrong(CodeTooLarge, "the file has more than %d statements", c.limits.Statements)
	}
	c.stmt = &camtStatement{page: c.page}
	if err := c.children(c.statementPart); err != nil {
		return err
	}
	if err := c.open(); err != nil { // a statement without entries
		return err
	}
	return c.stmt.tally.close(c.at(), c.yield)
}

func (c *camt) statementPart(e xml.StartElement) error {
	s := c.stmt
	if s.tally != nil && e.Name.Local != "Ntry" {
		if e.Name.Local == "Bal" || e.Name.Local == "Acct" {
			return c.wrong(CodeFormat, "stands behind the first Ntry: want it before")
		}
		return c.skip()
	}
	switch e.Name.Local {
	case "Id":
		return c.into(&s.id)
	case "StmtPgntn":
		return c.pagination(&s.page)
	case "ElctrncSeqNb":
		return c.into(&s.electronic)
	case "LglSeqNb":
		return c.into(&s.legal)
	case "CreDtTm":
		return c.dayText(&s.made)
	case "FrToDt":
		return c.days()
	case "Acct":
		return c.account()
	case "Bal":
		return c.balance()
	case "Ntry":
		if err := c.open(); err != nil {
			return err
		}
		return c.entry()
	default:
		return c.skip()
	}
}

func (c *camt) days() error {
	return c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "FrDtTm", "FrDt":
			return c.dayText(&c.stmt.from)
		case "ToDtTm", "ToDt":
			return c.dayText(&c.stmt.to)
		default:
			return c.skip()
		}
	})
}

func (c *camt) account() error {
	if c.stmt.accounts++; c.stmt.accounts > 1 {
		return c.wrong(CodeTwice, "a statement is of one account")
	}
	return c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "Id":
			if err := c.accountNumber(&c.stmt.number, &c.stmt.iban); err != nil {
				return err
			}
			return c.checkAccount(&c.stmt.number)
		case "Ccy":
			return c.into(&c.stmt.currency)
		default:
			return c.skip()
		}
	})
}

// checkAccount wants a number, and of an IBAN the right digits. A bank's own number may look like one.
func (c *camt) checkAccount(number *string) error {
	var err error
	if c.stmt.iban {
		err = domain.AdmitIBAN("", domain.CompactIBAN(*number))
	}
	plain, fault := accountOf(*number)
	if err != nil || fault != nil {
		return c.wrong(CodeAccount, "%.40q: %v", *number, cmp.Or(err, fault))
	}
	*number = plain
	return nil
}

// accountNumber takes IBAN or Othr/Id.
func (c *camt) accountNumber(into *string, iban *bool) error {
	return c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "IBAN":
			*iban = true
			return c.into(into)
		case "Othr":
			return c.only("Id", func(xml.StartElement) error { return c.into(into) })
		default:
			return c.skip()
		}
	})
}

// open gives the head, once, when the first entry or the statement's end is there.
func (c *camt) open() error {
	s := c.stmt
	if s.tally != nil {
		return nil
	}
	switch {
	case s.id == "":
		return c.wrong(CodeMissing, "want the statement's Id before its entries")
	case s.number == "":
		return c.wrong(CodeMissing, "want Acct/Id with IBAN or Othr/Id before the entries")
	}
	opening, closing, err := c.openingAndClosing()
	if err != nil {
		return err
	}
	s.currency = cmp.Or(s.currency, opening.sum.currency)
	s.head = Statement{
		InFile: c.stmts, Account: s.number, Currency: s.currency, Number: s.id, Sequence: cmp.Or(s.electronic, s.legal),
		From: s.from, To: s.to,
	}
	if s.page != "" {
		s.head.Number += "/" + s.page
	}
	if s.from.IsZero() || s.to.IsZero() {
		s.head.From, s.head.To = firstDay(opening.on, closing.on, s.made), firstDay(closing.on, opening.on, s.made)
		if opening.code == "PRCD" && s.head.From.Compare(s.head.To) < 0 { // it is of the day before
			s.head.From = s.head.From.AddDays(1)
		}
	}
	switch {
	case s.head.From.IsZero():
		return c.wrong(CodeMissing, "want the statement's days: FrToDt, Dt of its balances or CreDtTm")
	case s.head.From.Compare(s.head.To) > 0:
		return c.wrong(CodeDate, "the statement is of %s to %s: the first day is after the last", s.head.From, s.head.To)
	}
	if s.head.Opening, err = c.signed(opening); err != nil {
		return err
	}
	if s.head.Closing, err = c.signed(closing); err != nil {
		return err
	}
	s.tally = newTally(s.head, c.limits.Lines)
	return c.give(s.head)
}

func firstDay(days ...domain.Date) domain.Date {
	for _, d := range days {
		if !d.IsZero() {
			return d
		}
	}
	return domain.Date{}
}
