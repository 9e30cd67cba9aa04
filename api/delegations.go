package api

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/program"
)

func (s *Server) delegationRoutes(t *programTarget) {
	const base = "/v1/programs/{program_id}/delegations"
	t.create(base, "Let somebody act for somebody else", program.GrantDelegation{}, creation[program.Command]{location: grantedAt})
	t.post("delegations/{delegation_id}/revoke", "End a delegation now", program.RevokeDelegation{})
	register(s, s.operation(http.MethodGet, base, "List who acts for whom", "Programs"), inQuery, s.listDelegations)
	register(s, s.thing(base+"/{delegation_id}", "Read a delegation", "Programs"), inQuery, s.readDelegation)
}

func grantedAt(_ uuid.UUID, recorded []domain.Event) string {
	for _, e := range recorded {
		if d, ok := e.(program.DelegationGranted); ok {
			return "/v1/programs/" + defaultProgram + "/delegations/" + d.DelegationID.String()
		}
	}
	return "" // every grant records one
}

// Delegation is who acts for whom, and when.
type Delegation struct {
	ID             uuid.UUID       `json:"id"`
	From           string          `json:"from" doc:"Who is away"`
	To             string          `json:"to" doc:"Who acts for them"`
	Start          domain.Date     `json:"start" doc:"First day, in the program's zone"`
	End            domain.Date     `json:"end" doc:"Last day, all of it"`
	InForce        bool            `json:"in_force" doc:"At the moment that was asked for, or now"`
	Reason         domain.Personal `json:"reason" doc:"For the two of them, partner_ops and auditors; [sealed] for others"`
	Granted        domain.Step     `json:"granted"`
	Revoked        domain.Step     `json:"revoked,omitzero"`
	RevokedBecause domain.Personal `json:"revoked_because,omitempty" doc:"As reason"`
}

// delegationOf is a delegation as an actor may see it: why somebody is away is not for everyone.
func delegationOf(actor domain.Actor, d program.Delegation, at time.Time) Delegation {
	view := Delegation{
		ID: d.ID, From: d.From, To: d.To, Start: d.Start, End: d.End, InForce: d.InForceAt(at), Reason: d.Reason,
		Granted: d.Granted, Revoked: d.Revoked, RevokedBecause: d.Because,
	}
	if !d.Plain().Involves(actor.ID) {
		sealFor(actor, uuid.Nil, &view)
	}
	return view
}

type delegationsInput struct {
	ProgramID string `path:"program_id" doc:"default" example:"default"`
	Actor     string `query:"actor" doc:"Only those of a person, whichever way round" maxLength:"200"`
	InForceAt string `query:"in_force_at" doc:"Only those that hold at a moment or on a day's start; now: at this moment" example:"now"`
	WaitInput
}

type delegationInput struct {
	ProgramID    string `path:"program_id" doc:"default" example:"default"`
	DelegationID string `path:"delegation_id"`
	ThingInput
	WaitInput
}

type delegationsOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]Delegation]
}

func (s *Server) listDelegations(ctx context.Context, in *delegationsInput) (*delegationsOutput, error) {
	asked, err := s.policyMoment(in.InForceAt)
	if err != nil {
		return nil, err
	}
	at := asked
	if at.IsZero() {
		at = s.Clock()
	}
	out := &delegationsOutput{CacheControl: privately}
	err = s.lookAtProgram(ctx, in.ProgramID, in.WaitInput, func(st *program.State, asOf AsOfInfo) error {
		out.Position = asOf.Position.String()
		out.Body = answer[[]Delegation]{AsOf: asOf, Data: []Delegation{}}
		for _, d := range st.Delegations() {
			if (in.Actor == "" || d.Plain().Involves(in.Actor)) && (asked.IsZero() || d.InForceAt(asked)) {
				out.Body.Data = append(out.Body.Data, delegationOf(actorOf(ctx), d, at))
			}
		}
		return nil
	})
	return out, err
}

func (s *Server) readDelegation(ctx context.Context, in *delegationInput) (*thingOutput[Delegation], error) {
	id, err := idAt("path.delegation_id", in.DelegationID)
	if err != nil {
		return nil, err
	}
	var out *thingOutput[Delegation]
	err = s.lookAtProgram(ctx, in.ProgramID, in.WaitInput, func(st *program.State, asOf AsOfInfo) error {
		for _, d := range st.Delegations() {
			if d.ID == id {
				view := delegationOf(actorOf(ctx), d, s.Clock())
				out = thingOf(in.ThingInput, asOf, delegationTag(view), view)
				return nil
			}
		}
		return notFound("delegation", in.DelegationID)
	})
	return out, err
}

// delegationTag: a delegation never changes, but for whether it holds and its revocation.
func delegationTag(d Delegation) string {
	switch {
	case d.Revoked.Taken():
		return `"revoked"`
	case d.InForce:
		return `"in-force"`
	}
	return `"granted"`
}
