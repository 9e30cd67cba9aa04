package partner

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Payee is a bank account that the partner's money goes to, once it is approved.
type Payee struct {
	ID             uuid.UUID       `json:"id"`
	Name           domain.Personal `json:"name"`    // of the account's holder
	Account        domain.Personal `json:"account"` // IBAN
	BIC            string          `json:"bic,omitempty"`
	Currency       string          `json:"currency"`
	DocumentSHA256 string          `json:"document_sha256,omitempty"`
	Verified       string          `json:"verified,omitempty" partner:"internal"` // how, by whoever approved it
	Proposed       domain.Step     `json:"proposed"`
	Approved       domain.Step     `json:"approved,omitzero"`
	Revoked        domain.Step     `json:"revoked,omitzero"`
}

// ChangedAt is since when money may go to the account: when its approval was recorded, whatever day it was effective from.
// A payout holds what would go to an account that is new.
func (x Payee) ChangedAt() time.Time { return x.Approved.RecordedAt }

// Payee is where money in a currency goes at a moment: the account approved last, unless it is revoked by then. False: to
// nobody.
func (p *Partner) Payee(at time.Time, currency string) (payee Payee, ok bool) {
	for _, x := range p.Payees {
		approved := x.Approved.Taken() && !x.Approved.At.After(at) && x.Currency == currency
		if approved && (!ok || x.Approved.Revision >= payee.Approved.Revision) {
			payee, ok = x, true
		}
	}
	if ok && payee.Revoked.Taken() && !payee.Revoked.At.After(at) {
		return Payee{}, false
	}
	return payee, ok
}

// PayeeByID is a payee of the partner, also one that isn't approved or no more.
func (p *Partner) PayeeByID(id uuid.UUID) (Payee, bool) {
	if x := p.payee(id); x != nil {
		return *x, true
	}
	return Payee{}, false
}

func (p *Partner) payee(id uuid.UUID) *Payee {
	at := slices.IndexFunc(p.Payees, func(x Payee) bool { return x.ID == id })
	if at < 0 {
		return nil
	}
	return &p.Payees[at]
}

// The roles that have a hand in accounts: those who propose one, those who check it, and those who stop it.
var (
	payeeMakers   = []domain.Role{domain.PartnerAdmin, domain.PartnerOps, domain.Finance, domain.ServiceRole}
	payeeCheckers = []domain.Role{domain.Finance, domain.Treasury, domain.ServiceRole}
	payeeStoppers = []domain.Role{domain.PartnerAdmin, domain.PartnerOps, domain.Finance, domain.Treasury, domain.ServiceRole}
)

// ProposePayee names an account for the partner's money in a currency. It is approved by somebody else before anything goes
// there. The document shows whose account it is; a service that imports history may leave it out.
// Errors: a field is wrong; the partner isn't in the program; the document isn't stored (document_unknown).
type ProposePayee struct {
	Name           domain.Personal `json:"name"`                      // of the account's holder, at most 140 characters
	Account        domain.Personal `json:"account"`                   // an IBAN, with or without spaces
	BIC            string          `json:"bic,omitempty"`             // 8 or 11 characters
	Currency       string          `json:"currency"`                  // ISO 4217
	DocumentSHA256 string          `json:"document_sha256,omitempty"` // 64 hex digits, lower case
}

func (ProposePayee) admits() (string, []domain.Role) { return "propose a payee", payeeMakers }

func (c ProposePayee) decide(p *State, h domain.Header, facts Facts) ([]Event, error) {
	account := domain.CompactIBAN(string(c.Account))
	if err := domain.FirstOf(
		domain.AdmitText("name", string(c.Name), maxPayeeName),
		domain.AdmitIBAN("account", account),
		checkBIC(c.BIC),
		checkCurrency(c.Currency),
		checkDocument(c.DocumentSHA256, h.Actor),
		p.mustBeIn(h, "propose a payee"),
		facts.checkStored(h.Actor),
	); err != nil {
		return nil, err
	}
	if len(p.Payees) >= maxPayees {
		return nil, domain.Refuse("too_many", "", "at most %d payees", maxPayees)
	}
	return []Event{PayeeProposed{
		PayeeID: p.newID(h, uuid.Nil, "payee"), Name: c.Name, Account: domain.Personal(account), BIC: c.BIC, Currency: c.Currency,
		DocumentSHA256: c.DocumentSHA256,
	}}, nil
}

func checkBIC(bic string) error {
	if bic == "" {
		return nil
	}
	return domain.AdmitBIC("bic", bic)
}

func checkCurrency(code string) error {
	if _, err := domain.NewMoney(0, code); err != nil {
		return domain.Invalid("currency", "want an ISO 4217 code in capitals, such as EUR")
	}
	return nil
}

// ApprovePayee lets money go to an account: somebody else than who proposed it, and nobody of the partner, made sure that it
// is the partner's, in another way than the one that the account was told by.
// Errors: a field is wrong; whoever asks had a hand in it (maker_is_checker); it is approved or revoked already (payee_status).
type ApprovePayee struct {
	PayeeID  uuid.UUID `json:"payee_id"`
	Verified string    `json:"verified"`         // how, at most 2000 characters
	Reason   string    `json:"reason,omitempty"` // of a service that approves what it proposed
}

func (ApprovePayee) admits() (string, []domain.Role) { return "approve a payee", payeeCheckers }

func (c ApprovePayee) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	x, err := p.mustHavePayee(c.PayeeID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("verified", c.Verified, maxReason),
		domain.AdmitOptionalText("reason", c.Reason, maxReason),
		domain.AdmitAfter(h, "proposal", x.Proposed.At),
		domain.AdmitChecker("approve a payee", x.Proposed.Actor(), h.Actor, p.ID, c.Reason),
	); err != nil {
		return nil, err
	}
	if x.Approved.Taken() {
		return nil, domain.Refuse("payee_status", "payee_id", "the payee is approved already")
	}
	return []Event{PayeeApproved{PayeeID: x.ID, Verified: c.Verified}}, nil
}

// RevokePayee stops an account at once: a proposed one is refused by it, too.
// Errors: a field is wrong; it is revoked already (payee_status).
type RevokePayee struct {
	PayeeID uuid.UUID `json:"payee_id"`
	Reason  string    `json:"reason"`
}

func (RevokePayee) admits() (string, []domain.Role) { return "revoke a payee", payeeStoppers }

func (c RevokePayee) decide(p *State, h domain.Header, _ Facts) ([]Event, error) {
	x, err := p.mustHavePayee(c.PayeeID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(checkReason(c.Reason), domain.AdmitAfter(h, "proposal", x.Proposed.At)); err != nil {
		return nil, err
	}
	return []Event{PayeeRevoked(c)}, nil
}

// mustHavePayee is a payee that isn't revoked.
func (p *Partner) mustHavePayee(id uuid.UUID) (*Payee, error) {
	x := p.payee(id)
	switch {
	case x == nil:
		return nil, domain.NotFound("payee", "payee_id", "the partner has no payee %s", id)
	case x.Revoked.Taken():
		return nil, domain.Refuse("payee_status", "payee_id", "the payee is revoked: propose the account anew")
	}
	return x, nil
}

// ---- fold

func (e PayeeProposed) evolve(p *Partner, env domain.Envelope) {
	p.Payees = append(p.Payees, Payee{
		ID: e.PayeeID, Name: e.Name, Account: e.Account, BIC: e.BIC, Currency: e.Currency, DocumentSHA256: e.DocumentSHA256,
		Proposed: domain.StepOf(env, ""),
	})
}

func (e PayeeApproved) evolve(p *Partner, env domain.Envelope) {
	if x := p.payee(e.PayeeID); x != nil {
		x.Approved, x.Verified = domain.StepOf(env, ""), e.Verified
	}
}

func (e PayeeRevoked) evolve(p *Partner, env domain.Envelope) {
	if x := p.payee(e.PayeeID); x != nil {
		x.Revoked = domain.StepOf(env, e.Reason)
	}
}
