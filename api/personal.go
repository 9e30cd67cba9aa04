package api

import (
	"reflect"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// sealed is what personal text reads as for those who may not see it.
const sealed domain.Personal = "[sealed]"

// sealFor takes personal text out of what v points to, unless the actor may see it: partner_ops, auditor and service all of
// it, a partner's people that of their own partner.
func sealFor(actor domain.Actor, partner uuid.UUID, v any) {
	if !seesPersons(actor, partner) {
		seal(reflect.ValueOf(v))
	}
}

// seesPersons reports whether the actor may read personal text of the partner's people.
func seesPersons(actor domain.Actor, partner uuid.UUID) bool {
	own := actor.OfPartner() && actor.PartnerID != uuid.Nil && actor.PartnerID == partner
	return own || !actor.OfPartner() && actor.Is(domain.PartnerOps, domain.Auditor, domain.ServiceRole)
}

func seal(v reflect.Value) {
	switch {
	case v.Type() == personalType:
		if v.CanSet() && v.String() != "" {
			v.Set(reflect.ValueOf(sealed))
		}
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if !v.IsNil() {
			seal(v.Elem())
		}
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			seal(field)
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for i := range v.Len() {
			seal(v.Index(i))
		}
	}
}

// sealedCopy is an event without the personal text that the actor may not see.
func sealedCopy(actor domain.Actor, event domain.Event) any {
	own := reflect.New(reflect.TypeOf(event))
	own.Elem().Set(reflect.ValueOf(event))
	sealFor(actor, uuid.Nil, own.Interface())
	return own.Interface()
}
