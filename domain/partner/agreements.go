package partner

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// SignAgreement records an agreement with a partner in the program. Several may be in force at a time. Dates are days in
// the program's zone; valid_from may be before or after the signing. A service that imports history may leave out the
// document where it isn't at hand, or name one that lies elsewhere.
// Errors: a field is wrong; the partner isn't in the program; the id is taken (agreement_exists); the document isn't stored
// (document_unknown).
type SignAgreement struct {
	AgreementID    uuid.UUID   `json:"agreement_id,omitzero"`     // zero: derived from the command
	Kind           string      `json:"kind"`                      // a short name: a-z, 0-9 and _, as in reseller
	DocumentSHA256 string      `json:"document_sha256,omitempty"` // 64 hex digits, lower case
	ValidFrom      domain.Date `json:"valid_from"`                // first day
	ValidTo        domain.Date `json:"valid_to,omitzero"`         // last day; empty: until it is terminated
}

func (SignAgreement) admits() (string, []domain.Role) { return "sign an agreement", vendor }

func (c SignAgreement) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := c.check(h.Actor); err != nil {
		return nil, err
	}
	if err := p.mustBeIn(h, "sign an agreement"); err != nil {
		return nil, err
	}
	if err := facts.checkStored(h.Actor); err != nil {
		return nil, err
	}
	id := p.newID(h, c.AgreementID, "agreement")
	if p.agreement(id) != nil {
		return nil, domain.Refuse("agreement_exists", "agreement_id", "agreement %s is there already", id)
	}
	if len(p.Agreements) >= maxAgreements {
		return nil, domain.Refuse("too_many", "", "at most %d agreements", maxAgreements)
	}
	return []Event{AgreementSigned{
		AgreementID: id, Kind: c.Kind, DocumentSHA256: c.DocumentSHA256, ValidFrom: c.ValidFrom, ValidTo: c.ValidTo,
		From: c.ValidFrom.In(facts.zone()).UTC(), Until: endOf(c.ValidTo, facts.zone()),
	}}, nil
}

func (c SignAgreement) check(actor domain.Actor) error {
	return cmp.Or(
		checkName("kind", c.Kind),
		checkDocument(c.DocumentSHA256, actor),
		checkDay("valid_from", c.ValidFrom),
		c.checkEnd(),
	)
}

func (c SignAgreement) checkEnd() error {
	switch {
	case c.ValidTo.IsZero():
		return nil
	case c.ValidTo.Compare(c.ValidFrom) < 0:
		return domain.Invalid("valid_to", "must not be before valid_from")
	}
	return checkDay("valid_to", c.ValidTo)
}

// RenewAgreement moves an agreement's last day out. It takes effect while the agreement is valid; one that came in time
// but is recorded after the expiry undoes it. After the end a new agreement is signed.
// Errors: a field is wrong; there is no such agreement; it has no end to move (agreement_open_ended), has ended by then
// (agreement_ended), or wasn't signed yet (effective_before_step); the document isn't stored (document_unknown).
type RenewAgreement struct {
	AgreementID    uuid.UUID   `json:"agreement_id"`
	DocumentSHA256 string      `json:"document_sha256,omitempty"` // 64 hex digits; as for SignAgreement
	ValidTo        domain.Date `json:"valid_to,omitzero"`         // the new last day; empty: until it is terminated
}

func (RenewAgreement) admits() (string, []domain.Role) { return "renew an agreement", vendor }

func (c RenewAgreement) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	if err := checkDocument(c.DocumentSHA256, h.Actor); err != nil {
		return nil, err
	}
	a, err := p.runningAgreement(h, c.AgreementID)
	if err != nil {
		return nil, err
	}
	if err := c.checkEnd(a); err != nil {
		return nil, err
	}
	if err := facts.checkStored(h.Actor); err != nil {
		return nil, err
	}
	return []Event{AgreementRenewed{
		AgreementID: a.ID, DocumentSHA256: c.DocumentSHA256, ValidTo: c.ValidTo, Until: endOf(c.ValidTo, facts.zone()),
	}}, nil
}

func (c RenewAgreement) checkEnd(a *Agreement) error {
	switch {
	case a.ValidTo.IsZero():
		return domain.Refuse("agreement_open_ended", "agreement_id", "the agreement has no last day to move")
	case !a.TerminatedAt.IsZero():
		return domain.Refuse("agreement_ended", "agreement_id", "the agreement was terminated at %s", stamp(a.TerminatedAt))
	case c.ValidTo.IsZero():
		return nil
	case c.ValidTo.Compare(a.ValidTo) <= 0:
		return domain.Invalid("valid_to", "must be after the last day until now, %s", a.ValidTo)
	}
	return checkDay("valid_to", c.ValidTo)
}

// ExpireAgreement records that an agreement's last day is over. The scheduler gives it, effective at the start of the day
// after the last; where nothing is due at that moment (renewed, terminated, recorded already) nothing is recorded.
// Errors: there is no such agreement; effective_at is after its end.
type ExpireAgreement struct {
	AgreementID uuid.UUID `json:"agreement_id"`
}

func (ExpireAgreement) admits() (string, []domain.Role) {
	return "expire an agreement", []domain.Role{domain.ServiceRole}
}

func (c ExpireAgreement) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	a := p.agreement(c.AgreementID)
	switch {
	case a == nil:
		return nil, noAgreement(c.AgreementID)
	case !a.TerminatedAt.IsZero() || !a.ExpiredAt.IsZero() || !isReached(a.Until, h.EffectiveAt):
		return nil, nil
	case h.EffectiveAt.After(a.Until):
		return nil, domain.Invalid("effective_at", "the agreement ended at %s", stamp(a.Until))
	}
	return []Event{AgreementExpired(c)}, nil
}

// TerminateAgreement ends an agreement before its last day, or before it starts.
// Errors: no reason; there is no such agreement; it has ended by then (agreement_ended), or wasn't signed yet
// (effective_before_step).
type TerminateAgreement struct {
	AgreementID uuid.UUID `json:"agreement_id"`
	Reason      string    `json:"reason"` // at most 2000 characters
}

func (TerminateAgreement) admits() (string, []domain.Role) { return "terminate an agreement", vendor }

func (c TerminateAgreement) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := checkReason(c.Reason); err != nil {
		return nil, err
	}
	a, err := p.runningAgreement(h, c.AgreementID)
	if err != nil {
		return nil, err
	}
	if !a.TerminatedAt.IsZero() {
		return nil, domain.Refuse("agreement_ended", "agreement_id", "the agreement was terminated at %s", stamp(a.TerminatedAt))
	}
	return []Event{AgreementTerminated(c)}, nil
}

// runningAgreement is the agreement with the id, signed and not ended at the command's effective time.
func (p *Partner) runningAgreement(h domain.Header, id uuid.UUID) (*Agreement, error) {
	a := p.agreement(id)
	switch {
	case a == nil:
		return nil, noAgreement(id)
	case h.EffectiveAt.Before(a.SignedAt):
		return nil, domain.Refuse("effective_before_step", "effective_at", "the agreement was signed only at %s", stamp(a.SignedAt))
	case a.EndedAt(h.EffectiveAt):
		return nil, domain.Refuse("agreement_ended", "agreement_id", "the agreement had ended at %s", stamp(h.EffectiveAt))
	}
	return a, nil
}

func noAgreement(id uuid.UUID) error {
	return domain.NotFound("agreement", "agreement_id", "the partner has no agreement %s", id)
}

// endOf is the start of the day after the last one; zero where there is no last one.
func endOf(last domain.Date, zone *time.Location) time.Time {
	if last.IsZero() {
		return time.Time{}
	}
	return last.AddDays(1).In(zone).UTC()
}

// newID is the id that the command gives, or one derived from the command.
func (p *Partner) newID(h domain.Header, given uuid.UUID, kind string) uuid.UUID {
	if given != uuid.Nil {
		return given
	}
	return domain.EntityID(h.CommandID, domain.StreamName(Category, p.ID), kind)
}

// DocumentOf is the hash of the document that a command cites, or empty.
func DocumentOf(c Command) string {
	switch c := c.(type) {
	case SignAgreement:
		return c.DocumentSHA256
	case RenewAgreement:
		return c.DocumentSHA256
	case ProposePayee:
		return c.DocumentSHA256
	}
	return ""
}

// Cites reports whether one of the partner's agreements has the document, or had it before a renewal, or a payee has it.
func (p *Partner) Cites(sha256 string) bool {
	return slices.ContainsFunc(p.Agreements, func(a Agreement) bool {
		return a.DocumentSHA256 == sha256 || slices.Contains(a.Earlier, sha256)
	}) || slices.ContainsFunc(p.Payees, func(x Payee) bool { return x.DocumentSHA256 == sha256 })
}
