package account_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
)

// The same customer, as another record of it has it: another domain, a like name, the same tax id.
var (
	twin     = account.Customer{Name: "ACME Germany", Domain: "acme-germany.de", Country: "DE", TaxID: "DE 811 222 333"}
	twinID   = domain.Must(twin.Identity()).AccountID
	rivalID  = domain.DeriveID("test", "the deal on the other account")
	taxed    = account.Customer{Name: "Acme GmbH", Domain: "acme.de", Country: "DE", TaxID: "811222333"}
	twinPeer = func(change func(*account.Peer)) account.Peer {
		p := account.Peer{Profile: twin.Profile(), Rivals: []account.Rival{{
			AccountID: twinID, DealID: rivalID, PartnerID: south, Lines: []string{"gtx"}, Pending: true,
			PlacedAt: day(-3), RankedAt: day(-3),
		}}}
		p.AccountID = twinID
		change(&p)
		return p
	}
	asIs = func(*account.Peer) {}
)

// meets is a story whose commands know of some peers.
func meets(t *testing.T, peers ...account.Peer) *story {
	t.Helper()
	s := newStory(t)
	s.knows(peers...)
	return s
}

func (s *story) knows(peers ...account.Peer) {
	s.facts = func(partner uuid.UUID) account.Facts {
		f := facts(partner)
		f.Peers = peers
		return f
	}
}

// registersTaxed is the deal of the north partner for the customer with the tax id.
func (s *story) registersTaxed(options ...domaintest.Option) uuid.UUID {
	s.t.Helper()
	c := register(north, gtx...)
	c.Customer = taxed
	s.do(c, options...)
	return domain.EntityID(domaintest.NthCommand(s.commands), stream, "deal")
}

func TestTheSameTaxIDOnAnotherAccount(t *testing.T) {
	s := meets(t, twinPeer(asIs))
	deal := s.registersTaxed()
	f := s.theFinding(deal)
	assert.Equal(t, policy.RuleSameTaxID, f.Rule)
	assert.Equal(t, account.With{AccountID: twinID, DealID: rivalID}, f.With)
	assert.Equal(t, "1", f.Score)
	assert.Equal(t, map[string]string{
		"state": "pending", "lines": "GTX", "partner_id": south.String(), "submitted_at": "2026-02-27T09:00:00Z",
		"order": "earlier", "tax_id": "DE:811222333", "other_name": "ACME Germany",
	}, f.Evidence)
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id")
	s.overrideAll(deal)
	s.do(account.ApproveDeal{DealID: deal})
}

func TestSimilarNameFromTheThresholdOn(t *testing.T) {
	like := func(name, country string) account.Peer {
		return twinPeer(func(p *account.Peer) {
			p.Profile = account.Customer{Name: name, Country: country}.Profile()
			p.AccountID = twinID
		})
	}
	f := meets(t, like("Acmee", "DE"))
	found := f.theFinding(f.registers(north, gtx))
	assert.Equal(t, policy.RuleSimilarName, found.Rule)
	assert.Equal(t, "0.96", found.Score)
	assert.Equal(t, "Acme GmbH", found.Evidence["name"])
	for name, peer := range map[string]account.Peer{
		"another country": like("Acme", "AT"), "an unknown country": like("Acme", ""), "another name": like("Globex", "DE"),
	} {
		s := meets(t, peer)
		assert.Empty(t, s.deal(s.registers(north, gtx)).Findings, name)
	}
}

// A suffix that the frozen list doesn't know makes no id, and the same domain below it is a candidate all the same.
func TestTheSameDomainBelowAnUnknownSuffix(t *testing.T) {
	own := account.Customer{Name: "Acme Trading", Domain: "www.acme.newsuffix", Country: "DE"}
	c := register(north, gtx...)
	c.Customer = own
	peer := twinPeer(func(p *account.Peer) {
		p.Profile = account.Customer{Name: "Zeta", Domain: "mail.acme.newsuffix", Country: "FR"}.Profile()
		p.AccountID = twinID
	})
	f := facts(north)
	f.Peers = []account.Peer{peer}
	events := domaintest.For(t, account.Decider(), domaintest.StreamID(domain.Must(own.Identity()).AccountID), on(0)).
		When(f, c, domaintest.By(domaintest.Seller(north))).Outcome().Events()
	found := events[len(events)-1].(account.ConflictFound)
	assert.Equal(t, policy.RuleSameDomain, found.Rule)
	assert.Equal(t, "acme.newsuffix", found.Evidence["domain"])
}

func TestWhatIsNoRivalOnAnotherAccount(t *testing.T) {
	rival := func(change func(*account.Rival)) account.Peer {
		return twinPeer(func(p *account.Peer) { change(&p.Rivals[0]) })
	}
	for name, peer := range map[string]account.Peer{
		"nothing registered": twinPeer(func(p *account.Peer) { p.Rivals = nil }),
		"the own partner":    rival(func(r *account.Rival) { r.PartnerID = north }),
		"another line":       rival(func(r *account.Rival) { r.Lines = []string{"MG"} }),
		"protection over":    rival(func(r *account.Rival) { r.Pending, r.Until = false, day(0) }),
	} {
		s := meets(t, peer)
		assert.Empty(t, s.deal(s.registersTaxed()).Findings, name)
	}
}

// Who submitted first comes first across accounts, too: the earlier one is approved, whatever waits elsewhere.
func TestALaterOneElsewhereDoesNotHoldUpTheEarlier(t *testing.T) {
	s := newStory(t)
	deal := s.registersTaxed()
	later := twinPeer(func(p *account.Peer) { p.Rivals[0].PlacedAt, p.Rivals[0].RankedAt = day(1), day(1) })
	s.knows(later)
	s.do(recordRival(deal, later), on(1), domaintest.By(domaintest.Scheduler()))
	assert.Equal(t, "later", s.theFinding(deal).Evidence["order"])
	s.do(account.ApproveDeal{DealID: deal}, on(1))

	s = newStory(t)
	deal = s.registersTaxed()
	later.Rivals[0].Pending, later.Rivals[0].Until = false, day(180)
	s.knows(later)
	s.refuses(account.ApproveDeal{DealID: deal}, conflict, "conflict", "deal_id", on(1))
}

func recordRival(deal uuid.UUID, p account.Peer) account.RecordRival {
	return account.RecordRival{
		DealID: deal, Rival: p.Rivals[0],
		Matches: account.Compare([]account.Profile{taxed.Profile()}, []account.Profile{p.Profile})[:1],
	}
}

func TestWhatIsFoundAfterTheApproval(t *testing.T) {
	s := newStory(t)
	deal := s.registersTaxed()
	s.do(account.ApproveDeal{DealID: deal})
	late := recordRival(deal, twinPeer(asIs))
	reactor := domaintest.By(domaintest.Scheduler())
	require.Len(t, s.do(late, on(1), reactor), 1)
	s.wants(late, nil, on(2), reactor)
	assert.True(t, s.theFinding(deal).Late)
	assert.True(t, s.deal(deal).ProtectedAt(day(2)), "it stays protected")
	s.overrideAll(deal, on(3))
	assert.Equal(t, "desk-1", s.theFinding(deal).Override.By)

	s.do(account.LoseDeal{DealID: deal, Reason: "price"}, on(4))
	other := late
	other.Rival.DealID = north
	s.wants(other, nil, on(5), reactor)
	s.refuses(late, forbidden, "reactor_only", "", on(5), domaintest.By(domaintest.Importer()))
}

func TestOnlyLateFindingsAreOverriddenAfterTheApproval(t *testing.T) {
	s := newStory(t)
	first, second := s.registers(north, gtx), s.registers(south, gtx)
	found := s.theFinding(second).ID
	s.do(account.RejectDeal{DealID: first, Reason: "no project"})
	s.do(account.ApproveDeal{DealID: second})
	s.refuses(account.OverrideConflicts{DealID: second, FindingIDs: []uuid.UUID{found}, Reason: why}, conflict, "wrong_status", "deal_id")
}

func TestLinkedRecordsAreOneCustomer(t *testing.T) {
	linked := twinPeer(func(p *account.Peer) {
		p.Profile = account.Customer{Name: "Quite Different", Country: "FR"}.Profile()
		p.AccountID, p.LinkedTo = twinID, acme
	})
	s := meets(t, linked)
	f := s.theFinding(s.registers(north, gtx))
	assert.Equal(t, policy.RuleLiveRegistration, f.Rule)
	assert.Equal(t, account.With{AccountID: twinID, DealID: rivalID}, f.With)
	assert.Equal(t, "true", f.Evidence["linked"])
}

// What is alike is a record without registrations; those of the record that it is linked to count.
func TestALikeRecordSpeaksForThoseItIsLinkedWith(t *testing.T) {
	alias := twinPeer(func(p *account.Peer) { p.Rivals, p.LinkedTo = nil, uuid.UUID{1} })
	holder := twinPeer(func(p *account.Peer) {
		p.Profile = account.Customer{Name: "Quite Different", Country: "FR"}.Profile()
		p.AccountID = uuid.UUID{1}
		p.Rivals[0].AccountID = uuid.UUID{1}
	})
	s := meets(t, alias, holder)
	f := s.theFinding(s.registersTaxed())
	assert.Equal(t, policy.RuleSameTaxID, f.Rule)
	assert.Equal(t, uuid.UUID{1}, f.With.AccountID)
	assert.Equal(t, twinID.String(), f.Evidence["other_account_id"])
}

func TestCompareWith(t *testing.T) {
	s := newStory(t)
	c, ok := account.CompareWith(s.state, register(north, gtx...))
	require.True(t, ok)
	assert.Equal(t, acme, c.Customer.AccountID)
	assert.Equal(t, "acme.de", c.Customer.Domain)
	s.knows(twinPeer(asIs))
	deal := s.registersTaxed()
	for _, command := range []account.Command{
		account.ApproveDeal{DealID: deal}, account.ResubmitDeal{DealID: deal}, account.OverrideConflicts{DealID: deal},
		account.ReferConflicts{DealID: deal},
	} {
		c, ok := account.CompareWith(s.state, command)
		require.True(t, ok)
		assert.Equal(t, []uuid.UUID{twinID}, c.Known, "%T", command)
	}
	_, ok = account.CompareWith(s.state, account.WithdrawDeal{DealID: deal})
	assert.False(t, ok)
	_, ok = account.CompareWith(s.state, account.ApproveDeal{DealID: north})
	assert.False(t, ok)
}

func TestPeerShowsWhatIsLive(t *testing.T) {
	s := newStory(t)
	waits, wins := s.registers(north, gtx), s.registers(north, []string{"MG Special", "1.00"}, on(1))
	rejected := s.registers(south, gtx, on(1))
	s.do(account.RejectDeal{DealID: rejected, Reason: "no project"}, on(1))
	s.do(account.ApproveDeal{DealID: wins}, on(2))
	ids := func(at time.Time) (all []uuid.UUID) {
		for _, r := range s.state.Peer(at).Rivals {
			all = append(all, r.DealID)
		}
		return all
	}
	assert.Equal(t, []uuid.UUID{waits, wins}, ids(day(2)))
	assert.Equal(t, []uuid.UUID{waits}, ids(day(182)), "the protection is over")
	s.do(account.LoseDeal{DealID: wins, Reason: "price"}, on(4))
	assert.Equal(t, []uuid.UUID{waits, wins}, ids(day(3)), "it was protected then")
	assert.Equal(t, []uuid.UUID{waits}, ids(day(4)))
	assert.Equal(t, "Acme GmbH", s.state.Peer(day(4)).Name)
}
