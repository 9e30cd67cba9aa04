package api

import (
	"encoding/json"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections/conflicts"
	"github.com/channelledger/channelledger/projections/incentives"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/metrics"
	"github.com/channelledger/channelledger/projections/payouts"
	"github.com/channelledger/channelledger/projections/pipeline"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

var (
	uuidType     = typeOf[uuid.UUID]()
	timeType     = typeOf[time.Time]()
	dateType     = typeOf[domain.Date]()
	personalType = typeOf[domain.Personal]()
)

// The domain's types as they are on the wire. Their Go fields tell nothing: they marshal themselves.
type (
	money struct {
		Amount   string `json:"amount" pattern:"^-?[0-9]+(\\.[0-9]+)?$" example:"1250.00" doc:"A decimal with at most as many decimals as the currency has, as text"`
		Currency string `json:"currency" pattern:"^[A-Z]{3}$" example:"EUR" doc:"ISO 4217"`
	}
	date         string
	month        string
	rate         string
	identifier   string
	positionText string
	personal     string
	rawObject    struct{}
	enum[T any]  string
)

func (date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-01-31"}}
}

func (month) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: `^[0-9]{4}-[0-9]{2}$`, Examples: []any{"2026-10"}}
}

func (rate) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: `^-?[0-9]+(\.[0-9]+)?$`, Examples: []any{"1.0837"}, Description: "An exact decimal, as text",
	}
}

func (identifier) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

func (positionText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "A place in the ledger's log: opaque; start is before everything"}
}

func (personal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "About a person: [sealed] for who may not see it, [erased] once it is erased"}
}

func (rawObject) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

func (enum[T]) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, value := range vocabulary()[typeOf[T]()] {
		s.Enum = append(s.Enum, value)
	}
	return s
}

// vocabulary is what may be said where only some words may.
func vocabulary() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		typeOf[domain.Role]():            texts(domain.Roles()),
		typeOf[domain.ActorKind]():       texts([]domain.ActorKind{domain.User, domain.Service, domain.Reactor}),
		typeOf[policy.Kind]():            texts(policy.Kinds()),
		typeOf[partner.Kind]():           texts(partner.Kinds()),
		typeOf[partner.Status]():         texts([]partner.Status{partner.StatusApplied, partner.StatusApproved, partner.StatusDeclined, partner.StatusOnboarded, partner.StatusSuspended, partner.StatusDeactivated}),
		typeOf[payout.Status]():          texts(payout.Statuses()),
		typeOf[clawback.Means]():         texts(clawback.AllMeans()),
		typeOf[payout.Format]():          texts(payout.Formats()),
		typeOf[payouts.ItemStatus]():     texts(payouts.ItemStatuses()),
		typeOf[account.Kind]():           texts(policy.DealKinds()),
		typeOf[account.Route]():          texts([]account.Route{account.RouteResale, account.RouteReferral, account.RouteDistribution}),
		typeOf[account.Source]():         texts([]account.Source{account.SourcePartner, account.SourceVendorReferred}),
		typeOf[account.Status]():         texts([]account.Status{account.StatusSubmitted, account.StatusReturned, account.StatusApproved, account.StatusRejected, account.StatusWithdrawn, account.StatusWon, account.StatusLost, account.StatusExpired}),
		typeOf[account.Stage]():          texts([]account.Stage{account.StageProspecting, account.StageQualified, account.StageProposal, account.StageNegotiation}),
		typeOf[account.Owner]():          texts([]account.Owner{account.OwnerChannel, account.OwnerDirect, account.OwnerHouse}),
		typeOf[account.Outcome]():        texts([]account.Outcome{account.OutcomeWon, account.OutcomeLost}),
		typeOf[account.ReversalReason](): texts([]account.ReversalReason{account.ReversalEntryError, account.ReversalCancelled, account.ReversalReturned}),
		typeOf[account.BreachBy]():       texts([]account.BreachBy{account.BreachByOpening, account.BreachByWinning}),
		typeOf[account.InfluenceRole]():  texts(account.InfluenceRoles()),
		typeOf[policy.SchemeKind]():      texts(policy.SchemeKinds()),
		typeOf[policy.Basis]():           texts(policy.Bases()),
		typeOf[rebate.Status]():          texts(rebate.Statuses()),
		typeOf[dispute.Kind]():           texts(dispute.Kinds()),
		typeOf[dispute.Status]():         texts(dispute.Statuses()),
		typeOf[dispute.Outcome]():        texts(append(dispute.Rulings(), dispute.OutcomeSettled, dispute.OutcomeWithdrawn)),
		typeOf[rebate.ReversalReason]():  texts(rebate.ReversalReasons()),
		typeOf[rebate.ProposalStatus]():  texts([]rebate.ProposalStatus{rebate.ProposalPending, rebate.ProposalFirstApproved, rebate.ProposalApproved, rebate.ProposalDeclined}),
		typeOf[rebate.Treatment]():       texts([]rebate.Treatment{rebate.TreatmentExpense, rebate.TreatmentContraRevenue}),
		typeOf[incentives.Kind]():        texts(incentives.Kinds()),
		typeOf[mdf.Activity]():           texts(mdf.Activities()),
		typeOf[mdf.Treatment]():          texts(mdf.Treatments()),
		typeOf[mdf.Settlement]():         texts(mdf.Settlements()),
		typeOf[mdf.BudgetStatus]():       texts(mdf.BudgetStatuses()),
		typeOf[mdf.RequestStatus]():      texts(mdf.RequestStatuses()),
		typeOf[mdf.ClaimStatus]():        texts(mdf.ClaimStatuses()),
		typeOf[mdf.DuplicateRule]():      texts(mdf.DuplicateRules()),
		typeOf[journal.Basis]():          texts(journal.Bases()),
		typeOf[period.Status]():          texts(period.Statuses()),
		typeOf[period.Result]():          texts(period.Results()),
		typeOf[conflicts.Status]():       texts(conflicts.Statuses()),
		typeOf[pipeline.GroupBy]():       texts(pipeline.GroupBys()),
		typeOf[metrics.GroupBy]():        texts(metrics.AllGroupBys()),
		typeOf[journal.Book]():           texts(journal.Books()),
		typeOf[journal.Basis]():          texts(journal.Bases()),
	}
}

func texts[T ~string](values []T) (all []string) {
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// newRegistry knows how the domain's types look on the wire.
func newRegistry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", schemaName)
	for _, alias := range [][2]reflect.Type{
		{typeOf[domain.Money](), typeOf[money]()},
		{dateType, typeOf[date]()},
		{typeOf[period.Month](), typeOf[month]()},
		{typeOf[domain.Rate](), typeOf[rate]()},
		{uuidType, typeOf[identifier]()},
		{typeOf[eventstore.Position](), typeOf[positionText]()},
		{personalType, typeOf[personal]()},
		{typeOf[json.RawMessage](), typeOf[rawObject]()},
		{typeOf[domain.Role](), typeOf[enum[domain.Role]]()},
		{typeOf[domain.ActorKind](), typeOf[enum[domain.ActorKind]]()},
		{typeOf[policy.Kind](), typeOf[enum[policy.Kind]]()},
		{typeOf[partner.Kind](), typeOf[enum[partner.Kind]]()},
		{typeOf[partner.Status](), typeOf[enum[partner.Status]]()},
		{typeOf[account.Kind](), typeOf[enum[account.Kind]]()},
		{typeOf[account.Route](), typeOf[enum[account.Route]]()},
		{typeOf[account.Source](), typeOf[enum[account.Source]]()},
		{typeOf[account.Status](), typeOf[enum[account.Status]]()},
		{typeOf[account.Stage](), typeOf[enum[account.Stage]]()},
		{typeOf[account.Owner](), typeOf[enum[account.Owner]]()},
		{typeOf[account.Outcome](), typeOf[enum[account.Outcome]]()},
		{typeOf[account.ReversalReason](), typeOf[enum[account.ReversalReason]]()},
		{typeOf[account.BreachBy](), typeOf[enum[account.BreachBy]]()},
		{typeOf[account.InfluenceRole](), typeOf[enum[account.InfluenceRole]]()},
		{typeOf[policy.SchemeKind](), typeOf[enum[policy.SchemeKind]]()},
		{typeOf[policy.Basis](), typeOf[enum[policy.Basis]]()},
		{typeOf[rebate.Status](), typeOf[enum[rebate.Status]]()},
		{typeOf[dispute.Kind](), typeOf[enum[dispute.Kind]]()},
		{typeOf[dispute.Status](), typeOf[enum[dispute.Status]]()},
		{typeOf[dispute.Outcome](), typeOf[enum[dispute.Outcome]]()},
		{typeOf[rebate.ReversalReason](), typeOf[enum[rebate.ReversalReason]]()},
		{typeOf[rebate.ProposalStatus](), typeOf[enum[rebate.ProposalStatus]]()},
		{typeOf[rebate.Treatment](), typeOf[enum[rebate.Treatment]]()},
		{typeOf[incentives.Kind](), typeOf[enum[incentives.Kind]]()},
		{typeOf[mdf.Activity](), typeOf[enum[mdf.Activity]]()},
		{typeOf[mdf.Treatment](), typeOf[enum[mdf.Treatment]]()},
		{typeOf[mdf.Settlement](), typeOf[enum[mdf.Settlement]]()},
		{typeOf[mdf.BudgetStatus](), typeOf[enum[mdf.BudgetStatus]]()},
		{typeOf[mdf.RequestStatus](), typeOf[enum[mdf.RequestStatus]]()},
		{typeOf[mdf.ClaimStatus](), typeOf[enum[mdf.ClaimStatus]]()},
		{typeOf[mdf.DuplicateRule](), typeOf[enum[mdf.DuplicateRule]]()},
		{typeOf[journal.Basis](), typeOf[enum[journal.Basis]]()},
		{typeOf[period.Status](), typeOf[enum[period.Status]]()},
		{typeOf[period.Result](), typeOf[enum[period.Result]]()},
		{typeOf[conflicts.Status](), typeOf[enum[conflicts.Status]]()},
		{typeOf[pipeline.GroupBy](), typeOf[enum[pipeline.GroupBy]]()},
		{typeOf[metrics.GroupBy](), typeOf[enum[metrics.GroupBy]]()},
		{typeOf[journal.Book](), typeOf[enum[journal.Book]]()},
		{typeOf[journal.Basis](), typeOf[enum[journal.Basis]]()},
	} {
		r.RegisterTypeAlias(alias[0], alias[1])
	}
	return r
}

// schemaName puts the package in front where two packages have a type of one name: partner.Step is PartnerStep.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch owner := path.Base(t.PkgPath()); {
	case owner == "incentives":
		return "Incentive" + name
	case owner == "journal":
		return "Books" + name
	case owner == "mdf":
		return "MDF" + name
	case slices.Contains(named(), owner):
		prefix := strings.ToUpper(owner[:1]) + owner[1:]
		return prefix + strings.TrimPrefix(name, prefix)
	case owner == "statements":
		return "Listed" + name
	case owner == "reconcile" || owner == "bank":
		return "Bank" + name
	case strings.Contains(t.Name(), "/statement.") || strings.Contains(t.Name(), "/statements.") || strings.Contains(t.Name(), "/reconcile."):
		return name + "OfStatement" // an answer with one, or a page of them
	case owner == "metrics":
		return "Metric" + strings.TrimPrefix(name, "Metric")
	case owner == "partners" || strings.Contains(t.Name(), "/partners."): // or a page of them
		return name + "WithStanding"
	}
	return name
}

// named are the packages whose types have the package's name in front.
func named() []string {
	return []string{
		"partner", "program", "rebate", "payable", "payout", "statement", "period", "clawback", "dispute", "journal", "timeline", "closing",
	}
}

// schemaOf is a reference to the schema of a value's type.
func (s *Server) schemaOf(v any) *huma.Schema { return s.schemaOfType(reflect.TypeOf(v)) }

func (s *Server) schemaOfType(t reflect.Type) *huma.Schema {
	return s.huma.OpenAPI().Components.Schemas.Schema(t, true, "")
}

func (s *Server) jsonResponse(status int, t reflect.Type) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: s.schemaOfType(t)}},
	}
}

func (s *Server) problemResponse() *huma.Response {
	return &huma.Response{
		Description: "A refusal (RFC 9457)",
		Content:     map[string]*huma.MediaType{problemJSON: {Schema: s.schemaOf(Problem{})}},
	}
}

// forgetHumaErrors takes out the schemas that huma adds for its own errors: ours are Problems.
func (s *Server) forgetHumaErrors() {
	schemas := s.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
}

// pathDocs documents the parameters of a command's path.
func (s *Server) pathDocs(command reflect.Type, names []string) (docs []*huma.Param) {
	for _, name := range names {
		schema := &huma.Schema{Type: huma.TypeString, Format: "uuid"}
		if field, ok := fieldNamed(command, name); ok {
			schema = s.schemaOfType(field.Type)
		} else if name == "program_id" {
			schema = &huma.Schema{Type: huma.TypeString, Examples: []any{defaultProgram}}
		} else if !strings.HasSuffix(name, "_id") {
			schema = &huma.Schema{Type: huma.TypeString}
		}
		docs = append(docs, &huma.Param{Name: name, In: "path", Required: true, Schema: schema})
	}
	return docs
}

func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// documentBody describes a command's body: its own fields but for those that the path gives, and when it took effect.
func (s *Server) documentBody(route string, command reflect.Type, params []string) {
	registry := s.huma.OpenAPI().Components.Schemas
	schema := huma.SchemaFromType(registry, command)
	for _, name := range params {
		delete(schema.Properties, name)
		schema.Required = slices.DeleteFunc(schema.Required, func(r string) bool { return r == name })
	}
	schema.Properties["effective_at"] = &huma.Schema{
		Type: huma.TypeString, Format: "date-time",
		Description: "When it took effect: now by default, never in the future. Only service, finance and partner_ops may set it.",
	}
	for _, property := range schema.Properties {
		property.Nullable = false // what isn't given is left out
	}
	schema.PrecomputeMessages()
	name := schemaName(command, "")
	registry.Map()[name] = schema
	s.huma.OpenAPI().Paths[route].Post.RequestBody = &huma.RequestBody{
		Required: len(schema.Required) > 0,
		Content:  map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/" + name}}},
	}
}
