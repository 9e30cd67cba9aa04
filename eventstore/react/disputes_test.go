package react_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
)

// court is a shop in which a second partner disputes the first one's won deal.
type court struct {
	*shop
	south, seller uuid.UUID
	home, deal    uuid.UUID
	id            uuid.UUID // of the case
	won           dispute.EventRef
}

func newCourt(t *testing.T) *court {
	t.Helper()
	c := &court{shop: newShop(t), south: domain.DeriveID("test", "south"), seller: domain.DeriveID("test", "seller of south")}
	for _, command := range []partner.Command{
		partner.Apply{LegalName: "South", Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "imported history"},
		partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(epoch, time.UTC)}, partner.Onboard{},
		partner.AddSeller{SellerID: c.seller, Name: "Grace Hopper"},
	} {
		c.gives(partner.Category, c.south, command)
	}
	return c
}

// does gives a command on the case, and says why it was refused.
func (c *court) does(actor domain.Actor, command dispute.Command) error {
	c.t.Helper()
	header := c.header()
	header.Actor = actor
	if _, opens := command.(dispute.Open); opens {
		c.id = dispute.IDOf(header.CommandID)
	}
	_, err := c.Disputes.Do(c.t.Context(), c.id, header, command)
	return err
}

func (c *court) must(actor domain.Actor, command dispute.Command) {
	c.t.Helper()
	require.NoError(c.t, c.does(actor, command), "%T", command)
}

// settle lets all reactors handle the log, each time from its beginning, until nothing follows any more.
func (c *court) settle() {
	c.t.Helper()
	for {
		before, end := types(c.t, c.Ledger)
		ctx, stop := context.WithCancel(c.t.Context())
		runner := newRunner(c.Ledger, c.now.at, reactor.All)
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		_, err := runner.WaitFor(ctx, end)
		require.NoError(c.t, err)
		stop()
		require.NoError(c.t, <-ended)
		if after, _ := types(c.t, c.Ledger); len(after) == len(before) {
			return
		}
	}
}

func (c *court) file() (found dispute.Case) {
	c.t.Helper()
	require.NoError(c.t, c.Disputes.View(c.t.Context(), c.id, func(s *dispute.State, _ domain.Source) error {
		found = *s
		return nil
	}))
	return found
}

func (c *court) dealNow() (d *account.Deal) {
	c.t.Helper()
	require.NoError(c.t, c.Accounts.View(c.t.Context(), c.home, func(s *account.State, _ domain.Source) error {
		seen := *s.Deals[c.deal]
		d = &seen
		return nil
	}))
	return d
}

// last is the last event of a type in a stream.
func (c *court) last(stream, name string) (ref dispute.EventRef) {
	c.t.Helper()
	for r, err := range c.Store.Read(c.t.Context(), stream, eventstore.NoStream) {
		require.NoError(c.t, err)
		if r.Type == name {
			ref = dispute.EventRef{Stream: stream, Revision: int64(r.Revision), EventID: r.ID}
		}
	}
	require.NotZero(c.t, ref, "%s has no %s", stream, name)
	return ref
}

func (c *court) opensFor(partnerID uuid.UUID) uuid.UUID {
	c.t.Helper()
	o := rebate.OpenAgreement{PartnerID: partnerID, Scheme: "standard", Period: rebate.Period{
		FirstDay: domain.DateOf(epoch, time.UTC), LastDay: domain.DateOf(epoch, time.UTC).AddDays(89),
	}}
	c.gives(rebate.Category, o.ID(), o)
	return o.ID()
}

func judge(id string) domain.Actor {
	return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{domain.Adjudicator}}
}

func (c *court) verdict(outcome dispute.Outcome, remedies ...dispute.Remedy) dispute.Verdict {
	return dispute.Verdict{
		Outcome: outcome, Remedies: remedies, Rationale: "the register shows it", Cites: []dispute.EventRef{c.won}, Policy: "conflict@1",
	}
}

// disputed takes the case to where an adjudicator may rule.
func (c *court) disputed(amount string) {
	c.t.Helper()
	c.home, c.deal = c.wins("acme.de", eur(amount))
	stream := domain.StreamName(account.Category, c.home)
	c.won = c.last(stream, "deal.won.v1")
	c.must(domaintest.Admin(c.south), dispute.Open{
		Kind: dispute.KindDealOwnership, Stream: stream, EventID: c.won.EventID, Respondents: []dispute.Party{{PartnerID: partnerID}},
		RemedySought: "the deal", Statement: "we were first",
	})
	c.must(domaintest.Admin(partnerID), dispute.FileResponse{Statement: "no"})
	c.must(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	c.settle()
}

func (c *court) totals(agreements ...uuid.UUID) (totals []string) {
	for _, id := range agreements {
		_, total := c.total(id)
		totals = append(totals, total.Decimal())
	}
	return totals
}

// TestAnOverturnedReassignmentIsTakenBack: whose deal it is, and the rebates of both, go there and back.
func TestAnOverturnedReassignmentIsTakenBack(t *testing.T) {
	c := newCourt(t)
	north, south := c.opensFor(partnerID), c.opensFor(c.south)
	c.disputed("60000.00")
	require.True(t, c.dealNow().Held())
	require.Equal(t, []string{"1300.00", "0.00"}, c.totals(north, south))
	c.must(judge("judge-1"), dispute.IssueRuling(c.verdict(dispute.OutcomeUpheld, dispute.Remedy{
		Kind: dispute.RemedyReassign, Stream: c.won.Stream, DealID: c.deal, PartnerID: c.south, SellerID: c.seller, AtOnce: true,
	})))
	c.settle()
	require.Equal(t, c.south, c.dealNow().PartnerID)
	require.Equal(t, []string{"0.00", "1300.00"}, c.totals(north, south))
	require.Equal(t, dispute.RemedyIsApplied, c.file().Remedies[0].Status)
	require.Equal(t, "deal.reassigned.v1", typeOf(t, c, c.file().Remedies[0].Applied.Event))

	c.must(domaintest.Admin(partnerID), dispute.FileAppeal{Grounds: "the clock was wrong"})
	c.must(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: "judge-2"})
	c.must(judge("judge-2"), dispute.RuleOnAppeal{
		Outcome: dispute.OutcomeDenied, Rationale: "the clock was right", Cites: []dispute.EventRef{c.won}, Policy: "conflict@1",
	})
	c.settle()
	require.Equal(t, partnerID, c.dealNow().PartnerID)
	require.Equal(t, []string{"1300.00", "0.00"}, c.totals(north, south))
	require.Equal(t, dispute.StatusClosed, c.file().Status)
	require.Equal(t, dispute.RemedyIsUndone, c.file().Remedies[0].Status)
	require.False(t, c.dealNow().Held(), "the case is closed")
}

func typeOf(t *testing.T, c *court, ref dispute.EventRef) string {
	t.Helper()
	for r, err := range c.Store.Read(t.Context(), ref.Stream, eventstore.Revision(ref.Revision-1)) {
		require.NoError(t, err)
		require.Equal(t, ref.EventID, r.ID)
		return r.Type
	}
	return ""
}

// TestASplitCreditSplitsTheRebates: each partner's agreement counts its part, from when the deal was won.
func TestASplitCreditSplitsTheRebates(t *testing.T) {
	c := newCourt(t)
	north, south := c.opensFor(partnerID), c.opensFor(c.south)
	c.disputed("50000.00")
	rate := func(s string) domain.Rate { return domain.Must(domain.ParseRate(s)) }
	c.must(judge("judge-1"), dispute.IssueRuling(c.verdict(dispute.OutcomePartlyUpheld, dispute.Remedy{
		Kind: dispute.RemedySplitCredit, Stream: c.won.Stream, DealID: c.deal, Shares: []dispute.Share{
			{PartnerID: partnerID, Share: rate("0.4")}, {PartnerID: c.south, Share: rate("0.6")},
		},
	})))
	c.settle()
	require.Equal(t, []string{"800.00", "0.00"}, c.totals(north, south), "it waits for the appeal")
	c.now.at = c.file().AppealUntil
	c.settle()
	require.Equal(t, dispute.FinalByTime, c.file().FinalBecause)
	require.Equal(t, dispute.StatusClosed, c.file().Status)
	require.Equal(t, []string{"200.00", "400.00"}, c.totals(north, south))

	c.gives(account.Category, c.home, account.ReverseWin{DealID: c.deal, Amount: eur("10000.00"), Reason: account.ReversalReturned})
	c.settle()
	revenue, _ := c.total(south)
	require.Equal(t, eur("24000.00"), revenue, "what is taken back is split, too")
}

// TestMissedDeadlinesEscalate runs a case that nobody cares for through the levels.
func TestMissedDeadlinesEscalate(t *testing.T) {
	c := newCourt(t)
	c.home, c.deal = c.wins("acme.de", eur("10.00"))
	stream := domain.StreamName(account.Category, c.home)
	c.won = c.last(stream, "deal.won.v1")
	c.must(domaintest.Admin(c.south), dispute.Open{
		Kind: dispute.KindDealOwnership, Stream: stream, EventID: c.won.EventID, Respondents: []dispute.Party{{PartnerID: partnerID}},
		RemedySought: "the deal", Statement: "we were first",
	})
	for _, want := range []string{"channel_manager", "partner_operations", "appeal_board", "appeal_board"} {
		require.Equal(t, want, c.file().Level)
		c.now.at = later(c.file().ResponseDue, c.file().RulingDue)
		c.settle()
	}
	missed := []string{}
	for _, m := range c.file().Missed {
		missed = append(missed, fmt.Sprintf("%s %s", m.Which, m.Level))
	}
	require.Equal(t, []string{"response ", "ruling channel_manager", "ruling partner_operations", "ruling appeal_board"}, missed)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestWhatCantBeCarriedOutIsParkedAndTriedAgain: a rebate that isn't closed yet can't be adjusted.
func TestWhatCantBeCarriedOutIsParkedAndTriedAgain(t *testing.T) {
	c := newCourt(t)
	north := c.opensFor(partnerID)
	c.home, c.deal = c.wins("acme.de", eur("60000.00"))
	c.settle()
	stream := domain.StreamName(rebate.Category, north)
	c.won = c.last(stream, "rebate.accrued.v1")
	c.must(domaintest.Admin(partnerID), dispute.Open{
		Kind: dispute.KindRebateAmount, Stream: stream, EventID: c.won.EventID, RemedySought: "100", Statement: "a promotion was left out",
	})
	c.must(domaintest.Finance(), dispute.FileResponse{Statement: "it was"})
	c.must(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	c.must(judge("judge-1"), dispute.IssueRuling(c.verdict(dispute.OutcomeUpheld, dispute.Remedy{
		Kind: dispute.RemedyAdjustAmount, Stream: stream, Amount: eur("100.00"), AtOnce: true,
	})))
	c.settle()
	r := c.file().Remedies[0]
	require.Equal(t, dispute.RemedyIsParked, r.Status)
	require.Contains(t, r.Missing, "the agreement is open")
	c.now.at = r.RetryAt
	c.settle()
	require.Equal(t, 2, c.file().Remedies[0].Attempts)

	c.now.at = epoch.AddDate(0, 0, 91)
	c.gives(rebate.Category, north, rebate.ClosePeriod{Reason: "imported history"})
	c.must(domaintest.Finance(), dispute.RetryRemedy{RemedyID: r.RemedyID, Reason: "the period is closed"})
	c.settle()
	_, total := c.total(north)
	require.Equal(t, eur("1400.00"), total)
	require.Equal(t, dispute.RemedyIsApplied, c.file().Remedies[0].Status)
}
