package mdf

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Request is what a partner asked for, and what became of it. The aggregate and the read models fold it by Apply.
type Request struct {
	ID uuid.UUID `json:"id"`
	FundRef
	Status           RequestStatus `json:"status"`
	Activity         Activity      `json:"activity"`
	Title            string        `json:"title"`
	Description      string        `json:"description,omitempty"`
	Starts           domain.Date   `json:"starts"`
	Ends             domain.Date   `json:"ends"`
	TotalCost        domain.Money  `json:"total_cost"`
	Requested        domain.Money  `json:"requested"`
	ExpectedPipeline domain.Money  `json:"expected_pipeline,omitzero"`

	Approval *Approval `json:"approval,omitempty"` // first, or final
	Accrued  bool      `json:"accrued"`            // the obligation stands in the books, or did

	Reserved   domain.Money `json:"reserved"`    // what may still be claimed
	Drawn      domain.Money `json:"drawn"`       // by approved claims, before claw-backs
	ClawedBack domain.Money `json:"clawed_back"` // net of reversals
	ProvenCost domain.Money `json:"proven_cost"` // of approved claims
	Obligation domain.Money `json:"obligation"`  // accrued, and neither claimed nor released

	Claims       []ClaimState  `json:"claims,omitempty"`
	Attributions []Attribution `json:"attributions,omitempty"`

	// The last step of each sort that was taken.
	Submitted     domain.Step `json:"submitted"`
	FirstApproved domain.Step `json:"first_approved,omitzero" partner:"internal"`
	Approved      domain.Step `json:"approved,omitzero"`
	Extended      domain.Step `json:"extended,omitzero"`
	Closed        domain.Step `json:"closed,omitzero"` // declined, cancelled, lapsed or completed

	Revision int64     `json:"revision"` // of the last event that names the request
	EventID  uuid.UUID `json:"event_id"` // of the same
}

// Approval is what was approved, and on which terms.
type Approval struct {
	Amount             domain.Money `json:"amount"`
	Treatment          Treatment    `json:"treatment"`
	Basis              string       `json:"basis"`
	AddsUpTo           domain.Money `json:"adds_up_to"`
	VendorSharePercent domain.Rate  `json:"vendor_share_percent,omitzero"`
	ClaimUntil         time.Time    `json:"claim_until,omitzero"` // exclusive
	AccruesAt          time.Time    `json:"accrues_at,omitzero"`
	Policy             string       `json:"policy,omitempty"`
}

// ClaimState is how far one claim of a request is.
type ClaimState struct {
	ID     uuid.UUID   `json:"id"`
	Status ClaimStatus `json:"status"`
	At     time.Time   `json:"at"`             // when it came there
	Until  time.Time   `json:"until,omitzero"` // of a returned or denied one: until then, exclusive, more may come
}

// Attribution is a deal that came of the activity.
type Attribution struct {
	AccountID uuid.UUID    `json:"account_id"`
	DealID    uuid.UUID    `json:"deal_id"`
	Amount    domain.Money `json:"amount"` // in the deal's currency
	Step      domain.Step  `json:"step"`
}

// Apply folds one event into the request. An event of a request whose submission is left out changes nothing.
func (r *Request) Apply(e RequestEvent, env domain.Envelope) {
	if _, first := e.(RequestSubmitted); !first && r.ID != e.Request() {
		return
	}
	e.request(r, env)
	r.Revision, r.EventID = env.Revision, env.EventID
}

// Currency is that of the request's amounts: the fund's.
func (r *Request) Currency() string { return r.Requested.Currency() }

// undecided reports whether a claim waits for the vendor.
func (r *Request) undecided() bool {
	return slices.ContainsFunc(r.Claims, func(c ClaimState) bool {
		return c.Status == ClaimIsFiled || c.Status == ClaimIsFirstApproved
	})
}

// LapsesAt is when what is left of the reservation goes back: at the deadline, unless something may still come of a claim
// that was returned or denied; false while a claim waits for the vendor, and where nothing is reserved.
func (r *Request) LapsesAt() (at time.Time, ok bool) {
	if r.Status != RequestIsApproved || r.undecided() || r.Approval == nil {
		return time.Time{}, false
	}
	at = r.Approval.ClaimUntil
	for _, c := range r.Claims {
		at = later(later(at, c.At), c.Until)
	}
	return at, true
}

// AccruesAt is when the obligation is to be accrued; false where it was, or never will be.
func (r *Request) AccruesAt() (at time.Time, ok bool) {
	if r.Status != RequestIsApproved || r.Accrued || r.Approval == nil {
		return time.Time{}, false
	}
	return r.Approval.AccruesAt, true
}

// since is when the step took effect that the next one needs.
func (r *Request) since() time.Time {
	switch {
	case r.Closed.Taken():
		return r.Closed.At
	case r.Approved.Taken():
		return r.Approved.At
	case r.FirstApproved.Taken():
		return r.FirstApproved.At
	default:
		return r.Submitted.At
	}
}

// stepFrom refuses a step that the request's status doesn't allow, or that would take effect before what led to it.
func (r *Request) stepFrom(h domain.Header, allowed ...RequestStatus) error {
	if !slices.Contains(allowed, r.Status) {
		return domain.Refuse("wrong_status", "request_id", "the request is %s: want %v", r.Status, allowed)
	}
	return domain.AdmitAfter(h, "step", r.since())
}

// mayReview holds that neither who submitted the request, nor who approved it first, nor anyone of the partner decides it.
func (r *Request) mayReview(h domain.Header, action, reason string) error {
	err := domain.AdmitChecker(action, r.Submitted.Actor(), h.Actor, r.PartnerID, reason)
	if err == nil && r.FirstApproved.Taken() {
		err = domain.AdmitChecker(action, r.FirstApproved.Actor(), h.Actor, r.PartnerID, reason)
	}
	return err
}

// ---- fold

func (e RequestSubmitted) request(r *Request, env domain.Envelope) {
	none := nought(e.Requested.Currency())
	*r = Request{
		ID: e.RequestID, FundRef: e.FundRef, Status: RequestIsSubmitted, Activity: e.Activity, Title: e.Title,
		Description: e.Description, Starts: e.Starts, Ends: e.Ends, TotalCost: e.TotalCost, Requested: e.Requested,
		ExpectedPipeline: e.ExpectedPipeline, Reserved: none, Drawn: none, ClawedBack: none, ProvenCost: none, Obligation: none,
		Submitted: domain.StepOf(env, ""),
	}
}

func (e RequestFirstApproved) request(r *Request, env domain.Envelope) {
	r.Status, r.FirstApproved = RequestIsFirstApproved, domain.StepOf(env, e.Reason)
	r.Approval = &Approval{Amount: e.Amount, Treatment: e.Treatment, Basis: e.Basis, AddsUpTo: e.AddsUpTo}
}

func (e RequestApproved) request(r *Request, env domain.Envelope) {
	r.Status, r.Approved = RequestIsApproved, domain.StepOf(env, e.Reason)
	r.Reserved = domain.Must(r.Reserved.Add(e.Amount))
	r.Approval = &Approval{
		Amount: e.Amount, Treatment: e.Treatment, Basis: e.Basis, AddsUpTo: e.AddsUpTo,
		VendorSharePercent: e.VendorSharePercent, ClaimUntil: e.ClaimUntil, AccruesAt: e.AccruesAt, Policy: e.Policy,
	}
}

func (e RequestDeclined) request(r *Request, env domain.Envelope) {
	r.close(RequestIsDeclined, nought(r.Currency()), env, e.Reason)
}

func (e RequestCancelled) request(r *Request, env domain.Envelope) {
	r.close(RequestIsCancelled, e.Freed, env, e.Reason)
}

func (e RequestLapsed) request(r *Request, env domain.Envelope) {
	r.close(RequestIsLapsed, e.Freed, env, "")
}

func (r *Request) close(to RequestStatus, freed domain.Money, env domain.Envelope, reason string) {
	r.Status, r.Closed = to, domain.StepOf(env, reason)
	r.Reserved = domain.Must(r.Reserved.Sub(freed))
}

func (e DeadlineExtended) request(r *Request, env domain.Envelope) {
	r.Extended = domain.StepOf(env, e.Reason)
	if r.Approval != nil {
		r.Approval.ClaimUntil = e.Until
	}
}

func (e ObligationAccrued) request(r *Request, _ domain.Envelope) {
	r.Accrued, r.Obligation = true, domain.Must(r.Obligation.Add(e.Amount))
}

func (e ObligationReleased) request(r *Request, _ domain.Envelope) {
	r.Obligation = domain.Must(r.Obligation.Sub(e.Amount))
}

func (e PipelineAttributed) request(r *Request, env domain.Envelope) {
	r.Attributions = append(r.Attributions, Attribution{
		AccountID: e.AccountID, DealID: e.DealID, Amount: e.Amount, Step: domain.StepOf(env, ""),
	})
}

func (e ClaimFiled) request(r *Request, env domain.Envelope) {
	r.Claims = append(r.Claims, ClaimState{ID: e.ClaimID, Status: ClaimIsFiled, At: env.EffectiveAt})
}

func (e ClaimReturned) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsReturned, env, e.RefileUntil)
}

func (e ClaimRefiled) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsFiled, env, time.Time{})
}

func (e ClaimWithdrawn) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsWithdrawn, env, time.Time{})
}

func (DuplicateFound) request(*Request, domain.Envelope)      {}
func (DuplicateOverridden) request(*Request, domain.Envelope) {}

func (e ClaimFirstApproved) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsFirstApproved, env, time.Time{})
}

func (e ClaimApproved) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsApproved, env, time.Time{})
	shift(&r.Reserved, &r.Drawn, e.Drawn)
	r.ProvenCost = domain.Must(r.ProvenCost.Add(e.ProvenCost))
	if e.Final {
		r.close(RequestIsCompleted, e.Released, env, "")
	}
}

func (e ClaimDenied) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsDenied, env, e.DisputeUntil)
}

func (e ClaimReopened) request(r *Request, env domain.Envelope) {
	r.setClaim(e.ClaimID, ClaimIsFiled, env, time.Time{})
	r.Reserved = domain.Must(r.Reserved.Add(e.Reserved))
	r.Status, r.Closed = RequestIsApproved, domain.Step{}
}

func (e ClaimPaid) request(r *Request, _ domain.Envelope) {
	if e.Owed.Sign() == 0 {
		r.setPaid(e.ClaimID, ClaimIsPaid)
	}
}

func (e ClaimPaymentReturned) request(r *Request, _ domain.Envelope) {
	r.setPaid(e.ClaimID, ClaimIsApproved)
}

func (e ClaimClawedBack) request(r *Request, _ domain.Envelope) {
	r.ClawedBack = domain.Must(r.ClawedBack.Add(e.Drawn))
}

func (e ClawbackReversed) request(r *Request, _ domain.Envelope) {
	r.ClawedBack = domain.Must(r.ClawedBack.Sub(e.Drawn))
	if !e.Paid { // it is to be paid again
		r.setPaid(e.ClaimID, ClaimIsApproved)
	}
}

func (r *Request) setClaim(id uuid.UUID, to ClaimStatus, env domain.Envelope, until time.Time) {
	if at := slices.IndexFunc(r.Claims, func(c ClaimState) bool { return c.ID == id }); at >= 0 {
		r.Claims[at] = ClaimState{ID: id, Status: to, At: env.EffectiveAt, Until: until}
	}
}

// setPaid changes the status of a claim that was decided before: when that was stays.
func (r *Request) setPaid(id uuid.UUID, to ClaimStatus) {
	if at := slices.IndexFunc(r.Claims, func(c ClaimState) bool { return c.ID == id }); at >= 0 {
		r.Claims[at].Status = to
	}
}

// ---- which request an event is about

// Request is the request that it is about.
func (e OfRequest) Request() uuid.UUID { return e.RequestID }

// Request is the request that it is about.
func (e OfClaim) Request() uuid.UUID { return e.RequestID }

// Claim is the claim that it is about.
func (e OfClaim) Claim() uuid.UUID { return e.ClaimID }
