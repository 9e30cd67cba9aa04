package reactor

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/statement"
)

// opening is what cases are opened from that nobody opens by hand: a breached protection, a conflict that a reviewer sends to
// a dispute, and a difference between what was paid and what the bank shows, beyond tolerance.
type opening struct {
	owners   map[uuid.UUID]uuid.UUID    // the partner of each deal
	findings map[uuid.UUID]account.With // what each finding is with
	sources  map[uuid.UUID]string       // the stream that each payable follows from
	differs  map[uuid.UUID]*difference  // by the command that opens a case about it
}

func newOpening() opening {
	return opening{
		owners: map[uuid.UUID]uuid.UUID{}, findings: map[uuid.UUID]account.With{}, sources: map[uuid.UUID]string{},
		differs: map[uuid.UUID]*difference{},
	}
}

// observeOpening keeps what cases are opened from, and plans to open them; false for everything that isn't its own. Such an
// event may stand in one append with the outcome of a remedy, and is none.
func (d *Disputes) observeOpening(event domain.Event, env domain.Envelope) bool {
	switch e := event.(type) {
	case account.DealRegistered:
		d.owners[e.DealID] = e.PartnerID
	case account.DealReassigned:
		d.owners[e.DealID] = e.To
		return false // it may be what a remedy came to
	case account.ConflictFound:
		d.findings[e.FindingID] = e.With
	case account.ConflictReferred:
		d.referred(e, env)
	case account.ProtectionBreached:
		d.breached(e, env)
	case payable.Raised:
		d.sources[e.PayableID] = e.Source.Stream
	case statement.LinesMatched:
		d.matched(e, env)
	case statement.MatchUndone:
		d.unmatched(e)
	default:
		return false
	}
	return true
}

// autoOpenDays is for how long after its record something opens a case: what is older is history.
const autoOpenDays = 30

func isOld(d time.Duration) bool { return d > autoOpenDays*24*time.Hour }

// stepOpen tells the case about an event from what else follows from it.
const stepOpen = "open"

// opens is the command that opens a case: what is planned is kept by it, so that a case and a refusal both drop it.
func (d *Disputes) opens(event uuid.UUID, step string) uuid.UUID {
	return domain.ReactionID(d.Name(), event, step)
}

// open plans a case about an event.
func (d *Disputes) open(env domain.Envelope, step string, c dispute.Open) {
	command := d.opens(env.EventID, step)
	c.Stream, c.EventID = env.Stream, env.EventID
	d.todo.plan(command.String(), env.RecordedAt, Order{
		Stream: domain.StreamName(dispute.Category, dispute.IDOf(command)), Command: c, Cause: env, Step: step, EffectiveAt: env.RecordedAt,
	})
}

// dropOpening forgets what was planned about the event that a case is about, whoever opened it.
func (d *Disputes) dropOpening(c *dispute.Case) {
	d.todo.drop(d.opens(c.Subject.EventID, stepOpen).String())
	for _, p := range c.Parties() {
		key := d.opens(c.Subject.EventID, stepOf(p.PartnerID, c.Claimant.Vendor))
		d.todo.drop(key.String())
		delete(d.differs, key)
	}
}

// breached opens a case for the deal's partner, unless one about the same is open.
func (d *Disputes) breached(e account.ProtectionBreached, env domain.Envelope) {
	owner := d.owners[e.DealID]
	if owner == uuid.Nil || isOld(env.RecordedAt.Sub(env.EffectiveAt)) {
		return
	}
	for _, c := range d.cases {
		if c.Kind == dispute.KindDirectConflict && c.Subject.DealID == e.DealID {
			return
		}
	}
	d.open(env, stepOpen, dispute.Open{
		Kind: dispute.KindDirectConflict, Claimant: dispute.Party{PartnerID: owner},
		RemedySought: "what the breach of the protection is worth",
		Statement:    "The vendor's own sales " + string(e.By) + " an opportunity on a line that this deal protects.",
	})
}

// referred opens the case that a reviewer leaves findings to: for the deal's partner, against whomever they are with. What is
// with nothing of another partner's the vendor answers for. The account refuses to refer what is referred or disputed already.
func (d *Disputes) referred(e account.ConflictReferred, env domain.Envelope) {
	owner := d.owners[e.DealID]
	if owner == uuid.Nil || isOld(env.RecordedAt.Sub(env.EffectiveAt)) {
		return
	}
	c := dispute.Open{
		Kind: dispute.KindDealOwnership, Claimant: dispute.Party{PartnerID: owner},
		RemedySought: "that what was found doesn't keep the deal from being approved", Statement: e.Reason,
	}
	for _, id := range e.FindingIDs {
		with := d.findings[id]
		rival := dispute.Party{PartnerID: cmp.Or(d.owners[with.DealID], with.PartnerID)}
		if rival.PartnerID == uuid.Nil || rival == c.Claimant {
			rival = dispute.Party{Vendor: true}
		}
		if !slices.Contains(c.Respondents, rival) {
			c.Respondents = append(c.Respondents, rival)
		}
		if other := domain.StreamName(account.Category, with.AccountID); with.AccountID != uuid.Nil && other != env.Stream &&
			!slices.Contains(c.Streams, other) {
			c.Streams = append(c.Streams, other)
		}
	}
	d.open(env, stepOpen, c)
}
