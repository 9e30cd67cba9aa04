package bank

import (
	"cmp"
	"encoding/xml"

	"github.com/channelledger/channelledger/domain"
)

// payment is a TxDtls: one payment of an entry.
type payment struct {
	sum, paid, ordered sum // Amt, AmtDtls/TxAmt, AmtDtls/InstdAmt
	sign               string
	reference          string
	order              Payment
	debtor, creditor   Party
	remittance         string
	info               string
	charges            domain.Money
	back               Return
	at                 Position
}

// payment takes a TxDtls. Beyond maxPayments none is held any more, and the entry stays whole.
func (c *camt) payment(e *entry) error {
	p := payment{at: c.at()}
	p.at.Column = 0
	if err := c.children(func(x xml.StartElement) error { return c.paymentPart(&p, x) }); err != nil {
		return err
	}
	if len(e.payments) >= maxPayments {
		e.tooMany = true
		return nil
	}
	e.payments = append(e.payments, p)
	return nil
}

func (c *camt) paymentPart(p *payment, x xml.StartElement) error {
	switch x.Name.Local {
	case "Refs":
		return c.references(p)
	case "Amt":
		return c.sum(x, &p.sum)
	case "CdtDbtInd":
		return c.into(&p.sign)
	case "AmtDtls":
		return c.amounts(p)
	case "Chrgs":
		return c.charges(&p.charges)
	case "RltdPties":
		return c.parties(p)
	case "RltdAgts":
		return c.agents(p)
	case "RmtInf":
		return c.remittance(p)
	case "RtrInf":
		return c.returned(p)
	case "AddtlTxInf":
		return c.into(&p.info)
	default:
		return c.skip()
	}
}

func (c *camt) references(p *payment) error {
	return c.children(func(x xml.StartElement) error {
		field := p.identifier(x.Name.Local)
		if field == nil {
			return c.skip()
		}
		if err := c.into(field); err != nil {
			return err
		}
		if *field == "NOTPROVIDED" { // which says that there is none
			*field = ""
		}
		return nil
	})
}

func (p *payment) identifier(name string) *string {
	switch name {
	case "AcctSvcrRef":
		return &p.reference
	case "MsgId":
		return &p.order.MessageID
	case "PmtInfId":
		return &p.order.PaymentID
	case "InstrId":
		return &p.order.Instruction
	case "EndToEndId":
		return &p.order.EndToEndID
	case "TxId":
		return &p.order.Transaction
	case "MndtId":
		return &p.order.MandateID
	}
	return nil
}

func (c *camt) amounts(p *payment) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "TxAmt":
			return c.only("Amt", func(x xml.StartElement) error { return c.sum(x, &p.paid) })
		case "InstdAmt":
			return c.only("Amt", func(x xml.StartElement) error { return c.sum(x, &p.ordered) })
		default:
			return c.skip()
		}
	})
}

// amount is the payment's in the account's currency; false where the bank doesn't say it.
func (p *payment) amount(currency string) (domain.Money, bool) {
	for _, s := range []sum{p.sum, p.paid, p.ordered} {
		if s.text != "" && s.currency == currency {
			m, err := s.money(currency)
			return m, err == nil
		}
	}
	return domain.Money{}, false
}

// original is the amount that was ordered in another currency than the account's; none where it was in that.
func (p *payment) original(currency string) domain.Money {
	for _, s := range []sum{p.ordered, p.paid, p.sum} {
		if s.text != "" && s.currency != currency {
			if m, err := s.money(s.currency); err == nil {
				return m
			}
		}
	}
	return domain.Money{}
}

// fill says of a line what the payment says. The other side of what went out is the creditor; but of what came back it may
// be the one that it was sent to.
func (p *payment) fill(l *Line, own string) {
	batch := l.Payment
	l.Payment = p.order
	l.Payment.MessageID, l.Payment.PaymentID = cmp.Or(p.order.MessageID, batch.MessageID), cmp.Or(p.order.PaymentID, batch.PaymentID)
	l.Reference = cmp.Or(p.reference, l.Reference)
	other, us := p.debtor, p.creditor
	if l.Outgoing {
		other, us = us, other
	}
	if other == (Party{}) || own != "" && other.Account == own {
		other = us
	}
	l.Other, l.Return = other, p.back
	l.Text = cmp.Or(p.remittance, p.info)
	l.Original = p.original(l.Amount.Currency())
	if !p.charges.IsZero() {
		l.Charges = p.charges
	}
}

// returned takes why a payment came back.
func (c *camt) returned(p *payment) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "Rsn":
			return c.children(func(x xml.StartElement) error {
				if x.Name.Local == "Cd" || x.Name.Local == "Prtry" {
					return c.into(&p.back.Code)
				}
				return c.skip()
			})
		case "AddtlInf":
			return c.words(&p.back.Text)
		default:
			return c.skip()
		}
	})
}
