package projections

import "reflect"

// copier makes a copy of a row that shares nothing the caller could change: compiled once for a table's type, so that rows
// without references cost one assignment.
type copier[R any] func(*R) *R

// detach replaces every reference in an addressable value by a copy.
type detach func(reflect.Value)

func newCopier[R any]() copier[R] {
	fix := compile(reflect.TypeFor[R](), map[reflect.Type]*detach{})
	return func(row *R) *R {
		c := new(R)
		*c = *row
		if fix != nil {
			fix(reflect.ValueOf(c).Elem())
		}
		return c
	}
}

// compile is nil for a type that holds no reference.
func compile(t reflect.Type, seen map[reflect.Type]*detach) detach {
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Array:
	default:
		return nil // a scalar, a string, or an interface, whose value is taken as immutable
	}
	if known, ok := seen[t]; ok { // a type that holds itself: its detach is filled in by the time this one runs
		return func(v reflect.Value) {
			if *known != nil {
				(*known)(v)
			}
		}
	}
	slot := new(detach)
	seen[t] = slot
	*slot = compileKind(t, seen)
	delete(seen, t)
	return *slot
}

func compileKind(t reflect.Type, seen map[reflect.Type]*detach) detach {
	switch t.Kind() {
	case reflect.Struct:
		return detachStruct(t, seen)
	case reflect.Array:
		return detachElements(compile(t.Elem(), seen))
	case reflect.Slice:
		return detachSlice(t, detachElements(compile(t.Elem(), seen)))
	case reflect.Map:
		return detachMap(t, compile(t.Elem(), seen))
	default:
		return detachPointer(t, compile(t.Elem(), seen))
	}
}

func detachStruct(t reflect.Type, seen map[reflect.Type]*detach) detach {
	type part struct {
		field int
		fix   detach
	}
	var parts []part
	for i := range t.NumField() {
		if fix := compile(t.Field(i).Type, seen); fix != nil && t.Field(i).IsExported() {
			parts = append(parts, part{i, fix})
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return func(v reflect.Value) {
		for _, p := range parts {
			p.fix(v.Field(p.field))
		}
	}
}

func detachElements(element detach) detach {
	if element == nil {
		return nil
	}
	return func(v reflect.Value) {
		for i := range v.Len() {
			element(v.Index(i))
		}
	}
}

func detachSlice(t reflect.Type, elements detach) detach {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		c := reflect.MakeSlice(t, v.Len(), v.Len())
		reflect.Copy(c, v)
		if elements != nil {
			elements(c)
		}
		v.Set(c)
	}
}

func detachMap(t reflect.Type, element detach) detach {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		c := reflect.MakeMapWithSize(t, v.Len())
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		for entries := v.MapRange(); entries.Next(); {
			key.SetIterKey(entries)
			value.SetIterValue(entries)
			if element != nil {
				element(value)
			}
			c.SetMapIndex(key, value)
		}
		v.Set(c)
	}
}

func detachPointer(t reflect.Type, element detach) detach {
	return func(v reflect.Value) {
		if v.IsNil() {
			return
		}
		c := reflect.New(t.Elem())
		c.Elem().Set(v.Elem())
		if element != nil {
			element(c.Elem())
		}
		v.Set(c)
	}
}
