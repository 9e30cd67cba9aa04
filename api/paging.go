package api

import (
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections/listing"
)

// PageInput is what every list takes.
type PageInput struct {
	Sort   string `query:"sort" doc:"What to sort by; with - in front the greatest first"`
	Cursor string `query:"cursor" maxLength:"4096" doc:"next of the page before, with the same sort and filters"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most"`
	PageLink
}

// PageLink makes links to the next page.
type PageLink struct{ url url.URL }

// Resolve keeps the request's URL.
func (l *PageLink) Resolve(ctx huma.Context) []error {
	l.url = ctx.URL()
	return nil
}

// next is the link to the page that goes on where this one ended, as the header Link has it.
func (l *PageLink) next(parameter, value string) string {
	query := l.url.Query()
	query.Set(parameter, value)
	query.Del("wait_for") // the first page waited
	return "<" + l.url.Path + "?" + query.Encode() + `>; rel="next"`
}

func (in *PageInput) request() listing.Request {
	return listing.Request{Sort: in.Sort, Cursor: in.Cursor, Limit: in.Limit}
}

// list is the body of a list.
type list[T any] struct {
	AsOf AsOfInfo `json:"as_of"`
	Data []T      `json:"data"`
	Next string   `json:"next,omitempty" doc:"cursor of the next page; the header Link has all of its URL"`
}

// listOutput is the answer to a list.
type listOutput[T any] struct {
	Link         string              `header:"Link" doc:"The next page, rel=next (RFC 8288)"`
	Position     eventstore.Position `header:"Ledger-Position"`
	CacheControl string              `header:"Cache-Control"`
	Body         list[T]
}

func pageOf[R any](in *PageInput, asOf AsOfInfo, page listing.Page[R]) *listOutput[R] {
	out := &listOutput[R]{Position: asOf.Position, CacheControl: privately}
	out.Body = list[R]{AsOf: asOf, Data: page.Items, Next: page.Next}
	if out.Body.Data == nil {
		out.Body.Data = []R{}
	}
	if page.Next != "" {
		out.Link = in.next("cursor", page.Next)
	}
	return out
}

// privately lets a caller keep an answer for the next If-None-Match, and nobody else.
const privately = "private, no-cache"

// ThingInput is what reading one thing takes.
type ThingInput struct {
	IfNoneMatch string `header:"If-None-Match" doc:"ETags that the caller has: 304 where the thing is still one of these"`
}

// thingOutput is one thing.
type thingOutput[T any] struct {
	Status       int
	ETag         string              `header:"ETag" doc:"Revision of the thing's own last event, for If-Match and If-None-Match"`
	Position     eventstore.Position `header:"Ledger-Position"`
	CacheControl string              `header:"Cache-Control"`
	Body         answer[T]
}

// thingOf answers with one thing, or says that the caller has it.
func thingOf[T any](in ThingInput, asOf AsOfInfo, etag string, data T) *thingOutput[T] {
	out := &thingOutput[T]{Status: http.StatusOK, ETag: etag, Position: asOf.Position, CacheControl: privately}
	if etag != "" && in.IfNoneMatch != "" && matches(in.IfNoneMatch, etag, true) {
		out.Status = http.StatusNotModified
		return out
	}
	out.Body = answer[T]{AsOf: asOf, Data: data}
	return out
}
