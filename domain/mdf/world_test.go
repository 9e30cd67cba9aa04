package mdf_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
)

// The things that the stories are about.
var (
	north    = domain.DeriveID("partner", "north")
	budgetID = domain.DeriveID("budget", "q2")
	fundID   = mdf.FundID(budgetID, north)
	ref      = mdf.FundRef{FundID: fundID, BudgetID: budgetID, PartnerID: north}
	stream   = domain.StreamName(mdf.FundCategory, fundID)

	day0    = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)
	expires = time.Date(2026, time.July, 31, 0, 0, 0, 0, time.UTC)
)

// day is a moment so many days into a story.
func day(n int) time.Time { return day0.AddDate(0, 0, n) }

// on lets a command come, and take effect, on a day.
func on(n int) domaintest.Option { return domaintest.At(day(n)) }

func by(a domain.Actor) domaintest.Option { return domaintest.By(a) }

func money(amount, currency string) domain.Money {
	return domain.Must(domain.ParseMoney(amount, currency))
}
func eur(amount string) domain.Money { return money(amount, "EUR") }
func usd(amount string) domain.Money { return money(amount, "USD") }

func date(t time.Time) domain.Date { return domain.DateOf(t, time.UTC) }

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func rules() policy.Rules {
	return policy.Rules{
		Zone:     time.UTC,
		Approval: policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
		MDF:      policy.Versioned[policy.MDF]{Version: 1, Body: policy.DefaultMDF()},
	}
}

// limited are rules under which one person approves so much of an action alone.
func limited(action policy.ApprovalAction, upTo domain.Money) policy.Rules {
	r := rules()
	r.Approval.Body.Limits = []policy.Limit{{Action: action, UpTo: upTo}}
	return r
}

func standing() mdf.Standing { return mdf.Standing{Known: true, Active: true} }

type fundWhen = domaintest.When[*mdf.FundState, mdf.FundCommand, mdf.FundFacts, mdf.FundEvent]

// story gives one command after another to one fund, each by somebody who may.
type story struct {
	t    *testing.T
	then interface {
		When(mdf.FundFacts, mdf.FundCommand, ...domaintest.Option) fundWhen
	}
	state    *mdf.FundState
	commands int
	facts    mdf.FundFacts
}

// newStory is a fund of 10 000 EUR.
func newStory(t *testing.T, amounts ...string) *story {
	t.Helper()
	begun := domaintest.For(t, mdf.FundDecider(), domaintest.StreamID(fundID), on(0)).Given()
	s := &story{t: t, then: begun, facts: mdf.FundFacts{Rules: rules(), Partner: standing()}}
	if len(amounts) == 0 {
		amounts = []string{"10000.00"}
	}
	for _, amount := range amounts {
		s.do(mdf.CreditFund{FundRef: ref, Ref: domain.DeriveID("allocated"), Amount: eur(amount), ExpiresAt: expires})
	}
	return s
}

// when gives a command.
func (s *story) when(c mdf.FundCommand, options ...domaintest.Option) fundWhen {
	s.t.Helper()
	s.commands++
	options = append([]domaintest.Option{by(usual(c))}, options...)
	return s.then.When(s.facts, c, options...)
}

// do gives a command that must be taken, and is what it led to.
func (s *story) do(c mdf.FundCommand, options ...domaintest.Option) []mdf.FundEvent {
	s.t.Helper()
	o := s.when(c, options...).Outcome()
	require.NoError(s.t, o.Err())
	s.then, s.state = o, o.State()
	s.holds()
	return o.Events()
}

// holds is the identity, and that nothing is below nought.
func (s *story) holds() {
	s.t.Helper()
	requireWhole(s.t, s.state)
}

// wants gives a command that must lead to exactly these events.
func (s *story) wants(c mdf.FundCommand, events []mdf.FundEvent, options ...domaintest.Option) {
	s.t.Helper()
	o := s.when(c, options...).Then(events...)
	s.then, s.state = o, o.State()
	s.holds()
}

// refuses gives a command that must be refused, and says why in words that hold the given ones.
func (s *story) refuses(c mdf.FundCommand, kind domain.RejectionKind, rule, field string, options ...domaintest.Option) {
	s.t.Helper()
	o := s.when(c, options...).ThenRejected(kind, rule, field)
	s.then = o
}

func (s *story) created(kind string) uuid.UUID {
	return domain.EntityID(domaintest.NthCommand(s.commands), stream, kind)
}

// requests is the id of a request for an event from day 10 to day 12.
func (s *story) requests(amount string, options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	s.do(submission(amount), options...)
	return s.created("request")
}

func submission(amount string) mdf.SubmitRequest {
	return mdf.SubmitRequest{
		FundID: fundID, Activity: mdf.ActivityEvent, Title: "Fair", Starts: date(day(10)), Ends: date(day(12)),
		TotalCost: domain.Must(eur(amount).Mul(domain.Must(domain.ParseRate("2")))), Requested: eur(amount),
	}
}

const basis = "no distinct good or service"

func approval(request uuid.UUID, amount string) mdf.ApproveRequest {
	return mdf.ApproveRequest{RequestID: request, Amount: eur(amount), Treatment: mdf.ContraRevenue, Basis: basis}
}

// approved is a request that was approved as it was asked for.
func (s *story) approved(amount string, options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	id := s.requests(amount, options...)
	s.do(approval(id, amount), options...)
	return id
}

// invoice is a claim on a request without tax.
func invoice(request uuid.UUID, number string, net domain.Money) mdf.FileClaim {
	return mdf.FileClaim{
		RequestID: request, Supplier: "Messebau Nord GmbH", InvoiceNumber: number, InvoiceDate: date(day0), Net: net, Gross: net,
		Settlement: mdf.PartnerInvoice, Proof: []mdf.Proof{{Name: "stand.jpg", Size: 1, SHA256: sha(number)}},
	}
}

// files is the id of a claim.
func (s *story) files(c mdf.FileClaim, options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	s.do(c, options...)
	return s.created("claim")
}

func (s *story) request(id uuid.UUID) *mdf.Request {
	s.t.Helper()
	require.Contains(s.t, s.state.Requests, id)
	return s.state.Requests[id]
}

func (s *story) claim(id uuid.UUID) *mdf.Claim {
	s.t.Helper()
	require.Contains(s.t, s.state.Claims, id)
	return s.state.Claims[id]
}

// balance is available, reserved, spent and expired.
func (s *story) balance(available, reserved, spent, expired string) {
	s.t.Helper()
	b := s.state.Fund.Balance
	require.Equal(s.t, []string{available, reserved, spent, expired},
		[]string{b.Available.Decimal(), b.Reserved.Decimal(), b.Spent.Decimal(), b.Expired.Decimal()})
}

// usual is who gives such a command in most stories.
func usual(c mdf.FundCommand) domain.Actor {
	switch c.(type) {
	case mdf.SubmitRequest, mdf.FileClaim, mdf.RefileClaim, mdf.WithdrawClaim, mdf.CancelRequest:
		return domaintest.Admin(north)
	case mdf.CreditFund, mdf.ReleaseAll, mdf.ExpireFunds, mdf.LapseRequest, mdf.AccrueObligation, mdf.SettleClaim,
		mdf.ReturnClaimPayment, mdf.FinishClawback:
		return domaintest.Scheduler()
	case mdf.PayClaim:
		return domaintest.Importer()
	default:
		return domaintest.Finance()
	}
}

const (
	invalid   = domain.KindInvalid
	forbidden = domain.KindForbidden
	missing   = domain.KindNotFound
	conflict  = domain.KindConflict
)

// requireWhole: credited = released + available + reserved + spent + expired, nothing is below nought, and no request was
// drawn beyond what was approved or the vendor's share.
func requireWhole(t require.TestingT, s *mdf.FundState) {
	b := s.Fund.Balance
	parts := domain.Must(domain.SumMoney(b.Released, b.Available, b.Reserved, b.Spent, b.Expired))
	require.Equal(t, b.Credited, parts.In(b.Credited.Currency()), "%+v", b)
	for _, part := range []domain.Money{b.Released, b.Available, b.Reserved, b.Spent, b.Expired} {
		require.GreaterOrEqual(t, part.Minor(), int64(0), "%+v", b)
	}
	var reserved, spent int64
	for _, r := range s.Requests {
		reserved += r.Reserved.Minor()
		spent += r.Drawn.Minor() - r.ClawedBack.Minor()
		require.GreaterOrEqual(t, r.Reserved.Minor(), int64(0))
		require.GreaterOrEqual(t, r.Obligation.Minor(), int64(0))
		require.GreaterOrEqual(t, r.ClawedBack.Minor(), int64(0))
		require.GreaterOrEqual(t, r.Drawn.Minor(), r.ClawedBack.Minor())
		if r.Approval != nil && r.Approved.Taken() {
			require.LessOrEqual(t, r.Drawn.Minor(), r.Approval.Amount.Minor())
			most := domain.Must(r.ProvenCost.Percent(r.Approval.VendorSharePercent))
			require.LessOrEqual(t, r.Drawn.Minor(), most.Minor())
			require.LessOrEqual(t, r.Obligation.Minor(), r.Reserved.Minor())
		} else {
			require.Zero(t, r.Reserved.Minor()+r.Drawn.Minor())
		}
	}
	require.Equal(t, b.Reserved.Minor(), reserved)
	require.Equal(t, b.Spent.Minor(), spent)
	for _, c := range s.Claims {
		if c.Terms != nil && (c.Status == mdf.ClaimIsApproved || c.Status == mdf.ClaimIsPaid) {
			require.GreaterOrEqual(t, c.Owed().Minor(), int64(0))
			require.LessOrEqual(t, c.Paid.Minor(), c.Terms.Payable().Minor())
			require.LessOrEqual(t, c.PaidDrawn.Minor(), c.Terms.Drawn.Minor())
			settled := c.PaidDrawn.Minor()
			for _, b := range c.Clawbacks {
				if b.Paid && !b.Reversed.Taken() { // perhaps before the bank confirmed the payment
					settled += b.Drawn.Minor()
				}
			}
			require.GreaterOrEqual(t, settled, int64(0))
		}
	}
}
