package reactor_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
)

var (
	budget  = domain.DeriveID("test", "budget")
	fund    = mdf.FundID(budget, other)
	of      = mdf.FundRef{FundID: fund, BudgetID: budget, PartnerID: other}
	request = mdf.OfRequest{RequestID: domain.DeriveID("test", "request")}
	ten     = domain.Must(domain.ParseMoney("10.00", "EUR"))
)

// envelope is that of an event on a stream that a command led to.
func envelope(stream, id string, command uuid.UUID) domain.Envelope {
	return domain.Envelope{
		EventID: domain.DeriveID(id), Stream: stream, Metadata: domain.Metadata{CommandID: command, EffectiveAt: day(1)},
	}
}

func onFund(id string) domain.Envelope {
	return envelope(domain.StreamName(mdf.FundCategory, fund), id, domain.DeriveID("command", id))
}

func onBudget(id string) domain.Envelope {
	return envelope(domain.StreamName(mdf.BudgetCategory, budget), id, domain.DeriveID("command", id))
}

func TestMoneyCrossesFromStreamToStream(t *testing.T) {
	for name, c := range map[string]struct {
		event  domain.Event
		env    domain.Envelope
		stream string
		want   any
	}{
		"allocated": {
			mdf.Allocated{FundRef: of, Amount: ten, ExpiresAt: day(9)}, onBudget("a"), domain.StreamName(mdf.FundCategory, fund),
			mdf.CreditFund{FundRef: of, Ref: domain.DeriveID("a"), Amount: ten, ExpiresAt: day(9)},
		},
		"released": {
			mdf.FundReleased{FundRef: of, Amount: ten}, onFund("r"), domain.StreamName(mdf.BudgetCategory, budget),
			mdf.ReleaseAllocation{FundRef: of, Amount: ten, Cause: mdf.CauseReleased, Source: domain.DeriveID("r")},
		},
		"expired": {
			mdf.FundsExpired{FundRef: of, Amount: ten}, onFund("x"), domain.StreamName(mdf.BudgetCategory, budget),
			mdf.ReleaseAllocation{FundRef: of, Amount: ten, Cause: mdf.CauseExpired, Source: domain.DeriveID("x")},
		},
	} {
		f := reactor.NewFunds()
		f.Observe(c.event, c.env)
		next, planned := f.Next()
		require.True(t, planned, name)
		require.Equal(t, day(1), next, name)
		orders := f.Due(day(1))
		require.Len(t, orders, 1, name)
		require.Equal(t, c.want, orders[0].Command, name)
		require.Equal(t, c.stream, orders[0].Stream, name)
		require.Equal(t, day(1), orders[0].EffectiveAt, name)
		require.Empty(t, f.Due(day(9)), name)

		f.Observe(c.event, c.env) // after a restart the log shows that it was done
		f.Observe(mdf.FundCredited{FundRef: of}, envelope(c.stream, "done", orders[0].Header("funds").CommandID))
		require.Empty(t, f.Due(day(9)), name)
		_, planned = f.Next()
		require.False(t, planned)
	}
}

func TestADealAndItsActivityComeInEitherOrder(t *testing.T) {
	registered := account.DealRegistered{DealID: deal, MDFRequestID: request.RequestID}
	onAccount := envelope("account-"+other.String(), "d", domain.DeriveID("command", "d"))
	submitted := mdf.RequestSubmitted{FundRef: of, OfRequest: request}
	want := []any{mdf.AttributePipeline{RequestID: request.RequestID, AccountID: other, DealID: deal}}
	for _, dealFirst := range []bool{true, false} {
		f := reactor.NewFunds()
		if dealFirst {
			f.Observe(registered, onAccount)
			require.Empty(t, f.Due(day(9)))
		}
		f.Observe(submitted, onFund("s"))
		if !dealFirst {
			f.Observe(registered, onAccount)
		}
		f.Observe(account.DealRegistered{DealID: other}, onAccount)
		var commands []any
		for _, o := range f.Due(day(9)) {
			commands = append(commands, o.Command)
			require.Equal(t, onAccount, o.Cause)
		}
		require.Equal(t, want, commands)
	}
}

func TestADeactivatedPartnersFundsGoBack(t *testing.T) {
	onPartner := envelope("partner-"+other.String(), "p", domain.DeriveID("command", "p"))
	f := reactor.NewFunds()
	f.Observe(mdf.FundCredited{FundRef: of}, onFund("c"))
	f.Observe(mdf.FundCredited{FundRef: of}, onFund("c2"))
	require.Empty(t, f.Due(day(9)))
	f.Observe(partner.Deactivated{}, onPartner)
	require.Len(t, f.Due(day(9)), 1)
	f.Observe(mdf.FundCredited{FundRef: of}, onFund("in transit"))
	require.Len(t, f.Due(day(9)), 1)
	f.Observe(partner.Onboarded{}, onPartner)
	f.Observe(mdf.FundCredited{FundRef: of}, onFund("again"))
	require.Empty(t, f.Due(day(9)))
}

func TestFundsAndRequestsEndOnTheirDays(t *testing.T) {
	s := reactor.NewScheduler()
	s.Observe(mdf.FundCredited{FundRef: of, Amount: ten, ExpiresAt: day(50)}, onFund("c"))
	s.Observe(mdf.RequestSubmitted{FundRef: of, OfRequest: request, Requested: ten}, onFund("s"))
	s.Observe(mdf.RequestApproved{FundRef: of, OfRequest: request, Amount: ten, ClaimUntil: day(40), AccruesAt: day(20)}, onFund("a"))
	claim := mdf.OfClaim{RequestID: request.RequestID, ClaimID: other}
	require.Equal(t, []any{mdf.AccrueObligation(request)}, due(s, day(30)))
	s.Observe(mdf.ObligationAccrued{FundRef: of, OfRequest: request, Amount: ten}, onFund("o"))
	s.Observe(mdf.ClaimFiled{FundRef: of, OfClaim: claim}, onFund("f"))
	require.Empty(t, s.Due(day(45)), "a claim waits")
	s.Observe(mdf.ClaimDenied{OfClaim: claim, DisputeUntil: day(60)}, onFund("d"))
	require.Equal(t, []any{mdf.ExpireFunds{}}, due(s, day(55)))
	require.Equal(t, []any{mdf.LapseRequest(request)}, due(s, day(60)))
	s.Observe(mdf.FundCredited{FundRef: of, Amount: ten, ExpiresAt: day(70)}, onFund("c3"))
	s.Observe(mdf.FundsExpired{FundRef: of, Amount: ten}, onFund("x"))
	require.Empty(t, s.Due(day(99)))
}

func TestRulesHaveNamesOfTheirOwn(t *testing.T) {
	var names []string
	for _, rule := range reactor.All() {
		require.NotContains(t, names, rule.Name())
		names = append(names, rule.Name())
		require.False(t, slices.Contains(rule.Types(), ""))
	}
}
