package api

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain/strictjson"
)

// notRoutes are the commands that nobody gives over HTTP, and why.
var notRoutes = map[string]string{
	"account.RecordRival":         "a reactor's, for what two accounts hid from each other",
	"account.ExpireDeal":          "the scheduler's, on the day that the protection ends",
	"account.WindDownDeal":        "a reactor's, when the partner leaves the program",
	"account.PlaceHold":           "a reactor's, when a dispute about the deal is opened",
	"account.LiftHold":            "a reactor's, when the dispute is closed",
	"account.ReassignDeal":        "a reactor's, as a ruling orders",
	"account.SplitCredit":         "a reactor's, as a ruling orders",
	"account.ReinstateDeal":       "a reactor's, as a ruling orders",
	"account.UndoReinstatement":   "a reactor's, when a ruling was overturned",
	"account.OverrideByRuling":    "a reactor's, as a ruling orders",
	"account.UndoOverride":        "a reactor's, when a ruling was overturned",
	"mdf.ApproveByRuling":         "a reactor's, as a ruling orders",
	"partner.SetTierByRuling":     "a reactor's, as a ruling orders",
	"rebate.AdjustByRuling":       "a reactor's, as a ruling orders",
	"dispute.Close":               "a reactor's, when nothing is left to be done",
	"dispute.MissDeadline":        "a reactor's, when a time is over",
	"dispute.EndAppealWindow":     "a reactor's, when the time for an appeal is over",
	"dispute.ParkRemedy":          "a reactor's, for what a target refused",
	"mdf.ReleaseAllocation":       "a reactor's, for what a fund gave back or let expire",
	"mdf.CreditFund":              "a reactor's, for what a budget allocated",
	"mdf.ReleaseAll":              "a reactor's, when the partner leaves the program",
	"mdf.ExpireFunds":             "the scheduler's, on the day that a fund expires",
	"mdf.LapseRequest":            "the scheduler's, when nothing more can be claimed",
	"mdf.AccrueObligation":        "the scheduler's, at the activity's end",
	"mdf.SettleClaim":             "a reactor's, when the bank confirmed a payment",
	"mdf.ReturnClaimPayment":      "a reactor's, when a confirmed payment came back",
	"mdf.FinishClawback":          "a reactor's, when only the payable tells of a claw-back",
	"rebate.SettleRebate":         "a reactor's, when the bank confirmed a payment",
	"rebate.ReturnPayment":        "a reactor's, when a confirmed payment came back",
	"rebate.FinishClawback":       "a reactor's, when only payables tell of a claw-back",
	"rebate.FinishSpiffReversal":  "a reactor's, when only the payable tells of a SPIFF's reversal",
	"partner.ExpireAgreement":     "the scheduler's, on the day after the agreement's last",
	"partner.ExpireCertification": "the scheduler's, on the day after the certificate's last",
	"partner.EndTierGrace":        "the scheduler's, when a grace is over",
	"reactor.NoteRefusal":         "the runner's own: what no target's stream shows",
	"reactor.NotePark":            "the runner's own: what no target's stream shows",
	"payable.Raise":               "a reactor's, for what was approved or earned",
	"payable.Claim":               "a part of preparing a payout",
	"payable.Unclaim":             "a reactor's, for what a payout doesn't pay",
	"payable.PlaceHold":           "a reactor's, while a deal that counts towards it is disputed",
	"payable.LiftHold":            "a reactor's, when the dispute is over",
	"payable.Send":                "a reactor's, once the payout is sent",
	"payable.Clear":               "a part of matching a statement",
	"payable.UndoClearing":        "a part of undoing a match",
	"clawback.Clear":              "a part of matching a statement",
	"clawback.UndoClearing":       "a part of undoing a match",
	"payable.TakeBack":            "a part of a claw-back",
	"payable.SetOff":              "a part of a claw-back's recovery",
	"payout.Prepare":              "a part of opening one: it claims, then prepares",
	"payout.GiveUp":               "a reactor's, for one that nobody prepared in time",
	"payout.Complete":             "a reactor's, behind the last payment",
	"statement.Import":            "of a file: POST /v1/statements reads it",
	"statement.RecordLines":       "of a file: POST /v1/statements reads it",
	"statement.MatchLines":        "follows the payables: POST /v1/statements and /confirm clear them first",
	"program.Bootstrap":           "the ledger's own, before the first command",
}

func described() *Server { return New(Config{Authenticator: DevAuthenticator{}}) }

func TestEveryCommandHasARoute(t *testing.T) {
	routed, notRoutes := map[string]bool{}, maps.Clone(notRoutes)
	for _, c := range described().commands {
		routed[c.String()] = true
	}
	for _, name := range []string{
		"account", "clawback", "dispute", "mdf", "partner", "payable", "payout", "period", "program", "reactor", "rebate", "statement",
	} {
		for _, command := range commandsOf(t, name) {
			reason, excused := notRoutes[command]
			require.NotEqual(t, excused, routed[command], "%s: one action, one route, or a reason why not (%s)", command, reason)
			delete(routed, command)
			delete(notRoutes, command)
		}
	}
	require.Empty(t, routed)
	require.Empty(t, notRoutes, "these exist no more")
}

// commandsOf are the exported types of an aggregate that decide.
func commandsOf(t *testing.T, aggregate string) (names []string) {
	t.Helper()
	for _, file := range sources(t, filepath.Join("..", "domain", aggregate)) {
		for _, d := range file.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "decide" {
				continue
			}
			if name, ok := method.Recv.List[0].Type.(*ast.Ident); ok && name.IsExported() {
				names = append(names, aggregate+"."+name.Name)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}

func sources(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// TestVocabularyIsComplete reads the constants of the aggregates' vocabularies.
func TestVocabularyIsComplete(t *testing.T) {
	described := map[string][]string{}
	for typ, words := range vocabulary() {
		described[typ.String()] = words
	}
	for _, name := range []string{"account", "clawback", "dispute", "partner", "rebate"} {
		for _, file := range sources(t, filepath.Join("..", "domain", name)) {
			for typ, words := range constants(file) {
				if want, ok := described[name+"."+typ]; ok {
					require.ElementsMatch(t, words, want, "%s.%s", name, typ)
				}
			}
		}
	}
}

// constants are the typed string constants of a file, by type.
func constants(file *ast.File) map[string][]string {
	words := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		typ, typed := spec.Type.(*ast.Ident)
		value, literal := spec.Values[0].(*ast.BasicLit)
		if typed && literal && value.Kind == token.STRING {
			words[typ.Name] = append(words[typ.Name], strings.Trim(value.Value, `"`))
		}
		return true
	})
	return words
}

// TestBodiesAreReadAsDescribed holds the decoder against the description: what is made up from the schema is read, a
// field more is not.
func TestBodiesAreReadAsDescribed(t *testing.T) {
	s := described()
	registry := s.huma.OpenAPI().Components.Schemas
	for _, command := range s.commands {
		schema := registry.Map()[schemaName(command, "")]
		require.NotNil(t, schema, command)
		body, ok := sample(registry, schema).(map[string]any)
		require.True(t, ok)
		hidden := map[string]string{}
		for i := range command.NumField() {
			name, _, _ := strings.Cut(command.Field(i).Tag.Get("json"), ",")
			if _, there := schema.Properties[name]; !there {
				hidden[name] = "given by the path"
			}
		}
		extra := func() map[string]reflect.Value {
			return map[string]reflect.Value{"effective_at": reflect.New(timeType).Elem()}
		}
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		require.NoError(t, strictjson.Decode(raw, reflect.New(command).Elem(), strictjson.Exceptions{Extra: extra(), Hidden: hidden}), "%s: %s", command, raw)
		for _, required := range schema.Required {
			less := map[string]any{}
			for name, value := range body {
				if name != required {
					less[name] = value
				}
			}
			raw, err := json.Marshal(less)
			require.NoError(t, err)
			require.ErrorContains(t, strictjson.Decode(raw, reflect.New(command).Elem(), strictjson.Exceptions{Extra: extra(), Hidden: hidden}), "is missing", "%s", command)
		}
	}
}

// sample is a value that a schema describes.
func sample(registry huma.Registry, s *huma.Schema) any {
	if s.Ref != "" {
		s = registry.SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for name, property := range s.Properties {
			object[name] = sample(registry, property)
		}
		return object
	case huma.TypeArray:
		return []any{sample(registry, s.Items)}
	case huma.TypeInteger:
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeString:
		return map[string]string{"uuid": "6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11", "date-time": "2026-01-31T12:00:00Z"}[s.Format]
	}
	return nil
}

// SampleBodies are bodies that the commands' decoder takes, made up from the description, by the route's path.
func SampleBodies(t *testing.T) map[string]map[string]any {
	t.Helper()
	s := described()
	registry, bodies := s.huma.OpenAPI().Components.Schemas, map[string]map[string]any{}
	for path, item := range s.huma.OpenAPI().Paths {
		if item.Post == nil {
			continue
		}
		if item.Post.RequestBody == nil { // nothing but the path
			bodies[path] = map[string]any{}
			continue
		}
		media := item.Post.RequestBody.Content["application/json"]
		if media == nil {
			continue // a document
		}
		body, ok := sample(registry, media.Schema).(map[string]any)
		require.True(t, ok, path)
		bodies[path] = body
	}
	return bodies
}
