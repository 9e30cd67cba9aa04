package bank

import (
	"encoding/xml"

	"github.com/channelledger/channelledger/domain"
)

// parties takes who paid whom.
func (c *camt) parties(p *payment) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "Dbtr":
			return c.party(&p.debtor.Name)
		case "Cdtr":
			return c.party(&p.creditor.Name)
		case "DbtrAcct":
			return c.partyAccount(&p.debtor.Account)
		case "CdtrAcct":
			return c.partyAccount(&p.creditor.Account)
		default:
			return c.skip()
		}
	})
}

// party takes the name: Nm, since camt.053.001.05 in Pty, or that of a bank.
func (c *camt) party(name *string) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "Nm":
			return c.into(name)
		case "Pty":
			return c.only("Nm", func(xml.StartElement) error { return c.into(name) })
		case "Agt":
			return c.only("FinInstnId", func(xml.StartElement) error {
				return c.only("Nm", func(xml.StartElement) error { return c.into(name) })
			})
		default:
			return c.skip()
		}
	})
}

// partyAccount takes the number as the bank has it: that of others isn't ours to check.
func (c *camt) partyAccount(into *string) error {
	var iban bool
	err := c.only("Id", func(xml.StartElement) error { return c.accountNumber(into, &iban) })
	*into = domain.CompactIBAN(*into)
	return err
}

func (c *camt) agents(p *payment) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "DbtrAgt":
			return c.agent(&p.debtor.BIC)
		case "CdtrAgt":
			return c.agent(&p.creditor.BIC)
		default:
			return c.skip()
		}
	})
}

func (c *camt) agent(bic *string) error {
	return c.only("FinInstnId", func(xml.StartElement) error {
		return c.children(func(x xml.StartElement) error {
			if x.Name.Local == "BICFI" || x.Name.Local == "BIC" {
				return c.into(bic)
			}
			return c.skip()
		})
	})
}

// remittance takes what the payment is for: free text, and the references of structured one.
func (c *camt) remittance(p *payment) error {
	words := func(xml.StartElement) error { return c.words(&p.remittance) }
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "Ustrd":
			return words(x)
		case "Strd":
			return c.children(func(x xml.StartElement) error {
				switch x.Name.Local {
				case "RfrdDocInf":
					return c.only("Nb", words)
				case "CdtrRefInf":
					return c.only("Ref", words)
				case "AddtlRmtInf":
					return words(x)
				default:
					return c.skip()
				}
			})
		default:
			return c.skip()
		}
	})
}

// charge is one of a Chrgs.
type charge struct {
	sum  sum
	sign string
}

// charges adds what the bank took: the total that it says, or the records. Those in other currencies are left out: they say
// nothing of what was booked.
func (c *camt) charges(into *domain.Money) error {
	var whole, single charge
	var parts domain.Money
	err := c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "TtlChrgsAndTaxAmt":
			return c.sum(x, &whole.sum)
		case "Rcrd":
			var record charge
			if err := c.children(func(x xml.StartElement) error { return c.chargePart(&record, x) }); err != nil {
				return err
			}
			return c.charge(&parts, record)
		default: // up to camt.053.001.03, each Chrgs is a record itself
			return c.chargePart(&single, x)
		}
	})
	switch {
	case err != nil:
		return err
	case whole.sum.text != "":
		return c.charge(into, whole)
	case single.sum.text != "":
		return c.charge(into, single)
	}
	return c.add(into, parts)
}

func (c *camt) chargePart(record *charge, x xml.StartElement) error {
	switch x.Name.Local {
	case "Amt":
		return c.sum(x, &record.sum)
	case "CdtDbtInd":
		return c.into(&record.sign)
	default:
		return c.skip()
	}
}

// charge adds one; a credit is given back.
func (c *camt) charge(into *domain.Money, one charge) error {
	currency := c.stmt.head.Currency
	if one.sum.currency != currency {
		return nil
	}
	m, err := one.sum.money(currency)
	if err != nil {
		return err
	}
	if one.sign == "CRDT" {
		m = m.Neg()
	}
	return c.add(into, m)
}

func (c *camt) add(into *domain.Money, m domain.Money) error {
	total, err := into.Add(m)
	if err != nil {
		return c.wrong(CodeAmount, "%v", err)
	}
	*into = total
	return nil
}
