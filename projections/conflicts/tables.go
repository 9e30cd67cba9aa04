package conflicts

import (
	"cmp"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Status is what is left to decide about a finding.
type Status string

// The states of a finding.
const (
	// StatusOpen: the registration waits, or was protected before the finding came, and what it conflicts with is still there.
	StatusOpen Status = "open"
	// StatusReferred: as open, and a dispute is to decide it.
	StatusReferred Status = "referred"
	// StatusOverridden: the desk, or where it names one a ruling, let the finding stand without keeping the deal from being
	// approved.
	StatusOverridden Status = "overridden"
	// StatusMoot: there is nothing to decide any more. The deal was decided, or the rival registration, the vendor's own
	// opportunity or the owner that it conflicts with is gone. It may open again, with a deal that is reopened.
	StatusMoot Status = "moot"
)

// Conflict is one finding: the domain's own, whose registration it is against, and what is left to decide.
type Conflict struct {
	account.Finding
	DealID    uuid.UUID `json:"deal_id"`
	AccountID uuid.UUID `json:"account_id"`
	PartnerID uuid.UUID `json:"partner_id"` // whose registration it is against
	Status    Status    `json:"status"`
}

func newConflict(d *account.Deal, f account.Finding, stands bool) *Conflict {
	c := &Conflict{Finding: f, DealID: d.ID, AccountID: d.AccountID, PartnerID: d.PartnerID, Status: StatusMoot}
	switch {
	case f.Override.EventID != uuid.Nil:
		c.Status = StatusOverridden
	case (d.Pending() || f.Late && d.Live()) && stands:
		if c.Status = StatusOpen; d.Awaits(&f) {
			c.Status = StatusReferred
		}
	}
	return c
}

// Statuses lists every state.
func Statuses() []Status { return []Status{StatusOpen, StatusReferred, StatusOverridden, StatusMoot} }

// against names what the deal was compared with.
func (c *Conflict) against() string {
	switch with := c.With; {
	case with.DealID != uuid.Nil:
		return with.DealID.String()
	case with.OpportunityID != uuid.Nil:
		return with.OpportunityID.String()
	case with.PartnerID != uuid.Nil:
		return with.PartnerID.String()
	default:
		return cmp.Or(string(with.Owner), "unknown")
	}
}

// tables are the read model's. Deals and accounts are folded for their state alone.
type tables struct {
	conflicts *projections.Table[Conflict]
	breaches  *projections.Table[RecordedBreach]
	deals     *projections.Table[account.Deal]
	accounts  *projections.Table[account.Account]
	watched   *projections.Table[watchers]
}

// watchers are the findings that depend on one deal or account.
type watchers struct {
	Findings []watcher `json:"findings"`
}

type watcher struct {
	DealID    uuid.UUID `json:"deal_id"`
	FindingID uuid.UUID `json:"finding_id"`
}

func open(s *projections.Schema) *tables {
	text := projections.Text[Conflict]
	return &tables{
		conflicts: projections.NewTable(s, "conflicts",
			text("status", func(c *Conflict) string { return string(c.Status) }),
			text("rule", func(c *Conflict) string { return string(c.Rule) }),
			text("score", func(c *Conflict) string { return c.Score }),
			text("deal", func(c *Conflict) string { return c.DealID.String() }).Indexed(),
			text("account", func(c *Conflict) string { return c.AccountID.String() }).Indexed(),
			text("partner", func(c *Conflict) string { return c.PartnerID.String() }),
			text("against", (*Conflict).against).Indexed(),
			projections.Int("found_at", func(c *Conflict) int64 { return listing.Moment(c.Found.At) }),
		).
			IndexOn("found_at", "key").
			IndexOn("status", "found_at", "key").
			IndexOn("partner", "found_at", "key"),
		breaches: newBreaches(s),
		deals:    projections.NewTable[account.Deal](s, "deals"),
		accounts: projections.NewTable[account.Account](s, "accounts"),
		watched:  projections.NewTable[watchers](s, "watched"),
	}
}
