package bank

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

// book is a month of an account, as a bank might write it in either format.
type book struct {
	opening, closing domain.Money
	moves            []move
}

type move struct {
	amount                     domain.Money // below 0 for out
	day, value                 domain.Date
	reference, e2e, name, text string
}

func randomBook(t *rapid.T) book {
	text := rapid.StringMatching(`([A-Za-z0-9äöüß<>&;,"'/+-]+( [A-Za-z0-9ÄÖÜ€<>&;,"'/+-]+){0,3})?`)
	amounts := rapid.Int64Range(-1_000_000, 1_000_000)
	day := rapid.Custom(func(t *rapid.T) domain.Date {
		return domain.Date{Year: 2026, Month: 10, Day: rapid.IntRange(1, 31).Draw(t, "day")}
	})
	b := book{opening: euros(amounts.Draw(t, "opening"))}
	b.closing = b.opening
	for range rapid.IntRange(0, 20).Draw(t, "moves") {
		m := move{
			amount: euros(amounts.Draw(t, "amount")), day: day.Draw(t, "booked"), value: day.Draw(t, "value"),
			reference: rapid.SampledFrom([]string{"", "R-1", "R-2", "R-3"}).Draw(t, "reference"),
			e2e:       rapid.StringMatching(`[a-z0-9]{0,32}`).Draw(t, "e2e"), name: text.Draw(t, "name"), text: text.Draw(t, "text"),
		}
		b.moves = append(b.moves, m)
		b.closing = domain.Must(b.closing.Add(m.amount))
	}
	return b
}

func euros(cents int64) domain.Money { return domain.Must(domain.NewMoney(cents, "EUR")) }

func (b book) xml() string {
	var s strings.Builder
	s.WriteString(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.04"><BkToCstmrStmt><Stmt><Id>S-1</Id>` +
		`<FrToDt><FrDtTm>2026-10-01T00:00:00</FrDtTm><ToDtTm>2026-10-31T24:00:00</ToDtTm></FrToDt>` +
		`<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>`)
	for _, balance := range []struct {
		code string
		m    domain.Money
	}{{"OPBD", b.opening}, {"CLBD", b.closing}} {
		fmt.Fprintf(&s, `<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp>%s<Dt><Dt>2026-10-01</Dt></Dt></Bal>`, balance.code, signedXML(balance.m))
	}
	for _, m := range b.moves {
		party := "Dbtr"
		if m.amount.Sign() < 0 {
			party = "Cdtr"
		}
		fmt.Fprintf(&s, `<Ntry>%s<Sts>BOOK</Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>%s</AcctSvcrRef>`+
			`<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><%[6]s><Nm>%[7]s</Nm></%[6]s></RltdPties>`+
			`<RmtInf><Ustrd>%[8]s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
			signedXML(m.amount), m.day, m.value, m.reference, m.e2e, party, escaped(m.name), escaped(m.text))
	}
	return s.String() + "</Stmt></BkToCstmrStmt></Document>"
}

func signedXML(m domain.Money) string {
	sign := "CRDT"
	if m.Sign() < 0 {
		sign = "DBIT"
	}
	return fmt.Sprintf(`<Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd>`, m.Abs().Decimal(), sign)
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer never fails
	return b.String()
}

func (b book) csv() string {
	var s strings.Builder
	w := csv.NewWriter(&s)
	for _, row := range [][]string{
		{"opening", b.opening.Decimal()}, {"from", "2026-10-01"}, {"to", "2026-10-31"},
		{"day", "value", "amount", "ref", "e2e", "name", "text"},
	} {
		_ = w.Write(row) // a builder never fails
	}
	for _, m := range b.moves {
		_ = w.Write([]string{m.day.String(), m.value.String(), m.amount.Decimal(), m.reference, m.e2e, m.name, m.text})
	}
	_ = w.Write([]string{"closing", b.closing.Decimal()})
	w.Flush()
	return s.String()
}
