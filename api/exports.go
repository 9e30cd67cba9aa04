package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/export"
	"github.com/channelledger/channelledger/projections/journal"
)

type exportInput struct {
	File    string         `path:"file" doc:"What, and in which format: only the journal is there for hledger and beancount" enum:"journal.csv,journal.xlsx,journal.hledger,journal.beancount,trial-balance.csv,trial-balance.xlsx,statement.csv,statement.xlsx,claims.csv,claims.xlsx,accruals.csv,accruals.xlsx"`
	Book    []journal.Book `query:"book" doc:"Of journal and trial balance; by default both"`
	Parties string         `query:"parties" enum:"true,false" doc:"Of a trial balance: each party of an account apart"`
	Account string         `query:"account" maxLength:"200" doc:"That a statement is of, as in liability:mdf_payable"`
	Party   string         `query:"party" maxLength:"200" doc:"Of the account: fund:ID, budget:ID, partner:ID or bank:ACCOUNT; by default all parties together"`
	Partner []string       `query:"partner_id" doc:"Of claims and accruals: only theirs"`
	BooksInput
}

func (s *Server) exportRoutes() {
	op := s.operation(http.MethodGet, "/v1/exports/{file}", "Export the books, claims or accruals as a file", tagBooks)
	op.Description = "A file that says at its top, or on a sheet of its own, which position and query it is of, how many rows it has and what " +
		"their SHA-256 is. The same question about the same position gives the same file. Claims and accruals take neither by nor from nor to: " +
		"bound them with known_at and effective_at."
	op.Middlewares = huma.Middlewares{s.authenticate, s.unhurried}
	content := map[string]*huma.MediaType{}
	for _, format := range export.Formats() {
		content[strings.Split(format.MediaType(), ";")[0]] = &huma.MediaType{Schema: binary()}
	}
	op.Responses["200"] = &huma.Response{
		Description: "The file", Content: content,
		Headers: map[string]*huma.Param{"Ledger-Position": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	register(s, op, inQuery, s.export)
}

// mayExport: a file leaves the ledger, so fewer may make one than may read what is in it.
func mayExport(actor domain.Actor) error {
	if err := mayReadAll(actor); err != nil {
		return err
	}
	return actor.Allow("exporting", domain.Finance, domain.Treasury, domain.Auditor, domain.ServiceRole)
}

// export makes the file before the answer begins, so that what goes wrong is a problem and no broken file.
func (s *Server) export(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	if err := mayExport(actorOf(ctx)); err != nil {
		return nil, err
	}
	request, err := s.exportRequest(in)
	if err != nil {
		return nil, err
	}
	for _, model := range request.Models() {
		if err := s.waitFor(ctx, model, in.WaitFor); err != nil {
			return nil, err
		}
	}
	file, err := request.Make(ctx, export.Models{Reader: s.Projections.Reader, Open: s.AsOf.Open})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) { s.sendExport(ctx, humaecho.Unwrap(hctx), file, request.Name()) }}, nil
}

func (s *Server) exportRequest(in *exportInput) (r export.Request, err error) {
	what, format, _ := strings.Cut(in.File, ".")
	r = export.Request{
		What: export.What(what), Format: export.Format(format), Zone: s.zone(), Parties: in.Parties == "true",
		Books: export.Books{By: in.By, Book: in.Book}, Account: journal.Account{Name: in.Account, Party: in.Party},
	}
	if r.Days, err = in.days(); err != nil {
		return r, err
	}
	if r.Partner, err = idsOf("partner_id", in.Partner); err != nil {
		return r, err
	}
	r.Bounds, err = s.bounds(in.BoundsInput)
	return r, err
}

func (s *Server) sendExport(ctx context.Context, c echo.Context, file *export.File, name string) {
	defer func() { _ = file.Close() }() // what is left of a temporary file is the system's to clean up
	h := c.Response().Header()
	h.Set("Content-Type", file.Format.MediaType())
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", fmt.Sprint(file.Size()))
	h.Set("Ledger-Position", file.Position)
	h.Set("Cache-Control", privately)
	c.Response().WriteHeader(http.StatusOK)
	if _, err := file.WriteTo(c.Response()); err != nil {
		s.Logger.DebugContext(ctx, "export not sent whole", "request_id", requestID(ctx), "error", err)
		panic(http.ErrAbortHandler) // so that the client doesn't take it for whole
	}
}
