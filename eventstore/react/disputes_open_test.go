package react_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
)

// opened are the cases of the ledger, in the order in which they were opened.
func (c *court) opened() (cases []dispute.Opened) {
	c.t.Helper()
	filter := eventstore.Filter{Types: []string{dispute.Opened{}.EventType()}}
	for m, err := range c.Store.Follow(c.t.Context(), eventstore.Position{}, filter) {
		require.NoError(c.t, err)
		switch m.Kind {
		case eventstore.CaughtUp:
			return cases
		case eventstore.Appeared:
			e, _, err := c.Codec.Decode(m.Event)
			require.NoError(c.t, err)
			cases = append(cases, e.(dispute.Opened))
		}
	}
	return nil
}

// refers has a reviewer leave the second partner's registration to a dispute, and is the finding.
func (c *court) refers() (finding uuid.UUID) {
	c.t.Helper()
	c.home, _ = c.wins("acme.de", eur("10.00"))
	register := account.RegisterDeal{
		AccountID: c.home, PartnerID: partnerID, SellerID: agreement, Lines: []account.LineAmount{{Product: "GTX", Amount: eur("10.00")}},
	}
	c.gives(account.Category, c.home, register)
	header := c.header()
	register.PartnerID, register.SellerID = c.south, c.seller
	_, err := c.Accounts.Do(c.t.Context(), c.home, header, register)
	require.NoError(c.t, err)
	c.deal = domain.EntityID(header.CommandID, domain.StreamName(account.Category, c.home), "deal")
	finding = c.dealNow().Findings[0].ID
	c.gives(account.Category, c.home, account.ReferConflicts{
		DealID: c.deal, FindingIDs: []uuid.UUID{finding}, Reason: "both brought the customer",
	})
	return finding
}

// TestAReferralLeadsToOneCase: however often the reactor starts anew, and whatever became of the case meanwhile.
func TestAReferralLeadsToOneCase(t *testing.T) {
	c := newCourt(t)
	finding := c.refers()
	c.settle()
	require.Len(t, c.opened(), 1)
	opened := c.opened()[0]
	require.Equal(t, dispute.Party{PartnerID: c.south}, opened.Claimant)
	require.Equal(t, []dispute.Party{{PartnerID: partnerID}}, opened.Respondents)
	require.True(t, c.dealNow().Held())
	require.Contains(t, excluded(opened), domaintest.Importer().ID, "who sent it there")

	c.id, c.won = opened.DisputeID, opened.Subject.EventRef
	c.must(domaintest.Admin(partnerID), dispute.FileResponse{Statement: "no"})
	c.must(domaintest.Ops(), dispute.AssignAdjudicator{Adjudicator: "judge-1"})
	c.must(judge("judge-1"), dispute.IssueRuling(c.verdict(dispute.OutcomeUpheld, dispute.Remedy{
		Kind: dispute.RemedyOverrideConflicts, Stream: c.won.Stream, DealID: c.deal, FindingIDs: []uuid.UUID{finding},
	})))
	c.settle()
	require.False(t, c.dealNow().Findings[0].Override.Taken(), "it waits for the appeal")
	c.now.at = c.file().AppealUntil
	c.settle()
	require.Equal(t, dispute.StatusClosed, c.file().Status)
	require.Equal(t, c.last(domain.StreamName(dispute.Category, c.id), "dispute.became_final.v1").EventID, c.dealNow().Findings[0].Ruling)
	require.False(t, c.dealNow().Held())
	c.gives(account.Category, c.home, account.ApproveDeal{DealID: c.deal, Reason: "imported history"})
	before, _ := types(t, c.Ledger)
	c.settle()
	after, _ := types(t, c.Ledger)
	require.Equal(t, before, after, "started anew it adds no event")
}

func excluded(e dispute.Opened) (actors []string) {
	for _, x := range e.ExcludedActors {
		actors = append(actors, x.Actor)
	}
	return actors
}

// TestADifferenceLeadsToOneCase: undone or not, the case that was opened stays, and no second comes.
func TestADifferenceLeadsToOneCase(t *testing.T) {
	c := newCourt(t)
	source := domain.StreamName(rebate.Category, c.opensFor(partnerID))
	approval, payout := domain.DeriveID("approval"), domain.DeriveID("payout")
	owed, day := payable.IDOf(approval), domain.DateOf(epoch, time.UTC)
	for _, command := range []payable.Command{
		payable.Raise{
			PartnerID: partnerID, Amount: eur("200.00"), Due: day,
			Source: payable.Source{Kind: payable.KindRebate, Stream: source, ID: domain.DeriveID("agreement"), EventID: approval},
		},
		payable.Claim{PayoutID: payout},
		payable.Send{PayoutID: payout, BankAccount: "NL91", PayeeID: domain.DeriveID("payee"), Paid: eur("200.00")},
	} {
		c.gives(payable.Category, owed, command)
	}
	books := statement.IDOf("NL91", "1")
	match := statement.Match{
		MatchID: domain.DeriveID("match"), Lines: []int{1}, Outgoing: true, Amount: eur("150.00"), Rule: "end_to_end",
		To:     []statement.Side{{PayableID: owed, PayoutID: payout, PartnerID: partnerID, Amount: eur("150.00"), Short: eur("50.00")}},
		Reason: statement.ShortPaid, Score: statement.ByPerson,
	}
	for _, command := range []statement.Command{
		statement.Import{
			BankAccount: "NL91", Currency: "EUR", Format: statement.Camt053, SHA256: hash, InFile: 1, Number: "1", From: day, To: day,
			Opening: eur("1000.00"), Closing: eur("850.00"), LineCount: 1, In: eur("0.00"), Out: eur("150.00"), KnownIn: eur("0.00"),
			KnownOut: eur("0.00"),
		},
		statement.RecordLines{Lines: []statement.Line{{Number: 1, Outgoing: true, Amount: eur("150.00"), BookedOn: day, Identity: hash[:32]}}},
		statement.MatchLines{Matches: []statement.Match{match}},
	} {
		c.gives(statement.Category, books, command)
	}
	c.settle()
	require.Len(t, c.opened(), 1)
	opened := c.opened()[0]
	require.Equal(t, dispute.KindRebateAmount, opened.Kind)
	require.Equal(t, dispute.Party{PartnerID: partnerID}, opened.Claimant)
	require.Equal(t, []string{source, domain.StreamName(payable.Category, owed)}, opened.Streams)
	require.Equal(t, c.last(domain.StreamName(statement.Category, books), "statement.lines_matched.v1"), opened.Subject.EventRef)

	c.gives(statement.Category, books, statement.UndoMatch{MatchID: match.MatchID, Reason: "look again"})
	c.settle()
	match.MatchID = domain.DeriveID("match again")
	c.gives(statement.Category, books, statement.MatchLines{Matches: []statement.Match{match}})
	c.settle()
	require.Len(t, c.opened(), 1, "one about the same payment is open")
	c.id = opened.DisputeID
	c.must(domaintest.Admin(partnerID), dispute.Withdraw{Reason: "it came"})
	c.settle()
	require.Equal(t, dispute.StatusClosed, c.file().Status)
	before, _ := types(t, c.Ledger)
	c.settle()
	after, _ := types(t, c.Ledger)
	require.Equal(t, before, after, "started anew it adds no event")
}

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
