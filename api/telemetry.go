package api

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
)

// telemetry is what a server tells Prometheus, in a registry of its own.
type telemetry struct {
	handler  http.Handler
	requests *prometheus.HistogramVec
	commands *prometheus.CounterVec
	appended prometheus.Counter
	streams  prometheus.Gauge
}

func newTelemetry(s *Server) *telemetry {
	m := &telemetry{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "channelledger_http_request_duration_seconds", Help: "How long requests took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route", "status"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "channelledger_commands_total", Help: "Commands by what they came to: recorded, repeated, nothing_to_do, refused, failed.",
		}, []string{"command", "result"}),
		appended: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "channelledger_events_appended_total", Help: "Events that commands over HTTP recorded.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "channelledger_event_streams", Help: "Clients that follow the log.",
		}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		m.requests, m.commands, m.appended, m.streams, &progressCollector{s}, &bankCollector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *telemetry) serve(c echo.Context) error {
	m.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// request measures by route, never by path: ids would make a series each.
func (m *telemetry) request(c echo.Context, took time.Duration) {
	method, route := c.Request().Method, c.Path()
	if route == "" || c.Response().Status == http.StatusMethodNotAllowed {
		method, route = "other", "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(c.Response().Status)).Observe(took.Seconds())
}

func (m *telemetry) command(name string, outcome eventstore.Outcome, err error) {
	if err == nil && !outcome.Repeated {
		m.appended.Add(float64(outcome.Count))
	}
	m.commands.WithLabelValues(name, resultOf(outcome, err)).Inc()
}

func resultOf(outcome eventstore.Outcome, err error) string {
	_, ours := errors.AsType[*Problem](err)
	switch {
	case domain.AsRejection(err) != nil || ours:
		return "refused"
	case err != nil:
		return "failed"
	case outcome.Repeated:
		return "repeated"
	case outcome.Count == 0:
		return "nothing_to_do"
	}
	return "recorded"
}

// progressCollector tells how far read models and reactors are, whenever it is asked.
type progressCollector struct{ server *Server }

var (
	lagDesc = prometheus.NewDesc("channelledger_projection_lag_events", "Events that a read model is behind.",
		[]string{"projection"}, nil)
	stateDesc = prometheus.NewDesc("channelledger_projection_state", "1 for the state that a read model is in.",
		[]string{"projection", "state"}, nil)
	positionDesc = prometheus.NewDesc("channelledger_projection_position", "Where in the log a read model is.",
		[]string{"projection"}, nil)
	reactorPositionDesc = prometheus.NewDesc("channelledger_reactors_position", "Where in the log the reactors are.", nil, nil)
	reactorHaltedDesc   = prometheus.NewDesc("channelledger_reactors_halted", "1 if the reactors stopped.", nil, nil)
	reactorParkedDesc   = prometheus.NewDesc("channelledger_reactor_parked", "Events and orders that a reactor went on without.",
		[]string{"reactor"}, nil)
)

func (p *progressCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lagDesc, stateDesc, positionDesc, reactorPositionDesc, reactorHaltedDesc, reactorParkedDesc} {
		to <- d
	}
}

func (p *progressCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	for _, s := range p.server.Projections.Status() {
		gauge(lagDesc, float64(s.Lag), s.Name)
		gauge(positionDesc, float64(s.Position.Commit), s.Name)
		for _, state := range []projections.State{
			projections.Building, projections.CatchingUp, projections.Live, projections.Halted, projections.Failed,
		} {
			gauge(stateDesc, oneIf(s.State == state), s.Name, string(state))
		}
	}
	if p.server.Reactors != nil {
		status := p.server.Reactors.Status()
		gauge(reactorPositionDesc, float64(status.Position.Commit))
		gauge(reactorHaltedDesc, oneIf(status.Halted != nil))
		for _, rule := range status.Rules {
			gauge(reactorParkedDesc, float64(rule.Parked), rule.Name)
		}
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
