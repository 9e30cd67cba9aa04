package reconcile_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/api/intake/reconcile"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/sqlview"
	"github.com/channelledger/channelledger/projections/statements"
)

const bankAccount = "DE89370400440532013000"

var (
	now    = time.Date(2026, 6, 3, 9, 0, 0, 0, time.UTC)
	payout = domain.DeriveID("payout")
	may31  = domain.Date{Year: 2026, Month: time.May, Day: 31}
)

// world is a ledger with payments that were sent, and read models that follow it.
type world struct {
	t     testing.TB
	files *files.Store
	l     *ledger.Ledger
	*reconcile.Reconciler
	statements int
	closing    domain.Money
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	clock := func() time.Time { return now }
	store, err := embedded.OpenMemory(embedded.Options{Clock: clock})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })
	return newWorldOn(tb, store, clock)
}

func newWorldOn(tb testing.TB, store eventstore.Store, clock func() time.Time) *world {
	tb.Helper()
	w := &world{t: tb, closing: eur("100000")}
	var err error
	w.files, err = files.OpenMemory()
	require.NoError(tb, err)
	w.l, err = ledger.Open(store, eventstore.NewMemoryKeyring(), clock)
	require.NoError(tb, err)
	require.NoError(tb, w.l.Bootstrap(tb.Context(), "", now))
	views, err := sqlview.OpenTemp()
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, views.Close()) })
	runner, err := projections.NewRunner(projections.Config{
		Source: projections.Source{Store: store, Codec: w.l.Codec, Categories: ledger.Categories()}, Views: views,
		Projections: []projections.Definition{statements.Projection()}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	require.NoError(tb, err)
	ctx, stop := context.WithCancel(tb.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = runner.Run(ctx) // ends with ctx
	}()
	tb.Cleanup(func() { stop(); <-ended })
	w.Reconciler = &reconcile.Reconciler{Ledger: w.l, Files: w.files, Models: runner, Clock: clock}
	return w
}

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func partnerID(name string) uuid.UUID { return domain.DeriveID("partner", name) }

// applies makes a partner known by its name.
func (w *world) applies(name string) {
	w.do(partner.Category, partnerID(name), "apply", partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"})
}

func (w *world) do(category string, id uuid.UUID, step string, c any) {
	w.t.Helper()
	header := domain.Header{
		CommandID: domain.DeriveID("world", id.String(), step), Actor: domaintest.Importer(), EffectiveAt: now.AddDate(0, 0, -7),
	}
	_, err := w.l.Dispatch(w.t.Context(), domain.StreamName(category, id), header, c)
	require.NoError(w.t, err)
}

func payableID(n int) uuid.UUID { return payable.IDOf(domain.DeriveID("approval", fmt.Sprint(n))) }

// sends a payment n of a batch to a partner.
func (w *world) sends(n int, name, amount string) {
	w.t.Helper()
	id := payableID(n)
	w.do(payable.Category, id, "raise", payable.Raise{
		PartnerID: partnerID(name), Amount: eur(amount), Due: may31,
		Source: payable.Source{
			Kind: payable.KindClaim, Stream: "mdf_fund-x", ID: partnerID("claim"), EventID: domain.DeriveID("approval", fmt.Sprint(n)),
		},
	})
	w.do(payable.Category, id, "claim", payable.Claim{PayoutID: payout})
	w.do(payable.Category, id, "send", payable.Send{
		PayoutID: payout, BankAccount: bankAccount, PayeeID: domain.DeriveID("payee", name), Paid: eur(amount),
	})
}

func (w *world) payable(n int) *payable.Payable {
	w.t.Helper()
	p, _, err := w.l.Payables.Fold(w.t.Context(), payableID(n))
	require.NoError(w.t, err)
	return p
}

// booked is a line of the bank's file.
type booked struct {
	amount   string // below 0: money that came in
	endToEnd string
	batch    string
	name     string
}

func e2e(n int) string {
	id := payableID(n)
	return hex.EncodeToString(id[:])
}

// stores a camt.053 file of one statement that goes on from the last, and says its hash.
func (w *world) stores(lines ...booked) string {
	w.t.Helper()
	w.statements++
	text, closing := camt(w.statements, w.closing, lines)
	w.closing = closing
	stored, err := w.files.Put(w.t.Context(), strings.NewReader(text), 1<<30)
	require.NoError(w.t, err)
	return stored.SHA256
}

func camt(number int, opening domain.Money, lines []booked) (text string, closing domain.Money) {
	var b strings.Builder
	closing = opening
	var entries strings.Builder
	for i, l := range lines {
		amount := eur(strings.TrimPrefix(l.amount, "-"))
		direction, party := "DBIT", "Cdtr"
		if strings.HasPrefix(l.amount, "-") {
			direction, party = "CRDT", "Dbtr"
			closing = domain.Must(closing.Add(amount))
		} else {
			closing = domain.Must(closing.Sub(amount))
		}
		fmt.Fprintf(&entries, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-05-30</Dt></BookgDt>`+
			`<AcctSvcrRef>S%dL%d</AcctSvcrRef><BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs>`,
			amount.Decimal(), direction, number, i+1)
		if l.batch != "" {
			fmt.Fprintf(&entries, `<PmtInfId>%s</PmtInfId>`, l.batch)
		}
		if l.endToEnd != "" {
			fmt.Fprintf(&entries, `<EndToEndId>%s</EndToEndId>`, l.endToEnd)
		}
		entries.WriteString(`</Refs>`)
		if l.name != "" {
			fmt.Fprintf(&entries, `<RltdPties><%s><Nm>%s</Nm></%s></RltdPties>`, party, l.name, party)
		}
		entries.WriteString("</TxDtls></NtryDtls></Ntry>\n")
	}
	balance := func(code string, m domain.Money, day string) {
		fmt.Fprintf(&b, `<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd>`+
			`<Dt><Dt>%s</Dt></Dt></Bal>`, code, m.Decimal(), day)
	}
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>`+
		`<GrpHdr><MsgId>M%d</MsgId><CreDtTm>2026-05-31T20:00:00Z</CreDtTm></GrpHdr><Stmt><Id>ST-%d</Id><CreDtTm>2026-05-31T20:00:00Z</CreDtTm>`+
		`<Acct><Id><IBAN>%s</IBAN></Id><Ccy>EUR</Ccy></Acct>`, number, number, bankAccount)
	balance("PRCD", opening, "2026-05-01")
	balance("CLBD", closing, "2026-05-31")
	b.WriteString(entries.String() + `</Stmt></BkToCstmrStmt></Document>`)
	return b.String(), closing
}

// runs a file.
func (w *world) runs(sha256 string, resume bool) (reconcile.StatementReport, error) {
	w.t.Helper()
	report, err := w.Run(w.t.Context(), reconcile.Options{SHA256: sha256, Actor: domaintest.Finance(), Resume: resume})
	if len(report.Statements) == 0 {
		return reconcile.StatementReport{}, err
	}
	return report.Statements[0], err
}

func (w *world) statement(id uuid.UUID) *statement.Statement {
	w.t.Helper()
	s, _, err := w.l.Statements.Fold(w.t.Context(), id)
	require.NoError(w.t, err)
	return s
}
