package api

import (
	"context"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/statements"
)

// BankHealth is how well a bank account's statements are reconciled.
type BankHealth struct {
	BankAccount  string      `json:"bank_account"`
	Currency     string      `json:"currency"`
	Completeness HealthPart  `json:"completeness" doc:"Lines of statements that are matched or resolved, of those that count"`
	Clearing     HealthPart  `json:"clearing" doc:"Amount that statements show, of what was sent and didn't come back"`
	Timeliness   HealthPart  `json:"timeliness" doc:"Lines that were settled within 5 days of their booking, of those that were settled or are older"`
	CoveredUntil domain.Date `json:"covered_until,omitzero" doc:"Last day of the last statement in the books"`
	Parked       int64       `json:"parked" doc:"Statements that aren't in the books, because their balances don't fit"`
}

// HealthPart is a part of a whole.
type HealthPart struct {
	Part  string `json:"part" example:"98"`
	Whole string `json:"whole" example:"100"`
	Ratio string `json:"ratio,omitempty" doc:"A decimal, 0 to 1; left out of nothing" example:"0.98"`
	Rest  string `json:"rest" doc:"Where what is missing to the whole is listed" example:"/v1/statements/unmatched?bank_account=DE89370400440532013000&currency=EUR"`
}

type bankHealthOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]BankHealth]
}

type lateInput struct {
	BankAccount string `query:"bank_account"`
	Currency    string `query:"currency"`
	PageInput
	BoundsInput
}

type openPaymentsInput struct {
	BankAccount []string `query:"bank_account"`
	Currency    []string `query:"currency"`
	PageInput
	BoundsInput
}

func (s *Server) bookHealthRoutes() {
	op := s.operation(http.MethodGet, "/v1/books/health", "How well the books agree with the bank", tagBooks)
	op.Description = "Completeness, clearing and timeliness of each bank account, each with where what is missing is listed."
	register(s, op, inQuery, s.readBookHealth)
	register(s, s.operation(http.MethodGet, "/v1/books/health/late", "List bank lines that aren't settled in time", tagBooks),
		inQuery, s.listLateLines)
	register(s, s.operation(http.MethodGet, "/v1/books/health/open-payments", "List payments that the bank hasn't shown whole", tagBooks),
		inQuery, s.listOpenPayments)
}

func (s *Server) listLateLines(ctx context.Context, in *lateInput) (*listOutput[statements.Line], error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	today, err := s.today(ctx, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	query := statements.LateQuery{BankAccount: in.BankAccount, Currency: in.Currency, Today: today, Request: in.request()}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[statements.Line], error) {
			return statements.Late(ctx, q, query)
		})
}

func (s *Server) listOpenPayments(ctx context.Context, in *openPaymentsInput) (*listOutput[statements.Payment], error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	query := statements.PaymentQuery{BankAccount: in.BankAccount, Currency: in.Currency, OpenOnly: true, Request: in.request()}
	return listAt(ctx, s, statements.Projection(), in.BoundsInput, &in.PageInput,
		func(q projections.Querier) (listing.Page[statements.Payment], error) {
			return statements.Payments(ctx, q, query)
		})
}

// today is the day that something is looked at on: of the moment asked for, or this one.
func (s *Server) today(ctx context.Context, in BoundsInput) (domain.Date, error) {
	at, err := s.moment(ctx, in)
	return domain.DateOf(at, s.zone()), err
}

func (s *Server) readBookHealth(ctx context.Context, in *BoundsInput) (*bankHealthOutput, error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	today, err := s.today(ctx, *in)
	if err != nil {
		return nil, err
	}
	var found []statements.Health
	asOf, err := s.readAt(ctx, statements.Projection(), *in, func(q projections.Querier) (err error) {
		found, err = statements.Healths(ctx, q, today)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &bankHealthOutput{CacheControl: privately, Body: answer[[]BankHealth]{AsOf: asOf, Data: []BankHealth{}}}
	for _, h := range found {
		out.Body.Data = append(out.Body.Data, bankHealth(h))
	}
	return out, nil
}

func bankHealth(h statements.Health) BankHealth {
	account := url.Values{"bank_account": {h.BankAccount}, "currency": {h.Currency}}.Encode()
	return BankHealth{
		BankAccount: h.BankAccount, Currency: h.Currency, CoveredUntil: h.CoveredUntil, Parked: h.Parked,
		Completeness: countPart(h.Settled, h.Lines, "/v1/statements/unmatched?"+account),
		Clearing: HealthPart{
			Part: h.Cleared.Decimal(), Whole: h.Sent.Decimal(), Ratio: ratioText(h.Cleared.Minor(), h.Sent.Minor()),
			Rest: "/v1/books/health/open-payments?" + account,
		},
		Timeliness: countPart(h.Timely, h.Due, "/v1/books/health/late?"+account),
	}
}

func countPart(part, whole int64, rest string) HealthPart {
	return HealthPart{Part: strconv.FormatInt(part, 10), Whole: strconv.FormatInt(whole, 10), Ratio: ratioText(part, whole), Rest: rest}
}

// ratioText has four decimals, cut and not rounded: what isn't whole never reads as 1.
func ratioText(part, whole int64) string {
	if whole == 0 {
		return ""
	}
	scaled := new(big.Int).Mul(big.NewInt(part), big.NewInt(10_000))
	n := scaled.Quo(scaled, big.NewInt(whole)).Int64()
	return fmt.Sprintf("%d.%04d", n/10_000, n%10_000)
}

// bankCollector tells how well the books agree with the bank, whenever it is asked.
type bankCollector struct{ server *Server }

// maxScrape bounds how long a scrape waits for the read model.
const maxScrape = 5 * time.Second

var (
	completenessDesc = bankDesc("completeness", "Part of the lines of bank statements that are matched or resolved.")
	clearingDesc     = bankDesc("clearing", "Part of what was sent that bank statements show.")
	timelinessDesc   = bankDesc("timeliness", "Part of the lines that were settled within 5 days of their booking.")
)

func bankDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("channelledger_books_"+name, help, []string{"bank_account", "currency"}, nil)
}

// Describe names the gauges.
func (*bankCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{completenessDesc, clearingDesc, timelinessDesc} {
		to <- d
	}
}

// Collect tells nothing while the read model can't be asked, and of nothing no part.
func (b *bankCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), maxScrape)
	defer cancel()
	var found []statements.Health
	if _, err := b.server.look(ctx, statements.Name, func(q projections.Querier) (err error) {
		found, err = statements.Healths(ctx, q, domain.DateOf(b.server.Clock(), b.server.zone()))
		return err
	}); err != nil {
		return // its state stands in channelledger_projection_state
	}
	for _, h := range found {
		for desc, part := range map[*prometheus.Desc][2]int64{
			completenessDesc: {h.Settled, h.Lines}, clearingDesc: {h.Cleared.Minor(), h.Sent.Minor()}, timelinessDesc: {h.Timely, h.Due},
		} {
			if part[1] > 0 {
				to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(part[0])/float64(part[1]), h.BankAccount, h.Currency)
			}
		}
	}
}
