package reactor

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
)

// taskKey is a remedy that is to be carried out, or taken back.
type taskKey struct {
	remedy uuid.UUID
	undo   bool
}

func (k taskKey) step() string {
	if k.undo {
		return "undo " + k.remedy.String()
	}
	return "apply " + k.remedy.String()
}

// task is what was planned for a remedy. It lasts until the case says that it was done, or that it can't be.
type task struct {
	handed bool // the order was handed out: its outcome will show
}

// assignment is what a command was ordered for.
type assignment struct {
	taskKey
	dispute uuid.UUID
}

// planRemedies orders what is outstanding, and drops what no longer is as long as it wasn't handed out.
func (d *Disputes) planRemedies(c *dispute.Case, env domain.Envelope) {
	wanted := map[taskKey]bool{}
	for _, r := range c.Outstanding() {
		_, undo := r.Outstanding()
		key := taskKey{r.RemedyID, undo}
		wanted[key] = true
		if d.tasks[c.ID][key] == nil {
			d.planRemedy(c, key, env.EffectiveAt, env)
		}
	}
	for key, t := range d.tasks[c.ID] {
		if !wanted[key] && !t.handed {
			d.dates.drop(key.step())
			delete(d.tasks[c.ID], key)
		}
	}
}

// again plans anew what couldn't be done.
func (d *Disputes) again(c *dispute.Case, key taskKey, at time.Time, env domain.Envelope) {
	d.dates.drop(key.step())
	delete(d.tasks[c.ID], key)
	for _, r := range c.Outstanding() {
		if _, undo := r.Outstanding(); r.RemedyID == key.remedy && undo == key.undo {
			d.planRemedy(c, key, at, env)
		}
	}
}

func (d *Disputes) planRemedy(c *dispute.Case, key taskKey, at time.Time, env domain.Envelope) {
	r := c.Remedy(key.remedy)
	command := commandFor(c, r, env.EventID)
	if key.undo {
		command = d.undo[key.remedy]
	}
	if d.tasks[c.ID] == nil {
		d.tasks[c.ID] = map[taskKey]*task{}
	}
	d.tasks[c.ID][key] = &task{}
	if command == nil { // it was done by hand, and has to be taken back so
		d.park(c.ID, key, "by_hand", "it was carried out by hand: take it back by hand, and record that", env)
		return
	}
	o := Order{Stream: r.Stream, Command: command, Cause: causeOf(env), Step: key.step(), EffectiveAt: at}
	d.dates.plan(key.step(), at, o)
	d.given[o.Header(d.Name()).CommandID] = assignment{key, c.ID}
}

// handOut notes that an order left: from then on its outcome will stand in the log.
func (d *Disputes) handOut(o Order) {
	key, ok := d.given[o.Header(d.Name()).CommandID]
	if !ok {
		return
	}
	if t := d.tasks[key.dispute][key.taskKey]; t != nil {
		t.handed = true
	}
}

// commandFor is the command that carries a remedy out: one line for each kind.
func commandFor(c *dispute.Case, r *dispute.RemedyInProgress, ruling uuid.UUID) any {
	category, _, _ := domain.ParseStream(r.Stream)
	reason := "dispute " + c.ID.String()
	switch r.Kind {
	case dispute.RemedyReassign:
		return account.ReassignDeal{DealID: r.DealID, To: r.PartnerID, SellerID: r.SellerID, Ruling: ruling}
	case dispute.RemedySplitCredit:
		split := account.SplitCredit{DealID: r.DealID, Ruling: ruling}
		for _, s := range r.Shares {
			split.Shares = append(split.Shares, account.CreditShare(s))
		}
		return split
	case dispute.RemedyReinstateProtection:
		return account.ReinstateDeal{DealID: r.DealID, ProtectedUntil: r.ProtectedUntil, Ruling: ruling}
	case dispute.RemedyApproveClaim:
		return mdf.ApproveByRuling{
			ClaimID: r.ClaimID, Amount: r.Amount, InputTax: r.InputTax, FX: mdf.FX(r.FX), Reserve: r.Reserve, Ruling: ruling, Reason: reason,
		}
	case dispute.RemedyUndoClawback:
		if category == rebate.Category {
			return rebate.ReverseClawback{ClawbackID: r.ClawbackID, Reason: reason}
		}
		return mdf.ReverseClawback{ClaimID: r.ClaimID, ClawbackID: r.ClawbackID, Ruling: ruling, Reason: reason}
	case dispute.RemedyAdjustAmount:
		return rebate.AdjustByRuling{Delta: r.Amount, Reason: reason}
	case dispute.RemedySetTier:
		return partner.SetTierByRuling{To: r.Tier, Reason: reason}
	case dispute.RemedyOverrideConflicts:
		return account.OverrideByRuling{DealID: r.DealID, FindingIDs: r.FindingIDs, Reason: reason, Ruling: ruling}
	}
	return nil
}

// undoOf is the command that takes back what an event did; nil where nothing does.
func undoOf(event domain.Event, reason string) any {
	switch e := event.(type) {
	case account.DealReassigned:
		return account.ReassignDeal{DealID: e.DealID, To: e.From, SellerID: e.FromSeller, Ruling: e.Ruling}
	case account.CreditSplitSet:
		return account.SplitCredit{DealID: e.DealID, Shares: e.Replaces, Ruling: e.Ruling}
	case account.DealReinstated:
		return account.UndoReinstatement{DealID: e.DealID, Until: e.Replaces}
	case account.ConflictOverridden:
		return account.UndoOverride{DealID: e.DealID, FindingIDs: e.FindingIDs, Ruling: e.Ruling}
	case mdf.ClaimApproved:
		return mdf.ClawBack{ClaimID: e.ClaimID, Amount: e.Approved, InputTax: e.InputTax, Reason: reason}
	case mdf.ClawbackReversed:
		return mdf.ClawBack{ClaimID: e.ClaimID, Amount: e.Amount, InputTax: e.InputTax, Reason: reason}
	case rebate.Adjusted:
		return rebate.AdjustByRuling{Delta: e.Delta.Neg(), Reason: reason}
	case rebate.ClawbackReversed:
		return rebate.ClawBack{Amount: e.Amount, Reason: reason}
	case partner.TierChanged:
		return partner.SetTierByRuling{To: e.From, Reason: reason}
	}
	return nil
}

// carriedOut records back in the case what an order for it led to.
func (d *Disputes) carriedOut(event domain.Event, env domain.Envelope) {
	key, ok := d.given[env.CommandID]
	if !ok {
		return
	}
	d.dates.drop(key.step())
	if !key.undo {
		d.undo[key.remedy] = undoOf(event, "dispute "+key.dispute.String()+": overturned")
	}
	d.order(env, domain.StreamName(dispute.Category, key.dispute), "record "+key.step(), dispute.RecordRemedy{
		RemedyID: key.remedy, Undone: key.undo,
		Event: dispute.EventRef{Stream: env.Stream, Revision: env.Revision, EventID: env.EventID},
	})
}

// refused parks in the case what the target refused.
func (d *Disputes) refused(e Refused, env domain.Envelope) {
	key, ok := d.given[domain.ReactionID(d.Name(), e.Source, e.Step)]
	if !ok || !strings.HasSuffix(e.Step, key.remedy.String()) {
		return
	}
	d.dates.drop(key.step())
	d.park(key.dispute, key.taskKey, e.Rule, e.Reason, env)
}

func (d *Disputes) park(id uuid.UUID, key taskKey, rule, missing string, env domain.Envelope) {
	d.order(env, domain.StreamName(dispute.Category, id), "park "+key.step(), dispute.ParkRemedy{
		RemedyID: key.remedy, Undo: key.undo, Rule: rule, Missing: missing,
	})
}
