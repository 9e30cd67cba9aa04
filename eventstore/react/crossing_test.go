package react_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// Two records of one customer, and a third that nothing but a link tells of.
var (
	acme    = account.Customer{Name: "Acme Logistics GmbH", Domain: "acme.de", Country: "DE", TaxID: "811222333"}
	taxTwin = account.Customer{Name: "Nordspedition", Domain: "nord.de", Country: "DE", TaxID: "DE 811 222 333"}
	hidden  = account.Customer{Name: "Quite Different", Domain: "different.fr", Country: "FR"}
)

func accountOf(c account.Customer) uuid.UUID { return domain.Must(c.Identity()).AccountID }

// two is a ledger in which two partners want the same customer, and a reactor that is run by hand.
type two struct {
	require.TestingT
	ctx      context.Context
	ledger   *ledger.Ledger
	now      time.Time
	commands int
	crossing *reactor.Crossing
	after    eventstore.Position
}

// known names the twin for each of the two, as a read model that is up to date does.
type known struct{}

func (known) Candidates(context.Context, account.Profile, int) ([]uuid.UUID, error) {
	return []uuid.UUID{accountOf(acme), accountOf(taxTwin)}, nil
}

func newTwo(t require.TestingT, ctx context.Context, cleanup func(func())) *two { //nolint:revive // the test comes first
	w := &two{TestingT: t, ctx: ctx, now: epoch, crossing: reactor.NewCrossing()}
	clock := func() time.Time { return w.now }
	store, err := embedded.OpenMemory(embedded.Options{Clock: clock})
	require.NoError(t, err)
	cleanup(func() { require.NoError(t, store.Close()) })
	w.ledger, err = ledger.Open(store, eventstore.NewMemoryKeyring(), clock)
	require.NoError(t, err)
	require.NoError(t, w.ledger.Bootstrap(ctx, "", epoch))
	for _, name := range []string{"north", "south"} {
		w.onboard(name)
	}
	return w
}

func partnerOf(name string) uuid.UUID { return domain.DeriveID("partner", name) }
func sellerOf(name string) uuid.UUID  { return domain.DeriveID("seller", name) }

func (w *two) header() domain.Header {
	w.commands++
	w.now = w.now.Add(time.Minute)
	return domain.Header{CommandID: domaintest.NthCommand(w.commands), Actor: domaintest.Importer()}
}

func (w *two) onboard(name string) {
	for _, command := range []partner.Command{
		partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"},
		partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", DocumentSHA256: strings.Repeat("0a", 32), ValidFrom: domain.DateOf(epoch, time.UTC)},
		partner.Onboard{},
		partner.AddSeller{SellerID: sellerOf(name), Name: "Ada"},
	} {
		_, err := w.ledger.Partners.Do(w.ctx, partnerOf(name), w.header(), command)
		require.NoError(w, err, "%T", command)
	}
}

// tries gives a command that may be refused by a rule.
func (w *two) tries(id uuid.UUID, command account.Command) (eventstore.Outcome, error) {
	outcome, err := w.ledger.Accounts.Do(w.ctx, id, w.header(), command)
	if err != nil {
		require.NotNil(w, domain.AsRejection(err), "%v", err)
	}
	return outcome, err
}

func (w *two) registers(name string, c account.Customer) uuid.UUID {
	header := w.header()
	_, err := w.ledger.Accounts.Do(w.ctx, accountOf(c), header, account.RegisterDeal{
		Customer: c, PartnerID: partnerOf(name), SellerID: sellerOf(name),
		Lines: []account.LineAmount{{Product: "GTX", Amount: domain.Must(domain.ParseMoney("100.00", "EUR"))}},
	})
	require.NoError(w, err)
	return domain.EntityID(header.CommandID, domain.StreamName(account.Category, accountOf(c)), "deal")
}

func (w *two) deal(c account.Customer, id uuid.UUID) (d account.Deal) {
	require.NoError(w, w.ledger.Accounts.View(w.ctx, accountOf(c), func(s *account.State, _ domain.Source) error {
		d = *s.Deals[id]
		d.Findings = slices.Clone(d.Findings)
		return nil
	}))
	return d
}

// reacts folds what the log holds by now and carries out what that leads to, until there is nothing left.
func (w *two) reacts() (appended int) {
	for {
		w.fold()
		orders := w.crossing.Due(w.now)
		if len(orders) == 0 {
			return appended
		}
		for _, o := range orders {
			outcome, err := w.ledger.Dispatch(w.ctx, o.Stream, o.Header(w.crossing.Name()), o.Command)
			require.NoError(w, err, "an order of this reactor is never refused")
			appended += outcome.Count
		}
	}
}

func (w *two) fold() {
	for m, err := range w.ledger.Store.Follow(w.ctx, w.after, eventstore.Filter{Categories: ledger.Categories()}) {
		require.NoError(w, err)
		w.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			return
		}
		if m.Kind == eventstore.Appeared && slices.Contains(w.crossing.Types(), m.Event.Type) {
			event, envelope, err := w.ledger.Codec.Decode(m.Event)
			require.NoError(w, err)
			w.crossing.Observe(event, envelope)
		}
	}
}

// restarts lets the reactor begin anew, with nothing in mind.
func (w *two) restarts() { w.crossing, w.after = reactor.NewCrossing(), eventstore.Position{} }

// finding is the deal's finding with a rival; nil where there is none.
func finding(d account.Deal, rival uuid.UUID) *account.Finding {
	at := slices.IndexFunc(d.Findings, func(f account.Finding) bool { return f.With.DealID == rival })
	if at < 0 {
		return nil
	}
	return &d.Findings[at]
}

// TestTwoAccountsOfOneCustomerInAnyInterleaving: whatever is known when, in whatever order the two halves, the reviews, a
// link and the reactor come, and however often the reactor starts anew, both deals end with a finding that names the other.
func TestTwoAccountsOfOneCustomerInAnyInterleaving(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newTwo(t, context.Background(), t.Cleanup)
		linked := rapid.Bool().Draw(t, "only a link tells")
		twin := taxTwin
		if linked {
			twin = hidden
		}
		var first, second uuid.UUID
		steps := []func(){
			func() { first = w.registers("north", acme) },
			func() { second = w.registers("south", twin) },
			func() { w.approves(acme, first) },
			func() { w.approves(twin, second) },
			func() { w.links(acme, twin, linked) },
		}
		for _, step := range rapid.Permutation(steps).Draw(t, "order") {
			w.ledger.Candidates = nil
			if rapid.Bool().Draw(t, "the candidates are known") {
				w.ledger.Candidates = known{}
			}
			step()
			switch rapid.IntRange(0, 3).Draw(t, "reactor") {
			case 0:
				w.reacts()
			case 1:
				w.restarts()
			}
		}
		w.links(acme, twin, linked)
		w.reacts()
		a, b := w.deal(acme, first), w.deal(twin, second)
		require.NotNil(t, finding(a, second), "the first says nothing of the second: %+v", a.Findings)
		require.NotNil(t, finding(b, first), "the second says nothing of the first: %+v", b.Findings)
		require.True(t, a.Live() && b.Live(), "a finding closes nothing")
		requireOnce(t, a, b)
		w.restarts()
		require.Zero(t, w.reacts(), "a reactor that starts anew adds nothing")
	})
}

func requireOnce(t *rapid.T, deals ...account.Deal) {
	for _, d := range deals {
		seen := map[uuid.UUID]bool{}
		for _, f := range d.Findings {
			require.False(t, seen[f.ID], "found twice: %+v", f)
			seen[f.ID] = true
		}
	}
}

// approves reviews a deal that is there; it may be refused.
func (w *two) approves(c account.Customer, deal uuid.UUID) {
	if deal != uuid.Nil {
		_, _ = w.tries(accountOf(c), account.ApproveDeal{DealID: deal, Reason: "imported history"})
	}
}

// links two records where only that tells; an account that isn't there yet can't be linked.
func (w *two) links(a, b account.Customer, only bool) {
	from, to := accountOf(a), accountOf(b)
	if from.String() < to.String() {
		from, to = to, from
	}
	both := w.revision(from) >= 0 && w.revision(to) >= 0 // later, registrations on the greater one are refused
	if only && both {
		_, _ = w.tries(from, account.LinkAlias{AccountID: from, To: to, Reason: "one company"})
	}
}

func (w *two) revision(id uuid.UUID) (revision int64) {
	require.NoError(w, w.ledger.Accounts.View(w.ctx, id, func(_ *account.State, from domain.Source) error {
		revision = from.Revision
		return nil
	}))
	return revision
}

func TestBothApprovedStayProtectedUntilSomebodyDecides(t *testing.T) {
	w := newTwo(t, t.Context(), t.Cleanup)
	first, second := w.registers("north", acme), w.registers("south", taxTwin)
	w.approves(acme, first)
	w.approves(taxTwin, second)
	require.Equal(t, 2, w.reacts())
	a, b := w.deal(acme, first), w.deal(taxTwin, second)
	require.True(t, a.ProtectedAt(w.now) && b.ProtectedAt(w.now))
	require.True(t, finding(a, second).Late && finding(b, first).Late)
	require.Equal(t, policy.RuleSameTaxID, finding(a, second).Rule)
	require.Equal(t, account.With{AccountID: accountOf(taxTwin), DealID: second}, finding(a, second).With)
	_, err := w.tries(accountOf(acme), account.OverrideConflicts{
		DealID: first, FindingIDs: []uuid.UUID{finding(a, second).ID}, Reason: "two sites, agreed with both",
	})
	require.NoError(t, err)
	require.NotEmpty(t, finding(w.deal(acme, first), second).Override.Reason)
	require.Zero(t, w.reacts())
}

// What is recorded keeps the second one from approval, also while no candidate list names the first.
func TestARecordedFindingStandsInTheWayWithoutTheCandidateList(t *testing.T) {
	w := newTwo(t, t.Context(), t.Cleanup)
	first, second := w.registers("north", acme), w.registers("south", taxTwin)
	w.reacts()
	_, err := w.tries(accountOf(taxTwin), account.ApproveDeal{DealID: second, Reason: "imported history"})
	require.Equal(t, "conflict", domain.AsRejection(err).Rule)
	w.approves(acme, first)
	require.Equal(t, account.StatusApproved, w.deal(acme, first).Status, "who came first isn't held up")
}

// The decision names every stream that it looked at.
func TestARegistrationNamesTheAccountsItWasDecidedFrom(t *testing.T) {
	w := newTwo(t, t.Context(), t.Cleanup)
	first := w.registers("north", acme)
	w.ledger.Candidates = known{}
	second := w.registers("south", taxTwin)
	require.NotNil(t, finding(w.deal(taxTwin, second), first))
	for recorded, err := range w.ledger.Store.Read(w.ctx, domain.StreamName(account.Category, accountOf(taxTwin)), eventstore.NoStream) {
		require.NoError(t, err)
		_, envelope, err := w.ledger.Codec.Decode(recorded)
		require.NoError(t, err)
		require.Contains(t, envelope.DecidedFrom, domain.Source{Stream: domain.StreamName(account.Category, accountOf(acme)), Revision: 1})
	}
}

// TestAccountsThatLookAtEachOtherDoNotWaitForEachOther registers on both at once, many times over.
func TestAccountsThatLookAtEachOtherDoNotWaitForEachOther(t *testing.T) {
	w := newTwo(t, t.Context(), t.Cleanup)
	w.ledger.Candidates = known{}
	const each = 50
	done := make(chan error, 2*each)
	for i := range each {
		for name, c := range map[string]account.Customer{"north": acme, "south": taxTwin} {
			header := domain.Header{CommandID: domain.CommandID("test", fmt.Sprint(name, i)), Actor: domaintest.Importer()}
			go func() {
				_, err := w.ledger.Accounts.Do(w.ctx, accountOf(c), header, account.RegisterDeal{
					Customer: c, PartnerID: partnerOf(name), SellerID: sellerOf(name),
					Lines: []account.LineAmount{{Product: "GTX", Amount: domain.Must(domain.ParseMoney("100.00", "EUR"))}},
				})
				done <- err
			}()
		}
	}
	for range 2 * each {
		require.NoError(t, <-done)
	}
	w.reacts()
	w.restarts()
	require.Zero(t, w.reacts())
}
