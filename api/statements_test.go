package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
)

const ourAccount = "NL91ABNA0417164300"

// bankFile is a camt.053 of a day: amounts that left the account, or behind a + came in, with a reference behind a colon where
// there is one, and whose they are behind another.
func bankFile(number, opening string, amounts ...string) string {
	closing := domain.Must(domain.ParseMoney(opening, "EUR"))
	var entries strings.Builder
	for i, line := range amounts {
		amount, more, _ := strings.Cut(line, ":")
		reference, name, _ := strings.Cut(more, ":")
		amount, incoming := strings.CutPrefix(amount, "+")
		moved, direction, party := domain.Must(domain.ParseMoney(amount, "EUR")), "DBIT", "Cdtr"
		if incoming {
			moved, direction, party = moved.Neg(), "CRDT", "Dbtr"
		}
		closing = domain.Must(closing.Sub(moved))
		fmt.Fprintf(&entries, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-01</Dt></BookgDt>`+
			`<AcctSvcrRef>B%s-%d</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId>`+
			`</Refs><RltdPties><%s><Nm>%s</Nm></%s></RltdPties></TxDtls></NtryDtls></Ntry>`,
			amount, direction, number, i+1, orText(reference, "NOTPROVIDED"), party, orText(name, "Somebody"), party)
	}
	balance := func(code, amount string) string {
		return fmt.Sprintf(`<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd>`+
			`<Dt><Dt>2026-03-01</Dt></Dt></Bal>`, code, amount)
	}
	return `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>` +
		`<CreDtTm>2026-03-01T20:00:00Z</CreDtTm></GrpHdr><Stmt><Id>` + number + `</Id><CreDtTm>2026-03-01T20:00:00Z</CreDtTm><Acct><Id><IBAN>` +
		ourAccount + `</IBAN></Id><Ccy>EUR</Ccy></Acct>` + balance("PRCD", opening) + balance("CLBD", closing.Decimal()) + entries.String() +
		`</Stmt></BkToCstmrStmt></Document>`
}

func orText(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// reconciles a file, and says the id of its statement.
func (c caller) reconciles(file string) string {
	c.t.Helper()
	sha := c.stores(file)
	reports, ok := c.post("/v1/statements", object{"sha256": sha}).is(200).field("data", "statements").([]any)
	require.True(c.t, ok)
	report, ok := reports[0].(object)
	require.True(c.t, ok)
	require.Equal(c.t, "imported", report["outcome"])
	id, ok := report["id"].(string)
	require.True(c.t, ok)
	return id
}

// pays sends a payment of a claim, and says the reference that the bank gives back.
func (w *world) pays(name, amount string) (payableID, payout uuid.UUID, reference string) {
	w.t.Helper()
	event := domain.DeriveID("approval", name)
	payableID, payout = payable.IDOf(event), domain.DeriveID("payout", name)
	paid := domain.Must(domain.ParseMoney(amount, "EUR"))
	for i, c := range []payable.Command{
		payable.Raise{
			PartnerID: domain.DeriveID("partner"), Amount: paid, Due: domain.DateOf(day0, day0.Location()),
			Source: payable.Source{Kind: payable.KindClaim, Stream: "mdf_fund-x", ID: event, EventID: event},
		},
		payable.Claim{PayoutID: payout},
		payable.Send{PayoutID: payout, BankAccount: ourAccount, PayeeID: domain.DeriveID("payee"), Paid: paid},
	} {
		header := domain.Header{CommandID: domain.DeriveID("pays", name, fmt.Sprint(i)), Actor: domaintest.Importer()}
		_, err := w.ledger.Payables.Do(w.t.Context(), payableID, header, c)
		require.NoError(w.t, err)
	}
	return payableID, payout, strings.ReplaceAll(payableID.String(), "-", "")
}

func everyStatementRoute(t *testing.T, w *world) {
	t.Helper()
	finance, auditor := w.finance(), w.auditor()
	_, _, exact := w.pays("exact", "100.00")
	shortID, shortPayout, short := w.pays("short", "200.00")
	file := bankFile("2026-1", "1000.00", "100.00:"+exact, "150.00:"+short, "7.00", "3.00")
	id := finance.reconciles(file)
	s := "/v1/statements/" + id
	finance.post("/v1/statements", object{"sha256": finance.stores(file)}).problem(409, "file_imported")
	w.desk().post("/v1/statements", object{"sha256": finance.stores(file)}).problem(403, "role")
	end := w.end().String()
	row := auditor.get(s + "?wait_for=" + end).is(200)
	require.EqualValues(t, 1, row.field("data", "matched"))
	require.Equal(t, "open", row.text("data", "status"))
	w.partner("nosy").people().get(s).problem(403, "vendor_only")
	auditor.get("/v1/statements/"+newID()).problem(404, "statement_unknown")
	require.Len(t, auditor.get("/v1/statements?bank_account="+ourAccount).is(200).field("data"), 1)
	lines := auditor.get(s + "/lines?status=unmatched").is(200).field("data")
	require.Len(t, lines, 3)
	line := auditor.get(s + "/lines/2").is(200)
	require.Equal(t, "Somebody", line.text("data", "other", "Name"))
	auditor.get(s+"/lines/9").problem(404, "line_unknown")
	queue, ok := auditor.get("/v1/statements/unmatched").is(200).field("data").([]any)
	require.True(t, ok)
	require.Len(t, queue, 3)
	require.Equal(t, "0-30", queue[0].(object)["bucket"])
	require.Len(t, auditor.get("/v1/statements/ageing?effective_at=2026-08-01").is(200).field("data"), 1)

	suggested, ok := auditor.get(s+"/suggestions").is(200).field("data", "suggested").([]any)
	require.True(t, ok)
	require.Len(t, suggested, 1)
	require.Equal(t, "short_paid", suggested[0].(object)["reason_code"])
	side := object{
		"payable_id": shortID.String(), "payout_id": shortPayout.String(), "amount": object{"amount": "150.00", "currency": "EUR"},
		"short": object{"amount": "50.00", "currency": "EUR"},
	}
	confirm := object{"matches": []object{{"lines": []int{2}, "to": []object{side}, "rule": "end_to_end", "reason_code": "short_paid"}}}
	confirmed := w.treasury().post(s+"/confirm", confirm).is(200)
	require.Empty(t, confirmed.field("data", "refused"))
	require.EqualValues(t, 2, confirmed.field("data", "statement", "unmatched"))
	w.treasury().post(s+"/confirm", confirm).problem(409, "line_settled")
	matches, ok := auditor.get(s + "/matches?wait_for=" + confirmed.position()).is(200).field("data").([]any)
	require.True(t, ok)
	require.Len(t, matches, 2)
	first := matches[0].(object)["match_id"].(string)
	walk(t, []step{
		{finance, s + "/lines/3/assign", object{"owner": "finance-7"}, nil, nil},
		{finance, s + "/lines/3/resolve", object{"account": "expense:bank_charges", "resolution": "fee"}, []string{"resolved"}, 1.0},
		{finance, s + "/lines/3/resolution/undo", object{"reason": "another"}, []string{"resolved"}, 0.0},
		{finance, s + "/lines/3/resolve", object{"account": "expense:postage", "resolution": "stamps"}, nil, nil},
		{finance, s + "/lines/4/resolve", object{"account": "expense:bank_charges", "resolution": "fee"}, []string{"unmatched"}, 0.0},
		{w.treasury(), s + "/reconcile", object{}, []string{"status"}, "reconciled"},
		{w.treasury(), s + "/matches/" + first + "/undo", object{"reason": "look again"}, []string{"status"}, "open"},
	})
	auditor.get(s + "?wait_for=" + w.end().String()).is(200) // the reactor has cleared the payable no more
	again := finance.post(s+"/match", object{}).is(200)
	report := again.field("data", "statements").([]any)[0].(object)
	require.Equal(t, true, report["reconciled"])
	finance.post("/v1/statements/"+newID()+"/match", object{}).problem(404, "statement_unknown")
}

// A statement that doesn't go on from the one before is kept, with both figures, and tried again.
func TestAParkedStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	finance := w.finance()
	finance.reconciles(bankFile("1", "100.00", "5.00"))
	third := finance.post("/v1/statements", object{"sha256": finance.stores(bankFile("3", "90.00", "1.00"))}).is(200)
	report := third.field("data", "statements").([]any)[0].(object)
	require.Equal(t, "parked", report["outcome"])
	id := report["id"].(string)
	parked := finance.get("/v1/statements/" + id + "?wait_for=" + third.position()).is(200)
	require.Equal(t, "95.00", parked.text("data", "parked", "expected", "amount"))
	require.Equal(t, "90.00", parked.text("data", "parked", "found", "amount"))
	finance.get("/v1/statements/"+id+"/suggestions").problem(409, "statement_parked")
	finance.reconciles(bankFile("2", "95.00", "5.00"))
	again := finance.post("/v1/statements/"+id+"/match", object{}).is(200)
	require.Equal(t, "imported", again.field("data", "statements").([]any)[0].(object)["outcome"])
	finance.post("/v1/statements", object{"sha256": finance.stores("<nonsense/>")}).problem(422, "statement_format")
}
