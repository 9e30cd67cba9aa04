package mdf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
)

// machine is a fund that rapid gives commands to, so that it can leave out what a failure doesn't need.
type machine struct {
	decider domain.Decider[*mdf.FundState, mdf.FundCommand, mdf.FundFacts, mdf.FundEvent]
	state   *mdf.FundState
	log     []recorded
	now     time.Time
	n       int
	taken   map[string]int // events by type
}

type recorded struct {
	event mdf.FundEvent
	env   domain.Envelope
}

// TestNoSequenceOfCommandsBreaksAFund: nothing available is ever below nought, nothing is paid beyond what was approved, and
// the identity holds behind each event, whoever gives which commands in which order.
func TestNoSequenceOfCommandsBreaksAFund(t *testing.T) {
	taken := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := mdf.FundDecider()
		m := &machine{decider: d, state: d.Initial(), now: day0, taken: taken}
		m.give(t, mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("a"), Amount: eur("90.00"), ExpiresAt: day(rapid.SampledFrom([]int{20, 60, 120, 400}).Draw(t, "expires"))})
		for range rapid.IntRange(40, 120).Draw(t, "commands") {
			m.step(t)
		}
		m.checkBounded(t)
		m.checkRows(t)
	})
	for _, name := range []string{"mdf.claim_approved.v1", "mdf.claim_clawed_back.v1", "mdf.funds_expired.v1", "mdf.request_lapsed.v1"} {
		require.NotZero(t, taken[name], "no random history held a %s", name)
	}
}

// step lets time pass, does what falls due, and gives one command.
func (m *machine) step(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 1, 24, 24, 100, 400}).Draw(t, "hours")) * time.Hour)
	if rapid.Bool().Draw(t, "scheduler") {
		m.fallDue(t)
	}
	m.give(t, m.draw(t))
}

func (m *machine) fallDue(t *rapid.T) {
	m.at(t, mdf.ExpireFunds{}, m.state.Fund.ExpiresAt)
	for _, id := range ids(m.state.Requests) {
		if at, ok := m.state.Requests[id].AccruesAt(); ok {
			m.at(t, mdf.AccrueObligation{RequestID: id}, at)
		}
		if at, ok := m.state.Requests[id].LapsesAt(); ok {
			m.at(t, mdf.LapseRequest{RequestID: id}, at)
		}
	}
}

func (m *machine) at(t *rapid.T, c mdf.FundCommand, due time.Time) {
	if due.After(m.now) {
		return
	}
	m.decide(t, c, due, domaintest.Scheduler())
}

func (m *machine) give(t *rapid.T, c mdf.FundCommand) { m.decide(t, c, m.now, m.actor(c)) }

// actor is each time somebody else, so that nobody is maker and checker.
func (m *machine) actor(c mdf.FundCommand) domain.Actor {
	a := usual(c)
	if a.Kind == domain.User {
		a.ID = fmt.Sprint(a.ID, m.n)
	}
	return a
}

func (m *machine) decide(t *rapid.T, c mdf.FundCommand, at time.Time, by domain.Actor) {
	m.n++
	header := domain.Header{CommandID: domaintest.NthCommand(m.n), Actor: by, Now: m.now, EffectiveAt: at}
	events, err := m.decider.Decide(m.state, header, mdf.FundFacts{Rules: rules(), Partner: standing()}, c)
	if err != nil {
		require.NotNil(t, domain.AsRejection(err), "%v", err)
		require.Empty(t, events)
		return
	}
	for i, e := range events {
		env := domain.Envelope{
			EventID: domain.EventID(header.CommandID, stream, i), Type: e.EventType(), Stream: stream,
			Revision: int64(len(m.log)), RecordedAt: m.now, Metadata: header.Metadata(domain.Basis{}),
		}
		m.log = append(m.log, recorded{e, env})
		m.state = m.decider.Evolve(m.state, e, env)
		m.taken[e.EventType()]++
		requireParts(t, m.state.Fund.Balance)
	}
	requireWhole(t, m.state)
}

// requireParts is the identity alone: it holds between the events of one append too.
func requireParts(t *rapid.T, b mdf.Balance) {
	parts := domain.Must(domain.SumMoney(b.Released, b.Available, b.Reserved, b.Spent, b.Expired))
	require.Equal(t, b.Credited, parts.In("EUR"))
	for _, part := range []domain.Money{b.Released, b.Available, b.Reserved, b.Spent, b.Expired} {
		require.GreaterOrEqual(t, part.Minor(), int64(0), "%+v", b)
	}
}

func ids[V any](things map[uuid.UUID]V) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(things), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
}

func (m *machine) amount(t *rapid.T, name string) domain.Money {
	return domain.Must(domain.NewMoney(rapid.Int64Range(1, 6000).Draw(t, name), "EUR"))
}

// most is a part of an amount, or a little more.
func (m *machine) most(t *rapid.T, amount domain.Money) domain.Money {
	percent := rapid.SampledFrom([]string{"20", "33.3", "50", "50", "100", "101"}).Draw(t, "percent")
	return domain.Must(amount.Percent(domain.Must(domain.ParseRate(percent))))
}

// draw is a random command, most often one that the thing's status allows.
func (m *machine) draw(t *rapid.T) mdf.FundCommand {
	requests, claims := ids(m.state.Requests), ids(m.state.Claims)
	on := []string{"fund"}
	if len(requests) > 0 {
		on = append(on, "request", "request")
	}
	if len(claims) > 0 {
		on = append(on, "claim", "claim", "claim")
	}
	switch rapid.SampledFrom(on).Draw(t, "on") {
	case "request":
		id := rapid.SampledFrom(requests).Draw(t, "request")
		return m.drawForRequest(t, m.kind(t, requestKinds, string(m.state.Requests[id].Status)), id)
	case "claim":
		id := rapid.SampledFrom(claims).Draw(t, "claim")
		return m.drawForClaim(t, m.kind(t, claimKinds, string(m.state.Claims[id].Status)), id)
	default:
		return m.drawForFund(t)
	}
}

// What is most often wanted of a request or claim of a status.
var (
	requestKinds = map[string][]string{
		"submitted": {"approve", "approve", "approve", "approve", "decline", "cancel"},
		"approved":  {"file", "file", "file", "file", "extend", "cancel"},
		"":          {"approve", "decline", "cancel", "extend", "file"},
	}
	claimKinds = map[string][]string{
		"filed":    {"approve claim", "approve claim", "approve claim", "override", "return", "withdraw", "deny"},
		"returned": {"refile", "refile", "withdraw"},
		"denied":   {"reopen"},
		"approved": {"pay", "claw back", "reverse"},
		"paid":     {"claw back", "reverse"},
		"":         {"approve claim", "return", "refile", "withdraw", "deny", "reopen", "override", "pay", "claw back", "reverse"},
	}
)

func (m *machine) kind(t *rapid.T, kinds map[string][]string, status string) string {
	usual := kinds[status]
	if len(usual) == 0 || rapid.IntRange(0, 7).Draw(t, "unusual") == 0 {
		usual = kinds[""]
	}
	return rapid.SampledFrom(usual).Draw(t, "kind")
}

func (m *machine) drawForFund(t *rapid.T) mdf.FundCommand {
	switch rapid.SampledFrom([]string{"submit", "submit", "submit", "release", "credit"}).Draw(t, "kind") {
	case "release":
		return mdf.ReleaseFund{PartnerID: north, Amount: m.amount(t, "released"), Reason: "x"}
	case "credit":
		later := m.state.Fund.ExpiresAt.AddDate(0, rapid.IntRange(-1, 1).Draw(t, "months"), 0)
		return mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("a"), Amount: m.amount(t, "credit"), ExpiresAt: later}
	default:
		c := submission("1.00")
		c.Requested, c.TotalCost = m.amount(t, "requested"), eur("200.00")
		c.Starts, c.Ends = date(m.now), date(m.now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days")))
		return c
	}
}

func (m *machine) drawForRequest(t *rapid.T, kind string, id uuid.UUID) mdf.FundCommand {
	switch kind {
	case "approve":
		return mdf.ApproveRequest{
			RequestID: id, Amount: m.most(t, m.state.Requests[id].Requested), Basis: basis,
			Treatment: rapid.SampledFrom(mdf.Treatments()).Draw(t, "treatment"),
		}
	case "decline":
		return mdf.DeclineRequest{RequestID: id, Reason: "x"}
	case "cancel":
		return mdf.CancelRequest{RequestID: id, Reason: "x"}
	case "extend":
		return mdf.ExtendDeadline{RequestID: id, Until: date(m.now.AddDate(0, 3, 0)), Reason: "x"}
	default:
		c := invoice(id, fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "number")), m.amount(t, "net"))
		return c
	}
}

func (m *machine) drawForClaim(t *rapid.T, kind string, id uuid.UUID) mdf.FundCommand {
	c := m.state.Claims[id]
	switch kind {
	case "approve claim":
		return mdf.ApproveClaim{ClaimID: id, Approved: m.most(t, c.Gross), Final: rapid.Bool().Draw(t, "final")}
	case "return":
		return mdf.ReturnClaim{ClaimID: id, Reason: "x"}
	case "refile":
		again := invoice(c.RequestID, fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "number")), m.amount(t, "net"))
		return mdf.RefileClaim{
			ClaimID: id, Supplier: again.Supplier, InvoiceNumber: again.InvoiceNumber, InvoiceDate: again.InvoiceDate, Net: again.Net,
			Gross: again.Gross, Settlement: again.Settlement, Proof: again.Proof,
		}
	case "withdraw":
		return mdf.WithdrawClaim{ClaimID: id}
	case "deny":
		return mdf.DenyClaim{ClaimID: id, Reason: "x"}
	case "reopen":
		reopen := mdf.ReopenClaim{ClaimID: id, Reason: "x"}
		if m.state.Requests[c.RequestID].Status != mdf.RequestIsApproved {
			reopen.Reserve = m.amount(t, "reserve")
		}
		return reopen
	case "override":
		override := mdf.OverrideDuplicate{ClaimID: id, Reason: "x"}
		for _, f := range c.Findings {
			if !f.Override.Taken() {
				override.FindingIDs = append(override.FindingIDs, f.ID)
			}
		}
		return override
	case "pay":
		return mdf.PayClaim{ClaimID: id, Reference: "x"}
	case "claw back":
		return mdf.ClawBack{ClaimID: id, Amount: m.amount(t, "amount"), Reason: "x"}
	default:
		back := uuid.Nil
		if n := len(c.Clawbacks); n > 0 {
			back = c.Clawbacks[rapid.IntRange(0, n-1).Draw(t, "clawback")].ClawbackID
		}
		return mdf.ReverseClawback{ClaimID: id, ClawbackID: back, Reason: "x"}
	}
}

// checkBounded: every bound folds, with what took effect later left out, and the identity holds in each.
func (m *machine) checkBounded(t *rapid.T) {
	for _, r := range m.log {
		s := m.decider.Initial()
		for _, other := range m.log {
			if !other.env.EffectiveAt.After(r.env.EffectiveAt) {
				s = m.decider.Evolve(s, other.event, other.env)
			}
		}
		b := s.Fund.Balance
		parts := domain.Must(domain.SumMoney(b.Released, b.Available, b.Reserved, b.Spent, b.Expired))
		require.Equal(t, b.Credited, parts.In("EUR"))
	}
}

// checkRows: each request and claim, folded alone and written and read after each event, as a read model does, is the state's.
func (m *machine) checkRows(t *rapid.T) {
	requests, claims, fund := map[uuid.UUID]*mdf.Request{}, map[uuid.UUID]*mdf.Claim{}, &mdf.Fund{}
	for _, r := range m.log {
		fund.Apply(r.event, r.env)
		fund = again(t, fund)
		if e, ok := r.event.(mdf.RequestEvent); ok {
			row := orNew(requests[e.Request()])
			row.Apply(e, r.env)
			requests[e.Request()] = again(t, row)
		}
		if e, ok := r.event.(mdf.ClaimEvent); ok {
			row := orNew(claims[e.Claim()])
			row.Apply(e, r.env)
			claims[e.Claim()] = again(t, row)
		}
	}
	require.JSONEq(t, encode(t, m.state.Fund), encode(t, fund))
	require.JSONEq(t, encode(t, m.state.Requests), encode(t, requests))
	require.JSONEq(t, encode(t, m.state.Claims), encode(t, claims))
}

func orNew[T any](row *T) *T {
	if row == nil {
		return new(T)
	}
	return row
}

func again[T any](t *rapid.T, value *T) *T {
	back := new(T)
	require.NoError(t, json.Unmarshal([]byte(encode(t, value)), back))
	return back
}

func encode(t *rapid.T, value any) string {
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
