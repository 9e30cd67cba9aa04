package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/timeline"
)

type timelineInput struct {
	ID        string `path:"id" format:"uuid"`
	Viewpoint string `query:"viewpoint" format:"uuid" doc:"As this partner sees it; what is withheld is marked, and counted. Of a partner's people always their own"`
	Cursor    string `query:"cursor" maxLength:"200" doc:"next of the page before, with the same bounds and viewpoint"`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"500" doc:"How many entries at most"`
	PageLink
	BoundsInput
}

// Timeline is a page of a case: its entries in the order in which the ledger learned them, and its subject as it is behind
// the last entry of all pages.
type Timeline struct {
	Subject  timeline.Subject  `json:"subject"`
	State    any               `json:"state,omitempty" doc:"The subject as it stands behind the last entry, where the reader may see it"`
	Entries  []timeline.Entry  `json:"entries"`
	Total    int               `json:"total" doc:"Entries on all pages"`
	Withheld timeline.Withheld `json:"withheld" doc:"By rule, how many streams of entries and fields of their data and actor read [withheld: rule] on all pages, and how many entries are left out; what why, changes and state repeat of it isn't counted again"`
}

type timelineOutput struct {
	Link         string              `header:"Link" doc:"The next page, rel=next (RFC 8288)"`
	Position     eventstore.Position `header:"Ledger-Position"`
	CacheControl string              `header:"Cache-Control"`
	Body         timelineBody
}

type timelineBody struct {
	AsOf AsOfInfo `json:"as_of"`
	Data Timeline `json:"data" partner:"decided"`
	Next string   `json:"next,omitempty" doc:"cursor of the next page; the header Link has all of its URL"`
}

// home finds the id of the stream that a thing stands in.
type home func(context.Context, uuid.UUID) (uuid.UUID, error)

func (s *Server) timelineRoutes() {
	for _, r := range []struct {
		kind      timeline.Kind
		path, tag string
		home      home
	}{
		{timeline.Deal, "/v1/deals", "Deals", s.homeOf},
		{timeline.Account, "/v1/accounts", "Accounts", itself},
		{timeline.Partner, "/v1/partners", "Partners", itself},
		{timeline.Fund, "/v1/mdf/funds", "MDF", itself},
		{timeline.Request, "/v1/mdf/requests", "MDF", s.fundOfRequest},
		{timeline.Claim, "/v1/mdf/claims", "MDF", s.fundOfClaim},
		{timeline.Agreement, "/v1/rebates/agreements", "Rebates", itself},
		{timeline.Dispute, "/v1/disputes", "Disputes", itself},
	} {
		op := s.operation(http.MethodGet, r.path+"/{id}/timeline", "Tell the whole case of a "+string(r.kind), r.tag)
		op.Description = "Everything that bears on it, from all streams involved, in the order in which the ledger learned it: who, since when " +
			"it counts, why, what changed, which policies decided, and what it does to the books. known_at tells it as it stood then."
		register(s, op, inQuery, func(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
			return s.readTimeline(ctx, r.kind, r.home, in)
		})
	}
}

func (s *Server) readTimeline(ctx context.Context, kind timeline.Kind, find home, in *timelineInput) (*timelineOutput, error) {
	id, err := idAt("path.id", in.ID)
	if err != nil {
		return nil, err
	}
	scope, err := s.timelineScope(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	reader, err := s.readerOf(ctx, scope, in.Viewpoint)
	if err != nil {
		return nil, err
	}
	cursor, err := parseTimelineCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if in.KnownAt == "" {
		in.KnownAt = cursor.at
	}
	stream, err := find(ctx, id)
	if err != nil {
		return nil, err
	}
	of, info, err := s.gather(ctx, timeline.Of(kind, id, stream), in.BoundsInput)
	if err != nil {
		return nil, err
	}
	if len(of.Facts) == 0 || scope != uuid.Nil && !of.Concerns(scope) {
		return nil, notFoundWithin(in.BoundsInput, string(kind), in.ID)
	}
	reader.Mask = func(v any) any { return sealedDocument(actorOf(ctx), v) }
	told, err := of.Tell(reader, -1)
	if err != nil {
		return nil, err
	}
	return timelinePage(in, cursor.first, of, told, info), nil
}

// timelineScope is the partner with whose eyes an actor sees a case; none: the vendor's people, and who hears a dispute or heard
// it, whosever person that is. By now, so that they can replay it from its beginning.
func (s *Server) timelineScope(ctx context.Context, kind timeline.Kind, id uuid.UUID) (scope uuid.UUID, err error) {
	scope, err = scopeOf(actorOf(ctx))
	if scope == uuid.Nil || err != nil || kind != timeline.Dispute {
		return scope, err
	}
	err = s.Ledger.Disputes.View(ctx, id, func(c *dispute.State, _ domain.Source) error {
		if c.Heard(actorOf(ctx)) {
			scope = uuid.Nil
		}
		return nil
	})
	return scope, err
}

// readerOf is for whose eyes a case is told.
func (s *Server) readerOf(ctx context.Context, scope uuid.UUID, viewpoint string) (timeline.Reader, error) {
	r := timeline.Reader{Actor: actorOf(ctx), Partner: scope}
	if viewpoint == "" {
		return r, nil
	}
	asked, err := idAt("query.viewpoint", viewpoint)
	switch {
	case err != nil:
		return r, err
	case scope != uuid.Nil && scope != asked:
		return r, domain.Forbid("own_partner", "a partner's people see a case with their own partner's eyes")
	}
	r.Partner = asked
	return r, s.Ledger.Partners.View(ctx, asked, func(p *partner.State, _ domain.Source) error {
		if !p.Exists() {
			return domain.NotFound("partner_unknown", "viewpoint", "there is no partner %s", asked)
		}
		return nil
	})
}

// sealedDocument is a copy without the personal text that the actor may not see: what it is taken from goes on being folded.
func sealedDocument(actor domain.Actor, v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil // what isn't JSON isn't shown
	}
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	own := reflect.New(t)
	if json.Unmarshal(raw, own.Interface()) != nil {
		return nil
	}
	sealFor(actor, actor.PartnerID, own.Interface())
	return own.Interface()
}

// gather reads a case as far as the bounds let it be known, all of it as of one position.
func (s *Server) gather(ctx context.Context, subject timeline.Subject, in BoundsInput) (*timeline.Case, AsOfInfo, error) {
	asked, err := s.bounds(in)
	if err != nil {
		return nil, AsOfInfo{}, err
	}
	end, err := s.endAt(ctx, in.WaitFor)
	if err != nil {
		return nil, AsOfInfo{}, err
	}
	bounds := asked
	if bounds.KnownPosition.IsStart() || bounds.KnownPosition.Compare(end) > 0 {
		bounds.KnownPosition = end
	}
	source := projections.Source{Store: s.Ledger.Store, Codec: s.Ledger.Codec}
	of, err := timeline.Gather(ctx, source, subject, bounds)
	if err != nil {
		return nil, AsOfInfo{}, err
	}
	info := s.within(asked, bounds.KnownPosition)
	if n := len(of.Facts); !asked.KnownAt.IsZero() && n > 0 {
		info.Position = of.Facts[n-1].Position
	}
	return of, info, nil
}

// timelineCursor is where a page goes on, and how much of the log the first page was told from: the others are of the same.
type timelineCursor struct {
	first int
	at    string
}

func parseTimelineCursor(text string) (c timelineCursor, err error) {
	if text == "" {
		return c, nil
	}
	number, at, ok := strings.Cut(text, "~")
	if c.first, err = strconv.Atoi(number); err != nil || !ok || c.first < 0 {
		return c, domain.Invalid("cursor", "want next of the page before")
	}
	c.at = at
	return c, nil
}

func timelinePage(in *timelineInput, from int, of *timeline.Case, told *timeline.Told, info AsOfInfo) *timelineOutput {
	first := min(from, len(told.Entries))
	last := min(first+in.Limit, len(told.Entries))
	out := &timelineOutput{Position: info.Position, CacheControl: privately}
	out.Body = timelineBody{AsOf: info, Data: Timeline{
		Subject: of.Subject, State: told.State, Entries: append([]timeline.Entry{}, told.Entries[first:last]...),
		Total: len(told.Entries), Withheld: told.Withheld,
	}}
	if last < len(told.Entries) {
		out.Body.Next = strconv.Itoa(last) + "~" + info.Position.String()
		out.Link = in.next("cursor", out.Body.Next)
	}
	return out
}
