package bank

import (
	"cmp"
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// maxPayments is how many payments of one entry are held: an entry with more stays one line.
const maxPayments = 10_000

// entry is a Ntry on its way.
type entry struct {
	sum             sum
	sign, reversal  string
	status          string
	booked, value   domain.Date
	reference, info string
	charges         domain.Money
	batch           Payment // what all payments of it have in common
	count           string  // NbOfTxs
	payments        []payment
	tooMany         bool
	at              Position
	amount          domain.Money
	outgoing        bool
}

func (c *camt) entry() error {
	e := &entry{at: c.at()}
	e.at.Column = 0
	if err := c.children(func(x xml.StartElement) error { return c.entryPart(e, x) }); err != nil {
		return err
	}
	return c.finish(e)
}

func (c *camt) entryPart(e *entry, x xml.StartElement) error {
	switch x.Name.Local {
	case "Amt":
		return c.sum(x, &e.sum)
	case "CdtDbtInd":
		return c.into(&e.sign)
	case "RvslInd":
		return c.into(&e.reversal)
	case "Sts":
		return c.status(&e.status)
	case "BookgDt":
		return c.day(&e.booked)
	case "ValDt":
		return c.day(&e.value)
	case "AcctSvcrRef":
		return c.into(&e.reference)
	case "Chrgs":
		return c.charges(&e.charges)
	case "AddtlNtryInf":
		return c.into(&e.info)
	case "NtryDtls":
		return c.children(func(x xml.StartElement) error {
			switch x.Name.Local {
			case "Btch":
				return c.batch(e)
			case "TxDtls":
				return c.payment(e)
			default:
				return c.skip()
			}
		})
	default:
		return c.skip()
	}
}

// status takes the code itself, as up to camt.053.001.07, or Cd or Prtry in it.
func (c *camt) status(into *string) error {
	for {
		t, err := c.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			*into += strings.TrimSpace(string(t))
			if len(*into) > 35 {
				return c.wrong(CodeStatus, "want BOOK, PDNG, INFO or FUTR, not %.40q", *into)
			}
		case xml.StartElement:
			if err := c.into(into); err != nil {
				return err
			}
		}
	}
}

func (c *camt) batch(e *entry) error {
	return c.children(func(x xml.StartElement) error {
		switch x.Name.Local {
		case "MsgId":
			return c.into(&e.batch.MessageID)
		case "PmtInfId":
			return c.into(&e.batch.PaymentID)
		case "NbOfTxs":
			return c.into(&e.count)
		default:
			return c.skip()
		}
	})
}

// finish gives the entry's lines. Only what is booked counts; nought moves nothing.
func (c *camt) finish(e *entry) error {
	t := c.stmt.tally
	switch e.status {
	case "BOOK":
	case "PDNG", "INFO", "FUTR":
		t.end.Pending++
		return nil
	case "":
		return c.wrong(CodeMissing, "want Sts")
	default:
		return c.wrong(CodeStatus, "Sts %.40q: want BOOK, PDNG, INFO or FUTR", e.status)
	}
	if t.end.Entries++; e.sum.text == "" {
		return c.wrong(CodeMissing, "want Amt")
	}
	var err error
	if e.amount, err = e.sum.money(t.end.Currency); err != nil {
		return err
	}
	if e.outgoing, err = c.direction(e.sign); err != nil {
		return err
	}
	if err := c.checkDirections(e); err != nil {
		return err
	}
	if e.amount.Sign() == 0 {
		t.end.Zero++
		return nil
	}
	if e.booked = firstDay(e.booked, e.value); e.booked.IsZero() {
		return c.wrong(CodeMissing, "want BookgDt or ValDt")
	}
	for _, l := range c.lines(e) {
		l.Entry = t.end.Entries
		if err := t.add(&l); err != nil {
			return err
		}
		if err := c.give(l); err != nil {
			return err
		}
	}
	return nil
}

// checkDirections refuses an entry all of whose payments go the other way. Some of them may: a batch is booked net.
func (c *camt) checkDirections(e *entry) error {
	if len(e.payments) == 0 || e.tooMany {
		return nil
	}
	for _, p := range e.payments {
		if p.sign == "" || p.sign == e.sign {
			return nil
		}
	}
	return wrong(CodeSign, e.payments[0].at, "CdtDbtInd %.20q, and the entry's is %s", e.payments[0].sign, e.sign)
}

// lines are one for each payment where their amounts add up to the entry's; else the entry is one, whole.
func (c *camt) lines(e *entry) []Line {
	if len(e.payments) > 1 {
		if parts, ok := e.split(); ok {
			return parts
		}
	}
	l := e.line()
	if len(e.payments) == 1 && !e.tooMany {
		e.payments[0].fill(&l, c.stmt.head.Account)
	}
	if len(e.payments) > 1 {
		l.Payment.MessageID, l.Payment.PaymentID = e.common()
	}
	l.Text = cmp.Or(l.Text, e.info)
	return []Line{l}
}

// split makes a line of each payment, if each has an amount of the account's currency and they add up.
func (e *entry) split() ([]Line, bool) {
	if e.tooMany {
		return nil, false
	}
	total := domain.Must(e.amount.Sub(e.amount))
	lines := make([]Line, 0, len(e.payments))
	for i := range e.payments {
		p := &e.payments[i]
		amount, ok := p.amount(e.amount.Currency())
		if !ok {
			return nil, false
		}
		l := e.line()
		l.Amount, l.Outgoing, l.Charges = amount, p.sign == "DBIT" || p.sign == "" && e.outgoing, domain.Money{}
		l.At = p.at
		signed := amount
		if l.Outgoing != e.outgoing {
			signed = amount.Neg()
		}
		var err error
		if total, err = total.Add(signed); err != nil {
			return nil, false
		}
		if amount.Sign() > 0 {
			lines = append(lines, l)
			p.fill(&lines[len(lines)-1], "")
		}
	}
	return lines, total == e.amount
}

// line is the entry as one.
func (e *entry) line() Line {
	l := Line{
		BookedOn: e.booked, ValueOn: e.value, Outgoing: e.outgoing, Amount: e.amount,
		Reversal: e.reversal == "true" || e.reversal == "1", Reference: e.reference,
		Batch: len(e.payments), Payment: e.batch, Charges: e.charges, At: e.at,
	}
	if n, err := strconv.Atoi(e.count); err == nil && n > 0 && n <= 10_000_000 {
		l.Batch = n
	}
	return l
}

// common are the ids of file and batch that all payments agree on, where the entry itself doesn't say them.
func (e *entry) common() (message, batch string) {
	first := e.payments[0].order
	message, batch = first.MessageID, first.PaymentID
	for _, p := range e.payments {
		if p.order.MessageID != message {
			message = ""
		}
		if p.order.PaymentID != batch {
			batch = ""
		}
	}
	return cmp.Or(e.batch.MessageID, message), cmp.Or(e.batch.PaymentID, batch)
}
