package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/partners"
)

type partnerInput struct {
	PartnerID  string `path:"partner_id" format:"uuid"`
	StandingAt string `query:"standing_at" doc:"When the standing is asked for; by default effective_at, else known_at, else now"`
	ThingInput
	BoundsInput
}

type partnersInput struct {
	Text       string           `query:"q" doc:"Somewhere in the name, capitals or not"`
	ID         []string         `query:"id"`
	Kind       []partner.Kind   `query:"kind"`
	Country    []string         `query:"country"`
	Domain     []string         `query:"domain"`
	Status     []partner.Status `query:"status"`
	Active     string           `query:"active" enum:"true,false" doc:"Whether the partner may register deals at that moment"`
	Tier       []string         `query:"tier" doc:"Of the standing, as the filters below" example:"gold"`
	Territory  []string         `query:"territory" doc:"Name of a territory, capitals or not"`
	SellsIn    []string         `query:"sells_in" doc:"A country (ISO 3166-1 alpha-2) in one of its territories; a partner without any sells everywhere" example:"DE"`
	ParentID   []string         `query:"parent_id" doc:"The distributor above it"`
	InGrace    string           `query:"in_grace" enum:"true,false" doc:"Whether its tier is about to go down"`
	StandingAt string           `query:"standing_at" doc:"When the standing is asked for; by default effective_at, else known_at, else now"`
	PageInput
	BoundsInput
}

func (s *Server) partnerReads() {
	register(s, s.operation(http.MethodGet, "/v1/partners", "List partners", "Partners"), inQuery, s.listPartners)
	register(s, s.operation(http.MethodGet, "/v1/sellers", "List the people who sell for partners", "Partners"), inQuery, s.listSellers)
	register(s, s.thing("/v1/partners/{partner_id}", "Read a partner", "Partners"), inQuery, s.readPartner)
}

func (s *Server) listPartners(ctx context.Context, in *partnersInput) (*listOutput[partners.Partner], error) {
	query, err := s.partnerQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	var page listing.Page[partners.Partner]
	asOf, err := s.readAt(ctx, partners.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		page, err = partners.List(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		sealFor(actorOf(ctx), page.Items[i].ID, &page.Items[i])
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) partnerQuery(ctx context.Context, in *partnersInput) (q partners.Query, err error) {
	q = partners.Query{
		Text: in.Text, Kind: in.Kind, Country: in.Country, Domain: in.Domain, Status: in.Status,
		Active: flagOf(in.Active), Tier: in.Tier, Territory: in.Territory, SellsIn: in.SellsIn, InGrace: flagOf(in.InGrace),
		Request: in.request(),
	}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if q.ID, err = idsOf("id", in.ID); err != nil {
		return q, err
	}
	if q.Parent, err = idsOf("parent_id", in.ParentID); err != nil {
		return q, err
	}
	q.At, err = s.standingMoment(ctx, "standing_at", in.StandingAt, in.BoundsInput)
	return q, err
}

// standingMoment is when a standing is asked for.
func (s *Server) standingMoment(ctx context.Context, field, text string, in BoundsInput) (time.Time, error) {
	if text != "" {
		return s.parseMoment(field, text)
	}
	return s.moment(ctx, in)
}

// flagOf is a filter that may be left out.
func flagOf(text string) *bool {
	if text == "" {
		return nil
	}
	flag := text == "true"
	return &flag
}

func (s *Server) readPartner(ctx context.Context, in *partnerInput) (*thingOutput[partners.Partner], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.partner_id", in.PartnerID)
	if err != nil {
		return nil, err
	}
	p, info, err := s.partnerAt(ctx, id, in)
	if err != nil {
		return nil, err
	}
	if p == nil || scope != uuid.Nil && p.ID != scope {
		return nil, notFoundWithin(in.BoundsInput, "partner", id.String())
	}
	sealFor(actorOf(ctx), p.ID, p)
	etag := partnerTag(p)
	if in.bounded() {
		etag = "" // of an answer that isn't the present one nothing can be decided
	}
	return thingOf(in.ThingInput, info, etag, *p), nil
}

// partnerAt is a partner as it is, or as it would have been within the bounds: then its stream, folded. Nil: there is none.
func (s *Server) partnerAt(ctx context.Context, id uuid.UUID, in *partnerInput) (*partners.Partner, AsOfInfo, error) {
	moment, err := s.standingMoment(ctx, "standing_at", in.StandingAt, in.BoundsInput)
	if err != nil {
		return nil, AsOfInfo{}, err
	}
	if !in.bounded() {
		if err := s.waitFor(ctx, partners.Name, in.WaitFor); err != nil {
			return nil, AsOfInfo{}, err
		}
		p, at, err := find(ctx, s, partners.Name, standingAt(moment), id)
		return p, s.now(at), err
	}
	p := &partner.Partner{}
	info, err := s.factsAt(ctx, domain.StreamName(partner.Category, id), in.BoundsInput, func(f projections.Fact) {
		if e, ok := f.Event.(partner.Event); ok {
			p.Apply(e, f.Envelope)
		}
	})
	if err != nil || !p.Exists() {
		return nil, info, err
	}
	return &partners.Partner{Partner: *p, Standing: p.StandingAt(moment)}, info, nil
}

type getPartner = func(context.Context, projections.Querier, uuid.UUID) (*partners.Partner, error)

func standingAt(moment time.Time) getPartner {
	return func(ctx context.Context, q projections.Querier, id uuid.UUID) (*partners.Partner, error) {
		return partners.Get(ctx, q, id, moment)
	}
}

// partnerTag is the revision, with a note of what may change with time alone: why the partner isn't active, and what protects
// its tier. Who asks whether anything changed must hear of it. If-Match goes by the revision.
func partnerTag(p *partners.Partner) string {
	var notes []string
	if !p.Standing.Active {
		notes = append(notes, p.Standing.Reason)
	}
	if p.Standing.Grace != nil {
		notes = append(notes, "in_grace")
	}
	if p.Standing.Waiver != nil {
		notes = append(notes, "waived")
	}
	if notes == nil {
		return etagOf(p.Revision)
	}
	return `"` + revisionText(p.Revision) + "." + strings.Join(notes, "_") + `"`
}
