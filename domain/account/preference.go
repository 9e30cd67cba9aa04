package account

import (
	"regexp"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// Preference is whom the customer wants to buy from, as it wrote: a partner, or the vendor itself. The zero one says
// nothing: the customer took back what it wrote.
type Preference struct {
	PartnerID      uuid.UUID `json:"partner_id,omitzero"`
	Direct         bool      `json:"direct,omitempty"`
	DocumentSHA256 string    `json:"document_sha256,omitempty"`
}

func (e PreferenceRecorded) applyTo(a *Account, env domain.Envelope) {
	a.Preference.Set(env.EffectiveAt, Preference(e))
}

func (PreferenceWithdrawn) applyTo(a *Account, env domain.Envelope) {
	a.Preference.Set(env.EffectiveAt, Preference{})
}

// against reports whether the customer prefers somebody else than the partner.
func (p Preference) against(partner uuid.UUID) bool {
	return p.Direct || p.PartnerID != uuid.Nil && p.PartnerID != partner
}

// RecordPreference says whom the customer wants to buy from, as it wrote to the vendor: exactly one of PartnerID and Direct.
// Registrations of others that wait get their finding with it; what is approved stays protected. The same letter again
// records nothing.
type RecordPreference struct {
	AccountID      uuid.UUID `json:"account_id"`
	PartnerID      uuid.UUID `json:"partner_id,omitzero"`
	Direct         bool      `json:"direct,omitempty"`          // the vendor itself
	DocumentSHA256 string    `json:"document_sha256,omitempty"` // of the letter, hex; only a service that imports history may lack it
}

func (RecordPreference) roles() []domain.Role { return keeperRoles() }

func (c RecordPreference) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c RecordPreference) partnerID() uuid.UUID { return c.PartnerID }

func (c RecordPreference) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := firstOf(s.known(c.AccountID), s.notLinked(), c.checkPreferred(f), checkLetter(c.DocumentSHA256, h.Actor)); err != nil {
		return nil, err
	}
	recorded := PreferenceRecorded{PartnerID: c.PartnerID, Direct: c.Direct, DocumentSHA256: c.DocumentSHA256}
	if now, _ := s.Account.Preference.At(h.EffectiveAt); now == Preference(recorded) {
		return nil, nil
	}
	return append([]Event{recorded}, s.preferenceFindings(Preference(recorded), h.EffectiveAt)...), nil
}

func (c RecordPreference) checkPreferred(f Facts) error {
	switch {
	case c.Direct == (c.PartnerID != uuid.Nil):
		return domain.Invalid("partner_id", "want either a partner or direct")
	case c.Direct:
		return nil
	}
	return f.known(c.PartnerID)
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// checkLetter: a service that imports history can only say what the old system knows.
func checkLetter(sha256 string, by domain.Actor) error {
	if sha256 == "" && by.Kind == domain.Service && by.Is(domain.ServiceRole) || sha256Hex.MatchString(sha256) {
		return nil
	}
	return domain.Invalid("document_sha256", "want the SHA-256 of the customer's letter, 64 hex digits in lower case")
}

// preferenceFindings are those of the registrations that wait, where no later preference is recorded already.
func (s *State) preferenceFindings(p Preference, at time.Time) (events []Event) {
	if s.Account.Preference.Since().After(at) {
		return nil
	}
	for _, d := range s.waiting() {
		if p.against(d.PartnerID) {
			claim := d.claim()
			events = append(events, claim.record(d, []Finding{claim.preferenceFinding(p)})...)
		}
	}
	return events
}

// customerPreference finds that the customer wrote, as holds at that moment, that it wants to buy from somebody else.
func customerPreference(c Claim, s *State, _ Facts, at time.Time) []Finding {
	if p, _ := s.Account.Preference.At(at); p.against(c.PartnerID) {
		return []Finding{c.preferenceFinding(p)}
	}
	return nil
}

func (c Claim) preferenceFinding(p Preference) Finding {
	with := With{PartnerID: p.PartnerID}
	if p.Direct {
		with.Owner = OwnerDirect
	}
	evidence := map[string]string{}
	if p.DocumentSHA256 != "" {
		evidence["document_sha256"] = p.DocumentSHA256
	}
	return c.finding(policy.RuleCustomerPreference, with, evidence)
}

// WithdrawPreference says that the customer took back what it wrote. Findings that were recorded stand, and keep no
// registration from being approved any more.
type WithdrawPreference struct {
	AccountID      uuid.UUID `json:"account_id"`
	DocumentSHA256 string    `json:"document_sha256,omitempty"` // of the letter that takes it back, where there is one
	Reason         string    `json:"reason"`
}

func (WithdrawPreference) roles() []domain.Role { return keeperRoles() }

func (c WithdrawPreference) accountID() (uuid.UUID, error) { return c.AccountID, nil }

func (c WithdrawPreference) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if err := firstOf(s.known(c.AccountID), domain.AdmitText("reason", c.Reason, MaxReason)); err != nil {
		return nil, err
	}
	if c.DocumentSHA256 != "" && !sha256Hex.MatchString(c.DocumentSHA256) {
		return nil, checkLetter(c.DocumentSHA256, h.Actor)
	}
	if now, _ := s.Account.Preference.At(h.EffectiveAt); now == (Preference{}) {
		return nil, domain.Refuse("no_preference", "effective_at", "at %s the customer prefers nobody", stamp(h.EffectiveAt))
	}
	return []Event{PreferenceWithdrawn{DocumentSHA256: c.DocumentSHA256, Reason: c.Reason}}, nil
}
