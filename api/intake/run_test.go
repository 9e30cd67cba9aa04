package intake

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

func day(text string) time.Time {
	d, err := domain.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d.In(time.UTC)
}

func TestRowsBecomeDeals(t *testing.T) {
	w := newWorld(t)
	got, rejects := w.run(t, small(
		"W1,Ann,GTXPro,Acme,Won,2/1/2017,3/1/2017,90",
		"L1,Sam,GTX Basic,Acme,Lost,1/5/2017,1/20/2017,0",
		"O1,Sue,GTX Pro,Acme,Engaging,2/10/2017,,",
		"O2,Amy,GTX Basic,Bolt,Prospecting,2/10/2017,,",
	))
	require.Equal(t, strings.Join(append(rejectColumns, "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"), ",")+"\n", rejects)
	require.Equal(t, Summary{
		System: "maven-crm", Rows: 4, Imported: 4, Won: 1, WonAmount: domain.Totals{dollars(t, "90")}, Lost: 1, Open: 2,
		Counts: []Count{}, Partners: 2, Sellers: 4, Findings: 1, Overridden: 1, Appended: got.Appended,
	}, got)

	acme := w.accountOf(t, "Acme", "US")
	won := w.deal(t, acme, "W1")
	require.Equal(t, account.StatusWon, won.Status)
	require.Equal(t, dollars(t, "90"), won.Win.Net())
	require.Equal(t, day("2017-03-01"), won.Closed.At)
	require.Equal(t, day("2017-02-01"), won.Approved.At)
	require.Equal(t, "deal_registration@1", won.Policy)
	require.Equal(t, "GTX Pro", won.Lines[0].Product, "the alias is put right")
	require.Equal(t, dollars(t, "100"), won.Lines[0].Amount.Latest(), "the list price")
	require.Equal(t, "import:maven-crm", won.Approved.By)
	require.Equal(t, "u-1", won.Approved.OnBehalfOf)

	lost := w.deal(t, acme, "L1")
	require.Equal(t, account.StatusLost, lost.Status)
	require.Equal(t, "lost in maven-crm", lost.Closed.Reason)

	rival := w.deal(t, acme, "O1")
	require.Equal(t, account.StatusApproved, rival.Status)
	require.Equal(t, account.StageQualified, rival.Stage.Latest())
	require.Equal(t, day("2017-02-10"), rival.Stage.Since())
	require.Len(t, rival.Findings, 1)
	require.Equal(t, won.ID, rival.Findings[0].With.DealID)
	require.Equal(t, "imported history", rival.Findings[0].Override.Reason)
	require.Equal(t, "imported history", rival.Approved.Reason)
	require.Equal(t, day("2017-02-10").AddDate(0, 0, 180), rival.ProtectedUntil)

	require.NoError(t, w.Partners.View(t.Context(), won.PartnerID, func(p *partner.State, _ domain.Source) error {
		require.Equal(t, "North", p.LegalName)
		require.True(t, p.StandingAt(day("2017-01-05")).Active, "onboarded on the earliest row's day")
		require.False(t, p.StandingAt(day("2017-01-04")).Active)
		require.Len(t, p.Sellers, 2)
		require.True(t, p.SellerAt(won.SellerID, day("2017-01-05")))
		return nil
	}))
}

// On one day closings come before registrations, so that what ends frees the line for what comes.
func TestClosingsComeFirst(t *testing.T) {
	w := newWorld(t)
	got, _ := w.run(t, small(
		"B,Sam,GTX Pro,Acme,Engaging,2/1/2017,,",
		"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90",
		"C,Ann,GTX Basic,Acme,Won,1/1/2017,1/1/2017,5",
	))
	require.Equal(t, 3, got.Imported)
	require.Zero(t, got.Findings, "A was closed on the day that B came")
	require.Equal(t, account.StatusWon, w.deal(t, w.accountOf(t, "Acme", "US"), "C").Status, "won on the day it came")
}

func TestRejects(t *testing.T) {
	w := newWorld(t)
	files := small(
		",Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,90",
		"R2,Ann,GTX Pro,,Won,2/1/2017,3/1/2017,90",
		"R3,Ann,GTX Pro,Acme,Engaging,,,",
		"R4,Ann,GTX Pro,Acme,Won,2017-02-01,3/1/2017,90",
		"R5,Ann,GTX Pro,Acme,Won,2/1/2017,1/1/2017,90",
		"R6,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,",
		"R7,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,9.999",
		"R8,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,-9",
		"R9,Anna,GTX Pro,Acme,Won,2/1/2017,3/1/2017,90",
		"R10,Ann,GTX Por,Acme,Won,2/1/2017,3/1/2017,90",
		"R11,Ann,GTX Pro,Amce,Won,2/1/2017,3/1/2017,90",
		"R12,Ann,GTX Pro,Acme,Wonn,2/1/2017,3/1/2017,90",
		"R13,Ann,GTX Pro,Nowhere,Won,2/1/2017,3/1/2017,90",
		"R14,Ann,GTX Pro,Mars Inc,Won,2/1/2017,3/1/2017,90",
		"R15,Ann,GTX Pro,Acme,Won,2/1/2027,3/1/2027,90",
		"R16,Ann,GTX Pro,Acme,Won,2/1/1017,3/1/2017,90",
		"OK,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,90",
		"OK,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,91",
		"R19,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017",
		"R20,Ann,GTX Pro,Acme,Won,2/1/2017,3/1/2017,90,more",
		`R21,Ann,"GTX Pro,Acme,Won,2/1/2017,3/1/2017,90`,
		"R22,Ann,GTX \xe9,Acme,Won,2/1/2017,3/1/2017,90",
	)
	got, rejects := w.run(t, files)
	require.Equal(t, 1, got.Imported)
	reader := csv.NewReader(strings.NewReader(rejects))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	require.NoError(t, err)
	var found []string
	for _, r := range rows[1:] {
		require.Equal(t, "sales_pipeline.csv", r[0])
		found = append(found, strings.Join(r[1:5], "|"))
	}
	require.Equal(t, []string{
		"2|opportunity_id|missing|is empty: want record",
		"3|account|missing|is empty: want account",
		"4|engage_date|missing|is empty: want registered_on",
		`5|engage_date|unreadable|"2017-02-01" is no day written as M/D/YYYY`,
		"6|close_date|unreadable|2017-01-01 is before engage_date 2017-02-01",
		"7|close_value|missing|is empty: want amount",
		`8|close_value|unreadable|amount "9.999": USD has at most 2 decimals`,
		"9|close_value|unreadable|-9: want 0 or more",
		`10|sales_agent|unknown|"Anna" is not in sales_teams.csv: nearest is "Ann"`,
		`11|product|unknown|"GTX Por" is not in products.csv: nearest is "GTX Pro"`,
		`12|account|unknown|"Amce" is not in accounts.csv: nearest is "Acme"`,
		`13|deal_stage|unknown|"Wonn" is not one of the mapping's stages: nearest is "Won"`,
		`14|account|unknown|accounts.csv has no office_location for "Nowhere"`,
		`15|account|unknown|"Germny" is not one of the mapping's countries: nearest is "Germany"`,
		"16|engage_date|unreadable|2027-02-01 is in the future: want what has happened",
		`17|engage_date|unreadable|"2/1/1017": want a day of the years 1970 to 2999`,
		`19|opportunity_id|duplicate|"OK" stands in sales_pipeline.csv line 18 already`,
		"20||malformed|has 7 columns, and the header 8",
		"21||malformed|has 9 columns, and the header 8",
		`22||malformed|is no CSV: extraneous or missing " in quoted-field`,
		"23||malformed|column 3 is not UTF-8: save the file as CSV in UTF-8",
	}, found)
	// Each stands there whole.
	lines := strings.Split(string(files.Deals[0].Data), "\n")
	for n, r := range rows[1:] {
		line := map[bool]string{true: lines[n+1], false: lines[min(n+2, len(lines)-1)]}[n < 16]
		if r[3] == "malformed" && len(r) == 6 {
			require.Equal(t, line, r[5])
			continue
		}
		require.Equal(t, line, strings.Join(r[5:], ","))
	}
	require.Contains(t, got.String(), "  4 malformed\n")
	require.Contains(t, got.String(), "  1 without account\n")
	require.Contains(t, got.String(), "  1 duplicate: opportunity_id\n")
}

// A rejects file, once put right, is imported as it is, and only what is still wrong comes back.
func TestRejectsAreFedAgain(t *testing.T) {
	w := newWorld(t)
	files := small("OK,Ann,GTX Pro,Acme,Engaging,2/1/2017,,", "R,Ann,GTX Por,Acme,Engaging,2/1/2017,,", "S,Ann,GTX Pro,,Engaging,2/1/2017,,")
	_, rejects := w.run(t, files)
	fixed := strings.Replace(rejects, ",GTX Por,", ",GTX Pro,", 1)
	require.NotEqual(t, rejects, fixed)
	files.Deals = []File{{Name: "rejects.csv", Data: []byte(fixed)}}
	got, again := w.run(t, files)
	require.Equal(t, 1, got.Imported)
	require.Equal(t, []Count{{Missing, "account", 1}}, got.Counts)
	require.Equal(t, strings.Join(append(rejectColumns, "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"), ",")+
		"\nrejects.csv,3,account,missing,is empty: want account,S,Ann,GTX Pro,,Engaging,2/1/2017,,\n", again)
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	files := small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90", "B,Sam,GTX Pro,Acme,Engaging,1/2/2017,,", "C,Sam,GTX Pro,Bolt,Lost,1/2/2017,2/2/2017,0")
	first, _ := w.run(t, files)
	require.Positive(t, first.Appended)
	second, _ := w.run(t, files)
	require.Zero(t, second.Appended)
	w.Ledger = ledgerOver(t, w.Store) // and so after a restart, under another name
	files.Deals[0].Name = "other.csv"
	third, _ := w.run(t, files)
	require.Zero(t, third.Appended)
	second.Appended = first.Appended
	require.Equal(t, first, second)
}

func TestALaterExportAddsItsDifferences(t *testing.T) {
	w := newWorld(t)
	w.run(t, small("A,Ann,GTX Pro,Acme,Prospecting,1/1/2017,,", "B,Ann,GTX Pro,Bolt,Engaging,1/2/2017,,"))
	before := len(w.events(t))
	w.mapping.Deals.Columns[ChangedOn] = "close_date" // so that the next stage has a day within the protection
	got, _ := w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,1/20/2017,", "B,Ann,GTX Pro,Bolt,Won,1/2/2017,2/1/2017,7", "C,Sue,GTX Basic,Bolt,Engaging,1/9/2017,1/9/2017,"))
	require.Equal(t, 3, got.Imported)
	require.ElementsMatch(t, []string{
		"deal.registered.v1", "deal.crm_linked.v1", "deal.approved.v1", "deal.stage_advanced.v1", "deal.won.v1", "deal.stage_advanced.v1",
	}, typesOf(w.events(t)[before:]))
	a := w.deal(t, w.accountOf(t, "Acme", "US"), "A")
	require.Equal(t, account.StageQualified, a.Stage.Latest())
	require.Equal(t, day("2017-01-20"), a.Stage.Since())

	// Back, and forth again: each is a fact of its own.
	back, _ := w.run(t, small("A,Ann,GTX Pro,Acme,Prospecting,1/1/2017,1/21/2017,"))
	forth, _ := w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,1/22/2017,"))
	again, _ := w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,1/22/2017,"))
	require.Equal(t, []int{1, 1, 0}, []int{back.Appended, forth.Appended, again.Appended})
	require.Equal(t, day("2017-01-22"), w.deal(t, w.accountOf(t, "Acme", "US"), "A").Stage.Since())
}

// What the mapping doesn't let be revised is set aside, showing both values, and nothing is recorded.
func TestChangedFacts(t *testing.T) {
	w := newWorld(t)
	w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90", "B,Sam,GTX Pro,Bolt,Lost,1/2/2017,2/2/2017,0", "C,Ann,GTX Pro,Bolt,Engaging,1/2/2017,,"))
	for line, want := range map[string]string{
		"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,91":      "close_value,changed,\"close_value: recorded 90.00 USD, in the file 91.00 USD\"",
		"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/3/2017,90":      "close_date,changed,\"close_date: recorded 2017-02-01, in the file 2017-02-03\"",
		"A,Ann,GTX Pro,Acme,Won,1/1/2017,1/3/2017,90":      "close_date,changed,\"close_date: recorded 2017-02-01, in the file 2017-01-03\"",
		"A,Ann,GTX Pro,Acme,Won,1/3/2017,2/1/2017,90":      "engage_date,changed,\"engage_date: recorded 2017-01-01, in the file 2017-01-03\"",
		"A,Ann,GTX Basic,Acme,Won,1/1/2017,2/1/2017,90":    "product,changed,\"product: recorded GTX Pro, in the file GTX Basic\"",
		"A,Ann,GTX Pro,Bolt,Won,1/1/2017,2/1/2017,90":      "account,changed,\"account: recorded Acme, in the file Bolt\"",
		"A,Amy,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90":      "sales_agent,changed,\"sales_agent: recorded Ann, in the file Amy\"",
		"A,Sam,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90":      "sales_agent,changed,\"partner: recorded North, in the file South\"",
		"A,Ann,GTX Pro,Acme,Lost,1/1/2017,2/1/2017,90":     "deal_stage,changed,\"deal_stage: recorded won, in the file lost\"",
		"A,Ann,GTX Pro,Acme,Engaging,1/1/2017,2/1/2017,90": "deal_stage,changed,\"deal_stage: recorded won, in the file open\"",
		"B,Sam,GTX Pro,Bolt,Won,1/2/2017,2/2/2017,5":       "deal_stage,changed,\"deal_stage: recorded lost, in the file won\"",
		"C,Ann,GTX Pro,Bolt,Won,1/2/2017,1/1/2017,9":       "close_date,unreadable,2017-01-01 is before",
		"C,Ann,GTX Pro,Acme,Engaging,1/4/2017,,":           "\"account: recorded Bolt, in the file Acme; engage_date: recorded 2017-01-02, in the file 2017-01-04\"",
	} {
		got, rejects := w.run(t, small(line))
		require.Zero(t, got.Appended, line)
		require.Contains(t, rejects, want)
		require.Contains(t, rejects, line)
	}
	files := small("C,Ann,GTX Pro,Bolt,Engaging,1/2/2017,,")
	files.Others["products.csv"] = File{Name: "products.csv", Data: []byte("product,sales_price\nGTX Pro,150\n")}
	_, rejects := w.run(t, files)
	require.Contains(t, rejects, "expected_amount: recorded 100.00 USD, in the file 150.00 USD")
}

// Another import of the same system took a step with other content after this one had looked.
func TestTwoImportsAtOnce(t *testing.T) {
	w := newWorld(t)
	late := newImporter(w.Ledger, Options{Mapping: w.mapping, Files: small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90"), Clock: clock})
	require.NoError(t, late.prepare(t.Context()))
	w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,91"))
	require.NoError(t, late.record(t.Context()))
	require.Zero(t, late.appended)
	require.Len(t, late.rejects(), 1)
	require.Equal(t, Changed, late.rejects()[0].Reason)
	require.Equal(t, "close_value: recorded 91.00 USD, in the file 90.00 USD", late.rejects()[0].Detail)
}

func TestRevisions(t *testing.T) {
	w := newWorld(t)
	w.mapping.Revise = Revisable()
	acme := w.accountOf(t, "Acme", "US")
	w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90"))
	for _, c := range []struct {
		row    string
		status account.Status
		amount string
		closed string
		events int
	}{
		{"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,91", account.StatusWon, "91", "2017-02-01", 2},
		{"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,90", account.StatusWon, "90", "2017-02-01", 2},
		{"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/1/2017,91", account.StatusWon, "91", "2017-02-01", 2},
		{"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/4/2017,91", account.StatusWon, "91", "2017-02-04", 2},
		{"A,Ann,GTX Pro,Acme,Lost,1/1/2017,2/5/2017,0", account.StatusLost, "", "2017-02-05", 2},
		{"A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,", account.StatusApproved, "", "", 1},
		{"A,Ann,GTX Pro,Acme,Won,1/1/2017,2/9/2017,91", account.StatusWon, "91", "2017-02-09", 1},
	} {
		w.mapping.Stages["Engaging"] = Stage{Status: Open}
		got, rejects := w.run(t, small(c.row))
		require.Equal(t, c.events, got.Appended, "%s\n%s", c.row, rejects)
		d := w.deal(t, acme, "A")
		require.Equal(t, c.status, d.Status)
		if c.amount != "" {
			require.Equal(t, dollars(t, c.amount), d.Win.Net())
		}
		if c.closed != "" {
			require.Equal(t, day(c.closed), d.Closed.At)
		}
		got, _ = w.run(t, small(c.row))
		require.Zero(t, got.Appended, "again: %s", c.row)
	}
	got, rejects := w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/1/2017,2/8/2017,91"))
	require.Zero(t, got.Appended)
	require.Contains(t, rejects, "recorded 2017-02-09, in the file 2017-02-08: a revision can't move the end of a deal to an earlier day")

	w.run(t, small("B,Ann,GTX Pro,Acme,Engaging,1/10/2026,,"))
	files := small("B,Ann,GTX Pro,Acme,Engaging,1/10/2026,,")
	files.Others["products.csv"] = File{Name: "products.csv", Data: []byte("product,sales_price\nGTX Pro,150\n")}
	got, _ = w.run(t, files)
	require.Equal(t, 1, got.Appended)
	b := w.deal(t, acme, "B")
	require.Equal(t, dollars(t, "150"), b.Lines[0].Amount.Latest())
	require.Equal(t, now, b.Lines[0].Amount.Since(), "nobody said when, so it is when the ledger learned it")
}

// What people did meanwhile stays: a file that says the same as before undoes nothing, and one that agrees is taken.
func TestPeopleWorkOnImportedDeals(t *testing.T) {
	w := newWorld(t)
	acme := w.accountOf(t, "Acme", "US")
	open := small("A,Ann,GTX Pro,Acme,Engaging,1/10/2026,,")
	w.run(t, open)
	desk := domain.Header{
		CommandID: domain.CommandID("t", "1"), EffectiveAt: now,
		Actor: domain.Actor{ID: "desk", Kind: domain.User, Roles: []domain.Role{domain.DealDesk}},
	}
	id := w.deal(t, acme, "A").ID
	_, err := w.Accounts.Do(t.Context(), acme, desk, account.AdvanceStage{DealID: id, Stage: account.StageNegotiation})
	require.NoError(t, err)
	got, _ := w.run(t, open)
	require.Zero(t, got.Appended)

	desk.CommandID = domain.CommandID("t", "2")
	_, err = w.Accounts.Do(t.Context(), acme, desk, account.WinDeal{
		DealID: id, Lines: []account.LineAmount{{Product: "GTX Pro", Amount: dollars(t, "90")}},
	})
	require.NoError(t, err)
	got, _ = w.run(t, open)
	require.Zero(t, got.Appended)
	require.Equal(t, 1, got.Won, "counted as the ledger has it")
	got, _ = w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/10/2026,1/12/2026,90"))
	require.Zero(t, got.Appended)
	require.Zero(t, got.Quarantined, "the file agrees")
	got, rejects := w.run(t, small("A,Ann,GTX Pro,Acme,Won,1/10/2026,1/12/2026,80"))
	require.Zero(t, got.Appended)
	require.Contains(t, rejects, ",refused,deal_id: the deal is won")
}

// A customer that is kept as another account has its new deals there, and the old ones stay where they are.
func TestLinkedAccounts(t *testing.T) {
	w := newWorld(t)
	a, b := w.accountOf(t, "Acme", "US"), w.accountOf(t, "Bolt", "KE")
	w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,", "B,Ann,GTX Pro,Bolt,Engaging,1/1/2017,,"))
	from, to, name := a, b, "Acme"
	if strings.Compare(string(a[:]), string(b[:])) < 0 {
		from, to, name = b, a, "Bolt"
	}
	_, err := w.Accounts.Do(t.Context(), from, domain.Header{CommandID: uuid.UUID{1}, Actor: w.mapping.Actor("")},
		account.LinkAlias{AccountID: from, To: to, Reason: "one customer"})
	require.NoError(t, err)
	got, _ := w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,", "B,Ann,GTX Pro,Bolt,Won,1/1/2017,1/9/2017,5", "N,Ann,GTX Basic,"+name+",Engaging,1/3/2017,,"))
	require.Equal(t, 3, got.Imported)
	require.Equal(t, 5, got.Appended)
	require.Equal(t, to, w.deal(t, to, "N").AccountID)
	got, _ = w.run(t, small("N,Ann,GTX Basic,"+name+",Engaging,1/3/2017,,"))
	require.Zero(t, got.Appended)
}

func TestPartners(t *testing.T) {
	w := newWorld(t)
	w.mapping.ProgrammeStart = domain.Date{Year: 2017, Month: 1, Day: 2}
	w.mapping.Partners.Named = map[string]Details{"North": {Kind: partner.VAR, Country: "DE", Domain: "north.example", Territories: []string{"DE"}}}
	got, rejects := w.run(t, small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,", "B,Ann,GTX Pro,Bolt,Engaging,1/2/2017,,"))
	require.Equal(t, 1, got.Imported)
	require.Contains(t, rejects, "A,Ann")
	require.Contains(t, rejects, "the partner may not do anything new: not_onboarded")
	north := w.deal(t, w.accountOf(t, "Bolt", "KE"), "B").PartnerID
	require.NoError(t, w.Partners.View(t.Context(), north, func(p *partner.State, _ domain.Source) error {
		require.Equal(t, partner.VAR, p.Kind.Latest())
		require.Equal(t, "north.example", p.Domain)
		require.Equal(t, day("2017-01-02"), p.Agreements[0].From)
		return nil
	}))

	w.mapping.Partners.Named["North"] = Details{Kind: partner.MSP}
	got, _ = w.run(t, small("B,Ann,GTX Pro,Bolt,Engaging,1/2/2017,,"))
	require.Zero(t, got.Appended)
	require.Equal(t, []string{`partner "North" was recorded with other details than the mapping gives it now: they are left as they were`}, got.Warnings)

	// One that the mapping knows is in the ledger already: only its sellers are recorded.
	w.mapping.System, w.mapping.Partners.Named["North"] = "other-crm", Details{ID: north}
	got, _ = w.run(t, small("B,Ann,GTX Pro,Acme,Engaging,1/2/2017,,"))
	require.Equal(t, north, w.deal(t, w.accountOf(t, "Acme", "US"), "B").PartnerID)
	require.Equal(t, 1, got.Imported)

	// One that the ledger refuses keeps its rows out, and only them.
	w.mapping.System, w.mapping.Partners.Named["North"] = "third-crm", Details{Domain: "no domain"}
	got, rejects = w.run(t, small("C,Ann,GTX Pro,Acme,Engaging,1/2/2017,,", "D,Sam,GTX Pro,Acme,Engaging,1/2/2017,,"))
	require.Equal(t, 1, got.Imported)
	require.Contains(t, rejects, `partner ""North"": domain: want a domain`)
}

func TestTheCatalogueMustAgree(t *testing.T) {
	w := newWorld(t)
	files := small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,")
	w.mapping.Deals.Columns[Line] = "account"
	got, rejects := w.run(t, files)
	require.Equal(t, []Count{{Refused, "account", 1}}, got.Counts)
	require.Contains(t, rejects, `the program's catalogue has ""GTX Pro"" on line ""GTX Pro"", not ""Acme""`)
}

func TestRunRefuses(t *testing.T) {
	w := newWorld(t)
	run := func(files Files) error {
		_, err := Run(t.Context(), w.Ledger, Options{Mapping: w.mapping, Files: files, Clock: clock})
		return err
	}
	files := small()
	files.Deals[0].Data = []byte("opportunity_id,agent\n")
	require.EqualError(t, run(files), `sales_pipeline.csv has no column "account": nearest is "agent"`)
	files = small()
	delete(files.Others, "accounts.csv")
	require.EqualError(t, run(files), "accounts.csv is missing")
	files = small()
	files.Others["sales_teams.csv"] = File{Name: "sales_teams.csv", Data: []byte("sales_agent,boss\n")}
	require.ErrorContains(t, run(files), `sales_teams.csv has no column "manager"`)
	require.NoError(t, run(small()), "no row is no mistake")
	require.Len(t, w.events(t), len(ledgerEvents(t)), "and nothing was recorded")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, w.Ledger, Options{Mapping: w.mapping, Files: small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,"), Clock: clock})
	require.ErrorIs(t, err, context.Canceled)
}

// ledgerEvents are those of a ledger that nothing was done with.
func ledgerEvents(tb testing.TB) []string {
	tb.Helper()
	return typesOf(newWorld(tb).events(tb))
}

// What is wrong with the other files is said, and costs only the rows that need it.
func TestOtherFilesMayHaveMistakes(t *testing.T) {
	w := newWorld(t)
	files := small("A,Ann,GTX Pro,Acme,Engaging,1/1/2017,,", "B,Sam,GTX Pro,Acme,Engaging,1/1/2017,,", "C,Amy,GTX Pro,Acme,Engaging,1/1/2017,,")
	files.Others["sales_teams.csv"] = File{Name: "sales_teams.csv", Data: []byte("sales_agent,manager\nAnn,North\nAmy,North,x\nSam,South\nSam,North\nSue,\n")}
	got, rejects := w.run(t, files)
	require.Equal(t, 1, got.Imported)
	require.Equal(t, []string{
		"sales_teams.csv line 3 has 3 columns, and the header 2: it is passed over",
		"sales_teams.csv line 6 lacks the seller or the partner: it is passed over",
	}, got.Warnings)
	require.Contains(t, rejects, `""Sam"" stands in sales_teams.csv more than once, with different values`)
	require.Contains(t, rejects, `""Amy"" is not in sales_teams.csv: nearest is ""Ann""`)
}

func TestSummaryAsText(t *testing.T) {
	s := Summary{
		Rows: 8800, Imported: 7212, Won: 4238, WonAmount: domain.Totals{dollars(t, "10005534")}, Lost: 2473, Open: 501, Expired: 239,
		Quarantined: 1588, Counts: []Count{{Missing, "account", 1425}, {Missing, "engage_date", 163}}, Partners: 6, Sellers: 35,
		Findings: 10151, Overridden: 10151, Appended: 43824, Warnings: []string{"careful"},
	}
	require.Equal(t, `8 800 rows read
7 212 deals imported
  4 238 won, worth USD 10 005 534.00
  2 473 lost
  501 open, 239 of them with their protection expired
1 588 quarantined
  1 425 without account
  163 without engage_date
6 partners with 35 sellers
10 151 findings of conflict, 10 151 overridden
43 824 events appended
warning: careful
`, s.String())
	s.Remaining, s.Ended = 5, 1
	require.Contains(t, s.String(), "5 not reached: start the import again")
	require.Contains(t, s.String(), "  1 rejected or withdrawn since\n")
}
