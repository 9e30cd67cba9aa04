package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
)

// owes raises a payable of the partner's, and is its id.
func (a ally) owes(amount string) string {
	a.t.Helper()
	source := payable.Source{Kind: payable.KindRebate, Stream: "rebate-" + newID(), ID: domain.DeriveID(newID()), EventID: domain.DeriveID(newID())}
	id := payable.IDOf(source.EventID)
	header := domain.Header{CommandID: domain.DeriveID(newID()), Actor: domaintest.Importer()}
	_, err := a.ledger.Payables.Do(a.t.Context(), id, header, payable.Raise{
		PartnerID: domain.Must(uuid.Parse(a.id)), Source: source, Amount: domain.Must(domain.ParseMoney(amount, "EUR")),
		Due: domain.DateOf(day0, time.UTC),
	})
	require.NoError(a.t, err)
	return id.String()
}

// mayBePaid gives each partner an approved payee, and lets it rest until money may go there.
func (w *world) mayBePaid(partners ...ally) {
	w.t.Helper()
	for _, a := range partners {
		a.paidTo("EUR")
	}
	w.clock.pass(7 * 24 * hour)
}

func (w *world) preparation() object {
	return object{
		"currency": "EUR", "debtor": object{"name": "Vendor SE", "iban": "NO9386011117947", "bic": "DNBANOKK"},
		"execution_on": domain.DateOf(w.clock.now(), time.UTC).AddDays(1).String(),
	}
}

// prepares a payout of all that may be paid, and is its path.
func (w *world) prepares() string {
	w.t.Helper()
	return w.treasury().post("/v1/payouts", w.preparation()).is(201).header.Get("Location")
}

func everyPayoutRoute(t *testing.T, w *world, north ally) {
	t.Helper()
	w.mayBePaid(north)
	first, second := north.owes("100.00"), north.owes("50.00")
	finance, treasurer := w.finance(), w.treasury()
	abandoned := w.prepares()
	walk(t, []step{{treasurer, abandoned + "/abandon", object{"reason": "a mistake"}, []string{"status"}, "abandoned"}})
	w.waits()
	path := w.prepares()
	walk(t, []step{
		{finance, path + "/approve", object{}, []string{"status"}, "approved"},
		{treasurer, path + "/send", object{"format": "pain.001.001.09"}, []string{"status"}, "sent"},
	})
	w.waits()
	walk(t, []step{
		{treasurer, path + "/items/" + first + "/confirm", object{"reference": "B-1"}, []string{"status"}, "paid"},
		{treasurer, path + "/items/" + second + "/return", object{"reason": "account closed"}, []string{"status"}, "open"},
	})
	w.waits()
	auditor := w.auditor()
	readsPayables(t, w, second)
	done := auditor.get(path + "?wait_for=" + w.end().String()).is(200)
	require.Equal(t, "completed", done.text("data", "status"))
	require.InDelta(t, 1, done.field("data", "items_by_status", "confirmed"), 0) // what others are owed is held: they have no payee
	require.InDelta(t, 1, done.field("data", "items_by_status", "returned"), 0)
	require.Len(t, auditor.get("/v1/payouts?status=completed&partner_id="+north.id).is(200).list("data"), 1)
	require.Len(t, auditor.get("/v1/payout-items?status=returned").is(200).list("data"), 1)
	require.Contains(t, string(treasurer.get(path+"/file").is(200).body), "<Nm>North GmbH</Nm>")
}

// waits until the reactors and read models did what follows from the log.
func (w *world) waits() {
	w.t.Helper()
	w.auditor().get("/v1/payouts?wait_for=" + w.end().String()).is(200)
	w.auditor().get("/v1/payouts?wait_for=" + w.end().String()).is(200)
}

// The file is made anew, byte for byte what was sent, in spite of what happened to the account since; and only once it is sent.
func TestAPayoutsFileIsTheSameForEver(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	w.mayBePaid(north)
	north.owes("100.00")
	path := w.prepares()
	treasurer := w.treasury()
	treasurer.get(path+"/file").problem(409, "wrong_status")
	w.finance().post(path+"/approve", object{}).is(200)
	treasurer.post(path+"/send", object{"format": "csv"}).is(200)
	treasurer.post(path+"/send", object{"format": "csv"}).problem(409, "wrong_status")
	file := treasurer.get(path + "/file").is(200)
	sum := sha256.Sum256(file.body)
	require.Equal(t, hex.EncodeToString(sum[:]), w.auditor().get(path+"?wait_for="+w.end().String()).is(200).text("data", "file", "sha256"))
	require.Contains(t, string(file.body), "North GmbH,"+iban)
	require.Equal(t, `"`+hex.EncodeToString(sum[:])+`"`, file.header.Get("ETag"))
	require.Contains(t, file.header.Get("Content-Disposition"), payout.MessageID(domain.Must(uuid.Parse(strings.TrimPrefix(path, "/v1/payouts/"))))+".csv")

	payees := w.ops().get("/v1/partners/"+north.id).is(200).list("data", "payees")
	w.ops().post(fmt.Sprintf("/v1/partners/%s/payees/%s/revoke", north.id, payees[0].(object)["id"]), object{"reason": "closed"}).is(200)
	w.clock.pass(30 * 24 * hour)
	require.Equal(t, file.body, treasurer.get(path+"/file").is(200).body)
	require.Contains(t, string(treasurer.get(path+"/file?format=pain.001.001.09").is(200).body), "<IBAN>"+iban)
	for _, c := range []caller{w.auditor(), w.ops(), w.desk(), north.admin()} {
		c.get(path+"/file").problem(403, "role")
	}
	treasurer.get("/v1/payouts/"+newID()+"/file").problem(404, "payout_unknown")
}

func TestAPreparationIsOneCommand(t *testing.T) {
	w := newWorld(t)
	north := w.partner("north")
	north.paidTo("EUR")
	north.owes("100.00")
	treasurer, body := w.treasury(), w.preparation()
	held := treasurer.post("/v1/payouts", body).problem(409, "nothing_to_pay")
	require.Contains(t, held.Detail, "payee_changed")
	w.clock.pass(7 * 24 * hour)
	body = w.preparation()
	made := treasurer.post("/v1/payouts", body, with("Idempotency-Key", "week 11")).is(201)
	again := treasurer.post("/v1/payouts", body, with("Idempotency-Key", "week 11"))
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, made.body, again.body)
	body["currency"] = "USD"
	treasurer.post("/v1/payouts", body, with("Idempotency-Key", "week 11")).problem(422, "idempotency_key_reused")
	treasurer.post("/v1/payouts", body).problem(409, "nothing_to_pay")
	delete(body, "debtor")
	treasurer.post("/v1/payouts", body).problem(422, "invalid_field")
	treasurer.post(made.header.Get("Location")+"/approve", object{}).problem(403, "maker_is_checker")
	w.as("treasurer-2", domain.Treasury).post(made.header.Get("Location")+"/approve", object{}).is(200)
}

func TestAPartnerSeesItsOwnPayments(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	w.mayBePaid(north, south)
	north.owes("10.00")
	south.owes("10.00")
	path := w.prepares()
	items := "/v1/payout-items?wait_for=" + w.end().String()
	require.Len(t, w.auditor().get(items).is(200).list("data"), 2)
	own := north.people().get(items).is(200).list("data")
	require.Len(t, own, 1)
	require.Equal(t, north.id, own[0].(object)["partner_id"])
	require.Empty(t, north.people().get(items+"&partner_id="+south.id).is(200).list("data"))
	north.people().get(path).problem(403, "vendor_only")
	north.people().get("/v1/payouts").problem(403, "vendor_only")
}

// What may not be paid any more when the payout is sent isn't in the file, and is free again.
func TestASuspendedPartnerIsNotSent(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	w.mayBePaid(north, south)
	kept, sent := north.owes("10.00"), south.owes("20.00")
	path := w.prepares()
	w.finance().post(path+"/approve", object{}).is(200)
	w.ops().post("/v1/partners/"+north.id+"/suspend", object{"reason": "audit"}).is(200)
	w.treasury().post(path+"/send", object{"format": "csv"}).is(200)
	file := string(w.treasury().get(path + "/file").is(200).body)
	require.NotContains(t, file, strings.ReplaceAll(kept, "-", ""))
	require.Contains(t, file, strings.ReplaceAll(sent, "-", ""))
	w.waits()
	left := w.auditor().get("/v1/payout-items?status=left_out").is(200).list("data")
	require.Equal(t, []any{kept, "suspended"}, []any{left[0].(object)["payable_id"], left[0].(object)["reason"]})
	w.ops().post("/v1/partners/"+north.id+"/reinstate", object{"reason": "all fine"}).is(200)
	require.NotEqual(t, path, w.prepares(), "the next payout takes it")
}
