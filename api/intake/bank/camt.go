package bank

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"regexp"

	"github.com/channelledger/channelledger/domain"
)

// Camt053 reads ISO 20022 bank to customer statements, camt.053.001.02 and later. Elements that it doesn't know are passed
// over, those of other namespaces too.
func Camt053(limits Limits) Reader {
	return func(ctx context.Context, r io.Reader) iter.Seq2[Item, error] {
		return func(yield func(Item, error) bool) {
			c := &camt{walker: newWalker(newSource(ctx, r, limits.orDefault())), yield: yield}
			if err := c.document(); err != nil && !errors.Is(err, errStopped) {
				yield(nil, err)
			}
		}
	}
}

// errStopped says that the caller wants no more items.
var errStopped = errors.New("stopped")

// camt reads one message.
type camt struct {
	*walker
	yield func(Item, error) bool
	page  string // of the whole message, where it is one of several
	stmts int
	stmt  *camtStatement
}

var namespace = regexp.MustCompile(`^urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|[1-9][0-9])$`)

// document goes from the root to the file's end.
func (c *camt) document() error {
	root, err := c.root()
	if err != nil {
		return err
	}
	if root.Name.Local != "Document" || !namespace.MatchString(root.Name.Space) {
		return c.wrong(CodeFormat, "the file is %.40s of %.80q: want Document of urn:iso:std:iso:20022:tech:xsd:camt.053.001.02 or later",
			root.Name.Local, root.Name.Space)
	}
	c.space = root.Name.Space
	if err := c.only("BkToCstmrStmt", func(xml.StartElement) error { return c.message() }); err != nil {
		return err
	}
	if c.stmts == 0 {
		return c.wrong(CodeNothing, "there is no statement in the file")
	}
	return c.rest()
}

// root is the first element.
func (c *camt) root() (xml.StartElement, error) {
	for {
		t, err := c.token()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, c.wrong(CodeNothing, "the file is empty")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if !blank(t) {
				return xml.StartElement{}, c.wrong(CodeXML, "want XML, not %.40q", t)
			}
		}
	}
}

// rest refuses anything behind the root but comments.
func (c *camt) rest() error {
	for {
		t, err := c.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return c.wrong(CodeXML, "there is another %.40s behind the document", t.Name.Local)
		case xml.CharData:
			if !blank(t) {
				return c.wrong(CodeXML, "there is text %.40q behind the document", t)
			}
		}
	}
}

func (c *camt) message() error {
	return c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "GrpHdr":
			return c.only("MsgPgntn", func(xml.StartElement) error { return c.pagination(&c.page) })
		case "Stmt":
			return c.statement()
		default:
			return c.skip()
		}
	})
}

// pagination is the page's number, where there is more than one.
func (c *camt) pagination(page *string) error {
	var number, last string
	err := c.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "PgNb":
			return c.into(&number)
		case "LastPgInd":
			return c.into(&last)
		default:
			return c.skip()
		}
	})
	if number == "1" && last != "false" && last != "0" {
		number = "" // of one
	}
	*page = number
	return err
}

// give hands an item to the caller.
func (c *camt) give(item Item) error {
	if !c.yield(item, nil) {
		return errStopped
	}
	return nil
}

// day takes the element's Dt or DtTm.
func (c *camt) day(into *domain.Date) error {
	return c.children(func(e xml.StartElement) error {
		if e.Name.Local == "Dt" || e.Name.Local == "DtTm" {
			return c.dayText(into)
		}
		return c.skip()
	})
}

func (c *camt) dayText(into *domain.Date) error {
	text, err := c.text()
	if err != nil {
		return err
	}
	day, ok := dayOf(text)
	if !ok {
		return c.wrong(CodeDate, "%.40q: want a day as 2026-10-31, of the years %d to %d", text, firstYear, lastYear)
	}
	*into = day
	return nil
}

// sum is an amount with its currency, as it is written: what it must be is checked by whoever uses it.
type sum struct {
	text, currency string
	at             Position
}

func (c *camt) sum(e xml.StartElement, into *sum) error {
	got := sum{at: c.at()}
	for _, a := range e.Attr {
		if a.Name.Local == "Ccy" && a.Name.Space == "" {
			got.currency = a.Value
		}
	}
	err := c.into(&into.text)
	into.currency, into.at = got.currency, got.at
	return err
}

// money reads an amount of the account's currency, at least 0.
func (s sum) money(currency string) (domain.Money, error) {
	if s.currency != currency {
		return domain.Money{}, wrong(CodeCurrency, s.at, "%.10q: the account's currency is %s", s.currency, currency)
	}
	m, err := amountOf(s.text, currency)
	switch {
	case err != nil:
		return domain.Money{}, wrong(CodeAmount, s.at, "%v", err)
	case m.Sign() < 0:
		return domain.Money{}, wrong(CodeSign, s.at, "%s: an amount has no sign here, its direction is CdtDbtInd", m)
	}
	return m, nil
}

// direction is what CdtDbtInd says: true for DBIT.
func (c *camt) direction(text string) (outgoing bool, err error) {
	switch text {
	case "DBIT":
		return true, nil
	case "CRDT":
		return false, nil
	case "":
		return false, c.wrong(CodeMissing, "want CdtDbtInd")
	}
	return false, c.wrong(CodeSign, "CdtDbtInd %.20q: want CRDT or DBIT", text)
}

func blank(text []byte) bool {
	for _, b := range text {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return false
		}
	}
	return true
}
