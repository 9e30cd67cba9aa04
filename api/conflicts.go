package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/listing"
)

type conflictInput struct {
	FindingID string `path:"finding_id" format:"uuid"`
	ThingInput
	WaitInput
}

type conflictsInput struct {
	Status     []conflicts.Status    `query:"status"`
	Rule       []policy.ConflictRule `query:"rule"`
	Deal       []string              `query:"deal_id" doc:"That the finding is against"`
	Account    []string              `query:"account_id"`
	Partner    []string              `query:"partner_id" doc:"Whose registration it is against"`
	Against    []string              `query:"against" doc:"The other deal, or the vendor's own opportunity"`
	FoundFrom  string                `query:"found_from" doc:"A moment or a day, inclusive"`
	FoundUntil string                `query:"found_until" doc:"A moment or a day, exclusive"`
	PageInput
	WaitInput
}

func (s *Server) conflictRoutes() {
	register(s, s.operation(http.MethodGet, "/v1/conflicts", "List findings", "Conflicts"), inQuery, s.listConflicts)
	register(s, s.thing("/v1/conflicts/{finding_id}", "Read a finding", "Conflicts"), inQuery, s.readConflict)
}

func (s *Server) listConflicts(ctx context.Context, in *conflictsInput) (*listOutput[conflicts.Conflict], error) {
	query, err := s.conflictQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	var page listing.Page[conflicts.Conflict]
	asOf, err := s.live(ctx, conflicts.Name, in.WaitInput, func(q projections.Querier) (err error) {
		page, err = conflicts.List(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	if query.Scope != uuid.Nil {
		for i := range page.Items {
			page.Items[i].Finding = page.Items[i].ForPartner()
		}
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) conflictQuery(ctx context.Context, in *conflictsInput) (q conflicts.Query, err error) {
	q = conflicts.Query{Status: in.Status, Rule: in.Rule, Request: in.request()}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if q.Deal, err = idsOf("deal_id", in.Deal); err != nil {
		return q, err
	}
	if q.Account, err = idsOf("account_id", in.Account); err != nil {
		return q, err
	}
	if q.Partner, err = idsOf("partner_id", in.Partner); err != nil {
		return q, err
	}
	if q.Against, err = idsOf("against", in.Against); err != nil {
		return q, err
	}
	q.Found, err = s.period("found", in.FoundFrom, in.FoundUntil)
	return q, err
}

func (s *Server) readConflict(ctx context.Context, in *conflictInput) (*thingOutput[conflicts.Conflict], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.finding_id", in.FindingID)
	if err != nil {
		return nil, err
	}
	if err := s.waitFor(ctx, conflicts.Name, in.WaitFor); err != nil {
		return nil, err
	}
	finding, at, err := find(ctx, s, conflicts.Name, conflicts.Get, id)
	if err != nil {
		return nil, err
	}
	if finding == nil || scope != uuid.Nil && finding.PartnerID != scope {
		return nil, notFound("finding", id.String())
	}
	if scope != uuid.Nil {
		finding.Finding = finding.ForPartner()
	}
	etag, err := etagOfContent(finding)
	return thingOf(in.ThingInput, s.now(at), etag, *finding), err
}

// etagOfContent is for what has no revision of its own: a finding's status follows from other deals' events.
func etagOfContent(v any) (string, error) {
	raw, err := encode(v)
	sum := sha256.Sum256(raw)
	return `"` + hex.EncodeToString(sum[:12]) + `"`, err
}
