package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// SubmitRequest asks for money before the activity: nothing can be claimed that was not approved.
type SubmitRequest struct {
	FundID           uuid.UUID    `json:"fund_id"`
	Activity         Activity     `json:"activity"`
	Title            string       `json:"title"`
	Description      string       `json:"description,omitempty"`
	Starts           domain.Date  `json:"starts"`                     // first day
	Ends             domain.Date  `json:"ends"`                       // last day
	TotalCost        domain.Money `json:"total_cost"`                 // planned, in the fund's currency
	Requested        domain.Money `json:"requested"`                  // above 0, up to the vendor's share of the total cost
	ExpectedPipeline domain.Money `json:"expected_pipeline,omitzero"` // in any currency
}

func (SubmitRequest) roles() []domain.Role { return partnerRoles() }

func (c SubmitRequest) decide(s *FundState, h domain.Header, f FundFacts) ([]FundEvent, error) {
	if c.FundID != s.Fund.ID {
		return nil, domain.NotFound("fund_unknown", "fund_id", "this is not fund %s", c.FundID)
	}
	if err := domain.FirstOf(
		domain.AdmitOneOf("activity", c.Activity, Activities()...),
		domain.AdmitText("title", c.Title, MaxName),
		domain.AdmitOptionalText("description", c.Description, MaxReason),
		c.checkDays(domain.DateOf(h.EffectiveAt, zoneOf(f.Rules))),
		checkSome("total_cost", c.TotalCost, s.Fund.Currency()),
		checkSome("requested", c.Requested, s.Fund.Currency()),
		f.Partner.active(s.Fund.PartnerID),
		s.notExpired(h),
	); err != nil {
		return nil, err
	}
	if !c.ExpectedPipeline.IsZero() {
		if err := checkAmount("expected_pipeline", c.ExpectedPipeline, ""); err != nil {
			return nil, err
		}
	}
	share := f.Rules.MDF.Body.VendorSharePercent
	most, err := c.TotalCost.Percent(share)
	if err != nil {
		return nil, err
	}
	if c.Requested.Minor() > most.Minor() {
		return nil, domain.Refuse("above_share", "requested", "the vendor's share of %s is %s %%, %s", c.TotalCost, share, most)
	}
	id := domain.EntityID(h.CommandID, domain.StreamName(FundCategory, s.Fund.ID), "request")
	return []FundEvent{c.submitted(s.Fund.Ref(), id)}, nil
}

func (c SubmitRequest) checkDays(today domain.Date) error {
	switch {
	case c.Starts.IsZero():
		return domain.Invalid("starts", "want the first day")
	case c.Ends.IsZero():
		return domain.Invalid("ends", "want the last day")
	case c.Ends.Compare(c.Starts) < 0:
		return domain.Invalid("ends", "%s is before the first day, %s", c.Ends, c.Starts)
	case c.Ends.Compare(today) < 0:
		return domain.Refuse("activity_over", "ends", "the activity ended %s: money is asked for before", c.Ends)
	}
	return nil
}

func (c SubmitRequest) submitted(ref FundRef, id uuid.UUID) RequestSubmitted {
	return RequestSubmitted{
		FundRef: ref, OfRequest: OfRequest{RequestID: id}, Activity: c.Activity, Title: c.Title, Description: c.Description,
		Starts: c.Starts, Ends: c.Ends, TotalCost: c.TotalCost, Requested: c.Requested, ExpectedPipeline: c.ExpectedPipeline,
	}
}
