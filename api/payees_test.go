package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
)

const iban = "DE89370400440532013000" // the example of the IBAN registry

func (w *world) treasury() caller { return w.as("treasurer-1", domain.Treasury) }

// paidTo gives the partner an approved payee for a currency, and returns its id.
func (a ally) paidTo(currency string) string {
	a.t.Helper()
	path := "/v1/partners/" + a.id + "/payees"
	proposed := a.admin().post(path, object{
		"name": "North GmbH", "account": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX", "currency": currency,
		"document_sha256": a.admin().stores("a letter of the bank"),
	}).is(200)
	payees := proposed.list("data", "payees")
	id := payees[len(payees)-1].(object)["id"].(string)
	a.treasury().post(path+"/"+id+"/approve", object{"verified": "called back the number in the contract"}).is(200)
	return id
}

// What is owed is listed, read and aged; a partner sees its own.
func TestPayablesAreRead(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	id := north.owes("100.00")
	south.owes("7.00")
	readsPayables(t, w, id)
	wait := "?wait_for=" + w.end().String()
	require.Len(t, north.admin().get("/v1/payables"+wait).is(200).list("data"), 1)
	require.Equal(t, "100.00", north.admin().get("/v1/payables/ageing" + wait).is(200).list("data")[0].(object)["total"].(object)["amount"])
	south.admin().get("/v1/payables/" + id).is(404)
	w.auditor().get("/v1/payables?due_until=tomorrow").problem(422, "invalid_field")
}

func readsPayables(t *testing.T, w *world, id string) {
	t.Helper()
	wait := "wait_for=" + w.end().String()
	listed := w.auditor().get("/v1/payables?open=true&status=open&due_until=2999-12-31&" + wait).is(200).list("data")
	require.NotEmpty(t, listed)
	require.Equal(t, id, w.auditor().get("/v1/payables/"+id+"?"+wait).is(200).text("data", "id"))
	require.NotEmpty(t, w.auditor().get("/v1/payables/ageing?on=2026-12-31&"+wait).is(200).list("data"))
}

// Who checks and uses an account sees it, and the partner's admin; nobody else does, also not in the answer to a command.
func TestAccountsAreForFew(t *testing.T) {
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	north.paidTo("EUR")
	path := "/v1/partners/" + north.id
	seen := func(c caller) any { return c.get(path).is(200).list("data", "payees")[0].(object)["account"] }
	require.NoError(t, w.caughtUp())
	for _, c := range []caller{w.ops(), w.auditor(), w.treasury(), w.as("f", domain.Finance), w.as("s", domain.ServiceRole), north.admin()} {
		require.Equal(t, iban, seen(c), c.roles)
	}
	for _, c := range []caller{w.desk(), north.people()} {
		require.Equal(t, "[sealed]", seen(c), c.roles)
		require.NotContains(t, string(c.get("/v1/partners").body), iban)
		require.NotContains(t, string(c.get("/v1/streams/partner-"+north.id).body), iban)
	}
	south.admin().get(path).is(404)
	answered := w.treasury().post(path+"/payees/"+north.paidTo("USD")+"/revoke", object{"reason": "a slip"}).is(200)
	require.Contains(t, string(answered.body), iban)
	require.NotContains(t, string(answered.body), "Ada", "sellers are none of theirs")
	require.Equal(t, "Ada north", w.ops().get(path).is(200).list("data", "sellers")[0].(object)["name"], "nothing was sealed for good")

	wrong := object{"name": "North", "account": "DE88370400440532013000", "currency": "EUR", "document_sha256": w.ops().stores("x")}
	problem := north.admin().post(path+"/payees", wrong).problem(422, "invalid_field")
	require.NotContains(t, problem.Detail, "DE88")
}
