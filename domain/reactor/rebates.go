package reactor

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Rebates counts won deals in the agreements of their partners that are based on them: a win is a sale of each product, what
// is taken back of it is a reversal, and a reopened deal was no sale at all. What a ruling gives to another partner, or splits,
// is taken back where it was and counted where it belongs. It doesn't matter which comes first, the deal or the agreement.
type Rebates struct {
	partners map[uuid.UUID]uuid.UUID             // of each deal
	credits  map[uuid.UUID][]account.CreditShare // of each deal whose credit a ruling splits
	wins     map[uuid.UUID][]*win                // of each deal that is won now, one for each partner who has credit for it
	won      map[uuid.UUID][]*win                // by partner, also those that were taken back
	counting map[uuid.UUID][]countedDeals        // agreements on won deals, by partner
	out      outbox
}

// win is what the customer ordered with one deal at one time, as far as it is one partner's.
type win struct {
	cause   domain.Envelope
	deal    uuid.UUID
	partner uuid.UUID
	part    string // tells the parts of a split one apart
	lines   []wonLine
	changes []change
}

type wonLine struct {
	account.Line
	left domain.Money // not taken back
}

// change is a part of a win that was taken back: of each line so much.
type change struct {
	cause  domain.Envelope
	reason rebate.ReversalReason
	parts  []domain.Money
}

type countedDeals struct {
	id          uuid.UUID
	scheme      policy.Scheme
	from, until time.Time
}

// NewRebates has seen nothing.
func NewRebates() *Rebates {
	return &Rebates{
		partners: map[uuid.UUID]uuid.UUID{}, credits: map[uuid.UUID][]account.CreditShare{},
		wins: map[uuid.UUID][]*win{}, won: map[uuid.UUID][]*win{},
		counting: map[uuid.UUID][]countedDeals{}, out: newOutbox("rebates"),
	}
}

// Name is rebates.
func (r *Rebates) Name() string { return r.out.rule }

// Types are the events of deals that are money, agreements, and what this rule itself led to.
func (*Rebates) Types() []string {
	return []string{
		account.DealRegistered{}.EventType(),
		account.DealWon{}.EventType(),
		account.WinReversed{}.EventType(),
		account.DealReopened{}.EventType(),
		account.DealReassigned{}.EventType(),
		account.CreditSplitSet{}.EventType(),
		rebate.AgreementOpened{}.EventType(),
		rebate.SaleRecorded{}.EventType(),
		rebate.SaleReversed{}.EventType(),
	}
}

// Observe folds deals and agreements.
func (r *Rebates) Observe(event domain.Event, env domain.Envelope) {
	switch e := event.(type) {
	case account.DealRegistered:
		r.partners[e.DealID] = e.PartnerID
	case account.DealWon:
		r.dealWon(e, env)
	case account.WinReversed:
		r.taken(e.DealID, &change{cause: env, reason: rebate.ReversalReason(e.Reason)}, e.Amount)
	case account.DealReopened:
		r.reopened(e, env)
	case account.DealReassigned:
		r.partners[e.DealID] = e.To
		r.recredit(e.DealID, env)
	case account.CreditSplitSet:
		r.credits[e.DealID] = e.Shares
		r.recredit(e.DealID, env)
	case rebate.AgreementOpened:
		r.agreementOpened(e)
	case rebate.SaleRecorded, rebate.SaleReversed:
		r.out.shown(env.CommandID)
	}
}

func (r *Rebates) dealWon(e account.DealWon, env domain.Envelope) {
	r.wins[e.DealID] = nil
	r.credit(e.DealID, causeOf(env), e.Lines)
}

// credit counts what a deal brought for each partner who has credit for it.
func (r *Rebates) credit(deal uuid.UUID, cause domain.Envelope, lines []account.Line) {
	shares := r.credits[deal]
	if len(shares) == 0 {
		r.begin(&win{cause: cause, deal: deal, partner: r.partners[deal]}, lines)
		return
	}
	rates := make([]domain.Rate, len(shares))
	for i, s := range shares {
		rates[i] = s.Share
	}
	parts := make([][]account.Line, len(shares))
	for _, l := range lines {
		for i, amount := range domain.Must(l.Amount.Allocate(rates)) {
			parts[i] = append(parts[i], account.Line{Product: l.Product, Line: l.Line, Amount: amount})
		}
	}
	for i, s := range shares {
		r.begin(&win{cause: cause, deal: deal, partner: s.PartnerID, part: "/" + s.PartnerID.String()}, parts[i])
	}
}

func (r *Rebates) begin(w *win, lines []account.Line) {
	for _, l := range lines {
		w.lines = append(w.lines, wonLine{Line: l, left: l.Amount})
	}
	r.wins[w.deal] = append(r.wins[w.deal], w)
	r.won[w.partner] = append(r.won[w.partner], w)
	for _, a := range r.counting[w.partner] {
		r.count(a, w)
	}
}

// recredit takes back what is left of a win, and counts it for whoever has the credit now. It was sold when it was.
func (r *Rebates) recredit(deal uuid.UUID, env domain.Envelope) {
	before := r.wins[deal]
	if len(before) == 0 {
		return
	}
	var lines []account.Line
	for _, w := range before {
		for i, l := range w.lines {
			if i == len(lines) {
				lines = append(lines, account.Line{Product: l.Product, Line: l.Line.Line})
			}
			lines[i].Amount = domain.Must(lines[i].Amount.Add(l.left))
		}
	}
	r.takenWhole(deal, env, rebate.ReversalReassigned)
	cause := causeOf(env)
	cause.EffectiveAt = before[0].cause.EffectiveAt
	r.credit(deal, cause, lines)
}

// taken splits what is taken back over the lines, of every partner who has credit, in proportion to what is left of each: a
// deal's reversal names none.
func (r *Rebates) taken(deal uuid.UUID, c *change, amount domain.Money) {
	var weights []int64
	for _, w := range r.wins[deal] {
		for _, l := range w.lines {
			weights = append(weights, l.left.Minor())
		}
	}
	parts, err := amount.Split(weights)
	if err != nil {
		return // nothing is left, so nothing can be taken
	}
	c.cause = causeOf(c.cause)
	for _, w := range r.wins[deal] {
		own := change{cause: c.cause, reason: c.reason, parts: parts[:len(w.lines)]}
		parts = parts[len(w.lines):]
		for i := range w.lines {
			w.lines[i].left = domain.Must(w.lines[i].left.Sub(own.parts[i]))
		}
		w.changes = append(w.changes, own)
		for _, a := range r.counting[w.partner] {
			r.reverse(a, w, own)
		}
	}
}

func (r *Rebates) reopened(e account.DealReopened, env domain.Envelope) {
	if e.From == account.StatusWon {
		r.takenWhole(e.DealID, env, rebate.ReversalReopened)
	}
}

// takenWhole takes back all that is left of a win.
func (r *Rebates) takenWhole(deal uuid.UUID, env domain.Envelope, reason rebate.ReversalReason) {
	var left domain.Money
	for _, w := range r.wins[deal] {
		for _, l := range w.lines {
			left = domain.Must(left.Add(l.left))
		}
	}
	r.taken(deal, &change{cause: env, reason: reason}, left)
	delete(r.wins, deal)
}

func (r *Rebates) agreementOpened(e rebate.AgreementOpened) {
	if e.Scheme.Basis != policy.BasisWonDeals {
		return
	}
	a := countedDeals{id: e.AgreementID, scheme: e.Scheme, from: e.From, until: e.Until}
	r.counting[e.PartnerID] = append(r.counting[e.PartnerID], a)
	for _, w := range r.won[e.PartnerID] {
		r.count(a, w)
		for _, c := range w.changes {
			r.reverse(a, w, c)
		}
	}
}

// count orders a sale of each line that the agreement counts.
func (r *Rebates) count(a countedDeals, w *win) {
	for i, l := range w.lines {
		if a.counts(w, l) {
			r.order(a, w.cause, fmt.Sprintf("sale %s %d", a.id, i), rebate.RecordSale{
				Source: policy.BasisWonDeals, SourceRef: w.reference(i), DealID: w.deal, Product: l.Product, Line: l.Line.Line, Amount: l.Amount,
			})
		}
	}
}

func (r *Rebates) reverse(a countedDeals, w *win, c change) {
	for i, l := range w.lines {
		if a.counts(w, l) && c.parts[i].Sign() > 0 {
			r.order(a, c.cause, fmt.Sprintf("reversal %s %d", a.id, i), rebate.ReverseSale{
				SaleID: rebate.SaleID(a.scheme.Name, policy.BasisWonDeals, w.reference(i)), Amount: c.parts[i], Reason: c.reason,
				Reference: c.cause.EventID.String(),
			})
		}
	}
}

func (a countedDeals) counts(w *win, l wonLine) bool {
	at := w.cause.EffectiveAt
	return !at.Before(a.from) && at.Before(a.until) && l.Amount.Sign() > 0 && a.scheme.Counts(l.Line.Line)
}

// reference names a line of the win: the event that says it was won, and which line of it.
func (w *win) reference(line int) string {
	return fmt.Sprintf("%s/%d%s", w.cause.EventID, line, w.part)
}

func (r *Rebates) order(a countedDeals, cause domain.Envelope, step string, command any) {
	r.out.order(Order{
		Stream: domain.StreamName(rebate.Category, a.id), Command: command, Cause: cause, Step: step, EffectiveAt: cause.EffectiveAt,
	})
}

// causeOf is as much of an envelope as an order needs: a rule remembers many.
func causeOf(env domain.Envelope) domain.Envelope {
	return domain.Envelope{
		EventID: env.EventID, Type: env.Type, Stream: env.Stream, Revision: env.Revision,
		Metadata: domain.Metadata{CorrelationID: env.CorrelationID, EffectiveAt: env.EffectiveAt},
	}
}

// Due hands out what the log doesn't show the outcome of.
func (r *Rebates) Due(time.Time) []Order { return r.out.take() }

// Next is at once, where there is anything to do.
func (r *Rebates) Next() (time.Time, bool) { return r.out.next() }
