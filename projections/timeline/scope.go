package timeline

import (
	"reflect"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// scope is what of a stream bears on a case.
type scope struct {
	whole    bool
	standing bool               // of a partner: whether it was in the program, and under which terms
	ids      map[uuid.UUID]bool // what is about these things, and these events themselves
}

var whole = scope{whole: true}

// about is what names one of the things; one that there isn't is named by nothing.
func about(ids ...uuid.UUID) scope {
	s := scope{ids: map[uuid.UUID]bool{}}
	for _, id := range ids {
		if id != uuid.Nil {
			s.ids[id] = true
		}
	}
	return s
}

// widen takes in what another scope holds, and reports whether that is more than before.
func (s *scope) widen(by scope) (wider bool) {
	wider = by.whole && !s.whole || by.standing && !s.standing && !s.whole
	s.whole, s.standing = s.whole || by.whole, s.standing || by.standing
	for id := range by.ids {
		if !s.ids[id] {
			if s.ids == nil {
				s.ids = map[uuid.UUID]bool{}
			}
			s.ids[id] = true
			wider = wider || !s.whole
		}
	}
	return wider
}

// holds reports whether an event is in it.
func (s scope) holds(e domain.Event, env domain.Envelope) bool {
	switch {
	case s.whole:
		return true
	case s.standing && isStanding(e.EventType()):
		return true
	case len(s.ids) == 0:
		return false
	case s.ids[env.EventID]:
		return true
	}
	for _, id := range mentioned(reflect.ValueOf(e), nil) {
		if s.ids[id] {
			return true
		}
	}
	return false
}

// isStanding tells what a partner may do from what it does: its people and their certificates decide no case.
func isStanding(eventType string) bool {
	for _, noun := range []string{"partner.seller_", "partner.training_", "partner.certification_", "partner.payee_", "partner.onboarding_"} {
		if strings.HasPrefix(eventType, noun) {
			return false
		}
	}
	return strings.HasPrefix(eventType, "partner.")
}

var idType = reflect.TypeFor[uuid.UUID]()

// mentioned are the ids that stand anywhere in an event.
func mentioned(v reflect.Value, ids []uuid.UUID) []uuid.UUID {
	switch {
	case v.Type() == idType:
		id, _ := v.Interface().(uuid.UUID)
		return append(ids, id)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				ids = mentioned(v.Field(i), ids)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			ids = mentioned(v.Index(i), ids)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return mentioned(v.Elem(), ids)
	}
	return ids
}
