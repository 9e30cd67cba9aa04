package domaintest

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// unset is the JSON paths of the fields that hold their zero value, all the way down. A list or map counts as set where
// it has elements, and a field of them where some element sets it.
func unset(pointer any) []string { return unsetIn(reflect.ValueOf(pointer).Elem(), "") }

func unsetIn(v reflect.Value, path string) []string {
	if v.IsZero() && path != "" {
		return []string{path}
	}
	switch {
	case isLeaf(v.Type()):
		return nil
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		return unsetIn(v.Elem(), path)
	case v.Kind() == reflect.Struct:
		return unsetFields(v, path)
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array || v.Kind() == reflect.Map:
		return unsetInAll(elements(v), path)
	}
	return nil
}

func unsetFields(v reflect.Value, path string) (missing []string) {
	for field, value := range v.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || (!field.IsExported() && !field.Anonymous):
		case field.Anonymous && name == "" && value.Kind() == reflect.Struct: // its fields stand one level up
			missing = append(missing, unsetFields(value, path)...)
		default:
			missing = append(missing, unsetIn(value, join(path, name, field.Name))...)
		}
	}
	return missing
}

// unsetInAll is what no element sets.
func unsetInAll(values []reflect.Value, path string) []string {
	values = slices.DeleteFunc(values, reflect.Value.IsZero)
	if len(values) == 0 {
		return []string{path}
	}
	missing := unsetIn(values[0], path)
	for _, v := range values[1:] {
		others := unsetIn(v, path)
		missing = slices.DeleteFunc(missing, func(p string) bool { return !slices.Contains(others, p) })
	}
	return missing
}

func elements(v reflect.Value) (values []reflect.Value) {
	for _, value := range v.Seq2() {
		values = append(values, value)
	}
	return values
}

func join(path, name, fieldName string) string {
	if name == "" {
		name = fieldName
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// isLeaf reports whether a type writes its own JSON, so that its fields are no fields there.
func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}
