package intake

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxMapping is the largest mapping that is read, in bytes.
const maxMapping = 1 << 20

// MappingError says what is wrong in a mapping, and where.
type MappingError struct {
	Line   int    // 1 for the first; 0 where it is not known
	Path   string // of the key, as in deals.joins.partner.file
	Detail string
}

// Error names line, path and what is wrong.
func (e *MappingError) Error() string {
	var b strings.Builder
	b.WriteString("mapping")
	if e.Line > 0 {
		fmt.Fprintf(&b, " line %d", e.Line)
	}
	if e.Path != "" {
		b.WriteString(", " + e.Path)
	}
	return b.String() + ": " + e.Detail
}

// StrictYAML reads a document into typed values. The library's own decoder knows neither the path of a wrong key, nor what
// a person may have meant instead, nor that a key without a value is a slip.
type StrictYAML struct {
	lines map[string]int // by path, so that what is found wrong later can name its line
}

// NewStrictYAML is for one document.
func NewStrictYAML() *StrictYAML { return &StrictYAML{lines: map[string]int{}} }

// Decode reads the one document of r into the struct behind the pointer.
// Errors: *MappingError, and those of r.
func (d *StrictYAML) Decode(r io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(r, maxMapping+1))
	switch {
	case err != nil:
		return err
	case len(text) > maxMapping:
		return &MappingError{Detail: fmt.Sprintf("want at most %d bytes", maxMapping)}
	}
	documents := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, second yaml.Node
	if err := documents.Decode(&document); errors.Is(err, io.EOF) {
		return &MappingError{Detail: "is empty"}
	} else if err != nil {
		return &MappingError{Detail: strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := documents.Decode(&second); !errors.Is(err, io.EOF) {
		return &MappingError{Line: second.Line, Detail: "want one YAML document"}
	}
	return d.value(document.Content[0], "", reflect.ValueOf(into).Elem())
}

func (d *StrictYAML) value(node *yaml.Node, path string, into reflect.Value) error {
	d.lines[path] = node.Line
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return d.Wrong(path, "anchors and aliases are not taken: write it out")
	}
	if text, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return d.text(node, path, text.UnmarshalText)
	}
	switch into.Kind() {
	case reflect.Struct:
		return d.object(node, path, into)
	case reflect.Map:
		return d.dictionary(node, path, into)
	case reflect.Slice:
		return d.list(node, path, into)
	default:
		return d.text(node, path, func(text []byte) error {
			into.SetString(string(text))
			return nil
		})
	}
}

// text takes every scalar as it is written: NO is Norway, not false.
func (d *StrictYAML) text(node *yaml.Node, path string, set func([]byte) error) error {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || strings.TrimSpace(node.Value) == "" {
		return d.Wrong(path, "want a text")
	}
	if err := set([]byte(node.Value)); err != nil {
		return d.Wrong(path, "%v", err)
	}
	return nil
}

func (d *StrictYAML) object(node *yaml.Node, path string, into reflect.Value) error {
	fields, names := map[string]reflect.Value{}, []string(nil)
	for f, value := range into.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" {
			fields[name], names = value, append(names, name)
		}
	}
	err := d.each(node, path, func(name string, key, value *yaml.Node) error {
		field, ok := fields[name]
		if !ok {
			return d.unknown(within(path, name), key.Line, name, names)
		}
		return d.value(value, within(path, name), field)
	})
	if err != nil {
		return err
	}
	return d.missing(path, into)
}

// missing refuses an object without one of the keys that must be there, the first in the order of the type.
func (d *StrictYAML) missing(path string, into reflect.Value) error {
	for f, value := range into.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" && option != "omitempty" && value.IsZero() {
			return d.Wrong(path, "want the key %s", name)
		}
	}
	return nil
}

func (d *StrictYAML) dictionary(node *yaml.Node, path string, into reflect.Value) error {
	into.Set(reflect.MakeMap(into.Type()))
	return d.each(node, path, func(name string, _, value *yaml.Node) error {
		element := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(value, within(path, name), element); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(name).Convert(into.Type().Key()), element)
		return nil
	})
}

// each goes through the keys of an object.
func (d *StrictYAML) each(node *yaml.Node, path string, then func(name string, key, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return d.Wrong(path, "want keys and values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			return &MappingError{Line: key.Line, Path: path, Detail: "want a text as key"}
		}
		if seen[key.Value] {
			return &MappingError{Line: key.Line, Path: within(path, key.Value), Detail: "is there twice"}
		}
		seen[key.Value] = true
		if err := then(key.Value, key, value); err != nil {
			return err
		}
	}
	return nil
}

func (d *StrictYAML) list(node *yaml.Node, path string, into reflect.Value) error {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return d.Wrong(path, "want a list, as in [one, another]")
	}
	list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
	for i, element := range node.Content {
		if err := d.value(element, fmt.Sprintf("%s[%d]", path, i), list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// Wrong is a mistake at a path; its line is that of the path, or of what holds it.
func (d *StrictYAML) Wrong(path, format string, args ...any) error {
	line, at := 0, path
	for line = d.lines[at]; line == 0 && at != ""; line = d.lines[at] {
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	return &MappingError{Line: line, Path: path, Detail: fmt.Sprintf(format, args...)}
}

// unknown is a key or word that isn't one of those wanted.
func (d *StrictYAML) unknown(path string, line int, got string, wanted []string) error {
	sorted := slices.Sorted(slices.Values(wanted))
	return &MappingError{Line: line, Path: path, Detail: fmt.Sprintf(
		"unknown: want one of %s; nearest is %s", strings.Join(sorted, ", "), newNames(sorted).nearest(got))}
}

// OneOf refuses a word that isn't one of those wanted, naming the nearest.
func (d *StrictYAML) OneOf(path, got string, wanted []string) error {
	if slices.Contains(wanted, got) {
		return nil
	}
	return d.unknown(path, d.lines[path], got, wanted)
}

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
