package api

import (
	"context"
	"net/http"
	"time"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/metrics"
)

// MetricInput asks a metric.
type MetricInput struct {
	Name    string          `path:"name" example:"activation_rate"`
	Version int             `query:"version" minimum:"1" doc:"1 by default, so that a question without it never changes its meaning"`
	Period  string          `query:"period" doc:"A year, quarter or month of the program's zone; by default what the metric's span says" example:"2017-Q4"`
	GroupBy metrics.GroupBy `query:"group_by"`
	BoundsInput
}

type drilldownInput struct {
	MetricInput
	Group  string `query:"group" doc:"A value of group_by; without it, every group"`
	Cursor string `query:"cursor" maxLength:"4096" doc:"next of the page before, with the same question"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
	PageLink
}

// MetricAnswer is what a metric says.
type MetricAnswer struct {
	Name    string          `json:"name"`
	Version int             `json:"version"`
	Unit    metrics.Unit    `json:"unit"`
	Window  MetricWindow    `json:"window"`
	GroupBy metrics.GroupBy `json:"group_by,omitempty"`
	Total   []metrics.Value `json:"total" doc:"One value; of money one for each currency, and none where there is nothing"`
	Groups  []metrics.Group `json:"groups,omitempty" doc:"By value; none where nothing is known of a partner. Persons and deals that are in two groups count in both"`
}

// MetricWindow is what an answer looks at.
type MetricWindow struct {
	Name  string    `json:"name" doc:"A period, as in 2017-Q4; or trailing_12_months, moment, ever"`
	From  time.Time `json:"from,omitzero" doc:"A period holds its start and not its end, trailing months their end and not their start"`
	Until time.Time `json:"until"`
}

type metricsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Data []metrics.Metric `json:"data"`
	}
}

type metricOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[MetricAnswer]
}

func (s *Server) metricRoutes() {
	register(s, s.operation(http.MethodGet, "/v1/metrics", "List the metrics and what they mean", "Metrics"), inQuery, s.listMetrics)
	op := s.operation(http.MethodGet, "/v1/metrics/{name}", "Ask a metric", "Metrics")
	op.Description = "Numerator, denominator and their ratio, with what had taken effect at effective_at: by default now, or known_at. " +
		"A partner's people get their own partner's share."
	register(s, op, inMetric, s.readMetric)
	op = s.operation(http.MethodGet, "/v1/metrics/{name}/drilldown", "What is behind a metric", "Metrics")
	op.Description = "The partners, sellers, deals and events that were counted. What is counted once may have several lines: its own, and one with each deal."
	register(s, op, inMetric, s.drillMetric)
}

// inMetric is where a metric's route has a field.
func inMetric(field string) string {
	if field == "name" {
		return "path." + field
	}
	return inQuery(field)
}

func (s *Server) listMetrics(ctx context.Context, _ *struct{}) (*metricsOutput, error) {
	if err := mayRead(actorOf(ctx)); err != nil {
		return nil, err
	}
	out := &metricsOutput{CacheControl: privately}
	out.Body.Data = metrics.All()
	return out, nil
}

func (s *Server) readMetric(ctx context.Context, in *MetricInput) (*metricOutput, error) {
	question, err := s.metricQuestion(ctx, in)
	if err != nil {
		return nil, err
	}
	var a metrics.Answer
	asOf, err := s.metricsAt(ctx, in, question.At, func(q projections.Querier) (err error) {
		a, err = metrics.Ask(ctx, q, question)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &metricOutput{Position: asOf.Position.String(), CacheControl: privately}
	out.Body = answer[MetricAnswer]{AsOf: asOf, Data: metricAnswer(question, a)}
	return out, nil
}

func metricAnswer(q metrics.Question, a metrics.Answer) MetricAnswer {
	from, until := a.Window.Bounds()
	return MetricAnswer{
		Name: q.Metric.Name, Version: q.Metric.Version, Unit: q.Metric.Unit, GroupBy: a.By,
		Window: MetricWindow{Name: a.Window.Name, From: from.UTC(), Until: until.UTC()},
		Total:  append([]metrics.Value{}, a.Total...), Groups: a.Groups,
	}
}

func (s *Server) drillMetric(ctx context.Context, in *drilldownInput) (*listOutput[metrics.Entry], error) {
	question, err := s.metricQuestion(ctx, &in.MetricInput)
	if err != nil {
		return nil, err
	}
	page := PageInput{Cursor: in.Cursor, Limit: in.Limit, PageLink: in.PageLink}
	var found listing.Page[metrics.Entry]
	asOf, err := s.metricsAt(ctx, &in.MetricInput, question.At, func(q projections.Querier) (err error) {
		found, _, err = metrics.Drill(ctx, q, question, in.Group, page.request())
		return err
	})
	if err != nil {
		return nil, err
	}
	return pageOf(&page, asOf, found), nil
}

// metricQuestion is what a request asks. Without effective_at it asks for the moment of known_at, so that an answer of a
// past day is what that day's answer was; a moment beyond now is now.
func (s *Server) metricQuestion(ctx context.Context, in *MetricInput) (q metrics.Question, err error) {
	q = metrics.Question{Period: in.Period, GroupBy: in.GroupBy, Zone: s.zone()}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if q.Metric, err = metrics.Find(in.Name, in.Version); err != nil {
		return q, err
	}
	if q.At, err = s.moment(ctx, in.BoundsInput); err != nil {
		return q, err
	}
	if now := s.Clock(); q.At.After(now) {
		q.At = now
	}
	return q, nil
}

// metricsAt asks the facts of metrics, as they are or as they were known. They answer for every effective_at as they are.
func (s *Server) metricsAt(ctx context.Context, in *MetricInput, at time.Time, query func(projections.Querier) error) (AsOfInfo, error) {
	known := in.BoundsInput
	known.EffectiveAt = ""
	info, err := s.readAt(ctx, metrics.Projection(), known, query)
	info.EffectiveAt = stamp(at)
	return info, err
}
