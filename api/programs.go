package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type programTarget = target[*program.State, program.Command, program.Facts, program.Event]

func (s *Server) programs() *programTarget {
	return &programTarget{
		server:  s,
		decider: program.Decider(),
		handler: func() *ledger.Programs { return s.Ledger.Programs },
		tag:     "Programs", noun: "program", base: "/v1/programs", id: "program_id", view: answer[Program]{},
		parse: programID,
		home:  func(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil },
		show: func(st *program.State, id uuid.UUID) (any, int64, bool) {
			return programOf(st), st.Revision(), st.Exists() && id == program.DefaultID
		},
	}
}

func (s *Server) programRoutes() {
	t := s.programs()
	t.create(t.base+"/{program_id}/policies", "Publish the next version of a policy", program.Publish{}, creation[program.Command]{
		location: publishedAt,
	})
	t.post("policies/{kind}/{version}/retire", "Retire a version of a policy", program.Retire{})
	register(s, s.thing("/v1/programs/{program_id}", "Read the program", "Programs"), inQuery, s.readProgram)
	register(s, s.operation(http.MethodGet, "/v1/programs/{program_id}/policies", "List versions of policies", "Programs"),
		inQuery, s.listPolicies)
	register(s, s.thing("/v1/programs/{program_id}/policies/{kind}/{version}", "Read a version of a policy", "Programs"),
		inQuery, s.readPolicy)
	s.delegationRoutes(t)
}

// defaultProgram is what the one program of a ledger is called in paths.
const defaultProgram = "default"

func programID(location, text string) (uuid.UUID, error) {
	if text == defaultProgram {
		return program.DefaultID, nil
	}
	return idAt(location, text)
}

func publishedAt(_ uuid.UUID, recorded []domain.Event) string {
	for _, e := range recorded {
		if p, ok := e.(program.PolicyPublished); ok {
			return fmt.Sprintf("/v1/programs/%s/policies/%s/%d", defaultProgram, p.Kind, p.Version)
		}
	}
	return "" // every publication records one
}

// Program is the rules of the channel, without their bodies.
type Program struct {
	ID       uuid.UUID       `json:"id"`
	Zone     string          `json:"zone" doc:"IANA name: dates are days there" example:"Europe/Berlin"`
	Policies []PolicyVersion `json:"policies" doc:"Every version, by kind, in the order they were published"`
}

// PolicyVersion says which version of a policy it is, and when it holds.
type PolicyVersion struct {
	Kind          policy.Kind `json:"kind"`
	Version       int         `json:"version"`
	EffectiveFrom time.Time   `json:"effective_from"`
	PublishedAt   time.Time   `json:"published_at"`
	RetiredAt     time.Time   `json:"retired_at,omitzero" doc:"It holds no more from here on"`
	BecauseOf     []uuid.UUID `json:"because_of,omitempty" doc:"Disputes that led to it"`
}

// Policy is a version with its body.
type Policy struct {
	PolicyVersion
	Body any `json:"body" doc:"As the kind has it"`
}

// programOf is a program as answers show it.
func programOf(st *program.State) Program {
	view := Program{ID: program.DefaultID, Zone: st.Zone().String(), Policies: []PolicyVersion{}}
	for _, kind := range policy.Kinds() {
		for _, v := range st.Versions(kind) {
			view.Policies = append(view.Policies, versionOf(v))
		}
	}
	return view
}

func versionOf(v program.Version) PolicyVersion {
	return PolicyVersion{
		Kind: v.Kind, Version: v.Version, EffectiveFrom: v.EffectiveFrom, PublishedAt: v.PublishedAt,
		RetiredAt: v.RetiredAt, BecauseOf: v.BecauseOf,
	}
}

func policyOf(v program.Version) Policy { return Policy{PolicyVersion: versionOf(v), Body: v.Body} }

type programInput struct {
	ProgramID string `path:"program_id" doc:"default" example:"default"`
	ThingInput
	WaitInput
}

type policiesInput struct {
	ProgramID string        `path:"program_id" doc:"default" example:"default"`
	Kind      []policy.Kind `query:"kind"`
	InForceAt string        `query:"in_force_at" doc:"Only the versions that hold at a moment or on a day; now: at this moment" example:"now"`
	WaitInput
}

type policyInput struct {
	ProgramID string      `path:"program_id" doc:"default" example:"default"`
	Kind      policy.Kind `path:"kind"`
	Version   int         `path:"version" minimum:"1"`
	ThingInput
	WaitInput
}

type policiesOutput struct {
	Position     string `header:"Ledger-Position"`
	CacheControl string `header:"Cache-Control"`
	Body         answer[[]Policy]
}

func (s *Server) readProgram(ctx context.Context, in *programInput) (*thingOutput[Program], error) {
	var out *thingOutput[Program]
	err := s.lookAtProgram(ctx, in.ProgramID, in.WaitInput, func(st *program.State, asOf AsOfInfo) error {
		out = thingOf(in.ThingInput, asOf, etagOf(st.Revision()), programOf(st))
		return nil
	})
	return out, err
}

func (s *Server) listPolicies(ctx context.Context, in *policiesInput) (*policiesOutput, error) {
	at, err := s.policyMoment(in.InForceAt)
	if err != nil {
		return nil, err
	}
	out := &policiesOutput{CacheControl: privately}
	err = s.lookAtProgram(ctx, in.ProgramID, in.WaitInput, func(st *program.State, asOf AsOfInfo) error {
		out.Position = asOf.Position.String()
		out.Body = answer[[]Policy]{AsOf: asOf, Data: []Policy{}}
		for _, kind := range kindsOf(in.Kind) {
			for _, v := range versionsAt(st, kind, at) {
				out.Body.Data = append(out.Body.Data, policyOf(v))
			}
		}
		return nil
	})
	return out, err
}

func (s *Server) policyMoment(text string) (time.Time, error) {
	if text == "now" {
		return s.Clock(), nil
	}
	return s.parseMoment("in_force_at", text)
}

func kindsOf(asked []policy.Kind) []policy.Kind {
	if len(asked) == 0 {
		return policy.Kinds()
	}
	return asked
}

// versionsAt are all versions of a kind, or the one that holds at a moment.
func versionsAt(st *program.State, kind policy.Kind, at time.Time) []program.Version {
	if at.IsZero() {
		return st.Versions(kind)
	}
	if v, ok := st.InForce(kind, at); ok {
		return []program.Version{v}
	}
	return nil
}

func (s *Server) readPolicy(ctx context.Context, in *policyInput) (*thingOutput[Policy], error) {
	var out *thingOutput[Policy]
	err := s.lookAtProgram(ctx, in.ProgramID, in.WaitInput, func(st *program.State, asOf AsOfInfo) error {
		for _, v := range st.Versions(in.Kind) {
			if v.Version == in.Version {
				out = thingOf(in.ThingInput, asOf, policyTag(v), policyOf(v))
				return nil
			}
		}
		return notFound("policy", string(in.Kind)+"@"+strconv.Itoa(in.Version))
	})
	return out, err
}

// policyTag: a version never changes, but for its retirement.
func policyTag(v program.Version) string {
	if v.RetiredAt.IsZero() {
		return `"` + v.Ref() + `"`
	}
	return `"` + v.Ref() + `-retired"`
}

// lookAtProgram asks the program's own stream to its end: policies have no read model, a decision needs the very last.
func (s *Server) lookAtProgram(ctx context.Context, text string, wait WaitInput, look func(*program.State, AsOfInfo) error) error {
	if err := mayReadAll(actorOf(ctx)); err != nil {
		return err
	}
	id, err := programID("path.program_id", text)
	if err != nil {
		return err
	}
	if id != program.DefaultID {
		return notFound("program", text)
	}
	end, err := s.endAt(ctx, wait.WaitFor)
	if err != nil {
		return err
	}
	return s.Ledger.Programs.View(ctx, id, func(st *program.State, _ domain.Source) error { return look(st, s.now(end)) })
}
