package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

// entryCount says how many lines a stream has, so that a client knows whether it got them all.
const entryCount = "Entry-Count"

type journalStreamInput struct {
	EntryFilterInput
	BooksInput
}

func (s *Server) journalStreamRoute() {
	op := s.operation(http.MethodGet, "/v1/books/journal/stream", "Stream the journal", tagBooks)
	op.Description = "Every entry that the filter lets pass, one JSON object a line, in the order of the date that is asked by, all of one " +
		"state of the books: Ledger-Position names it, Entry-Count says how many lines follow. An answer that is cut short has fewer."
	op.Middlewares = huma.Middlewares{s.authenticate} // not bounded in time
	op.Responses["200"] = &huma.Response{
		Description: "Entries", Content: map[string]*huma.MediaType{ndjson: {Schema: s.schemaOf(journal.Entry{})}},
		Headers: map[string]*huma.Param{
			entryCount:        {Schema: &huma.Schema{Type: huma.TypeInteger}},
			"Ledger-Position": {Schema: &huma.Schema{Type: huma.TypeString}},
		},
	}
	register(s, op, inQuery, s.streamJournal)
}

func (s *Server) streamJournal(ctx context.Context, in *journalStreamInput) (*huma.StreamResponse, error) {
	if err := mayReadBooks(actorOf(ctx)); err != nil {
		return nil, err
	}
	filter, err := in.filter(in.BooksInput)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		c := humaecho.Unwrap(hctx)
		_, err := s.books(ctx, in.BooksInput, func(q projections.Querier) error { return s.sendJournal(ctx, c, q, filter) })
		switch {
		case err == nil:
		case !c.Response().Committed:
			s.writeProblem(c, s.problemOf(ctx, err, inQuery)) //nolint:contextcheck // c is of this request
		default:
			s.Logger.DebugContext(ctx, "stream of the journal ended", "request_id", requestID(ctx), "error", err)
			panic(http.ErrAbortHandler) // so that the client doesn't take it for whole
		}
	}}, nil
}

// sendJournal sends what one state of the rows holds. The client takes it piece by piece; one that doesn't is dropped.
func (s *Server) sendJournal(ctx context.Context, c echo.Context, q projections.Querier, filter journal.Filter) error {
	count, err := journal.Count(ctx, q, filter)
	if err != nil {
		return err
	}
	c.Response().Header().Set(entryCount, strconv.FormatInt(count, 10))
	c.Response().Header().Set("Ledger-Position", q.Position().String())
	s.telemetry.streams.Inc()
	defer s.telemetry.streams.Dec()
	out := s.newStream(c, false)
	err = journal.Each(ctx, q, filter, func(e journal.Entry) error {
		select {
		case <-streamsEnded(ctx):
			return domain.Refuse("server_stops", "", "the server stops")
		default:
			return out.send(q.Position(), e.Type, e)
		}
	})
	return errors.Join(err, out.flush())
}
