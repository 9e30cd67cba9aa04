package metrics

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
)

// dealRow is a deal's dated facts: what tells, for any moment, what the deal was by what had taken effect until then. It
// says the same as account.Deal folded from the events until that moment; the tests hold the two against each other.
type dealRow struct {
	ID         uuid.UUID      `json:"id"`
	AccountID  uuid.UUID      `json:"account"`
	PartnerID  uuid.UUID      `json:"partner"`
	SellerID   uuid.UUID      `json:"seller"`
	Source     account.Source `json:"source"`
	Registered ref            `json:"registered"`
	Lines      []lineRow      `json:"lines"`
	Steps      []stepRow      `json:"steps,omitempty"`   // in recorded order
	Help       []helpRow      `json:"help,omitempty"`    // in recorded order
	Owners     []ownerRow     `json:"owners,omitempty"`  // to whom rulings gave it, in recorded order
	Credits    []creditRow    `json:"credits,omitempty"` // how rulings split its credit, in recorded order
}

// ownerRow is whose deal it is from a ruling on.
type ownerRow struct {
	ref
	PartnerID uuid.UUID `json:"partner"`
	SellerID  uuid.UUID `json:"seller"`
}

// lineRow is what a product of the deal is expected to bring.
type lineRow struct {
	Product string               `json:"product"`
	Amount  domain.Dated[priced] `json:"amount"`
}

type priced struct {
	Amount domain.Money `json:"amount"`
	ref
}

// stepRow is a step of the deal's life.
type stepRow struct {
	ref
	Status   account.Status `json:"status,omitempty"` // that the step leads to; empty: it takes something back of the win
	SellerID uuid.UUID      `json:"seller,omitzero"`  // of a win
	Amount   domain.Money   `json:"amount,omitzero"`  // of a win, or taken back
}

// helpRow is another partner's help with the deal, or that it was none.
type helpRow struct {
	ref
	PartnerID uuid.UUID             `json:"partner"`
	Role      account.InfluenceRole `json:"role"`
	Revoked   bool                  `json:"revoked,omitempty"`
}

// ref is an event, by its stream's side.
type ref struct {
	At       time.Time `json:"at"` // when it took effect
	Revision int64     `json:"rev"`
	EventID  uuid.UUID `json:"event"`
	Type     string    `json:"type"`
}

func refOf(env domain.Envelope) ref {
	return ref{At: env.EffectiveAt, Revision: env.Revision, EventID: env.EventID, Type: env.Type}
}

// stepOf is what an event says of the deal's life. Reopened, a deal is no longer won: only a win sets what was won.
func stepOf(e domain.Event) (step stepRow, ok bool) {
	switch e := e.(type) {
	case account.DealResubmitted:
		return stepRow{Status: account.StatusSubmitted}, true
	case account.DealReturned:
		return stepRow{Status: account.StatusReturned}, true
	case account.DealApproved:
		return stepRow{Status: account.StatusApproved}, true
	case account.DealRejected:
		return stepRow{Status: account.StatusRejected}, true
	case account.DealWithdrawn:
		return stepRow{Status: account.StatusWithdrawn}, true
	case account.DealExpired:
		return stepRow{Status: account.StatusExpired}, true
	case account.DealLost:
		return stepRow{Status: account.StatusLost}, true
	case account.DealReopened:
		return stepRow{Status: e.To}, true
	case account.DealReinstated:
		return stepRow{Status: account.StatusApproved}, true
	case account.DealWon:
		return stepRow{Status: account.StatusWon, SellerID: e.SellerID, Amount: sumOf(e.Lines)}, true
	case account.WinReversed:
		return stepRow{Amount: e.Amount}, true
	}
	return stepRow{}, false
}

// sumOf adds up the amounts of one deal, which registering bounds.
func sumOf(lines []account.Line) (sum domain.Money) {
	for _, l := range lines {
		sum = domain.Must(sum.Add(l.Amount))
	}
	return sum
}

// tellsOfDeals reports whether an event says anything that a metric asks of a deal.
func tellsOfDeals(e domain.Event) bool {
	switch e.(type) {
	case account.DealRegistered, account.AmountRevised, account.InfluenceRecorded, account.InfluenceRevoked,
		account.DealReassigned, account.CreditSplitSet:
		return true
	}
	_, ok := stepOf(e)
	return ok
}

func (t *tables) applyDeal(e account.DealEvent, env domain.Envelope) error {
	key := e.Deal().String()
	if first, ok := e.(account.DealRegistered); ok {
		row, err := newDealRow(first, env)
		if err == nil {
			t.deals.Put(key, row)
		}
		return err
	}
	row, err := t.deals.Get(key)
	if err != nil || row == nil { // its registration is left out, and so is the deal
		return err
	}
	row.take(e, env)
	t.deals.Put(key, row)
	return nil
}

func newDealRow(e account.DealRegistered, env domain.Envelope) (*dealRow, error) {
	_, accountID, err := domain.ParseStream(env.Stream)
	row := &dealRow{
		ID: e.DealID, AccountID: accountID, PartnerID: e.PartnerID, SellerID: e.SellerID, Source: e.Source, Registered: refOf(env),
	}
	for _, l := range e.Lines {
		line := lineRow{Product: l.Product}
		line.Amount.Set(env.EffectiveAt, priced{l.Amount, row.Registered})
		row.Lines = append(row.Lines, line)
	}
	return row, err
}

func (d *dealRow) take(e account.DealEvent, env domain.Envelope) {
	switch e := e.(type) {
	case account.AmountRevised:
		for _, l := range e.Lines {
			d.revise(l, refOf(env))
		}
	case account.InfluenceRecorded:
		d.Help = append(d.Help, helpRow{ref: refOf(env), PartnerID: e.PartnerID, Role: e.Role})
	case account.InfluenceRevoked:
		d.Help = append(d.Help, helpRow{ref: refOf(env), PartnerID: e.PartnerID, Role: e.Role, Revoked: true})
	case account.DealReassigned:
		d.Owners = append(d.Owners, ownerRow{ref: refOf(env), PartnerID: e.To, SellerID: e.ToSeller})
	case account.CreditSplitSet:
		d.Credits = append(d.Credits, creditRow{ref: refOf(env), Shares: e.Shares})
	}
	if step, ok := stepOf(e); ok {
		step.ref = refOf(env)
		d.Steps = append(d.Steps, step)
	}
}

func (d *dealRow) revise(l account.Line, by ref) {
	for i := range d.Lines {
		if d.Lines[i].Product == l.Product {
			d.Lines[i].Amount.Set(by.At, priced{l.Amount, by})
			return
		}
	}
}

// ended is the moment from which on the deal stays closed, as far as is recorded; false while it isn't.
func (d *dealRow) ended() (last time.Time, ok bool) {
	var status account.Status
	for _, s := range d.Steps {
		if s.Status != "" {
			status = s.Status
		}
		if s.At.After(last) {
			last = s.At
		}
	}
	return last, isClosed(status)
}

// closings is when the deal was first and last closed, whatever became of that; false where it never was.
func (d *dealRow) closings() (first, last time.Time, ok bool) {
	for _, s := range d.Steps {
		if !isClosed(s.Status) {
			continue
		}
		if !ok || s.At.Before(first) {
			first = s.At
		}
		if !ok || s.At.After(last) {
			last = s.At
		}
		ok = true
	}
	return first, last, ok
}

func isClosed(s account.Status) bool {
	switch s {
	case account.StatusWon, account.StatusLost, account.StatusExpired, account.StatusRejected, account.StatusWithdrawn:
		return true
	case account.StatusSubmitted, account.StatusReturned, account.StatusApproved:
	}
	return false
}

func newDeals(s *projections.Schema) *projections.Table[dealRow] {
	optional := func(name string, of func(*dealRow) (time.Time, bool)) projections.Column[dealRow] {
		return projections.OptionalInt(name, func(d *dealRow) (int64, bool) {
			at, ok := of(d)
			return at.UnixMicro(), ok
		})
	}
	return projections.NewTable(s, "deals",
		projections.Int("registered", func(d *dealRow) int64 { return d.Registered.At.UnixMicro() }),
		optional("first_closed", func(d *dealRow) (time.Time, bool) { first, _, ok := d.closings(); return first, ok }),
		optional("last_closed", func(d *dealRow) (time.Time, bool) { _, last, ok := d.closings(); return last, ok }),
		optional("ended", (*dealRow).ended),
	)
}

// Deal is a deal as it was at a moment.
type Deal struct {
	ID, AccountID, PartnerID, SellerID uuid.UUID

	Source     account.Source
	Status     account.Status
	Registered time.Time
	Expected   domain.Money          // all its lines
	ClosedAt   time.Time             // of the last step that closed it
	Won        domain.Money          // net of what was taken back; nought unless it is won
	Closer     uuid.UUID             // who closed it, where it is won
	Helpers    []uuid.UUID           // other partners whose help counts, each once
	Credit     []account.CreditShare // how a ruling splits it; empty: all of it is the partner's
	events     []ref
	help       []helpRow
}

// IsWon reports whether something of a win is left: one that was taken back whole counts as none.
func (d *Deal) IsWon() bool { return d.Status == account.StatusWon && d.Won.Sign() > 0 }

// IsSourced reports whether the deal's partner found it.
func (d *Deal) IsSourced() bool { return d.Source == account.SourcePartner }

// at is the deal at a moment; nil before it was registered.
func (d *dealRow) at(moment time.Time) *Deal {
	if d.Registered.At.After(moment) {
		return nil
	}
	deal := &Deal{
		ID: d.ID, AccountID: d.AccountID, PartnerID: d.PartnerID, SellerID: d.SellerID, Source: d.Source,
		Status: account.StatusSubmitted, Registered: d.Registered.At, events: []ref{d.Registered},
	}
	for _, l := range d.Lines {
		price, _ := l.Amount.At(moment)
		deal.Expected = domain.Must(deal.Expected.Add(price.Amount))
		if price.EventID != d.Registered.EventID {
			deal.see(price.ref)
		}
	}
	for _, s := range d.Steps {
		if !s.At.After(moment) {
			deal.step(s)
		}
	}
	for _, h := range d.Help {
		if !h.At.After(moment) {
			deal.help = append(deal.help, h)
		}
	}
	for _, o := range d.Owners {
		if !o.At.After(moment) {
			deal.PartnerID, deal.SellerID = o.PartnerID, o.SellerID
			deal.see(o.ref)
		}
	}
	for _, c := range d.Credits {
		if !c.At.After(moment) {
			deal.Credit = c.Shares
			deal.see(c.ref)
		}
	}
	deal.Helpers = slices.DeleteFunc(helpers(deal.help), deal.isTheirs)
	return deal
}

// helpers are the partners with help that nobody revoked; a revocation takes back one record of the same role.
func helpers(help []helpRow) (partners []uuid.UUID) {
	type record struct {
		partner uuid.UUID
		role    account.InfluenceRole
	}
	records := map[record]int{}
	for _, h := range help {
		switch r := (record{h.PartnerID, h.Role}); {
		case !h.Revoked:
			records[r]++
		case records[r] > 0:
			records[r]--
		}
	}
	for _, h := range help {
		if records[record{h.PartnerID, h.Role}] > 0 && !slices.Contains(partners, h.PartnerID) {
			partners = append(partners, h.PartnerID)
		}
	}
	return partners
}

func (d *Deal) step(s stepRow) {
	d.see(s.ref)
	if s.Status == "" {
		d.Won = domain.Must(d.Won.Sub(s.Amount))
		return
	}
	d.Status, d.Won, d.Closer = s.Status, domain.Money{}, uuid.Nil
	if isClosed(s.Status) {
		d.ClosedAt = s.At
	}
	if s.Status == account.StatusWon {
		d.Won, d.Closer = s.Amount, s.SellerID
	}
}

// see keeps an event among those behind the deal, once.
func (d *Deal) see(r ref) {
	if last := d.events[len(d.events)-1]; last.EventID != r.EventID {
		d.events = append(d.events, r)
	}
}
