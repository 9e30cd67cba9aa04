package api

import (
	"context"
	"net/http"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/pipeline"
)

type pipelineInput struct {
	GroupBy  pipeline.GroupBy `query:"group_by" default:"status"`
	Partner  []string         `query:"partner_id"`
	Status   []account.Status `query:"status"`
	Kind     []account.Kind   `query:"kind"`
	Currency []string         `query:"currency"`
	BoundsInput
}

// PipelineGroup is a part of the pipeline.
type PipelineGroup struct {
	Value string        `json:"value" doc:"Of the grouping: a status, an id, a month; empty where deals have no stage"`
	Open  PipelineOpen  `json:"open" doc:"Approved: what may be won"`
	Won   PipelineWon   `json:"won"`
	Sums  []PipelineSum `json:"sums" doc:"By status, then currency"`
}

// PipelineOpen is what may still be won.
type PipelineOpen struct {
	Deals   int64          `json:"deals"`
	Amounts []domain.Money `json:"amounts" doc:"Expected, one for each currency"`
}

// PipelineWon is what was won.
type PipelineWon struct {
	Deals   int64          `json:"deals"`
	Amounts []domain.Money `json:"amounts" doc:"Net of reversals, one for each currency"`
}

// PipelineSum is what deals of one status and currency add up to.
type PipelineSum struct {
	Status account.Status `json:"status"`
	Deals  int64          `json:"deals"`
	Amount domain.Money   `json:"amount" doc:"Expected"`
	Won    domain.Money   `json:"won" doc:"Net of reversals"`
}

type pipelineOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]PipelineGroup]
}

func (s *Server) pipelineRoutes() {
	op := s.operation(http.MethodGet, "/v1/pipeline", "Add the deals up", "Pipeline")
	op.Description = "Each deal counts once in its group; by product each of its lines counts in its own. " +
		"The deals behind a sum are those of GET /v1/deals with the same filters. A deal is whole with the partner that has it, also where " +
		"a ruling splits its credit; the metrics share that."
	register(s, op, inQuery, s.readPipeline)
}

func (s *Server) readPipeline(ctx context.Context, in *pipelineInput) (*pipelineOutput, error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	query := pipeline.GroupQuery{By: in.GroupBy, Scope: scope, Status: in.Status, Kind: in.Kind, Currency: in.Currency}
	if query.Partner, err = idsOf("partner_id", in.Partner); err != nil {
		return nil, err
	}
	var groups pipeline.Groups
	asOf, err := s.readAt(ctx, pipeline.Projection(s.zone()), in.BoundsInput, func(q projections.Querier) (err error) {
		groups, err = pipeline.Pipeline(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &pipelineOutput{Position: asOf.Position.String(), CacheControl: privately}
	out.Body.AsOf = asOf
	out.Body.Data, err = groupsOf(groups)
	return out, err
}

func groupsOf(groups pipeline.Groups) ([]PipelineGroup, error) {
	all := make([]PipelineGroup, 0, len(groups.Groups))
	for _, g := range groups.Groups {
		part, err := groupOf(g)
		if err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}

func groupOf(g pipeline.Group) (part PipelineGroup, err error) {
	open, err := g.Amount(account.StatusApproved)
	if err != nil {
		return part, err
	}
	won, err := g.Won()
	if err != nil {
		return part, err
	}
	part = PipelineGroup{
		Value: g.Value,
		Open:  PipelineOpen{Deals: g.Deals(account.StatusApproved), Amounts: amountsOf(open)},
		Won:   PipelineWon{Deals: g.Deals(account.StatusWon), Amounts: amountsOf(won)},
	}
	for _, sum := range g.Sums {
		part.Sums = append(part.Sums, PipelineSum{Status: sum.Status, Deals: sum.Deals, Amount: sum.Amount, Won: sum.Won})
	}
	return part, nil
}

// amountsOf is never null.
func amountsOf(totals domain.Totals) []domain.Money { return append([]domain.Money{}, totals...) }
