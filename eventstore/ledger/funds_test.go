package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
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
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// proof is the hash of the document that every claim shows.
var proof = strings.Repeat("0a", 32)

// treasury is a ledger with funds, whose reactors run when the test lets them.
type treasury struct {
	t       require.TestingT
	l       *ledger.Ledger
	now     time.Time
	keys    int
	after   eventstore.Position
	rules   []reactor.Rule
	log     []domain.Event
	keyring eventstore.Keyring
}

func newTreasury(t interface {
	require.TestingT
	Cleanup(func())
}) *treasury {
	y := &treasury{t: t, now: now, rules: reactor.All()}
	clock := func() time.Time { return y.now }
	store, err := embedded.OpenMemory(embedded.Options{Clock: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	y.keyring = eventstore.NewMemoryKeyring()
	y.l, err = ledger.Open(store, y.keyring, clock)
	require.NoError(t, err)
	require.NoError(t, y.l.Bootstrap(ctx, "", now))
	_, err = y.l.Files.Do(ctx, file.IDOf(proof), by(domaintest.Ops(), "proof"), file.Store{SHA256: proof, Size: 1})
	require.NoError(t, err)
	return y
}

// onboards takes a partner to where it may have funds.
func (y *treasury) onboards(name string) uuid.UUID {
	id := domain.DeriveID("partner", name)
	for _, c := range []partner.Command{
		partner.Apply{LegalName: name, Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", DocumentSHA256: proof, ValidFrom: domain.DateOf(now, time.UTC)},
		partner.Onboard{},
	} {
		require.NoError(y.t, y.gives(partner.Category, id, domaintest.Importer(), c))
	}
	return id
}

// gives a command twice: the second time it adds nothing, whatever the first did.
func (y *treasury) gives(category string, id uuid.UUID, by domain.Actor, command any) error {
	y.keys++
	stream := domain.StreamName(category, id)
	header := domain.Header{CommandID: domain.CommandID("treasury", fmt.Sprint(y.keys)), Actor: by}
	_, err := y.l.Dispatch(ctx, stream, header, command)
	if err != nil {
		require.NotNil(y.t, domain.AsRejection(err), "%T: %v", command, err)
		return err
	}
	y.repeats(stream, header, command)
	return nil
}

func (y *treasury) repeats(stream string, header domain.Header, command any) {
	before := y.end(stream)
	again, err := y.l.Dispatch(ctx, stream, header, command)
	require.True(y.t, err != nil || again.Repeated || again.Count == 0, "%T was recorded twice", command)
	require.Equal(y.t, before, y.end(stream), "%T was recorded twice", command)
}

func (y *treasury) end(stream string) (last eventstore.Revision) {
	for r, err := range y.l.Store.Read(ctx, stream, eventstore.NoStream) {
		require.NoError(y.t, err)
		last = r.Revision
	}
	return last
}

// observe feeds the reactors what was recorded, and keeps it.
func (y *treasury) observe() {
	for m, err := range y.l.Store.Follow(ctx, y.after, eventstore.Filter{}) {
		require.NoError(y.t, err)
		y.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			return
		}
		event, env, err := y.l.Codec.Decode(m.Event)
		require.NoError(y.t, err)
		y.log = append(y.log, event)
		for _, rule := range y.rules {
			for _, taken := range rule.Types() {
				if taken == env.Type {
					rule.Observe(event, env)
				}
			}
		}
	}
}

// react carries out what the reactors order, and what follows from that, until nothing does. Each order is given twice.
func (y *treasury) react() {
	for orders := 1; orders > 0; {
		orders = 0
		y.observe()
		for _, rule := range y.rules {
			for _, o := range rule.Due(y.now) {
				orders++
				_, err := y.l.Dispatch(ctx, o.Stream, o.Header(rule.Name()), o.Command)
				require.NoError(y.t, err, "%s: %T", rule.Name(), o.Command)
				before := y.end(o.Stream)
				_, err = y.l.Dispatch(ctx, o.Stream, o.Header(rule.Name()), o.Command)
				require.NoError(y.t, err)
				require.Equal(y.t, before, y.end(o.Stream))
			}
		}
	}
}

func (y *treasury) fund(id uuid.UUID) (f mdf.Fund, requests, claims []uuid.UUID) {
	s, _, err := y.l.Funds.Fold(ctx, id)
	require.NoError(y.t, err)
	for _, r := range s.Requests {
		requests = append(requests, r.ID)
	}
	for _, c := range s.Claims {
		claims = append(claims, c.ID)
	}
	return s.Fund, sortedIDs(requests), sortedIDs(claims)
}

var ctx = context.Background() // rapid's T has none

func jsonOf(v any) (json.RawMessage, error) { return json.Marshal(v) }

func sortedIDs(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func cents(n int64) domain.Money { return domain.Must(domain.NewMoney(n, "EUR")) }

var quarter = mdf.Period{From: domain.Date{Year: 2026, Month: 1, Day: 1}, To: domain.Date{Year: 2026, Month: 3, Day: 31}}

// opens a budget, and is its id.
func (y *treasury) opens(amount domain.Money) uuid.UUID {
	id := mdf.BudgetID(domain.CommandID("treasury", fmt.Sprint(y.keys+1)))
	require.NoError(y.t, y.gives(mdf.BudgetCategory, id, domaintest.Finance(), mdf.OpenBudget{Name: "Q1", Period: quarter, Amount: amount}))
	return id
}

func submission(fund uuid.UUID, requested domain.Money) mdf.SubmitRequest {
	return mdf.SubmitRequest{
		FundID:   fund,
		Activity: mdf.ActivityEvent, Title: "Fair", Starts: domain.Date{Year: 2026, Month: 2, Day: 1}, Ends: domain.Date{Year: 2026, Month: 2, Day: 3},
		TotalCost: eur("100000.00"), Requested: requested,
	}
}

func invoice(request uuid.UUID, number string, net domain.Money) mdf.FileClaim {
	return mdf.FileClaim{
		RequestID: request, Supplier: "Messebau Nord GmbH", InvoiceNumber: number, InvoiceDate: domain.DateOf(now, time.UTC), Net: net,
		Gross: net, Settlement: mdf.PartnerInvoice, Proof: []mdf.Proof{{Name: "x.jpg", Size: 1, SHA256: proof}},
	}
}

// TestEveryCentIsSomewhere: at every position of the log authority = unallocated + in transit + available + reserved + spent
// + expired, whatever finance and two partners do; and no command adds an event when it is given again.
func TestEveryCentIsSomewhere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		y := newTreasury(r)
		north, south := y.onboards("north"), y.onboards("south")
		budget := y.opens(eur("1000.00"))
		for range rapid.IntRange(5, 40).Draw(r, "commands") {
			y.now = y.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 24, 240, 1000}).Draw(r, "hours")) * time.Hour)
			y.step(r, budget, rapid.SampledFrom([]uuid.UUID{north, south}).Draw(r, "partner"))
			if rapid.IntRange(0, 2).Draw(r, "reactors") > 0 {
				y.react()
			}
		}
		y.react()
		checkIdentity(r, y.log)
	})
}

func (y *treasury) step(r *rapid.T, budget, of uuid.UUID) {
	amount := cents(rapid.Int64Range(1, 60_000).Draw(r, "amount"))
	id := mdf.FundID(budget, of)
	fund, requests, claims := y.fund(id)
	kinds := []string{"allocate", "allocate", "increase", "carry over", "approve carry over", "close"}
	if fund.ID != uuid.Nil {
		kinds = append(kinds, "release", "submit", "submit")
	}
	if len(requests) > 0 {
		kinds = append(kinds, "approve", "approve", "file", "file", "cancel")
	}
	if len(claims) > 0 {
		kinds = append(kinds, "approve claim", "approve claim", "deny", "claw back", "pay")
	}
	one := func(ids []uuid.UUID, name string) uuid.UUID { return rapid.SampledFrom(ids).Draw(r, name) }
	first, second := domaintest.Finance(), domaintest.Another(domaintest.Finance())
	toBudget := func(by domain.Actor, c mdf.BudgetCommand) { _ = y.gives(mdf.BudgetCategory, budget, by, c) }
	toFund := func(by domain.Actor, c mdf.FundCommand) { _ = y.gives(mdf.FundCategory, id, by, c) }
	switch rapid.SampledFrom(kinds).Draw(r, "kind") {
	case "allocate":
		toBudget(first, mdf.Allocate{PartnerID: of, Amount: amount})
	case "increase":
		toBudget(first, mdf.IncreaseBudget{Amount: amount, Reason: "x"})
	case "carry over":
		toBudget(first, mdf.RequestCarryOver{Amount: amount, Until: domain.DateOf(y.now, time.UTC).AddDays(40), Reason: "x"})
	case "approve carry over":
		b, _, err := y.l.Budgets.Fold(ctx, budget)
		require.NoError(r, err)
		if b.CarryOver != nil {
			toBudget(second, mdf.ApproveCarryOver{CarryOverID: b.CarryOver.ID})
		}
	case "close":
		if rapid.IntRange(0, 5).Draw(r, "really") == 0 {
			toBudget(first, mdf.CloseBudget{Reason: "x"})
		}
	case "release":
		toFund(first, mdf.ReleaseFund{PartnerID: of, Amount: amount, Reason: "x"})
	case "submit":
		c := submission(id, amount)
		c.Starts, c.Ends = domain.DateOf(y.now, time.UTC), domain.DateOf(y.now, time.UTC).AddDays(3)
		toFund(domaintest.Admin(of), c)
	case "approve":
		toFund(first, mdf.ApproveRequest{
			RequestID: one(requests, "request"), Amount: amount, Basis: "none", Treatment: rapid.SampledFrom(mdf.Treatments()).Draw(r, "treatment"),
		})
	case "file":
		toFund(domaintest.Admin(of), invoice(one(requests, "request"), fmt.Sprint(y.keys), amount))
	case "cancel":
		toFund(domaintest.Admin(of), mdf.CancelRequest{RequestID: one(requests, "request"), Reason: "x"})
	case "approve claim":
		half := cents(max(1, amount.Minor()/3))
		toFund(first, mdf.ApproveClaim{ClaimID: one(claims, "claim"), Approved: half, Final: rapid.Bool().Draw(r, "final")})
	case "deny":
		toFund(first, mdf.DenyClaim{ClaimID: one(claims, "claim"), Reason: "x"})
	case "claw back":
		toFund(first, mdf.ClawBack{ClaimID: one(claims, "claim"), Amount: cents(max(1, amount.Minor()/5)), Reason: "x"})
	case "pay":
		toFund(domaintest.Importer(), mdf.PayClaim{ClaimID: one(claims, "claim"), Reference: "x"})
	}
}

// checkIdentity folds the log and adds up behind each event.
func checkIdentity(t require.TestingT, log []domain.Event) {
	var budget mdf.Budget
	funds, transit := map[uuid.UUID]*mdf.Fund{}, int64(0)
	for _, event := range log {
		switch e := event.(type) {
		case mdf.BudgetEvent:
			budget.Apply(e, domain.Envelope{})
		case mdf.FundEvent:
			applyFund(funds, e)
		}
		transit += inTransit(event)
		require.GreaterOrEqual(t, transit, int64(0))
		sum := budget.Unallocated.Minor() + transit - budget.CarriedOver.Minor()
		for _, f := range funds {
			require.GreaterOrEqual(t, f.Available.Minor(), int64(0))
			sum += f.Available.Minor() + f.Reserved.Minor() + f.Spent.Minor() + f.Expired.Minor()
		}
		require.GreaterOrEqual(t, budget.Unallocated.Minor(), int64(0))
		require.Equal(t, budget.Authority.Minor(), sum, "behind %s", event.EventType())
	}
}

func applyFund(funds map[uuid.UUID]*mdf.Fund, e mdf.FundEvent) {
	var id uuid.UUID
	switch e := e.(type) {
	case mdf.FundCredited:
		id = e.FundID
	case mdf.FundReleased:
		id = e.FundID
	case mdf.FundsExpired:
		id = e.FundID
	case mdf.RequestApproved:
		id = e.FundID
	case mdf.RequestCancelled:
		id = e.FundID
	case mdf.RequestLapsed:
		id = e.FundID
	case mdf.ClaimApproved:
		id = e.FundID
	case mdf.ClaimClawedBack:
		id = e.FundID
	default:
		return
	}
	if funds[id] == nil {
		funds[id] = &mdf.Fund{}
	}
	funds[id].Apply(e, domain.Envelope{})
}

// inTransit is what an event puts into transit, or takes out.
func inTransit(event domain.Event) int64 {
	switch e := event.(type) {
	case mdf.Allocated:
		return e.Amount.Minor()
	case mdf.FundCredited:
		return -e.Amount.Minor()
	case mdf.FundReleased:
		return e.Amount.Minor()
	case mdf.AllocationReleased:
		if e.Cause == mdf.CauseReleased {
			return -e.Amount.Minor()
		}
	}
	return 0
}

// funded is a treasury where a partner has 1000 EUR of each of two budgets.
func funded(t *testing.T) (y *treasury, north uuid.UUID, funds []uuid.UUID) {
	t.Helper()
	y = newTreasury(t)
	north = y.onboards("north")
	for range 2 {
		budget := y.opens(eur("1000.00"))
		require.NoError(t, y.gives(mdf.BudgetCategory, budget, domaintest.Finance(), mdf.Allocate{PartnerID: north, Amount: eur("1000.00")}))
		funds = append(funds, mdf.FundID(budget, north))
	}
	y.react()
	return y, north, funds
}

func (y *treasury) requests(fund, of uuid.UUID, amount string) uuid.UUID {
	stream := domain.StreamName(mdf.FundCategory, fund)
	id := domain.EntityID(domain.CommandID("treasury", fmt.Sprint(y.keys+1)), stream, "request")
	require.NoError(y.t, y.gives(mdf.FundCategory, fund, domaintest.Admin(of), submission(fund, eur(amount))))
	return id
}

func (y *treasury) files(fund, of, request uuid.UUID, number, net string) uuid.UUID {
	stream := domain.StreamName(mdf.FundCategory, fund)
	id := domain.EntityID(domain.CommandID("treasury", fmt.Sprint(y.keys+1)), stream, "claim")
	require.NoError(y.t, y.gives(mdf.FundCategory, fund, domaintest.Admin(of), invoice(request, number, eur(net))))
	return id
}

func approval(request uuid.UUID, amount string) mdf.ApproveRequest {
	return mdf.ApproveRequest{RequestID: request, Amount: eur(amount), Treatment: mdf.ContraRevenue, Basis: "none"}
}

func TestThePartnersOtherFundsAreLookedAt(t *testing.T) {
	y, north, funds := funded(t)
	body := policy.Approval{WindowDays: 30, Limits: []policy.Limit{{Action: policy.ApproveRequest, UpTo: eur("500.00")}}}
	require.NoError(t, y.gives(program.Category, program.DefaultID, domaintest.Ops(), program.Publish{Kind: policy.KindApproval, Body: domain.Must(jsonOf(body))}))
	first, second := y.requests(funds[0], north, "300.00"), y.requests(funds[1], north, "300.00")
	approve := func(fund, request uuid.UUID, by domain.Actor) {
		require.NoError(t, y.gives(mdf.FundCategory, fund, by, approval(request, "300.00")))
	}
	approve(funds[0], first, domaintest.Finance())
	f, _, _ := y.fund(funds[0])
	require.Equal(t, eur("0.00"), f.Reserved, "the two add up to more than one person approves")
	approve(funds[0], first, domaintest.Another(domaintest.Finance()))
	approve(funds[1], second, domaintest.Finance())
	approve(funds[1], second, domaintest.Another(domaintest.Finance()))

	y.files(funds[0], north, first, "RE-1", "200.00")
	twin := y.files(funds[1], north, second, "re 1", "200.00")
	err := y.gives(mdf.FundCategory, funds[1], domaintest.Finance(), mdf.ApproveClaim{ClaimID: twin, Approved: eur("100.00")})
	require.Equal(t, "duplicate_claim", domain.AsRejection(err).Rule)
	s, _, err := y.l.Funds.Fold(ctx, funds[1])
	require.NoError(t, err)
	require.Equal(t, mdf.SameInvoice, s.Claims[twin].Findings[0].Rule)
	for recorded, err := range y.l.Store.Read(ctx, domain.StreamName(mdf.FundCategory, funds[1]), eventstore.NoStream) {
		require.NoError(t, err)
		_, env, err := y.l.Codec.Decode(recorded)
		require.NoError(t, err)
		if env.Type == "mdf.claim_filed.v1" {
			require.Equal(t, domain.StreamName(mdf.FundCategory, funds[0]), env.DecidedFrom[len(env.DecidedFrom)-1].Stream)
			require.Contains(t, env.Policies, "mdf@1")
		}
	}
}

func TestADealThatNamesAnActivityIsAttributed(t *testing.T) {
	y, north, funds := funded(t)
	seller := domain.DeriveID("seller")
	require.NoError(t, y.gives(partner.Category, north, domaintest.Ops(), partner.AddSeller{SellerID: seller, Name: "Ada"}))
	request := y.requests(funds[0], north, "300.00")
	deal := registration(north, seller)
	deal.MDFRequestID = request
	accountID := domain.Must(account.IDOf(deal))
	require.NoError(t, y.gives(account.Category, accountID, domaintest.Importer(), deal))
	y.react()
	s, _, err := y.l.Funds.Fold(ctx, funds[0])
	require.NoError(t, err)
	attributed := s.Requests[request].Attributions
	require.Len(t, attributed, 1)
	require.Equal(t, eur("100.00"), attributed[0].Amount)
	err = y.gives(mdf.FundCategory, funds[0], domaintest.Finance(), mdf.AttributePipeline{
		RequestID: request, AccountID: accountID, DealID: attributed[0].DealID, Amount: eur("0.01"),
	})
	require.Equal(t, "above_deal", domain.AsRejection(err).Rule)
}

func TestADeactivatedPartnersFundsAreReleased(t *testing.T) {
	y, north, funds := funded(t)
	request := y.requests(funds[0], north, "300.00")
	require.NoError(t, y.gives(mdf.FundCategory, funds[0], domaintest.Finance(), approval(request, "300.00")))
	require.NoError(t, y.gives(partner.Category, north, domaintest.Ops(), partner.Deactivate{Reason: "left"}))
	y.react()
	f, _, _ := y.fund(funds[0])
	require.Equal(t, []domain.Money{eur("0.00"), eur("300.00"), eur("700.00")}, []domain.Money{f.Available, f.Reserved, f.Released})
	b, _, err := y.l.Budgets.Fold(ctx, f.BudgetID)
	require.NoError(t, err)
	require.Equal(t, eur("700.00"), b.Unallocated)
}
