package bank

import (
	"encoding/xml"

	"github.com/channelledger/channelledger/domain"
)

// camtBalance is a Bal.
type camtBalance struct {
	code string // OPBD, PRCD, CLBD, ITBD; the others are passed over
	sum  sum
	sign string // CdtDbtInd
	on   domain.Date
	at   Position
}

func (c *camt) balance() error {
	b := camtBalance{at: c.at()}
	err := c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "Tp":
			return c.only("CdOrPrtry", func(xml.StartElement) error {
				return c.only("Cd", func(xml.StartElement) error { return c.into(&b.code) })
			})
		case "Amt":
			return c.sum(e, &b.sum)
		case "CdtDbtInd":
			return c.into(&b.sign)
		case "Dt":
			return c.day(&b.on)
		default:
			return c.skip()
		}
	})
	if err != nil {
		return err
	}
	switch b.code {
	case "OPBD", "PRCD", "CLBD":
		for _, other := range c.stmt.balances {
			if other.code == b.code {
				return c.wrong(CodeTwice, "there is a balance %s before", b.code)
			}
		}
		c.stmt.balances = append(c.stmt.balances, b)
	case "ITBD":
		if len(c.stmt.balances) < 8 { // at most two are looked at
			c.stmt.balances = append(c.stmt.balances, b)
		}
	}
	return nil
}

// openingAndClosing are OPBD, else the previous statement's closing PRCD, and CLBD. A statement of several pages has ITBD
// between them.
func (c *camt) openingAndClosing() (opening, closing camtBalance, err error) {
	opening, closing = c.stmt.find("OPBD"), c.stmt.find("CLBD")
	if opening.code == "" {
		opening = c.stmt.find("PRCD")
	}
	between := c.stmt.find("ITBD")
	switch {
	case opening.code == "" && closing.code == "": // a page in the middle
		opening = between
		for _, b := range c.stmt.balances {
			if b.at != between.at {
				closing = b
			}
		}
	case opening.code == "":
		opening = between
	case closing.code == "":
		closing = between
	}
	switch {
	case opening.code == "":
		return opening, closing, c.wrong(CodeMissing, "want the opening balance, Bal with OPBD or PRCD, before the entries")
	case closing.code == "":
		return opening, closing, c.wrong(CodeMissing, "want the closing balance, Bal with CLBD, before the entries")
	}
	return opening, closing, nil
}

func (s *camtStatement) find(code string) camtBalance {
	for _, b := range s.balances {
		if b.code == code {
			return b
		}
	}
	return camtBalance{}
}

// signed is a balance, below 0 where the account is overdrawn.
func (c *camt) signed(b camtBalance) (domain.Money, error) {
	if _, err := domain.NewMoney(0, c.stmt.currency); err != nil {
		return domain.Money{}, wrong(CodeCurrency, b.at, "%v", err)
	}
	m, err := b.sum.money(c.stmt.currency)
	if err != nil {
		return domain.Money{}, err
	}
	outgoing, err := c.direction(b.sign)
	if err != nil {
		return domain.Money{}, err
	}
	if outgoing {
		m = m.Neg()
	}
	return m, nil
}
