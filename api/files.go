package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/files"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/disputes"
)

// Files keeps documents. *files.Store is one.
type Files interface {
	Put(ctx context.Context, r io.Reader, limit int64) (files.File, error)
	Get(ctx context.Context, sha256 string) (*files.Document, error)
}

const (
	filesPath = "/v1/files"
	bytesOnly = "application/octet-stream"
)

// storeInput is a document as it comes in. It is read here, not by huma, which would hold all of it in memory.
type storeInput struct {
	body        io.Reader
	length      int64
	contentType string
}

// Resolve keeps what huma doesn't hand to handlers.
func (in *storeInput) Resolve(ctx huma.Context) []error {
	in.body, in.contentType = ctx.BodyReader(), ctx.Header("Content-Type")
	in.length = humaecho.Unwrap(ctx).Request().ContentLength
	return nil
}

type storeOutput struct {
	Status   int
	Location string `header:"Location"`
	Position string `header:"Ledger-Position" doc:"Where its record stands: give it to a read as wait_for"`
	Body     answer[files.File]
}

type fileInput struct {
	SHA256      string `path:"sha256" doc:"64 hex digits, lower case" example:"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the caller has"`
}

func (s *Server) fileRoutes() {
	store := s.operation(http.MethodPost, filesPath, "Hand in a document", "Files")
	store.Description = fmt.Sprintf("The body is the document itself, %s, at most %d bytes. It is kept under its SHA-256, which is what "+
		"agreements, claims and evidence cite; the same document again is the same. It needs no Idempotency-Key.", bytesOnly, s.Limits.FileBytes)
	store.DefaultStatus = http.StatusCreated
	store.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{bytesOnly: {Schema: binary()}}}
	store.Middlewares = huma.Middlewares{s.authenticate, s.unhurried}
	register(s, store, inBody, s.storeFile)

	fetch := s.thing(filesPath+"/{sha256}", "Fetch a document", "Files")
	fetch.Description = "As an attachment, never to be shown in place. The vendor's people may fetch every document; a partner's those that the " +
		"partner's people handed in, and those that its agreements cite. Its bytes are checked before they are sent."
	fetch.Responses["200"] = &huma.Response{
		Description: "The document", Content: map[string]*huma.MediaType{bytesOnly: {Schema: binary()}},
	}
	fetch.Middlewares = huma.Middlewares{s.authenticate, s.unhurried}
	register(s, fetch, inQuery, s.fetchFile)
}

func binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// unhurried gives a document the time that it takes to come in or go out, instead of that of any request.
func (s *Server) unhurried(ctx huma.Context, next func(huma.Context)) {
	limited, cancel := context.WithTimeout(ctx.Context(), s.Limits.Transfer)
	defer cancel()
	connection := http.NewResponseController(humaecho.Unwrap(ctx).Response())
	deadline := time.Now().Add(s.Limits.Transfer)
	_ = connection.SetReadDeadline(deadline) // not every connection has one
	_ = connection.SetWriteDeadline(deadline)
	next(huma.WithContext(ctx, limited))
}

// storeFile takes the document in before its record: a record without bytes would promise what isn't there, while bytes
// without a record are nobody's, and cost their space.
func (s *Server) storeFile(ctx context.Context, in *storeInput) (*storeOutput, error) {
	if err := s.mayStore(ctx, in); err != nil {
		return nil, err
	}
	stored, err := s.Files.Put(ctx, in.body, s.Limits.FileBytes)
	if err != nil {
		return nil, s.notStored(ctx, err)
	}
	outcome, err := s.recordFile(ctx, stored)
	if err != nil {
		return nil, err
	}
	out := &storeOutput{Status: http.StatusCreated, Location: filesPath + "/" + stored.SHA256, Position: outcome.Position.String()}
	if outcome.Count == 0 {
		out.Status = http.StatusOK
	}
	out.Body = answer[files.File]{AsOf: s.now(outcome.Position), Data: stored}
	return out, nil
}

// mayStore refuses before the first byte is taken in.
func (s *Server) mayStore(ctx context.Context, in *storeInput) error {
	switch {
	case s.Files == nil:
		return noFiles()
	case in.contentType != bytesOnly:
		return newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "want the document itself as a body of type %s", bytesOnly)
	case in.length > s.Limits.FileBytes:
		return s.fileTooLarge()
	}
	return file.MayStore(actorOf(ctx))
}

// recordFile is the same command whenever the same actor hands in the same document.
func (s *Server) recordFile(ctx context.Context, stored files.File) (eventstore.Outcome, error) {
	actor := actorOf(ctx)
	header := domain.Header{
		CommandID: domain.DeriveID("store file", actor.ID, actor.PartnerID.String(), stored.SHA256), Actor: actor,
	}
	return s.Ledger.Files.Do(ctx, file.IDOf(stored.SHA256), header, file.Store{SHA256: stored.SHA256, Size: stored.Size})
}

func (s *Server) notStored(ctx context.Context, err error) error {
	if _, tooLarge := errors.AsType[*files.TooLargeError](err); tooLarge {
		return s.fileTooLarge()
	}
	switch {
	case errors.Is(err, files.ErrEmpty):
		return newProblem(http.StatusUnprocessableEntity, "invalid_field", "an empty document says nothing").at("body", "is empty")
	case errors.Is(err, io.ErrUnexpectedEOF), ctx.Err() != nil:
		return newProblem(http.StatusBadRequest, "body_unreadable", "the document didn't come in whole")
	}
	return err
}

func (s *Server) fileTooLarge() *Problem {
	return newProblem(http.StatusRequestEntityTooLarge, "too_large", "a document has at most %d bytes", s.Limits.FileBytes)
}

func noFiles() *Problem {
	return newProblem(http.StatusServiceUnavailable, "no_files", "this server keeps no documents")
}

func (s *Server) fetchFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	if s.Files == nil {
		return nil, noFiles()
	}
	if err := file.CheckSHA256("sha256", in.SHA256); err != nil {
		return nil, notFound("document", in.SHA256)
	}
	visible, err := s.mayFetch(ctx, in.SHA256)
	if err != nil {
		return nil, err
	}
	if !visible {
		return nil, notFound("document", in.SHA256)
	}
	etag := `"` + in.SHA256 + `"`
	if in.IfNoneMatch != "" && matches(in.IfNoneMatch, etag, true) {
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			hctx.SetHeader("ETag", etag)
			hctx.SetStatus(http.StatusNotModified)
		}}, nil
	}
	document, err := s.Files.Get(ctx, in.SHA256)
	if err != nil {
		return nil, s.notFetched(ctx, err)
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) { s.send(ctx, humaecho.Unwrap(hctx), document, etag) }}, nil
}

// mayFetch reports whether the document is there for the actor: nobody learns of one that is there for others only.
func (s *Server) mayFetch(ctx context.Context, sha256 string) (visible bool, err error) {
	own, err := scopeOf(actorOf(ctx))
	if err != nil {
		return false, err
	}
	var document file.File
	err = s.Ledger.Files.View(ctx, file.IDOf(sha256), func(f *file.State, _ domain.Source) error {
		document = *f
		visible = f.Exists() && (own == uuid.Nil || f.HeldBy(own))
		return nil
	})
	if visible || own == uuid.Nil || err != nil {
		return visible, err
	}
	err = s.Ledger.Partners.View(ctx, own, func(p *partner.State, _ domain.Source) error {
		visible = p.Cites(sha256)
		return nil
	})
	if visible || err != nil || !document.Exists() {
		return visible, err
	}
	return s.shownInDispute(ctx, &document)
}

// shownInDispute reports whether the document is evidence that the actor sees in a case: of the other side, in the open, or any
// in a case that the actor hears. Who shows what it never had, shows it to nobody.
func (s *Server) shownInDispute(ctx context.Context, document *file.File) (visible bool, err error) {
	actor := actorOf(ctx)
	query := disputes.Query{Paper: document.SHA256}
	for more := true; more && !visible && err == nil; more = query.Cursor != "" {
		_, err = s.look(ctx, disputes.Name, func(q projections.Querier) error {
			page, err := disputes.List(ctx, q, query)
			query.Cursor = page.Next
			visible = slices.ContainsFunc(page.Items, func(c dispute.Case) bool { return sees(actor, &c, document) })
			return err
		})
	}
	return visible, err
}

func sees(actor domain.Actor, c *dispute.Case, document *file.File) bool {
	if !mayReadDispute(actor, c) {
		return false
	}
	seen, _ := c.For(actor)
	return slices.ContainsFunc(seen.Evidence, func(e dispute.Evidence) bool {
		return e.SHA256 == document.SHA256 && (e.By.Vendor || document.HeldBy(e.By.PartnerID))
	})
}

// notFetched is seen by an operator: what the log says is there has to be there, unchanged. A document that an import only
// cites was never there.
func (s *Server) notFetched(ctx context.Context, err error) error {
	damaged, isDamaged := errors.AsType[*files.CorruptError](err)
	switch {
	case isDamaged:
		s.Logger.ErrorContext(ctx, "document damaged", "request_id", requestID(ctx), "sha256", damaged.SHA256, "found", damaged.Found)
		return newProblem(http.StatusInternalServerError, "document_damaged", "%s", damaged.Error())
	case errors.Is(err, files.ErrNotFound):
		return newProblem(http.StatusNotFound, "document_missing", "the document's bytes aren't here: it lies elsewhere, or has to be restored from a backup")
	}
	return err
}

// send lets a browser do nothing with the document but save it.
func (s *Server) send(ctx context.Context, c echo.Context, document *files.Document, etag string) {
	defer func() { _ = document.Close() }()
	h := c.Response().Header()
	h.Set("Content-Type", bytesOnly)
	h.Set("Content-Disposition", `attachment; filename="`+document.SHA256+`.bin"`)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("ETag", etag)
	h.Set("Content-Length", fmt.Sprint(document.File.Size))
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(c.Response(), document); err != nil {
		s.Logger.DebugContext(ctx, "document not sent whole", "request_id", requestID(ctx), "error", err)
		panic(http.ErrAbortHandler) // so that the client doesn't take it for whole
	}
}
