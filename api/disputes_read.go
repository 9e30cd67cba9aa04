package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/disputes"
	"github.com/channelledger/channelledger/projections/listing"
)

type disputeInput struct {
	DisputeID string `path:"dispute_id" format:"uuid"`
	ThingInput
	BoundsInput
}

type disputesInput struct {
	ID          []string          `query:"id"`
	Partner     []string          `query:"partner_id" doc:"A party"`
	Deal        []string          `query:"deal_id" doc:"That is disputed"`
	Kind        []dispute.Kind    `query:"kind"`
	Status      []dispute.Status  `query:"status"`
	Outcome     []dispute.Outcome `query:"outcome"`
	Level       []string          `query:"level"`
	Adjudicator []string          `query:"adjudicator" doc:"Who hears it now"`
	From        string            `query:"opened_from" doc:"A moment or a day, inclusive"`
	Until       string            `query:"opened_until" doc:"A moment or a day, exclusive"`
	PageInput
	BoundsInput
}

// DisputeRow is a case in a list.
type DisputeRow struct {
	ID          uuid.UUID           `json:"id"`
	Kind        dispute.Kind        `json:"kind"`
	Status      dispute.Status      `json:"status"`
	Outcome     dispute.Outcome     `json:"outcome,omitempty"`
	Subject     dispute.Subject     `json:"subject"`
	Claimant    dispute.Party       `json:"claimant"`
	Respondents []dispute.Party     `json:"respondents"`
	Level       string              `json:"level"`
	Adjudicator string              `json:"adjudicator,omitempty"`
	OpenedAt    time.Time           `json:"opened_at"`
	AgeDays     int                 `json:"age_days" doc:"Whole days from the opening to the final decision, or to now"`
	Due         time.Time           `json:"due,omitzero" doc:"What is due next: a response, a ruling, or an appeal; exclusive"`
	Missed      int                 `json:"deadlines_missed"`
	Overturned  bool                `json:"overturned" doc:"An appeal decided otherwise than the ruling"`
	FinalAt     time.Time           `json:"final_at,omitzero"`
	ClosedAt    time.Time           `json:"closed_at,omitzero"`
	Because     dispute.FinalReason `json:"final_because,omitempty"`
}

func disputeRow(c dispute.Case, now time.Time) DisputeRow {
	row := DisputeRow{
		ID: c.ID, Kind: c.Kind, Status: c.Status, Outcome: c.Outcome, Subject: c.Subject, Claimant: c.Claimant,
		Respondents: c.Respondents, Level: c.Level, Adjudicator: c.Adjudicator, OpenedAt: c.Opened.At, Missed: len(c.Missed),
		FinalAt: c.Final.At, ClosedAt: c.Closed.At, Because: c.FinalBecause,
		Overturned: c.Appeal != nil && c.Appeal.Ruling != nil && !c.Appeal.Confirms,
	}
	for _, due := range []time.Time{c.ResponseDue, c.RulingDue, c.AppealUntil} {
		if !due.IsZero() && (row.Due.IsZero() || due.Before(row.Due)) {
			row.Due = due
		}
	}
	until := now
	if c.Final.Taken() {
		until = c.Final.At
	}
	row.AgeDays = max(0, int(until.Sub(c.Opened.At)/(24*time.Hour)))
	return row
}

type disputeHistoryInput struct {
	By disputes.GroupBy `query:"group_by" enum:"kind,partner,adjudicator,rule" default:"kind"`
	BoundsInput
}

type disputeHistoryOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]disputes.Group]
}

func (s *Server) disputeReads() {
	register(s, s.operation(http.MethodGet, "/v1/disputes", "List disputes", tagDisputes), inQuery, s.listDisputes)
	register(s, s.thing("/v1/disputes/{dispute_id}", "Read a dispute", tagDisputes), inQuery, s.readDispute)
	op := s.operation(http.MethodGet, "/v1/disputes/history", "What became of disputes", tagDisputes)
	op.Description = "Open and closed with their outcomes, missed deadlines and overturned rulings, by kind, partner, adjudicator or rule. By rule " +
		"each group also names the last case, and which versions of the policy were published because of disputes."
	register(s, op, inQuery, s.disputeHistory)
}

func (s *Server) listDisputes(ctx context.Context, in *disputesInput) (*listOutput[DisputeRow], error) {
	query := disputes.Query{
		Kind: in.Kind, Status: in.Status, Outcome: in.Outcome, Level: in.Level, Adjudicator: in.Adjudicator, Request: in.request(),
	}
	var err error
	if query.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return nil, err
	}
	if err := idFilters(
		idFilter{"id", in.ID, &query.ID}, idFilter{"partner_id", in.Partner, &query.Partner}, idFilter{"deal_id", in.Deal, &query.Deal},
	); err != nil {
		return nil, err
	}
	if query.Opened, err = s.period("opened", in.From, in.Until); err != nil {
		return nil, err
	}
	now := s.Clock()
	return listAt(ctx, s, disputes.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[DisputeRow], error) {
			page, err := disputes.List(ctx, q, query)
			rows := listing.Page[DisputeRow]{Next: page.Next, Items: []DisputeRow{}}
			for _, c := range page.Items {
				rows.Items = append(rows.Items, disputeRow(c, now))
			}
			return rows, err
		})
}

func (s *Server) readDispute(ctx context.Context, in *disputeInput) (*thingOutput[DisputeView], error) {
	actor := actorOf(ctx)
	if _, err := scopeOf(actor); err != nil {
		return nil, err
	}
	id, err := idAt("path.dispute_id", in.DisputeID)
	if err != nil {
		return nil, err
	}
	c, asOf, err := rowAt(ctx, s, disputes.Projection(), in.BoundsInput, disputes.Get, id)
	if err != nil {
		return nil, err
	}
	if c == nil || !mayReadDispute(actor, c) {
		return nil, notFound("dispute", id.String())
	}
	return thingOf(in.ThingInput, asOf, etagUnless(in.bounded(), c.Revision), disputeFor(actor, c)), nil
}

func (s *Server) disputeHistory(ctx context.Context, in *disputeHistoryInput) (*disputeHistoryOutput, error) {
	actor := actorOf(ctx)
	scope, err := scopeOf(actor)
	if err != nil {
		return nil, err
	}
	if scope != uuid.Nil && in.By == disputes.ByAdjudicator {
		return nil, domain.Forbid("vendor_only", "who ruled how is the vendor's to see")
	}
	out := &disputeHistoryOutput{CacheControl: "no-store"}
	out.Body.AsOf, err = s.readAt(ctx, disputes.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		out.Body.Data, err = disputes.History(ctx, q, in.By, scope)
		return err
	})
	out.Position = out.Body.AsOf.Position.String()
	return out, err
}
