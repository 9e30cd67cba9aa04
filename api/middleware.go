package api

import (
	"context"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

// saneRequestID is what a caller may choose: it goes into logs and back in a header.
var saneRequestID = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)

func (s *Server) identifyRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !saneRequestID.MatchString(id) {
			id = newRequestID()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		ctx := context.WithValue(c.Request().Context(), requestIDKey{}, id)
		ctx = context.WithValue(ctx, callerKey{}, &caller{})
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// observe logs and measures each request, after whatever error it came to has been answered.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begin := time.Now()
		defer func() { s.logRequest(c, time.Since(begin)) }() // also of one that is broken off
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

func (s *Server) logRequest(c echo.Context, took time.Duration) {
	s.telemetry.request(c, took)
	ctx, level := c.Request().Context(), slog.LevelInfo
	if c.Response().Status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Logger.LogAttrs(ctx, level, "request",
		slog.String("request_id", requestID(ctx)),
		slog.String("method", c.Request().Method),
		slog.String("path", c.Request().URL.Path),
		slog.Int("status", c.Response().Status),
		slog.Int64("bytes", c.Response().Size),
		slog.Duration("took", took),
		slog.String("remote", c.RealIP()),
		slog.String("actor", actorOf(ctx).ID),
	)
}

// recoverPanic lets no panic reach a client: it is logged with its stack, and the client gets a problem with the request's
// id. What was half sent is broken off, so that nobody takes it for whole.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			switch cause {
			case nil:
				return
			case http.ErrAbortHandler: // broken off on purpose
				panic(cause)
			}
			s.Logger.ErrorContext(c.Request().Context(), "panic",
				"request_id", requestID(c.Request().Context()), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if c.Response().Committed {
				panic(http.ErrAbortHandler)
			}
			err = internal()
		}()
		return next(c)
	}
}

// harden sets what keeps browsers from making more of an answer than it is, and bounds how long a client may take.
func (s *Server) harden(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderXFrameOptions, "DENY")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set(echo.HeaderCacheControl, "no-store")
		deadline := time.Now().Add(2 * s.Limits.Request)
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(deadline) // not every writer has one
		return next(c)
	}
}

// onlyJSON refuses bodies of another type, but for documents, which have one too: what a form on a foreign page can send,
// this API doesn't take.
func onlyJSON(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodPost || isJSON(r.Header.Get(echo.HeaderContentType)) || r.URL.Path == filesPath {
			return next(c)
		}
		if r.Header.Get(echo.HeaderContentType) == "" && r.ContentLength == 0 {
			return next(c)
		}
		return newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type",
			"want a body of type application/json, in UTF-8")
	}
}

func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != echo.MIMEApplicationJSON {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// bounded ends a request that takes too long.
func (s *Server) bounded(ctx huma.Context, next func(huma.Context)) {
	limited, cancel := context.WithTimeout(ctx.Context(), s.Limits.Request)
	defer cancel()
	next(huma.WithContext(ctx, limited))
}
