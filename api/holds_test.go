package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rebated is a partner's rebate agreement, closed, that counts one won deal.
type rebated struct {
	ally
	path, id, stream string
	deal, home       string // the deal's path, and its account's stream
}

func (a ally) rebated() rebated {
	a.t.Helper()
	r := rebated{ally: a, path: a.opens()}
	r.id = strings.TrimPrefix(r.path, "/v1/rebates/agreements/")
	r.stream = "rebate-" + r.id
	r.deal = a.approved("acme", "60000.00")
	r.home = a.streamOf(r.deal)
	a.desk().post(r.deal+"/win", object{"lines": []object{{"product": "GTX", "amount": eur("60000.00")}}}).is(200)
	a.eventually("the deal counts", func() bool { return a.now(r.path).text("data", "accrued", "amount") == "1300.00" })
	a.clock.pass(24 * hour)
	a.finance().post(r.path+"/close", object{}).is(200)
	return r
}

// approves makes it payable; the payable's id.
func (r rebated) approves() string {
	r.t.Helper()
	r.secondFinance().post(r.path+"/approve", object{}).is(200)
	r.owing(r.id, "1300.00")
	return r.now("/v1/payables?source_id=" + r.id).list("data")[0].(object)["id"].(string)
}

// contested is a dispute about the deal, that holds it.
func (r rebated) contested(by ally) *trial {
	r.t.Helper()
	x := by.disputes("deal_ownership", r.eventOf(r.home, "deal.won.v1"), r.ally)
	r.eventually("the deal is held", func() bool { return len(r.now(r.deal).list("data", "holds")) == 1 })
	return x
}

// held waits until as many payables are held.
func (w *world) held(n int) {
	w.t.Helper()
	w.eventually("payables are held", func() bool { return len(w.now("/v1/payables?held=true").list("data")) == n })
}

// isOver has the dispute withdrawn.
func (x *trial) isOver(claimant ally) {
	x.t.Helper()
	x.does(claimant.admin(), "withdraw", object{"reason": "not worth it"})
	x.becomes("closed")
	x.held(0)
}

// sends a prepared payout.
func (w *world) sends(path string) {
	w.t.Helper()
	w.finance().post(path+"/approve", object{}).is(200)
	w.treasury().post(path+"/send", object{"format": "csv"}).is(200)
}

// itemOf is a payable in a payout: its status, and why.
func (w *world) itemOf(path, payable string) (status, reason any) {
	w.t.Helper()
	items := w.now("/v1/payout-items?payout_id=" + strings.TrimPrefix(path, "/v1/payouts/") + "&payable_id=" + payable).list("data")
	require.Len(w.t, items, 1)
	return items[0].(object)["status"], items[0].(object)["reason"]
}

// A rebate isn't paid while a deal that it counts is disputed; what else is owed is. When the dispute is over it is paid.
func TestADisputedDealsRebateIsNotPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := north.rebated()
	id := r.approves()
	w.mayBePaid(north)
	x := r.contested(south)
	w.held(1)
	refused := w.treasury().post("/v1/payouts", w.preparation()).problem(409, "nothing_to_pay")
	require.Contains(t, refused.Detail, "disputed")
	require.Empty(t, w.now("/v1/payables?held=false").list("data"))
	held := w.now("/v1/payables/"+id).list("data", "holds")[0].(object)
	require.Equal(t, []any{strings.TrimPrefix(x.path, "/v1/disputes/"), dealID(r.deal)}, []any{held["dispute_id"], held["deal_id"]})

	other := north.owes("5.00")
	path := w.prepares()
	w.sends(path)
	status, reason := w.itemOf(path, id)
	require.Equal(t, []any{"held", "disputed"}, []any{status, reason})
	w.eventually("what isn't disputed is sent", func() bool { status, _ := w.itemOf(path, other); return status == "sent" })

	x.isOver(south)
	path = w.prepares()
	w.sends(path)
	w.eventually("it is paid", func() bool { status, _ := w.itemOf(path, id); return status == "sent" })
	w.owing(r.id, "0.00")
	require.Equal(t, "5.00", w.balance("liability:rebate_payable"), "the other one was never accrued")
	told := string(w.now(r.path + "/timeline?limit=500").body)
	require.Contains(t, told, "payable.held.v1")
	require.Contains(t, told, "payable.hold_lifted.v1")
	require.Contains(t, string(north.people().get(r.path+"/timeline?limit=500").is(200).body), "payable.held.v1", "the partner is told why")
}

// What becomes payable while the deal is held is held from the start: no payout can come between.
func TestARebateIsRaisedHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := north.rebated()
	x := r.contested(south)
	id := r.approves()
	w.held(1)
	events := w.now("/v1/streams/payable-" + id).list("data")
	require.Len(t, events, 2)
	for i, name := range []string{"payable.raised.v1", "payable.held.v1"} {
		require.Equal(t, name, events[i].(object)["type"])
	}
	require.Equal(t, events[0].(object)["recorded_at"], events[1].(object)["recorded_at"], "one append")
	w.mayBePaid(north)
	x.isOver(south)
	require.Len(t, w.now("/v1/payout-items?payout_id="+strings.TrimPrefix(w.prepares(), "/v1/payouts/")).list("data"), 1)
}

// A hold that comes behind the preparation leaves the payable out of what is sent.
func TestAHoldBehindThePreparation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south := w.partner("north"), w.partner("south")
	r := north.rebated()
	id := r.approves()
	w.mayBePaid(north)
	other := north.owes("5.00")
	path := w.prepares()
	x := r.contested(south)
	w.held(1)
	w.sends(path)
	w.eventually("the other one is sent", func() bool { status, _ := w.itemOf(path, other); return status == "sent" })
	status, reason := w.itemOf(path, id)
	require.Equal(t, []any{"left_out", "disputed"}, []any{status, reason})
	require.NotContains(t, string(w.treasury().get(path+"/file").is(200).body), strings.ReplaceAll(id, "-", ""))
	w.owing(r.id, "1300.00")
	w.eventually("the payout lets it go", func() bool { return w.now("/v1/payables/"+id).text("data", "status") == "open" })
	x.isOver(south)
	w.sends(w.prepares())
	w.owing(r.id, "0.00")
}
