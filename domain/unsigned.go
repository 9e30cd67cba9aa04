package domain

import (
	"reflect"
	"sync"

	"github.com/google/uuid"
)

// Unsigned is a copy of a document as a partner's people may see it: of each step that was taken by others there is when and
// why, but not by whom. Others are the vendor's people, its services, and those of other partners. What the document was made
// of stays as it is.
//
// A field's tag may say more about what a partner sees of it:
//
//	partner:"internal"  the vendor's people said it to each other: of a step that it was taken, and when; of the rest nothing
//	partner:"decided"   whoever made the document has decided already who sees what of it
//
// Source: domain.md section 7, viewpoints.
func Unsigned[T any](doc T, partner uuid.UUID) T {
	v := reflect.ValueOf(&doc).Elem()
	v.Set(unsigning{partner}.copied(v))
	return doc
}

// Unsigned is the step without who took it.
func (s Step) Unsigned() Step {
	s.By, s.OnBehalfOf, s.ByPartner = "", "", uuid.Nil
	return s
}

// WithoutNote leaves of a step that it was taken, and when.
func (s Step) WithoutNote() Step {
	s.Reason = ""
	return s.Unsigned()
}

// unsignedBy is the step without who took it, unless that was somebody of the partner's.
func (s Step) unsignedBy(partner uuid.UUID) Step {
	if s.ByPartner == uuid.Nil || s.ByPartner != partner {
		return s.Unsigned()
	}
	return s
}

// unsignedBy leaves of somebody who isn't of the partner's what sort of person it is.
func (a Actor) unsignedBy(partner uuid.UUID) Actor {
	if a.PartnerID == uuid.Nil || a.PartnerID != partner {
		a.ID, a.OnBehalfOf, a.PartnerID = "", "", uuid.Nil
	}
	return a
}

var (
	stepType  = reflect.TypeFor[Step]()
	actorType = reflect.TypeFor[Actor]()
)

// unsigning goes through a document for a partner.
type unsigning struct{ partner uuid.UUID }

// copied is a copy as deep as there are steps in it.
func (u unsigning) copied(v reflect.Value) reflect.Value {
	if !signed(v.Type()) {
		return v
	}
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.IsNil() {
		return v
	}
	to := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Struct:
		u.fields(v, to)
	case reflect.Pointer:
		to.Set(reflect.New(v.Type().Elem()))
		to.Elem().Set(u.copied(v.Elem()))
	case reflect.Interface:
		to.Set(u.copied(v.Elem()))
	case reflect.Slice:
		to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			to.Index(i).Set(u.copied(v.Index(i)))
		}
	case reflect.Array:
		for i := range v.Len() {
			to.Index(i).Set(u.copied(v.Index(i)))
		}
	case reflect.Map:
		to.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for key, value := range v.Seq2() {
			to.SetMapIndex(key, u.copied(value))
		}
	}
	return to
}

func (u unsigning) fields(from, to reflect.Value) {
	to.Set(from)
	switch doc := to.Addr().Interface().(type) {
	case *Step:
		*doc = doc.unsignedBy(u.partner)
		return
	case *Actor:
		*doc = doc.unsignedBy(u.partner)
		return
	}
	for i := range from.NumField() {
		field := from.Type().Field(i)
		switch tag := field.Tag.Get("partner"); {
		case !field.IsExported() || tag == "decided":
		case tag == "internal" && field.Type == stepType:
			step, _ := to.Field(i).Interface().(Step)
			to.Field(i).Set(reflect.ValueOf(step.WithoutNote()))
		case tag == "internal":
			to.Field(i).SetZero()
		default:
			to.Field(i).Set(u.copied(from.Field(i)))
		}
	}
}

// signs remembers by type whether a step, somebody or something internal may stand in its values.
var signs sync.Map

func signed(t reflect.Type) bool {
	if known, ok := signs.Load(t); ok {
		return known.(bool)
	}
	found := holdsSteps(t, map[reflect.Type]bool{})
	signs.Store(t, found)
	return found
}

func holdsSteps(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch {
	case t == stepType || t == actorType || t.Kind() == reflect.Interface:
		return true
	case seen[t]:
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsSteps(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			if field.IsExported() && (field.Tag.Get("partner") != "" || holdsSteps(field.Type, seen)) {
				return true
			}
		}
	}
	return false
}
