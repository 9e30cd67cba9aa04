package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// cashier is a ledger that owes partners money.
type cashier struct {
	*treasury
	keys  eventstore.Keyring
	clock sync.Mutex // over now
	owed  []uuid.UUID
	known map[uuid.UUID]bool // payouts
}

func newCashier(t *testing.T) *cashier {
	t.Helper()
	c := &cashier{keys: eventstore.NewMemoryKeyring(), known: map[uuid.UUID]bool{}}
	c.treasury = &treasury{t: t, now: now, rules: reactor.All()}
	store, err := embedded.OpenMemory(embedded.Options{Clock: c.time})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	c.l = c.process(store)
	require.NoError(t, c.l.Bootstrap(t.Context(), "", now))
	return c
}

// process is one more process over the same log: it has its own idea of every stream.
func (c *cashier) process(store eventstore.Store) *ledger.Ledger {
	l, err := ledger.Open(store, c.keys, c.time)
	require.NoError(c.t, err)
	return l
}

func (c *cashier) time() time.Time {
	c.clock.Lock()
	defer c.clock.Unlock()
	return c.now
}

// passes lets time pass, and the reactors do what is due then.
func (c *cashier) passes(d time.Duration) {
	c.clock.Lock()
	c.now = c.now.Add(d)
	c.clock.Unlock()
	c.react()
}

// pays is a partner with an approved account in a currency.
func (c *cashier) pays(name, currency string) uuid.UUID {
	id := c.onboards(name)
	require.NoError(c.t, c.gives(partner.Category, id, domaintest.Ops(), partner.ProposePayee{
		Name: domain.Personal(name + " Ltd"), Account: "DE89370400440532013000", Currency: currency, DocumentSHA256: c.stores(),
	}))
	c.approves(id)
	return id
}

// stores a document, and is its hash.
func (c *cashier) stores() string {
	require.NoError(c.t, c.gives(file.Category, file.IDOf(proof), domaintest.Ops(), file.Store{SHA256: proof, Size: 1}))
	return proof
}

// approves the partner's latest account.
func (c *cashier) approves(id uuid.UUID) {
	p, _, err := c.l.Partners.Fold(ctx, id)
	require.NoError(c.t, err)
	require.NoError(c.t, c.gives(partner.Category, id, domaintest.Finance(), partner.ApprovePayee{
		PayeeID: p.Payees[len(p.Payees)-1].ID, Verified: "called back",
	}))
}

// owes raises a payable.
func (c *cashier) owes(to uuid.UUID, amount domain.Money) uuid.UUID {
	source := payable.Source{
		Kind: payable.KindRebate, Stream: "rebate-" + to.String(), ID: to, EventID: domain.DeriveID("approval", fmt.Sprint(len(c.owed))),
	}
	id := payable.IDOf(source.EventID)
	require.NoError(c.t, c.gives(payable.Category, id, domaintest.Importer(), payable.Raise{
		PartnerID: to, Source: source, Amount: amount, Due: domain.DateOf(c.now, time.UTC),
	}))
	c.owed = append(c.owed, id)
	return id
}

func (c *cashier) payable(id uuid.UUID) *payable.Payable {
	p, _, err := c.l.Payables.Fold(ctx, id)
	require.NoError(c.t, err)
	return p
}

func (c *cashier) payout(id uuid.UUID) *payout.Payout {
	p, _, err := c.l.Payouts.Fold(ctx, id)
	require.NoError(c.t, err)
	return p
}

func (c *cashier) request(currency string) payout.Open {
	return payout.Open{
		Currency: currency, Debtor: payout.Debtor{Name: "Vendor SE", IBAN: "NO9386011117947"}, ExecutionOn: domain.DateOf(c.now, time.UTC),
	}
}

// prepares a payout, and is it.
func (c *cashier) prepares(key string, r payout.Open) *payout.Payout {
	h := domain.Header{CommandID: domain.CommandID("cashier", key), Actor: domaintest.Treasurer(), RequestHash: key}
	first, err := c.l.PreparePayout(ctx, h, r)
	require.NoError(c.t, err)
	again, err := c.l.PreparePayout(ctx, h, r)
	require.NoError(c.t, err)
	require.True(c.t, again.Repeated)
	require.Equal(c.t, first.Revision, again.Revision)
	return c.payout(payout.IDOf(h.CommandID))
}

func (c *cashier) refuses(key, rule string, r payout.Open) {
	h := domain.Header{CommandID: domain.CommandID("cashier", key), Actor: domaintest.Treasurer()}
	_, err := c.l.PreparePayout(ctx, h, r)
	require.NotNil(c.t, domain.AsRejection(err), "%v", err)
	require.Equal(c.t, rule, domain.AsRejection(err).Rule)
	require.False(c.t, c.payout(payout.IDOf(h.CommandID)).Exists())
}

func (c *cashier) onPayout(id uuid.UUID, by domain.Actor, command payout.Command) error {
	return c.gives(payout.Category, id, by, command)
}

// sends a prepared payout: what may not be paid any more is left out.
func (c *cashier) sends(id uuid.UUID) {
	require.NoError(c.t, c.onPayout(id, domaintest.Finance(), payout.Approve{}))
	held, err := c.l.HeldOf(ctx, id, domain.Header{Actor: domaintest.Treasurer()})
	require.NoError(c.t, err)
	require.NoError(c.t, c.onPayout(id, domaintest.Treasurer(), payout.Send{
		Format: payout.Pain001, SHA256: strings.Repeat("0a", 32), Held: held,
	}))
	c.react()
}

// rests lets so much time pass that accounts aren't new any more.
func (c *cashier) rests() { c.passes(7 * 24 * time.Hour) }

func TestAPayoutPaysWhatIsOwed(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	north, nobody := c.pays("north", "EUR"), c.onboards("nobody")
	late := c.pays("late", "EUR")
	c.rests()
	fresh := c.pays("fresh", "EUR")
	require.NoError(t, c.gives(partner.Category, late, domaintest.Ops(), partner.Suspend{Reason: "audit"}))
	a, b := c.owes(north, eur("100.00")), c.owes(north, eur("23.45"))
	usd := c.owes(north, domain.Must(domain.ParseMoney("50.00", "USD")))
	unpaid := map[uuid.UUID]payout.HeldReason{
		c.owes(nobody, eur("1.00")): payout.HeldNoPayee, c.owes(late, eur("2.00")): payout.HeldSuspended,
		c.owes(fresh, eur("3.00")): payout.HeldPayeeChanged,
	}
	r := c.request("EUR")
	r.Withholding = []payout.Withholding{{PartnerID: north, Percent: domain.Must(domain.ParseRate("15"))}}
	p := c.prepares("first", r)
	require.Len(t, p.Items, 2)
	require.Equal(t, []domain.Money{eur("104.93"), eur("18.52")}, []domain.Money{p.Total, p.Withheld})
	require.Len(t, p.Held, 3)
	for _, h := range p.Held {
		require.Equal(t, unpaid[h.PayableID], h.Reason)
	}
	c.refuses("second", "nothing_to_pay", c.request("EUR"))

	dollars := c.request("EUR")
	dollars.Rates = []payout.ExchangeRate{{Currency: "USD", Rate: domain.Must(domain.ParseRate("0.92")), Source: "ECB 2026-01-08"}}
	q := c.prepares("dollars", dollars)
	require.Equal(t, usd, q.Items[0].PayableID)
	require.Equal(t, eur("46.00"), q.Total)

	c.sends(p.ID)
	c.sends(q.ID)
	for _, id := range []uuid.UUID{a, b} {
		require.Equal(t, payable.StatusSent, c.payable(id).Status)
		require.NoError(t, c.gives(payable.Category, id, domaintest.Treasurer(), payable.Confirm{PayoutID: p.ID, Reference: "B-1"}))
	}
	require.NoError(t, c.gives(payable.Category, usd, domaintest.Treasurer(), payable.Return{PayoutID: q.ID, Reason: "account closed"}))
	c.react()
	require.Equal(t, payout.StatusCompleted, c.payout(p.ID).Status)
	require.Equal(t, payout.StatusCompleted, c.payout(q.ID).Status)
	again := c.prepares("again", dollars)
	require.Equal(t, usd, again.Items[0].PayableID, "what came back is open again")
	require.Equal(t, payout.EndToEndID(usd), payout.EndToEndID(again.Items[0].PayableID))
}

// Between preparing and sending a partner is suspended, and another's account is replaced: neither is paid.
func TestWhatChangesBeforeSendingIsNotSent(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	north, south, east := c.pays("north", "EUR"), c.pays("south", "EUR"), c.pays("east", "EUR")
	c.rests()
	a, b, e := c.owes(north, eur("1.00")), c.owes(south, eur("2.00")), c.owes(east, eur("4.00"))
	p := c.prepares("all", c.request("EUR"))
	require.NoError(t, c.gives(partner.Category, north, domaintest.Ops(), partner.Suspend{Reason: "audit"}))
	c.passes(time.Minute)
	c.replaces(south)
	c.sends(p.ID)
	require.Len(t, c.payout(p.ID).Payments(), 1)
	require.Equal(t, payable.StatusOpen, c.payable(a).Status)
	require.Equal(t, payable.StatusOpen, c.payable(b).Status)
	require.Equal(t, payable.StatusSent, c.payable(e).Status)
}

// A disputed payable isn't prepared, and one that is held behind the preparation isn't sent; once the holds are lifted it is paid.
func TestWhatIsDisputedIsNotPaid(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	north := c.pays("north", "EUR")
	c.rests()
	a, b, other := c.owes(north, eur("1.00")), c.owes(north, eur("2.00")), c.owes(north, eur("4.00"))
	c.holds(a)
	p := c.prepares("first", c.request("EUR"))
	require.Len(t, p.Items, 2)
	require.Equal(t, []payout.Held{{PayableID: a, PartnerID: north, Reason: payout.HeldDisputed}}, p.Held)
	c.holds(b)
	c.sends(p.ID)
	p = c.payout(p.ID)
	require.Equal(t, []payout.Held{{PayableID: b, PartnerID: north, Reason: payout.HeldDisputed}}, p.LeftOut)
	require.Equal(t, payable.StatusOpen, c.payable(b).Status, "the payout let it go")
	require.Equal(t, payable.StatusSent, c.payable(other).Status)

	c.holds(a)
	c.holds(b)
	c.refuses("second", "nothing_to_pay", c.request("EUR"))
	c.react() // no dispute holds a deal that counts
	require.Len(t, c.prepares("third", c.request("EUR")).Items, 2)
}

// Of a payout that is wholly disputed nothing is sent; it waits, and is sent once the dispute is over.
func TestADisputedPayoutWaits(t *testing.T) {
	t.Parallel()
	c := newCashier(t)
	north := c.pays("north", "EUR")
	c.rests()
	a := c.owes(north, eur("1.00"))
	p := c.prepares("first", c.request("EUR"))
	require.NoError(t, c.onPayout(p.ID, domaintest.Finance(), payout.Approve{}))
	c.holds(a)
	held, err := c.l.HeldOf(ctx, p.ID, domain.Header{Actor: domaintest.Treasurer()})
	require.NoError(t, err)
	send := payout.Send{Format: payout.Pain001, SHA256: strings.Repeat("0a", 32), Held: held}
	require.Equal(t, "nothing_to_pay", rule(c.onPayout(p.ID, domaintest.Treasurer(), send)))
	send.Held = nil
	require.Equal(t, "standing_changed", rule(c.onPayout(p.ID, domaintest.Treasurer(), send)))
	require.Equal(t, payable.StatusClaimed, c.payable(a).Status)
	c.react()
	require.NoError(t, c.onPayout(p.ID, domaintest.Treasurer(), send))
	c.react()
	require.Equal(t, payable.StatusSent, c.payable(a).Status)
}

// holds a payable as a dispute does.
func (c *cashier) holds(id uuid.UUID) {
	require.NoError(c.t, c.gives(payable.Category, id, reactor.Actor(reactor.PayablesName), payable.PlaceHold{
		Disputed: payable.Disputed{DisputeID: domain.DeriveID("dispute"), DealID: domain.DeriveID("deal")},
	}))
}

// replaces a partner's account by a new one.
func (c *cashier) replaces(id uuid.UUID) {
	require.NoError(c.t, c.gives(partner.Category, id, domaintest.Ops(), partner.ProposePayee{
		Name: "Somebody else", Account: "NO9386011117947", Currency: "EUR", DocumentSHA256: c.stores(),
	}))
	c.approves(id)
}
