package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

var now = domaintest.Epoch

func open(t *testing.T) *ledger.Ledger {
	t.Helper()
	store, err := embedded.OpenMemory(embedded.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), func() time.Time { return now })
	require.NoError(t, err)
	require.NoError(t, l.Bootstrap(t.Context(), "", now))
	return l
}

func by(actor domain.Actor, key string) domain.Header {
	return domain.Header{CommandID: domain.CommandID("test", key), Actor: actor, EffectiveAt: now}
}

// onboarded takes a partner with one seller to where it may register deals.
func onboarded(t *testing.T, l *ledger.Ledger, name string) (id, seller uuid.UUID) {
	t.Helper()
	id, seller = domain.DeriveID("partner", name), domain.DeriveID("seller", name)
	document := strings.Repeat("0a", 32)
	_, err := l.Files.Do(t.Context(), file.IDOf(document), by(domaintest.Ops(), "document "+name), file.Store{SHA256: document, Size: 1})
	require.NoError(t, err)
	for i, command := range []partner.Command{
		partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"},
		partner.Approve{Reason: "checked"},
		partner.SignAgreement{Kind: "reseller", DocumentSHA256: document, ValidFrom: domain.DateOf(now, time.UTC)},
		partner.Onboard{},
		partner.AddSeller{SellerID: seller, Name: "Ada Lovelace"},
	} {
		actor := domaintest.Ops()
		if i > 0 {
			actor = domaintest.Another(actor)
		}
		_, err := l.Partners.Do(t.Context(), id, by(actor, name+string(rune('a'+i))), command)
		require.NoError(t, err, "%T", command)
	}
	return id, seller
}

func registration(partner, seller uuid.UUID) account.RegisterDeal {
	return account.RegisterDeal{
		Customer:  account.Customer{Name: "Acme", Domain: "acme.example.com", Country: "DE"},
		PartnerID: partner, SellerID: seller,
		Lines: []account.LineAmount{{Product: "Router", Amount: domain.Must(domain.ParseMoney("100.00", "EUR"))}},
	}
}

func register(t *testing.T, l *ledger.Ledger, key string, command account.RegisterDeal) (eventstore.Outcome, error) {
	t.Helper()
	id, err := account.IDOf(command)
	require.NoError(t, err)
	return l.Accounts.Do(t.Context(), id, by(domaintest.Importer(), key), command)
}

func TestBootstrapTwiceAppendsOnce(t *testing.T) {
	l := open(t)
	require.NoError(t, l.Bootstrap(t.Context(), "", now.Add(time.Hour)))
	require.NoError(t, l.Programs.View(t.Context(), program.DefaultID, func(_ *program.State, source domain.Source) error {
		require.Equal(t, int64(len(policy.Kinds())), source.Revision, "created, and one policy of each kind")
		return nil
	}))
}

func TestADecisionNamesTheStreamsAndPoliciesItWasMadeFrom(t *testing.T) {
	l := open(t)
	id, seller := onboarded(t, l, "north")
	outcome, err := register(t, l, "deal", registration(id, seller))
	require.NoError(t, err)
	for recorded, err := range l.Store.Read(t.Context(), outcome.Stream, eventstore.NoStream) {
		require.NoError(t, err)
		_, envelope, err := l.Codec.Decode(recorded)
		require.NoError(t, err)
		require.Contains(t, envelope.Policies, "deal_registration@1")
		require.Equal(t, []domain.Source{
			{Stream: domain.StreamName(program.Category, program.DefaultID), Revision: int64(len(policy.Kinds()))},
			{Stream: domain.StreamName(partner.Category, id), Revision: 4},
		}, envelope.DecidedFrom)
	}
}

func TestOnlyAPartnerInGoodStandingRegisters(t *testing.T) {
	l := open(t)
	id, seller := onboarded(t, l, "north")

	_, err := register(t, l, "stranger", registration(domain.DeriveID("nobody"), seller))
	require.Equal(t, "partner_unknown", domain.AsRejection(err).Rule)
	_, err = register(t, l, "foreign seller", registration(id, domain.DeriveID("somebody")))
	require.Equal(t, "seller_unknown", domain.AsRejection(err).Rule)

	_, err = l.Partners.Do(t.Context(), id, by(domaintest.Ops(), "suspend"), partner.Suspend{Reason: "unpaid invoices"})
	require.NoError(t, err)
	_, err = register(t, l, "suspended", registration(id, seller))
	require.Equal(t, "partner_not_active", domain.AsRejection(err).Rule)
}

// Where a partner may sell, and its tier, reach the decision as they were when the command took effect.
func TestTerritoriesAndTierReachTheDecision(t *testing.T) {
	l := open(t)
	id, seller := onboarded(t, l, "north")
	ops := domaintest.Another(domaintest.Ops())
	_, err := l.Partners.Do(t.Context(), id, by(ops, "assign"), partner.AssignTerritory{Territory: "West", Countries: []string{"FR"}})
	require.NoError(t, err)
	_, err = l.Programs.Do(t.Context(), program.DefaultID, by(ops, "benefit"), rewarding(t))
	require.NoError(t, err)
	outcome, err := register(t, l, "deal", registration(id, seller))
	require.NoError(t, err)
	found := last(t, l, outcome).(account.ConflictFound)
	require.Equal(t, policy.RuleOutsideTerritory, found.Rule)

	account1, err := account.IDOf(registration(id, seller))
	require.NoError(t, err)
	outcome, err = l.Accounts.Do(t.Context(), account1, by(domaintest.Desk(), "approve"), account.ApproveDeal{DealID: found.DealID})
	require.NoError(t, err)
	require.Equal(t, account.Benefit{DiscountPercent: domain.Must(domain.ParseRate("7.5")), Tier: "registered"},
		last(t, l, outcome).(account.DealApproved).Benefit)
}

// rewarding publishes a benefit for partners on the lowest tier.
func rewarding(t *testing.T) program.Publish {
	t.Helper()
	terms := policy.DefaultDealRegistration()
	terms.Benefits = []policy.Benefit{{Tier: "registered", DiscountPercent: domain.Must(domain.ParseRate("7.5"))}}
	body, err := json.Marshal(terms)
	require.NoError(t, err)
	return program.Publish{Kind: policy.KindDealRegistration, Body: body}
}

// last is the last event of a command.
func last(t *testing.T, l *ledger.Ledger, outcome eventstore.Outcome) domain.Event {
	t.Helper()
	var event domain.Event
	for recorded, err := range l.Store.Read(t.Context(), outcome.Stream, outcome.First-1) {
		require.NoError(t, err)
		event, _, err = l.Codec.Decode(recorded)
		require.NoError(t, err)
	}
	return event
}

func TestDispatchFindsTheAggregateByTheStreamsName(t *testing.T) {
	l := open(t)
	id, _ := onboarded(t, l, "north")
	dispatch := func(stream string, command any) error {
		_, err := l.Dispatch(context.Background(), stream, by(domaintest.Ops(), "x"), command)
		return err
	}
	require.NoError(t, dispatch(domain.StreamName(partner.Category, id), partner.Suspend{Reason: "unpaid invoices"}))
	require.ErrorContains(t, dispatch(domain.StreamName(account.Category, id), partner.Suspend{}), "is no command of this stream")
	require.ErrorContains(t, dispatch(domain.StreamName("nothing", id), partner.Suspend{}), "no aggregate owns category nothing")
	require.ErrorContains(t, dispatch("nothing", partner.Suspend{}), "want <category>-<uuid>")
}

// A partner's parent is looked up in the parent's own stream, and in those above it, so that nobody ends below itself.
func TestAParentIsADistributorAndNotBelow(t *testing.T) {
	l := open(t)
	distributor, _ := onboarded(t, l, "big")
	second, _ := onboarded(t, l, "bigger")
	reseller, _ := onboarded(t, l, "small")
	do := func(id uuid.UUID, key string, c partner.Command) error {
		_, err := l.Partners.Do(t.Context(), id, by(domaintest.Ops(), key), c)
		return err
	}
	require.NoError(t, do(distributor, "kind 1", partner.ChangeKind{To: partner.Distributor}))
	require.NoError(t, do(second, "kind 2", partner.ChangeKind{To: partner.Distributor}))
	require.NoError(t, do(reseller, "parent 1", partner.AssignParent{ParentID: distributor}))
	require.NoError(t, do(distributor, "parent 2", partner.AssignParent{ParentID: second}))

	refused := func(id uuid.UUID, c partner.Command) string { return domain.AsRejection(do(id, "refused", c)).Rule }
	require.Equal(t, "parent_cycle", refused(second, partner.AssignParent{ParentID: distributor}))
	require.Equal(t, "not_a_distributor", refused(second, partner.AssignParent{ParentID: reseller}))
	require.Equal(t, "partner_unknown", refused(second, partner.AssignParent{ParentID: domain.DeriveID("nobody")}))

	source := func(id uuid.UUID) string { return domain.StreamName(partner.Category, id) }
	for recorded, err := range l.Store.Read(t.Context(), source(reseller), eventstore.Revision(4)) {
		require.NoError(t, err)
		_, envelope, err := l.Codec.Decode(recorded)
		require.NoError(t, err)
		require.Equal(t, "partner.parent_assigned.v1", envelope.Type)
		require.Equal(t, domain.Source{Stream: source(distributor), Revision: 5}, envelope.DecidedFrom[1])
	}
}

// Two partners that are put below each other at once don't wait for each other.
func TestParentsAskedForAtOnce(t *testing.T) {
	l := open(t)
	a, _ := onboarded(t, l, "a")
	b, _ := onboarded(t, l, "b")
	for i, id := range []uuid.UUID{a, b} {
		_, err := l.Partners.Do(t.Context(), id, by(domaintest.Ops(), fmt.Sprint("kind", i)), partner.ChangeKind{To: partner.Distributor})
		require.NoError(t, err)
	}
	for round := range 20 {
		var both sync.WaitGroup
		for _, pair := range [][2]uuid.UUID{{a, b}, {b, a}} {
			both.Go(func() {
				key := fmt.Sprint(round, pair)
				_, err := l.Partners.Do(t.Context(), pair[0], by(domaintest.Ops(), key), partner.AssignParent{ParentID: pair[1]})
				if err != nil {
					assert.NotNil(t, domain.AsRejection(err), "%v", err)
				}
			})
		}
		both.Wait()
	}
}

// Who signs a contract cites a document that somebody handed in, and the decision names its record.
func TestAnAgreementCitesAStoredDocument(t *testing.T) {
	l := open(t)
	id, _ := onboarded(t, l, "north")
	sign := partner.SignAgreement{Kind: "addendum", DocumentSHA256: strings.Repeat("0b", 32), ValidFrom: domain.DateOf(now, time.UTC)}
	_, err := l.Partners.Do(t.Context(), id, by(domaintest.Ops(), "unknown"), sign)
	require.Equal(t, "document_unknown", domain.AsRejection(err).Rule)
	sign.DocumentSHA256 = strings.Repeat("0a", 32)
	outcome, err := l.Partners.Do(t.Context(), id, by(domaintest.Ops(), "known"), sign)
	require.NoError(t, err)
	for recorded, err := range l.Store.Read(t.Context(), outcome.Stream, outcome.First-1) {
		require.NoError(t, err)
		_, envelope, err := l.Codec.Decode(recorded)
		require.NoError(t, err)
		require.Equal(t, domain.Source{Stream: domain.StreamName(file.Category, file.IDOf(sign.DocumentSHA256))}, envelope.DecidedFrom[1])
	}
}

// twin names one account for every customer.
type twin struct{ id uuid.UUID }

func (c twin) Candidates(context.Context, account.Profile, int) ([]uuid.UUID, error) {
	return []uuid.UUID{c.id}, nil
}

func TestCheckLooksAtTheLogAndRecordsNothing(t *testing.T) {
	l := open(t)
	id, seller := onboarded(t, l, "north")
	outcome, err := register(t, l, "deal", registration(id, seller))
	require.NoError(t, err)
	_, stands, err := domain.ParseStream(outcome.Stream)
	require.NoError(t, err)
	l.Candidates = twin{stands}

	checked, err := l.Check(t.Context(), account.Customer{Name: "ACME", Domain: "acme.net", Country: "DE"}, []string{"router"}, now)
	require.NoError(t, err)
	require.False(t, checked.Known)
	require.Len(t, checked.Meets, 1)
	require.Equal(t, stands, checked.Meets[0].With.AccountID)
	checked, err = l.Check(t.Context(), registration(id, seller).Customer, nil, now)
	require.NoError(t, err)
	require.Equal(t, stands, checked.AccountID)
	require.Len(t, checked.Meets, 1)
	_, err = l.Check(t.Context(), account.Customer{Name: "ACME"}, nil, now)
	require.Equal(t, "country", domain.AsRejection(err).Field)
	again, err := register(t, l, "deal", registration(id, seller))
	require.NoError(t, err)
	require.Equal(t, outcome.Revision, again.Revision)
}
