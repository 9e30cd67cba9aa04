package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// events is the reference of the wire contract: every event type of every aggregate, its fields and a frozen example.
func events(root string) ([]byte, error) {
	homes, err := filepath.Glob(filepath.Join(root, "domain", "*", "events.go"))
	if err != nil {
		return nil, err
	}
	sort.Strings(homes)
	var out bytes.Buffer
	out.WriteString("# Events\n\nGenerated from `domain/*/events.go` and the frozen fixtures beside them; see `make docs`.\n\n" +
		"Every event also carries the metadata described in [conventions](../explanation/conventions.md).\n")
	for _, home := range homes {
		if err := aggregate(&out, filepath.Dir(home)); err != nil {
			return nil, fmt.Errorf("%s: %w", home, err)
		}
	}
	return out.Bytes(), nil
}

// aggregate writes the events of one package: those of its files events.go, events_….go.
func aggregate(out *bytes.Buffer, dir string) error {
	decls, err := parse(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n## %s\n", filepath.Base(dir))
	names, parts := wireNames(decls), structs(decls)
	for _, d := range decls {
		spec, doc := structOf(d)
		if spec == nil || names[spec.Name.Name] == "" {
			continue
		}
		name := names[spec.Name.Name]
		fmt.Fprintf(out, "\n### `%s`\n\n%s\n", name, prose(doc))
		fields(out, spec.Type.(*ast.StructType), parts)
		if err := example(out, dir, name); err != nil {
			return err
		}
	}
	return nil
}

func parse(dir string) (decls []ast.Decl, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "events*.go"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		decls = append(decls, parsed.Decls...)
	}
	return decls, nil
}

// wireNames finds what each EventType method returns, by the name of its struct.
func wireNames(decls []ast.Decl) map[string]string {
	names := map[string]string{}
	for _, d := range decls {
		method, ok := d.(*ast.FuncDecl)
		if !ok || method.Name.Name != "EventType" || method.Recv == nil || len(method.Body.List) != 1 {
			continue
		}
		result, ok := method.Body.List[0].(*ast.ReturnStmt)
		if !ok {
			continue
		}
		if literal, ok := result.Results[0].(*ast.BasicLit); ok {
			name, _ := strconv.Unquote(literal.Value)
			names[method.Recv.List[0].Type.(*ast.Ident).Name] = name
		}
	}
	return names
}

func structOf(d ast.Decl) (*ast.TypeSpec, string) {
	group, ok := d.(*ast.GenDecl)
	if !ok || group.Tok != token.TYPE || len(group.Specs) != 1 {
		return nil, ""
	}
	spec := group.Specs[0].(*ast.TypeSpec)
	if _, ok := spec.Type.(*ast.StructType); !ok {
		return nil, ""
	}
	return spec, group.Doc.Text()
}

// structs are the package's own, by name: an event may embed one, whose fields are then its own.
func structs(decls []ast.Decl) map[string]*ast.StructType {
	all := map[string]*ast.StructType{}
	for _, d := range decls {
		if spec, _ := structOf(d); spec != nil {
			all[spec.Name.Name] = spec.Type.(*ast.StructType)
		}
	}
	return all
}

// proseStart is what Go's comments begin with and a reader of the page doesn't need: the struct's name.
var proseStart = regexp.MustCompile(`^\w+( says)?: `)

// prose is a doc comment as one paragraph.
func prose(doc string) string {
	text := strings.Join(strings.Fields(doc), " ")
	rest := strings.TrimPrefix(text, proseStart.FindString(text))
	return strings.ToUpper(rest[:1]) + rest[1:]
}

func fields(out *bytes.Buffer, s *ast.StructType, parts map[string]*ast.StructType) {
	if len(s.Fields.List) == 0 {
		return
	}
	out.WriteString("\n| field | type | |\n| --- | --- | --- |\n")
	rows(out, s, parts)
}

func rows(out *bytes.Buffer, s *ast.StructType, parts map[string]*ast.StructType) {
	for _, f := range s.Fields.List {
		if embedded, ok := f.Type.(*ast.Ident); ok && len(f.Names) == 0 {
			rows(out, parts[embedded.Name], parts)
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		name, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		notes := strings.TrimSpace(f.Comment.Text())
		if strings.Contains(options, "omit") {
			notes = strings.TrimSuffix("optional; "+notes, "; ")
		}
		if reflect.StructTag(tag).Get("subject") != "" {
			notes = strings.TrimSuffix("sealed with the key of `"+reflect.StructTag(tag).Get("subject")+"`; "+notes, "; ")
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, typeName(f.Type), notes)
	}
}

// typeName is a field's type in words of the wire.
func typeName(expr ast.Expr) string {
	switch t := expr.(type) {
	case *ast.Ident:
		return strings.ToLower(t.Name)
	case *ast.SelectorExpr:
		return map[string]string{"UUID": "uuid", "Time": "RFC 3339 time", "RawMessage": "JSON", "Kind": "kind"}[t.Sel.Name] +
			map[bool]string{true: strings.ToLower(t.Sel.Name)}[!strings.Contains("UUID Time RawMessage Kind", t.Sel.Name)]
	case *ast.ArrayType:
		return "list of " + typeName(t.Elt)
	case *ast.MapType:
		return "map of " + typeName(t.Value)
	case *ast.StarExpr:
		return typeName(t.X)
	default:
		return "object"
	}
}

func example(out *bytes.Buffer, dir, name string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "testdata", "events", name+".json"))
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.TrimSpace(raw), "", "  "); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n```json\n%s\n```\n", indented.String())
	return nil
}
