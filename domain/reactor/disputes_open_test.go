package reactor_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/statement"
)

// The parties of what is opened here, beside north.
var (
	south  = domain.DeriveID("test", "south")
	vendor = dispute.Party{Vendor: true}
	home   = domain.StreamName(account.Category, domain.DeriveID("test", "acme"))
)

// observing feeds events to a new rule, each as another recorded on a day.
type observing struct {
	*reactor.Disputes
	n int
}

func newObserving() *observing { return &observing{Disputes: reactor.NewDisputes()} }

func (o *observing) sees(stream string, at time.Time, e domain.Event) domain.Envelope {
	o.n++
	env := domain.Envelope{
		EventID: domain.DeriveID("seen", fmt.Sprint(o.n)), Stream: stream, Type: e.EventType(), RecordedAt: at,
		Metadata: domain.Metadata{EffectiveAt: at},
	}
	o.Observe(e, env)
	return env
}

// opens demands what is opened, in any order, and is the orders.
func (o *observing) opens(t *testing.T, at time.Time, want int) (orders []reactor.Order, cases []dispute.Open) {
	t.Helper()
	orders = o.Due(at)
	slices.SortFunc(orders, func(a, b reactor.Order) int { return len(a.Step) - len(b.Step) })
	for _, order := range orders {
		open, ok := order.Command.(dispute.Open)
		require.True(t, ok, "%T", order.Command)
		require.Equal(t, domain.StreamName(dispute.Category, dispute.IDOf(order.Header(o.Name()).CommandID)), order.Stream)
		cases = append(cases, open)
	}
	require.Len(t, cases, want)
	return orders, cases
}

// opened is the case that an order led to.
func (o *observing) opened(order reactor.Order, at time.Time) {
	c, _ := order.Command.(dispute.Open)
	header := order.Header(o.Name())
	id := dispute.IDOf(header.CommandID)
	o.Observe(dispute.Opened{
		DisputeID: id, Kind: c.Kind, Claimant: c.Claimant, Respondents: c.Respondents, Streams: c.Streams,
		Subject: dispute.Subject{EventRef: dispute.EventRef{Stream: c.Stream, EventID: c.EventID}, Type: order.Cause.Type},
	}, domain.Envelope{
		EventID: domain.DeriveID("opened", id.String()), Stream: order.Stream, RecordedAt: at,
		Metadata: domain.Metadata{CommandID: header.CommandID, EffectiveAt: at},
	})
}

func finding(name string) uuid.UUID { return domain.DeriveID("finding", name) }

// refers has seen findings with all sorts of things, and their referral on a day.
func (o *observing) refers(at time.Time, findings ...string) domain.Envelope {
	rival, twin := domain.DeriveID("rival"), domain.DeriveID("twin")
	o.sees(home, at, registered())
	for _, id := range []uuid.UUID{rival, twin} {
		o.sees(home, at, account.DealRegistered{DealID: id, PartnerID: south})
	}
	for name, with := range map[string]account.With{
		"rival":       {DealID: rival},
		"twin":        {DealID: twin, AccountID: domain.DeriveID("twin account")},
		"preference":  {PartnerID: domain.DeriveID("west")},
		"opportunity": {OpportunityID: domain.DeriveID("opportunity")},
		"house":       {Owner: account.OwnerHouse},
		"own":         {DealID: deal},
		"nothing":     {},
	} {
		o.sees(home, at, account.ConflictFound{FindingID: finding(name), DealID: deal, With: with})
	}
	referred := account.ConflictReferred{DealID: deal, Reason: "both brought the customer"}
	for _, name := range findings {
		referred.FindingIDs = append(referred.FindingIDs, finding(name))
	}
	return o.sees(home, at, referred)
}

func TestAReferralOpensACaseForTheDealsPartner(t *testing.T) {
	west := dispute.Party{PartnerID: domain.DeriveID("west")}
	twin := domain.StreamName(account.Category, domain.DeriveID("twin account"))
	for name, c := range map[string]struct {
		findings []string
		against  []dispute.Party
		streams  []string
	}{
		"a rival":                 {[]string{"rival"}, []dispute.Party{{PartnerID: south}}, nil},
		"one on two accounts":     {[]string{"rival", "twin"}, []dispute.Party{{PartnerID: south}}, []string{twin}},
		"whom the customer named": {[]string{"preference"}, []dispute.Party{west}, nil},
		"the vendor":              {[]string{"opportunity", "house", "nothing", "own"}, []dispute.Party{vendor}, nil},
		"everybody":               {[]string{"house", "rival", "preference"}, []dispute.Party{vendor, {PartnerID: south}, west}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newObserving()
			env := r.refers(day(1), c.findings...)
			orders, cases := r.opens(t, day(1), 1)
			require.Equal(t, dispute.Open{
				Kind: dispute.KindDealOwnership, Stream: home, EventID: env.EventID, Streams: c.streams,
				Claimant: dispute.Party{PartnerID: north}, Respondents: c.against, Statement: "both brought the customer",
				RemedySought: "that what was found doesn't keep the deal from being approved",
			}, cases[0])
			require.Equal(t, env, orders[0].Cause)
			r.opens(t, day(1), 0)
		})
	}
}

func TestAReferralOpensOneCase(t *testing.T) {
	again := func(r *observing) { r.refers(day(1), "rival") }
	first := newObserving()
	again(first)
	orders, _ := first.opens(t, day(1), 1)
	for name, led := range map[string]func(*observing, reactor.Order){
		"it is open": func(r *observing, o reactor.Order) { r.opened(o, day(1)) },
		"somebody opened one about it": func(r *observing, o reactor.Order) {
			o.Step = "by hand"
			r.opened(o, day(1))
		},
		"it was refused": func(r *observing, o reactor.Order) {
			r.Observe(reactor.Refused{Reactor: r.Name(), Source: o.Cause.EventID, Step: o.Step}, domain.Envelope{
				Stream: "reactor-x", Metadata: domain.Metadata{CommandID: o.Header(r.Name()).CommandID},
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			rebuilt := newObserving()
			again(rebuilt)
			led(rebuilt, orders[0])
			for _, order := range rebuilt.Due(day(2)) {
				require.NotEqual(t, "open", order.Step)
			}
		})
	}
}

func TestTheHoldSaysWhatItIsAbout(t *testing.T) {
	r := newObserving()
	id, about := domain.DeriveID("case"), domain.DeriveID("referral")
	r.sees(domain.StreamName(dispute.Category, id), day(1), dispute.Opened{
		DisputeID: id, Kind: dispute.KindDealOwnership,
		Subject: dispute.Subject{EventRef: dispute.EventRef{Stream: home, EventID: about}, DealID: deal},
	})
	orders := r.Due(day(1))
	require.Len(t, orders, 1)
	require.Equal(t, account.PlaceHold{DealID: deal, DisputeID: id, Subject: about}, orders[0].Command)
}

func TestOldReferralsOpenNothing(t *testing.T) {
	r := newObserving()
	r.refers(day(1), "rival")
	r.opens(t, day(40), 0)
}

func TestAnOverrideIsTakenBack(t *testing.T) {
	r := newObserving()
	id, remedy, found := domain.DeriveID("case"), domain.DeriveID("remedy"), []uuid.UUID{finding("rival")}
	file := domain.StreamName(dispute.Category, id)
	r.sees(file, day(1), dispute.Opened{DisputeID: id, Kind: dispute.KindDealOwnership})
	ruling := r.sees(file, day(1), dispute.RulingIssued{Decision: dispute.Decision{Outcome: dispute.OutcomeUpheld, Remedies: []dispute.Remedy{{
		RemedyID: remedy, Kind: dispute.RemedyOverrideConflicts, Stream: home, DealID: deal, FindingIDs: found, AtOnce: true,
	}}}}).EventID
	orders := r.Due(day(1))
	require.Len(t, orders, 1)
	require.Equal(t, account.OverrideByRuling{
		DealID: deal, FindingIDs: found, Reason: "dispute " + id.String(), Ruling: ruling,
	}, orders[0].Command)
	carried := func(order reactor.Order, e domain.Event) dispute.RecordRemedy {
		r.Observe(e, domain.Envelope{
			EventID: domain.DeriveID(e.EventType()), Stream: home, RecordedAt: day(1),
			Metadata: domain.Metadata{CommandID: order.Header(r.Name()).CommandID, EffectiveAt: day(1)},
		})
		orders := r.Due(day(1))
		require.Len(t, orders, 1)
		done, ok := orders[0].Command.(dispute.RecordRemedy)
		require.True(t, ok)
		return done
	}
	done := carried(orders[0], account.ConflictOverridden{DealID: deal, FindingIDs: found, Ruling: ruling})
	r.sees(file, day(1), dispute.RemedyApplied{RemedyID: remedy, Event: done.Event})
	r.sees(file, day(1), dispute.Appealed{})
	r.sees(file, day(1), dispute.AppealRuled{Decision: dispute.Decision{Outcome: dispute.OutcomeDenied}})
	r.sees(file, day(1), dispute.BecameFinal{Outcome: dispute.OutcomeDenied})
	orders = r.Due(day(1))
	require.Len(t, orders, 1)
	require.Equal(t, account.UndoOverride{DealID: deal, FindingIDs: found, Ruling: ruling}, orders[0].Command)
	require.True(t, carried(orders[0], account.ConflictOverrideUndone{DealID: deal, FindingIDs: found, Ruling: ruling}).Undone)
}

var bank = domain.StreamName(statement.Category, domain.DeriveID("test", "statement"))

func owed(name string) uuid.UUID { return domain.DeriveID("payable", name) }

func side(name string, partner uuid.UUID, short string) statement.Side {
	s := statement.Side{PayableID: owed(name), PayoutID: domain.DeriveID("payout"), PartnerID: partner, Amount: money("10.00")}
	if short != "" {
		s.Short = money(short)
	}
	return s
}

func match(name, overpaid string, sides ...statement.Side) statement.Match {
	m := statement.Match{MatchID: domain.DeriveID("match", name), Outgoing: true, To: sides}
	if overpaid != "" {
		m.Overpaid = money(overpaid)
	}
	return m
}

func TestDifferencesOpenACaseForEachPartner(t *testing.T) {
	r := newObserving()
	for _, name := range []string{"a", "b"} {
		r.sees("payable-"+owed(name).String(), day(1), payable.Raised{PayableID: owed(name), Source: payable.Source{Stream: "rebate-x"}})
	}
	env := r.sees(bank, day(1), statement.LinesMatched{Matches: []statement.Match{
		match("exact", "", side("exact", north, "")),
		match("1", "", side("a", north, "5.00"), side("c", south, "")),
		match("2", "", side("b", north, "2.00")),
		match("3", "7.00", side("d", north, ""), side("e", south, ""), side("f", north, "")),
		match("4", "9.00", side("g", south, "")),
	}})
	north, south := dispute.Party{PartnerID: north}, dispute.Party{PartnerID: south}
	stream := func(name string) string { return "payable-" + owed(name).String() }
	_, cases := r.opens(t, day(1), 3)
	require.Equal(t, dispute.Open{
		Kind: dispute.KindRebateAmount, Stream: bank, EventID: env.EventID, Streams: []string{"rebate-x", stream("a"), stream("b")},
		Claimant: north, Respondents: []dispute.Party{vendor}, RemedySought: "what is missing",
		Statement: "The bank's statement shows 7.00 EUR less than was sent to the partner.",
	}, cases[0])
	require.ElementsMatch(t, []dispute.Open{
		{
			Kind: dispute.KindRebateAmount, Stream: bank, EventID: env.EventID, Streams: []string{stream("d"), stream("f")},
			Claimant: vendor, Respondents: []dispute.Party{north}, RemedySought: "what was paid too much",
			Statement: "The bank's statement shows 7.00 EUR more than was to be paid to the partner.",
		},
		{
			Kind: dispute.KindRebateAmount, Stream: bank, EventID: env.EventID, Streams: []string{stream("g")},
			Claimant: vendor, Respondents: []dispute.Party{south}, RemedySought: "what was paid too much",
			Statement: "The bank's statement shows 9.00 EUR more than was to be paid to the partner.",
		},
	}, cases[1:])
}

// A ledger that begins anew has each case once, whichever of them came about before.
func TestADifferenceOpensOneCase(t *testing.T) {
	matched := statement.LinesMatched{Matches: []statement.Match{
		match("1", "", side("a", north, "5.00")), match("2", "7.00", side("b", north, "")),
	}}
	first := newObserving()
	first.sees(bank, day(1), matched)
	orders, _ := first.opens(t, day(1), 2)
	for i := range orders {
		rebuilt := newObserving()
		rebuilt.sees(bank, day(1), matched)
		rebuilt.opened(orders[i], day(1))
		left, _ := rebuilt.opens(t, day(1), 1)
		require.Equal(t, orders[1-i].Stream, left[0].Stream)
	}
	for _, order := range orders {
		first.opened(order, day(1))
	}
	first.sees(bank, day(2), statement.MatchUndone{Match: matched.Matches[0]})
	first.sees(bank, day(2), statement.LinesMatched{Matches: []statement.Match{match("3", "", side("a", north, "5.00"))}})
	first.opens(t, day(2), 0)
	first.sees(bank, day(2), statement.LinesMatched{Matches: []statement.Match{match("4", "", side("z", north, "5.00"))}})
	first.opens(t, day(2), 1)
}

func TestWhatIsUndoneOpensNothing(t *testing.T) {
	r := newObserving()
	one, two := match("1", "", side("a", north, "5.00")), match("2", "", side("b", north, "2.00"))
	r.sees(bank, day(1), statement.LinesMatched{Matches: []statement.Match{one, two}})
	r.sees(bank, day(1), statement.MatchUndone{Match: one})
	_, cases := r.opens(t, day(1), 1)
	require.Contains(t, cases[0].Statement, "2.00 EUR less")
	require.Equal(t, []string{"payable-" + owed("b").String()}, cases[0].Streams)
	r.sees(bank, day(1), statement.MatchUndone{Match: two}) // it was handed out: it stays
	r.opens(t, day(1), 0)

	r = newObserving()
	r.sees(bank, day(1), statement.LinesMatched{Matches: []statement.Match{one}})
	r.sees(bank, day(1), statement.MatchUndone{Match: one})
	r.opens(t, day(1), 0)
	r.sees(bank, day(1), statement.LinesMatched{Matches: []statement.Match{two}})
	r.opens(t, day(40), 0) // it is history by then
}

func TestACaseNamesAsManyStreamsAsItMay(t *testing.T) {
	r := newObserving()
	e := statement.LinesMatched{}
	for i := range 30 {
		name := fmt.Sprint("p", i)
		raised := payable.Raised{PayableID: owed(name), Source: payable.Source{Stream: "rebate-" + fmt.Sprint(i%3)}}
		r.sees("payable-"+owed(name).String(), day(1), raised)
		e.Matches = append(e.Matches, match(name, "", side(name, north, "2.00")))
	}
	r.sees(bank, day(1), e)
	_, cases := r.opens(t, day(1), 1)
	require.Len(t, cases[0].Streams, dispute.MaxStreams)
	require.Equal(t, []string{"rebate-0", "rebate-1", "rebate-2"}, cases[0].Streams[:3], "where remedies are carried out first")
}
