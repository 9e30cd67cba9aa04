package account_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/domaintest"
)

// recorded is one event of a random history.
type recorded struct {
	event account.Event
	env   domain.Envelope
}

// history is an account that random commands are given to, many of them recorded late.
type history struct {
	*rand.Rand
	decider domain.Decider[*account.State, account.Command, account.Facts, account.Event]
	state   *account.State
	now     time.Time
	log     []recorded
	deals   []uuid.UUID // as they were registered
	taken   int
}

func newHistory(seed uint64) *history {
	d := account.Decider()
	return &history{Rand: rand.New(rand.NewPCG(seed, 0)), decider: d, state: d.Initial(), now: day0}
}

// TestHistoriesFold holds random histories with late facts to what must be true of every history.
func TestHistoriesFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(rapid.Uint64().Draw(t, "seed"))
		for range rapid.IntRange(40, 160).Draw(t, "commands") {
			h.step(t)
		}
		h.checkBounded(t, len(h.log))
		h.checkBounded(t, h.IntN(len(h.log)+1))
		h.checkAlone(t)
	})
}

// TestHistoriesHoldEveryEvent keeps the random histories from passing over something: always the same ones, so that luck
// has no part in it.
func TestHistoriesHoldEveryEvent(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(50) {
		h := newHistory(seed)
		for range 160 {
			h.step(t)
		}
		for _, r := range h.log {
			kinds[r.event.EventType()]++
		}
	}
	for _, ty := range account.Types() {
		// A link ends a history: nothing is registered any more. A ruling that reassigns may set aside who was first.
		if ty.Name != "account.alias_linked.v1" && ty.Name != "deal.reassigned.v1" {
			assert.NotZero(t, kinds[ty.Name], "no random history held a %s", ty.Name)
		}
	}
}

// step gives one random command, most often one that the deal's status allows.
func (h *history) step(t require.TestingT) {
	h.now = h.now.Add(time.Duration(h.IntN(h.IntN(40*24)+1)) * time.Hour)
	h.taken++
	header := domain.Header{CommandID: domaintest.NthCommand(h.taken), Now: h.now, EffectiveAt: h.now, Actor: domaintest.Importer()}
	command := h.draw()
	partner, _ := account.PartnerOf(h.state, command)
	if h.IntN(3) == 0 || followsFromDispute(command) {
		header.Actor = usual(command, partner)
	}
	if header.Actor.MayBackdate() && h.IntN(3) == 0 {
		header.EffectiveAt = h.now.Add(-time.Duration(h.IntN(h.IntN(300*24)+1)) * time.Hour)
	}
	if expire, ok := command.(account.ExpireDeal); ok && h.state.Deals[expire.DealID] != nil {
		if due := h.state.Deals[expire.DealID].ProtectedUntil; due.Before(h.now) && !due.IsZero() {
			header.EffectiveAt = due
		}
	}
	events, err := h.decider.Decide(h.state, header, facts(partner), command)
	if err != nil {
		require.NotNil(t, domain.AsRejection(err), "%v", err)
		require.Empty(t, events)
		return
	}
	h.append(t, header, events)
}

func (h *history) append(t require.TestingT, header domain.Header, events []account.Event) {
	for i, e := range events {
		env := domain.Envelope{
			EventID: domain.EventID(header.CommandID, stream, i), Type: e.EventType(), Stream: stream,
			Revision: int64(len(h.log)), RecordedAt: h.now, Metadata: header.Metadata(domain.Basis{}).Beside(e),
		}
		h.log = append(h.log, recorded{e, env})
		h.state = h.decider.Evolve(h.state, e, env)
		if e, ok := e.(account.DealRegistered); ok {
			h.deals = append(h.deals, e.DealID)
		}
	}
	require.NoError(t, h.state.CheckIndexes())
	require.NoError(t, h.state.Unrecorded(facts(uuid.Nil), h.now))
	require.NoError(t, h.state.Unbreached())
}

// followsFromDispute reports whether only a reactor gives the command.
func followsFromDispute(c account.Command) bool {
	switch c.(type) {
	case account.PlaceHold, account.LiftHold, account.ReinstateDeal, account.UndoReinstatement, account.SplitCredit,
		account.OverrideByRuling, account.UndoOverride:
		return true
	}
	return false
}

// pick is one of them.
func pick[T any](h *history, from ...T) T { return from[h.IntN(len(from))] }

// draw is a random command.
func (h *history) draw() account.Command {
	switch h.IntN(10) {
	case 0:
		partner := pick(h, north, south)
		return register(partner, pick(h, gtx, []string{"GTX Pro", "7", "MG Special", "1"}, []string{"MG Special", "2"})...)
	case 1:
		return h.drawForAccount()
	case 2:
		for _, id := range h.deals { // as the scheduler does
			if d := h.state.Deals[id]; d.Status == account.StatusApproved && d.ProtectedUntil.Before(h.now) {
				return account.ExpireDeal{DealID: id}
			}
		}
	}
	alive := slices.DeleteFunc(slices.Clone(h.deals), func(id uuid.UUID) bool {
		return slices.Contains([]account.Status{account.StatusRejected, account.StatusWithdrawn}, h.state.Deals[id].Status)
	})
	if len(alive) == 0 {
		return account.IdentifyAccount{Customer: customer}
	}
	return h.drawForDeal(pick(h, alive[max(0, len(alive)-5):]...))
}

func (h *history) drawForAccount() account.Command {
	opportunity := acme
	for id, o := range h.state.Account.Opportunities {
		if o.Outcome == "" {
			opportunity = id
		}
	}
	return pick[account.Command](h,
		account.SetOwnership{AccountID: acme, Owner: pick(h, account.OwnerChannel, account.OwnerChannel, account.OwnerHouse), Reason: why},
		account.OpenDirectOpportunity{AccountID: acme, Products: []string{pick(h, "GTX", "MG")}},
		account.CloseDirectOpportunity{AccountID: acme, OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: money("9")},
		account.RecordPreference{AccountID: acme, PartnerID: pick(h, north, south)}, account.WithdrawPreference{AccountID: acme, Reason: why},
	)
}

const why = "imported history"

func (h *history) drawForDeal(id uuid.UUID) account.Command {
	d := h.state.Deals[id]
	some := []account.LineAmount{{Product: pick(h, d.Lines...).Product, Amount: money(fmt.Sprint(h.IntN(99)))}}
	override := account.OverrideConflicts{DealID: id, Reason: "agreed"}
	for _, f := range d.Findings {
		if f.Override.EventID == uuid.Nil && h.IntN(4) > 0 {
			override.FindingIDs = append(override.FindingIDs, f.ID)
		}
	}
	refer := account.ReferConflicts{DealID: id, FindingIDs: override.FindingIDs, Reason: why}
	review := []account.Command{
		account.ApproveDeal{DealID: id, Reason: why}, account.ApproveDeal{DealID: id, Reason: why}, override, override, refer,
		account.ApproveDeal{DealID: id, Reason: why}, account.ApproveDeal{DealID: id, Reason: why},
		account.ReturnDeal{DealID: id, Reason: why}, account.ResubmitDeal{DealID: id},
		account.RejectDeal{DealID: id, Reason: why}, account.WithdrawDeal{DealID: id},
	}
	sell := []account.Command{
		account.RequestExtension{DealID: id, Evidence: why}, account.RequestExtension{DealID: id, Evidence: why},
		account.GrantExtension{DealID: id, Reason: why}, account.DeclineExtension{DealID: id, Reason: why},
		account.ExpireDeal{DealID: id}, account.AdvanceStage{DealID: id, Stage: pick(h, account.StageQualified, account.StageProposal)},
		account.ReviseAmount{DealID: id, Lines: some}, account.ReportWin{DealID: id, Lines: some},
		account.WinDeal{DealID: id, Lines: some}, account.LoseDeal{DealID: id, Reason: why}, account.WithdrawDeal{DealID: id},
		account.WindDownDeal{DealID: id, LeftAt: h.now.AddDate(0, 0, -h.IntN(40))},
	}
	by := domain.DeriveID("dispute", fmt.Sprint(h.IntN(2)))
	half := rate("0.5")
	ruled := account.OverrideByRuling{DealID: id, FindingIDs: override.FindingIDs, Reason: why, Ruling: by}
	hold, undo := account.PlaceHold{DealID: id, DisputeID: by}, account.UndoOverride{DealID: id}
	for _, f := range d.Findings {
		if f.Ruling != uuid.Nil {
			undo.FindingIDs, undo.Ruling = []uuid.UUID{f.ID}, f.Ruling
		}
		if d.Awaits(&f) {
			hold.Subject = f.Referred.EventID
		}
	}
	disputed := []account.Command{
		hold, hold, ruled, ruled, account.LiftHold{DealID: id, DisputeID: by}, account.LiftHold{DealID: id, DisputeID: by},
		account.ReinstateDeal{DealID: id, ProtectedUntil: h.now.AddDate(0, 0, h.IntN(90)), Ruling: by},
		account.UndoReinstatement{DealID: id, Until: d.ProtectedUntil},
		account.SplitCredit{DealID: id, Ruling: by, Shares: []account.CreditShare{{PartnerID: north, Share: half}, {PartnerID: south, Share: half}}},
	}
	helper := pick(h, north, south, west)
	after := []account.Command{
		account.RecordInfluence{DealID: id, PartnerID: helper, Role: account.InfluenceCoSell},
		account.RevokeInfluence{DealID: id, PartnerID: helper, Role: account.InfluenceCoSell, Reason: why},
		account.ReverseWin{DealID: id, Amount: some[0].Amount, Reason: account.ReversalCancelled},
		account.ReopenDeal{DealID: id, Reason: why}, account.LinkCRM{DealID: id, System: "crm", Reference: fmt.Sprint(h.taken)},
	}
	switch {
	case h.IntN(10) == 0:
		return pick(h, slices.Concat(review, sell, after)...)
	case len(undo.FindingIDs) > 0 && h.IntN(4) == 0:
		return undo
	case h.IntN(8) == 0:
		return pick(h, disputed...)
	case d.Extension != nil && d.Extension.Status == account.ExtensionPending && h.IntN(2) == 0:
		return pick(h, sell[2:4]...)
	case d.Pending():
		return pick(h, review...)
	case d.Status == account.StatusApproved || d.Status == account.StatusExpired:
		return pick(h, sell...)
	default:
		return pick(h, after...)
	}
}

// fold is the state of a known prefix of the log, without what took effect later than a moment.
func (h *history) fold(known int, bound time.Time) *account.State {
	s := h.decider.Initial()
	for _, r := range h.log[:known] {
		if !r.env.EffectiveAt.After(bound) {
			s = h.decider.Evolve(s, r.event, r.env)
		}
	}
	return s
}

// checkBounded: every bound folds; no two partners are protected at it on one line, unless somebody overrode it; and
// bounded by now equals unbounded.
func (h *history) checkBounded(t *rapid.T, known int) {
	for _, r := range h.log[:known] {
		for _, bound := range []time.Time{r.env.EffectiveAt, r.env.EffectiveAt.Add(-time.Microsecond)} {
			s := h.fold(known, bound)
			require.NoError(t, s.CheckIndexes())
			a, b := s.Rivals(bound)
			require.Nil(t, a, "at %s both are protected: this one and %+v", bound, b)
			for _, d := range s.Deals {
				requireWhole(t, d)
			}
		}
	}
	unbounded := h.decider.Initial()
	for _, r := range h.log[:known] {
		unbounded = h.decider.Evolve(unbounded, r.event, r.env)
	}
	require.Equal(t, unbounded, h.fold(known, h.now.Add(domain.ClockSkew)))
}

// requireWhole: no step is there without the step that it needs, whatever was left out of the fold.
func requireWhole(t *rapid.T, d *account.Deal) {
	approved := !d.Pending() && d.Status != account.StatusRejected && d.Status != account.StatusWithdrawn
	require.NotEqual(t, uuid.Nil, d.ID)
	require.True(t, !approved || d.Approved.EventID != uuid.Nil, "%s without an approval", d.Status)
	require.Equal(t, d.Status == account.StatusWon, d.Win != nil)
	require.Equal(t, d.Pending() || d.Status == account.StatusApproved, d.Closed.EventID == uuid.Nil)
	require.False(t, d.Closed.EventID != uuid.Nil && d.Closed.At.Before(d.Submitted.At))
	if d.Win != nil {
		require.GreaterOrEqual(t, d.Win.Net().Sign(), 0)
	}
	from, until := d.Protection()
	require.False(t, until.Before(from))
}

// checkAlone: a deal, and the account, folded alone and written and read after each event, as a read model does, are those
// of the state.
func (h *history) checkAlone(t *rapid.T) {
	deals, customer := map[uuid.UUID]*account.Deal{}, &account.Account{}
	for _, r := range h.log {
		switch e := r.event.(type) {
		case account.DealEvent:
			d := deals[e.Deal()]
			if d == nil {
				d = &account.Deal{}
			}
			d.Apply(e, r.env)
			deals[e.Deal()] = again(t, d)
		case account.CustomerEvent:
			customer.Apply(e, r.env)
			customer = again(t, customer)
		}
	}
	require.JSONEq(t, encode(t, &h.state.Account), encode(t, customer))
	require.JSONEq(t, encode(t, &h.state.Deals), encode(t, &deals))
}

func again[T any](t *rapid.T, value *T) *T {
	back := new(T)
	require.NoError(t, json.Unmarshal([]byte(encode(t, value)), back))
	return back
}

func encode[T any](t *rapid.T, value *T) string {
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}
