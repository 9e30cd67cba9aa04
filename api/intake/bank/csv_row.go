package bank

import (
	"cmp"
	"errors"
	"strings"

	"github.com/channelledger/channelledger/api/intake"
	"github.com/channelledger/channelledger/domain"
)

// row takes a row below the header: a line, a label with its value, or nothing.
func (c *csvFile) row() error {
	switch {
	case blankRow(c.cells):
		return nil
	case c.isLabelled():
		return c.findLabels()
	case len(c.cells) != len(c.header):
		return wrong(CodeFormat, Position{Line: c.line}, "the row has %d columns, and the header %d", len(c.cells), len(c.header))
	}
	pending, err := c.pending()
	if err != nil {
		return err
	}
	if err := c.turn(); err != nil {
		return err
	}
	t := c.open.tally
	if pending {
		t.end.Pending++
		return nil
	}
	t.end.Entries++
	l := Line{Entry: t.end.Entries, At: Position{Line: c.line}}
	if err := c.fill(&l); err != nil {
		return err
	}
	if err := c.open.follow(c, &l); err != nil {
		return err
	}
	if l.Amount.Sign() == 0 {
		t.end.Zero++
		return nil
	}
	if err := t.add(&l); err != nil {
		return err
	}
	return c.give(l)
}

func blankRow(cells []string) bool {
	for _, text := range cells {
		if strings.TrimSpace(text) != "" {
			return false
		}
	}
	return true
}

// cell is what the row has of a field; empty where the mapping names no column for it.
func (c *csvFile) cell(f Field) cell {
	name := c.Columns[f]
	if name == "" {
		return cell{at: Position{Line: c.line, Path: string(f)}}
	}
	i := c.index[name]
	if i >= len(c.cells) { // behind the last row
		return cell{at: Position{Line: c.line, Path: name}}
	}
	return cell{text: strings.TrimSpace(c.cells[i]), at: c.at(i)}
}

// pending reports a row that isn't booked yet.
func (c *csvFile) pending() (bool, error) {
	if c.Columns[State] == "" {
		return false, nil
	}
	state := c.cell(State)
	switch {
	case among(c.Words.Booked, state.text):
		return false, nil
	case among(c.Words.Pending, state.text):
		return true, nil
	}
	return false, wrong(CodeStatus, state.at, "%.40q is neither under words.booked nor words.pending", state.text)
}

// fill says of the line what the row says.
func (c *csvFile) fill(l *Line) (err error) {
	if l.BookedOn, err = c.day(BookedOn); err != nil {
		return err
	}
	if c.cell(ValueOn).text != "" {
		if l.ValueOn, err = c.day(ValueOn); err != nil {
			return err
		}
	}
	if err := c.amount(l); err != nil {
		return err
	}
	l.Reversal = c.Columns[Reversed] != "" && among(c.Words.Reversal, c.cell(Reversed).text)
	l.Reference = c.cell(Reference).text
	l.Payment = Payment{
		EndToEndID: c.cell(EndToEndID).text, MandateID: c.cell(MandateID).text,
		MessageID: c.cell(MessageID).text, PaymentID: c.cell(PaymentID).text,
	}
	l.Other = Party{Name: c.cell(OtherName).text, Account: domain.CompactIBAN(c.cell(OtherAccount).text), BIC: c.cell(OtherBIC).text}
	l.Return.Code = c.cell(ReturnCode).text
	for _, name := range c.Text {
		l.Text = oneSpaced(l.Text + " " + c.cells[c.index[name]])
	}
	if len(l.Text) > maxTexts {
		return wrong(CodeText, l.At, "the texts together have more than %d bytes", maxTexts)
	}
	return nil
}

func (c *csvFile) day(f Field) (domain.Date, error) { return c.dayIn(c.cell(f)) }

func (c *csvFile) dayIn(at cell) (domain.Date, error) {
	if at.text == "" {
		return domain.Date{}, wrong(CodeMissing, at.at, "want a day")
	}
	day, err := intake.ParseDay(at.text, c.Dates)
	switch {
	case err != nil:
		return domain.Date{}, wrong(CodeDate, at.at, "%v", err)
	case day.Year < firstYear || day.Year > lastYear:
		return domain.Date{}, wrong(CodeDate, at.at, "%.40q: want a day of the years %d to %d", at.text, firstYear, lastYear)
	}
	return day, nil
}

// moneyIn reads a cell's amount of the statement's currency.
func (c *csvFile) moneyIn(at cell, currency string) (domain.Money, error) {
	if at.text == "" {
		return domain.Money{}, wrong(CodeMissing, at.at, "want an amount")
	}
	m, err := c.money(at.text, currency)
	if fault, ok := errors.AsType[*Error](err); ok {
		fault.At = at.at
	}
	return m, err
}

// amount is one signed column, one with a direction beside it, or one for each direction.
func (c *csvFile) amount(l *Line) error {
	if c.Columns[Amount] == "" {
		return c.eitherAmount(l)
	}
	at := c.cell(Amount)
	m, err := c.moneyIn(at, c.open.tally.end.Currency)
	if err != nil {
		return err
	}
	l.Amount, l.Outgoing = m.Abs(), m.Sign() < 0
	if c.Columns[Direction] == "" {
		return nil
	}
	direction := c.cell(Direction)
	switch {
	case among(c.Words.Out, direction.text):
		l.Outgoing = true
	case !among(c.Words.In, direction.text):
		return wrong(CodeSign, direction.at, "%.40q is neither under words.out nor words.in", direction.text)
	case m.Sign() < 0:
		return wrong(CodeSign, at.at, "%.40q is below 0, but its direction %.40q says that it came in", at.text, direction.text)
	}
	return nil
}

// eitherAmount takes the debit or the credit. A debit may be written with a minus: it says the same twice.
func (c *csvFile) eitherAmount(l *Line) error {
	debit, credit := c.cell(Debit), c.cell(Credit)
	currency := c.open.tally.end.Currency
	none := domain.Must(domain.NewMoney(0, currency)) // checked
	out, in, err := none, none, error(nil)
	if debit.text == "" && credit.text == "" {
		return wrong(CodeMissing, debit.at, "want a debit or a credit")
	}
	if debit.text != "" {
		if out, err = c.moneyIn(debit, currency); err != nil {
			return err
		}
	}
	if credit.text != "" {
		if in, err = c.moneyIn(credit, currency); err != nil {
			return err
		}
	}
	switch {
	case out.Sign() != 0 && in.Sign() != 0:
		return wrong(CodeSign, debit.at, "there are a debit %s and a credit %s: want one of them", out, in)
	case in.Sign() < 0:
		return wrong(CodeSign, credit.at, "%.40q is below 0, but a credit came in", credit.text)
	}
	if l.Amount, l.Outgoing = in, false; out.Sign() != 0 {
		l.Amount, l.Outgoing = out.Abs(), true
	}
	return nil
}

// give hands an item to the caller.
func (c *csvFile) give(item Item) error {
	if !c.yield(item, nil) {
		return errStopped
	}
	return nil
}

// currency is that of the row: by its column, beside a label, or the mapping's.
func (c *csvFile) currency() cell {
	at := c.said(Currency)
	at.text = cmp.Or(at.text, c.Currency)
	return at
}

// said is what the file says of the statement: in a column of the row, or beside a label.
func (c *csvFile) said(f Field) cell {
	if c.Columns[f] != "" {
		return c.cell(f)
	}
	if at, ok := c.labels[f]; ok {
		return at
	}
	return cell{at: Position{Line: c.line, Path: string(f)}}
}
