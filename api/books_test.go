package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

// booked is a ledger with a budget, a fund, an approved request and an approved claim; asking after it waits for all of it.
func booked(t *testing.T) (w *world, north marketing, wait string) {
	t.Helper()
	w = newWorld(t)
	north = w.partner("northern").markets(w.budget("5000.00"), "2000.00")
	claim := north.files(north.request("300.00"), "800.00")
	w.finance().post("/v1/mdf/claims/"+claim+"/approve", object{"approved": eur("120.00")}).is(200)
	return w, north, "wait_for=" + w.end().String()
}

func TestTheTrialBalanceOverHTTP(t *testing.T) {
	t.Parallel()
	w, north, wait := booked(t)
	a := w.finance().get("/v1/books/trial-balance?" + wait).is(200)
	require.Equal(t, "posted", a.text("by"))
	closing := map[string]any{}
	for _, each := range a.list("data", "accounts") {
		closing[each.(object)["account"].(object)["name"].(string)] = each.(object)["closing"]
	}
	for name, amount := range map[string]string{
		"budget:authority": "-5000.00", "budget:unallocated": "3000.00", "fund:available": "1700.00", "fund:reserved": "180.00",
		"fund:spent": "120.00", "liability:mdf_payable": "-120.00", "liability:mdf_accrued": "-180.00", "contra_revenue:mdf": "300.00",
	} {
		require.Equal(t, eur(amount), closing[name], name)
	}
	for _, total := range a.list("data", "totals") {
		require.Equal(t, eur("0.00"), total.(object)["closing"])
	}

	accounts := 0
	for path := "/v1/books/trial-balance?parties=true&limit=3&book=budgetary"; path != ""; {
		page := w.finance().get(path).is(200)
		accounts += len(page.list("data", "accounts"))
		require.Len(t, page.list("data", "totals"), 1)
		path = nextPage(page)
	}
	require.Equal(t, 6, accounts) // of a budget two, of a fund four: it was in transit
	one := w.auditor().get("/v1/books/trial-balance?by=effective&party=fund:" + north.fund + "&account=fund:spent").is(200)
	require.Equal(t, "effective", one.text("by"))
	require.Len(t, one.list("data", "accounts"), 1)
	require.Empty(t, w.auditor().get("/v1/books/trial-balance?to=2026-01-01").is(200).list("data", "accounts"))
	require.Empty(t, w.auditor().get("/v1/books/trial-balance?known_at=2026-01-01").is(200).list("data", "accounts"))
	w.finance().get("/v1/books/trial-balance?from=2026-02-01&to=2026-01-01").problem(422, "invalid_field")
}

// nextPage is the path of the next page; empty where there is none.
func nextPage(a answer) string {
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	return link[1:strings.IndexByte(link, '>')]
}

func TestAnAccountOfTheBooksOverHTTP(t *testing.T) {
	t.Parallel()
	w, north, wait := booked(t)
	a := w.finance().get("/v1/books/accounts/fund:reserved?party=fund:" + north.fund + "&" + wait).is(200)
	lines := a.list("data", "lines")
	require.Len(t, lines, 2)
	require.Equal(t, eur("300.00"), lines[0].(object)["balance"])
	require.Equal(t, eur("180.00"), lines[1].(object)["balance"])
	require.Equal(t, []any{eur("180.00")}, a.field("data", "closing"))
	drill := w.auditor().get("/v1/streams/" + lines[1].(object)["stream"].(string) + "?after=" +
		strconv.Itoa(int(lines[1].(object)["revision"].(float64))-1)).is(200)
	require.Equal(t, lines[1].(object)["event_id"], drill.list("data")[0].(object)["id"])

	first := w.finance().get("/v1/books/accounts/fund:reserved?limit=1").is(200)
	second := w.finance().get(nextPage(first)).is(200)
	require.Equal(t, lines[1].(object)["balance"], second.list("data", "lines")[0].(object)["balance"])
	w.finance().get("/v1/books/accounts/asset:gold").problem(404, "account_unknown")
}

func TestTheJournalOverHTTP(t *testing.T) {
	t.Parallel()
	w, north, wait := booked(t)
	var paged []any
	for path := "/v1/books/journal?limit=2&" + wait; path != ""; {
		page := w.finance().get(path).is(200)
		paged = append(paged, page.list("data")...)
		path = nextPage(page)
	}
	streamed := w.finance().get("/v1/books/journal/stream?" + wait).is(200)
	require.Equal(t, "application/x-ndjson", streamed.header.Get("Content-Type"))
	require.Equal(t, strconv.Itoa(len(paged)), streamed.header.Get("Entry-Count"))
	require.NotEmpty(t, streamed.position())
	var lines []any
	for scanner := bufio.NewScanner(bytes.NewReader(streamed.body)); scanner.Scan(); {
		var line any
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		lines = append(lines, line)
	}
	require.Equal(t, paged, lines)

	of := w.auditor().get("/v1/books/journal?by=effective&party=partner:" + north.ally.id + "&type=mdf.claim_approved.v1").is(200)
	require.Len(t, of.list("data"), 1)
	require.Empty(t, w.auditor().get("/v1/books/journal?book=financial&to=2026-03-01").is(200).list("data"))
	w.auditor().get("/v1/books/journal?event_id=me").problem(422, "invalid_field")
	w.auditor().get("/v1/books/journal/stream?from=2026-02-01&to=2026-01-01").problem(422, "invalid_field")
	w.auditor().get("/v1/books/journal?by=mood").problem(422, "invalid_field")
}

func everyBook(t *testing.T, w *world) {
	t.Helper()
	w.finance().get("/v1/books/journal/stream?wait_for=" + w.end().String()).is(200)
	require.Eventually(t, func() bool { // it is counted once it has ended
		return strings.Contains(string(w.as("").get("/metrics").body), `route="/v1/books/journal/stream"`)
	}, time.Minute, time.Millisecond)
	w.finance().get("/v1/books/journal").is(200)
	w.finance().get("/v1/books/trial-balance").is(200)
	w.finance().get("/v1/books/accounts/fund:spent").is(200)
}

// TestWhoReadsTheBooks: who keeps, pays or checks them; a partner has its own statement.
func TestWhoReadsTheBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north := w.partner("northern")
	readers := []domain.Role{domain.Finance, domain.Treasury, domain.PartnerOps, domain.Auditor, domain.ServiceRole}
	for _, path := range []string{"/v1/books/journal", "/v1/books/journal/stream", "/v1/books/trial-balance"} {
		for _, role := range readers {
			w.as("somebody-1", role).get(path).is(200)
		}
		w.desk().get(path).problem(403, "role")
		w.as("judge-1", domain.Adjudicator).get(path).problem(403, "role")
		north.people().get(path).problem(403, "vendor_only")
	}
	north.people().get("/v1/books/accounts/fund:spent").problem(403, "vendor_only")
}
