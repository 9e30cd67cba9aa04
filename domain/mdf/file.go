package mdf

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// FileClaim shows what was spent on an approved activity, by the supplier's invoice and proof of what was done. A request
// may have several claims. Proof must be stored first (document_unknown); only a service that imports history may lack it.
type FileClaim struct {
	RequestID     uuid.UUID    `json:"request_id"`
	Supplier      string       `json:"supplier"`
	InvoiceNumber string       `json:"invoice_number"`
	InvoiceDate   domain.Date  `json:"invoice_date"`
	Net           domain.Money `json:"net"`                  // its currency is the claim's
	Tax           domain.Money `json:"tax,omitzero"`         // 0 by default
	TaxCode       string       `json:"tax_code,omitempty"`   // needed where there is tax
	Recoverable   domain.Money `json:"recoverable,omitzero"` // part of the tax that can be got back; 0 by default
	Gross         domain.Money `json:"gross"`                // net + tax
	Settlement    Settlement   `json:"settlement"`
	Proof         []Proof      `json:"proof,omitempty"` // up to 20 documents, at least one unless the policy says otherwise
}

func (FileClaim) roles() []domain.Role { return partnerRoles() }

func (c FileClaim) invoice() Invoice {
	currency := c.Net.Currency()
	return Invoice{
		Supplier: c.Supplier, InvoiceNumber: c.InvoiceNumber, InvoiceDate: c.InvoiceDate, Net: c.Net, TaxCode: c.TaxCode,
		Tax: orNought(c.Tax, currency), Recoverable: orNought(c.Recoverable, currency), Gross: c.Gross,
		Settlement: c.Settlement, Proof: c.Proof,
	}
}

func (c FileClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	r, err := s.request(c.RequestID)
	if err != nil {
		return nil, err
	}
	if err := r.stepFrom(h, RequestIsApproved); err != nil {
		return nil, err
	}
	if err := domain.FirstOf(r.inTime(h), c.check(h, f)); err != nil {
		return nil, err
	}
	if len(r.Claims) >= MaxClaims {
		return nil, domain.Refuse("too_many_claims", "request_id", "a request has at most %d claims", MaxClaims)
	}
	of := OfClaim{
		RequestID: r.ID, ClaimID: domain.EntityID(h.CommandID, domain.StreamName(FundCategory, s.Fund.ID), "claim"),
	}
	if err := s.noDuplicate(of.ClaimID, c.invoice()); err != nil {
		return nil, err
	}
	filed := ClaimFiled{FundRef: s.Fund.Ref(), OfClaim: of, Invoice: c.invoice()}
	return append([]FundEvent{filed}, s.findings(of, c.invoice(), nil, f)...), nil
}

func (c FileClaim) elsewhere(_, other *FundState, _ policy.Rules) Elsewhere {
	return Elsewhere{Duplicates: other.looksLike(c.invoice())}
}

// inTime refuses a claim whose date is behind the deadline.
func (r *Request) inTime(h domain.Header) error {
	if until := r.Approval.ClaimUntil; !h.EffectiveAt.Before(until) {
		return domain.Refuse("deadline_passed", "", "claims had to come before %s: ask for an extension", stamp(until))
	}
	return nil
}

// check holds an invoice to what can be said of it alone.
func (c FileClaim) check(h domain.Header, f FundFacts) error {
	i := c.invoice()
	if err := domain.FirstOf(
		domain.AdmitText("supplier", i.Supplier, MaxName),
		domain.AdmitText("invoice_number", i.InvoiceNumber, MaxNumber),
		checkAmount("net", i.Net, ""),
		domain.AdmitOptionalText("tax_code", i.TaxCode, MaxTaxCode),
		checkAmount("tax", i.Tax, i.Net.Currency()),
		checkAmount("recoverable", i.Recoverable, i.Net.Currency()),
		checkSome("gross", i.Gross, i.Net.Currency()),
		domain.AdmitOneOf("settlement", i.Settlement, Settlements()...),
		i.checkSums(),
		i.checkProof(f.Rules.MDF.Body.ProofRequired),
		i.checkStored(h.Actor, f.NotStored),
	); err != nil {
		return err
	}
	switch today := domain.DateOf(h.EffectiveAt, zoneOf(f.Rules)); {
	case i.InvoiceDate.IsZero():
		return domain.Invalid("invoice_date", "want the day of the invoice")
	case i.InvoiceDate.Compare(today.AddDays(1)) > 0: // it may be tomorrow where the supplier is
		return domain.Invalid("invoice_date", "%s is in the future", i.InvoiceDate)
	case i.Tax.Sign() > 0 && i.TaxCode == "":
		return domain.Invalid("tax_code", "want the code of the tax")
	case keyOf(i.Supplier) == "":
		return domain.Invalid("supplier", "want letters or digits")
	case keyOf(i.InvoiceNumber) == "":
		return domain.Invalid("invoice_number", "want letters or digits")
	}
	return nil
}

func (i Invoice) checkSums() error {
	gross, err := i.Net.Add(i.Tax)
	switch {
	case err != nil:
		return err
	case gross != i.Gross:
		return domain.Invalid("gross", "net %s and tax %s make %s, not %s", i.Net, i.Tax, gross, i.Gross)
	case i.Recoverable.Minor() > i.Tax.Minor():
		return domain.Invalid("recoverable", "want at most the tax, %s", i.Tax)
	case i.Cost().Sign() == 0:
		return domain.Invalid("gross", "all of it is recoverable tax: nothing was spent")
	}
	return nil
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (i Invoice) checkProof(required bool) error {
	switch {
	case required && len(i.Proof) == 0:
		return domain.Invalid("proof", "want at least one document")
	case len(i.Proof) > MaxProofs:
		return domain.Invalid("proof", "want at most %d documents, not %d", MaxProofs, len(i.Proof))
	}
	for at, p := range i.Proof {
		path := fmt.Sprintf("proof[%d]", at)
		switch {
		case !sha256Hex.MatchString(p.SHA256):
			return domain.Invalid(path+".sha256", "want 64 hex digits in lower case")
		case slices.ContainsFunc(i.Proof[:at], func(other Proof) bool { return other.SHA256 == p.SHA256 }):
			return domain.Invalid(path+".sha256", "the same document is given twice")
		case p.Size < 1 || p.Size > MaxFileSize:
			return domain.Invalid(path+".size", "want 1 to %d bytes", int64(MaxFileSize))
		}
		if err := domain.AdmitText(path+".name", p.Name, MaxFileName); err != nil {
			return err
		}
	}
	return nil
}

// checkStored refuses proof that nobody handed in. A service that imports history can only say what the old system knows.
// Rule: document_unknown.
func (i Invoice) checkStored(actor domain.Actor, missing []string) error {
	if actor.Kind == domain.Service && actor.Is(domain.ServiceRole) {
		return nil
	}
	for at, p := range i.Proof {
		if slices.Contains(missing, p.SHA256) {
			return domain.Refuse("document_unknown", fmt.Sprintf("proof[%d].sha256", at), "no document with that hash is stored: hand it in first")
		}
	}
	return nil
}

// ProofOf is the hashes of the documents that a command hands in as proof.
func ProofOf(c FundCommand) (hashes []string) {
	var proof []Proof
	switch c := c.(type) {
	case FileClaim:
		proof = c.Proof
	case RefileClaim:
		proof = c.Proof
	}
	for _, p := range proof[:min(len(proof), MaxProofs)] { // more are refused
		hashes = append(hashes, p.SHA256)
	}
	return hashes
}

// ReturnClaim asks the partner to complete a claim. It keeps its date if it is filed again within the policy's days.
type ReturnClaim struct {
	ClaimID uuid.UUID `json:"claim_id"`
	Reason  string    `json:"reason"`
}

func (ReturnClaim) roles() []domain.Role { return financeRoles() }

func (c ReturnClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, err := s.reviewed(c.ClaimID, h, "ReturnClaim", c.Reason)
	if err != nil {
		return nil, err
	}
	until := policy.AddDays(h.EffectiveAt, f.Rules.MDF.Body.RefileDays, zoneOf(f.Rules))
	return []FundEvent{ClaimReturned{OfClaim: claim.of(), RefileUntil: until, Reason: c.Reason}}, nil
}

// reviewed finds a claim that waits for the vendor, for somebody who may send it back or deny it: a second person who
// doesn't agree with the first included.
func (s *FundState) reviewed(id uuid.UUID, h domain.Header, action, reason string) (*Claim, error) {
	claim, _, err := s.claim(id)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitText("reason", reason, MaxReason),
		claim.stepFrom(h, ClaimIsFiled, ClaimIsFirstApproved),
		domain.AdmitChecker(action, claim.Filed.Actor(), h.Actor, claim.PartnerID, reason),
	); err != nil {
		return nil, err
	}
	if claim.Refiled.Taken() {
		err = domain.AdmitChecker(action, claim.Refiled.Actor(), h.Actor, claim.PartnerID, reason)
	}
	return claim, err
}

func (c *Claim) of() OfClaim { return OfClaim{RequestID: c.RequestID, ClaimID: c.ID} }

// RefileClaim files a returned claim again, as it is right now. In time it keeps its date, later its date is that of this
// command, and the request's deadline holds.
type RefileClaim struct {
	ClaimID       uuid.UUID    `json:"claim_id"`
	Supplier      string       `json:"supplier"`
	InvoiceNumber string       `json:"invoice_number"`
	InvoiceDate   domain.Date  `json:"invoice_date"`
	Net           domain.Money `json:"net"`                  // its currency is the claim's
	Tax           domain.Money `json:"tax,omitzero"`         // 0 by default
	TaxCode       string       `json:"tax_code,omitempty"`   // needed where there is tax
	Recoverable   domain.Money `json:"recoverable,omitzero"` // part of the tax that can be got back; 0 by default
	Gross         domain.Money `json:"gross"`                // net + tax
	Settlement    Settlement   `json:"settlement"`
	Proof         []Proof      `json:"proof,omitempty"` // up to 20 documents, at least one unless the policy says otherwise
}

func (RefileClaim) roles() []domain.Role { return partnerRoles() }

// again is the claim as it would be filed now.
func (c RefileClaim) again(request uuid.UUID) FileClaim {
	return FileClaim{
		RequestID: request, Supplier: c.Supplier, InvoiceNumber: c.InvoiceNumber, InvoiceDate: c.InvoiceDate, Net: c.Net, Tax: c.Tax,
		TaxCode: c.TaxCode, Recoverable: c.Recoverable, Gross: c.Gross, Settlement: c.Settlement, Proof: c.Proof,
	}
}

func (c RefileClaim) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	claim, r, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	again, keeps := c.again(r.ID), h.EffectiveAt.Before(claim.RefileUntil)
	if err := domain.FirstOf(
		claim.stepFrom(h, ClaimIsReturned),
		r.stepFrom(h, RequestIsApproved),
		again.check(h, f),
		s.noDuplicate(claim.ID, again.invoice()),
	); err != nil {
		return nil, err
	}
	if !keeps {
		if err := r.inTime(h); err != nil {
			return nil, err
		}
	}
	refiled := ClaimRefiled{OfClaim: claim.of(), Invoice: again.invoice(), KeepsDate: keeps}
	return append([]FundEvent{refiled}, s.findings(claim.of(), again.invoice(), claim, f)...), nil
}

func (c RefileClaim) elsewhere(_, other *FundState, _ policy.Rules) Elsewhere {
	return Elsewhere{Duplicates: other.looksLike(c.again(uuid.Nil).invoice())}
}

// WithdrawClaim gives a claim up before it is decided. Its invoice may be filed again.
type WithdrawClaim struct {
	ClaimID uuid.UUID `json:"claim_id"`
	Reason  string    `json:"reason,omitempty"`
}

func (WithdrawClaim) roles() []domain.Role { return partnerRoles() }

func (c WithdrawClaim) decide(s *FundState, h domain.Header, _ FundFacts) ([]FundEvent, error) {
	claim, _, err := s.claim(c.ClaimID)
	if err != nil {
		return nil, err
	}
	if err := domain.FirstOf(
		domain.AdmitOptionalText("reason", c.Reason, MaxReason),
		claim.stepFrom(h, ClaimIsFiled, ClaimIsFirstApproved, ClaimIsReturned),
	); err != nil {
		return nil, err
	}
	return []FundEvent{ClaimWithdrawn{OfClaim: claim.of(), Reason: c.Reason}}, nil
}
