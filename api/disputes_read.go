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
	DueBefore   string            `query:"due_before" doc:"What it waits for is due before this moment or day, or is overdue"`
	Overdue     string            `query:"overdue" enum:"true,false" doc:"Whether a response or a ruling should have been there"`
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
	AgeDays     int                 `json:"age_days" doc:"Whole days of 24 hours from the opening to the final decision, or to the answer's moment"`
	Due         time.Time           `json:"due,omitzero" doc:"When a response, a ruling or an appeal is due, exclusive; a ruling that was missed is due still"`
	Overdue     bool                `json:"overdue" doc:"A response or a ruling should have been there"`
	Missed      int                 `json:"deadlines_missed"`
	Overturned  bool                `json:"overturned" doc:"An appeal decided otherwise than the ruling"`
	FinalAt     time.Time           `json:"final_at,omitzero"`
	ClosedAt    time.Time           `json:"closed_at,omitzero"`
	Because     dispute.FinalReason `json:"final_because,omitempty"`
}

// disputeRow is a case as it is at a moment.
func disputeRow(c dispute.Case, at time.Time) DisputeRow {
	return DisputeRow{
		ID: c.ID, Kind: c.Kind, Status: c.Status, Outcome: c.Outcome, Subject: c.Subject, Claimant: c.Claimant,
		Respondents: c.Respondents, Level: c.Level, Adjudicator: c.Adjudicator, OpenedAt: c.Opened.At, Missed: len(c.Missed),
		AgeDays: disputes.AgeDays(&c, at), Due: disputes.Due(&c), Overdue: disputes.Overdue(&c, at),
		FinalAt: c.Final.At, ClosedAt: c.Closed.At, Because: c.FinalBecause,
		Overturned: c.Appeal != nil && c.Appeal.Ruling != nil && !c.Appeal.Confirms,
	}
}

type disputeHistoryInput struct {
	By disputes.GroupBy `query:"group_by" enum:"kind,partner,level,adjudicator,rule" default:"kind"`
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
	op.Description = "Open ones with their ages and what is overdue or due soon; closed ones with their outcomes and how long they took; " +
		"missed deadlines, escalations and overturned rulings: by kind, partner, level, adjudicator or rule. By rule each group also names " +
		"the last case, and which versions of the policy were published because of disputes."
	register(s, op, inQuery, s.disputeHistory)
}

func (s *Server) listDisputes(ctx context.Context, in *disputesInput) (*listOutput[DisputeRow], error) {
	query := disputes.Query{
		Kind: in.Kind, Status: in.Status, Outcome: in.Outcome, Level: in.Level, Adjudicator: in.Adjudicator, Overdue: flagOf(in.Overdue),
		Request: in.request(),
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
	if query.DueBefore, err = s.parseMoment("due_before", in.DueBefore); err != nil {
		return nil, err
	}
	if query.At, err = s.moment(ctx, in.BoundsInput); err != nil {
		return nil, err
	}
	return listAt(ctx, s, disputes.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[DisputeRow], error) {
			page, err := disputes.List(ctx, q, query)
			rows := listing.Page[DisputeRow]{Next: page.Next, Items: []DisputeRow{}}
			for _, c := range page.Items {
				rows.Items = append(rows.Items, disputeRow(c, query.At))
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
		return nil, notFoundWithin(in.BoundsInput, "dispute", id.String())
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
	question := disputes.Question{By: in.By, Scope: scope, Zone: s.zone()}
	if question.At, err = s.moment(ctx, in.BoundsInput); err != nil {
		return nil, err
	}
	out := &disputeHistoryOutput{CacheControl: "no-store"}
	out.Body.AsOf, err = s.readAt(ctx, disputes.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		out.Body.Data, err = disputes.History(ctx, q, question)
		return err
	})
	out.Position = out.Body.AsOf.Position.String()
	return out, err
}
