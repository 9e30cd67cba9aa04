package api

import (
	"reflect"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
)

// sealed is what personal text reads as for those who may not see it.
const sealed domain.Personal = "[sealed]"

// sealFor takes personal text out of what v points to, unless the actor may see it: partner_ops, auditor and service all of
// it, a partner's people that of their own partner. Bank accounts are for those who check and use them, too, but of a
// partner's people only for its admin.
func sealFor(actor domain.Actor, partner uuid.UUID, v any) {
	sight{persons: seesPersons(actor, partner), payees: seesPayees(actor, partner)}.seal(reflect.ValueOf(v))
}

// sight is what of personal text an actor may see.
type sight struct{ persons, payees bool }

// seesPersons reports whether the actor may read personal text of the partner's people.
func seesPersons(actor domain.Actor, partner uuid.UUID) bool {
	return isOwn(actor, partner) || !actor.OfPartner() && actor.Is(domain.PartnerOps, domain.Auditor, domain.ServiceRole)
}

// seesPayees reports whether the actor may read the partner's bank accounts.
func seesPayees(actor domain.Actor, partner uuid.UUID) bool {
	if actor.OfPartner() {
		return isOwn(actor, partner) && actor.Is(domain.PartnerAdmin)
	}
	return actor.Is(domain.PartnerOps, domain.Auditor, domain.ServiceRole, domain.Finance, domain.Treasury)
}

func isOwn(actor domain.Actor, partner uuid.UUID) bool {
	return actor.OfPartner() && actor.PartnerID != uuid.Nil && actor.PartnerID == partner
}

var payeeType = reflect.TypeFor[partner.Payee]()

func (s sight) seal(v reflect.Value) {
	switch {
	case v.Type() == personalType:
		if !s.persons && v.CanSet() && v.String() != "" {
			v.Set(reflect.ValueOf(sealed))
		}
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if !v.IsNil() {
			s.seal(v.Elem())
		}
	case v.Kind() == reflect.Struct:
		if v.Type() == payeeType {
			s.persons = s.payees
		}
		for _, field := range v.Fields() {
			s.seal(field)
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for i := range v.Len() {
			s.seal(v.Index(i))
		}
	}
}

// sealedPartner is a partner as an actor may see it, apart from the one that decisions are made on.
func sealedPartner(actor domain.Actor, view any) any {
	own := *view.(*partner.Partner)
	own.Sellers, own.Payees = slices.Clone(own.Sellers), slices.Clone(own.Payees)
	sealFor(actor, own.ID, &own)
	return &own
}

// sealedCopy is an event without the personal text that the actor may not see.
func sealedCopy(actor domain.Actor, event domain.Event) any {
	own := reflect.New(reflect.TypeOf(event))
	own.Elem().Set(reflect.ValueOf(event))
	sealFor(actor, uuid.Nil, own.Interface())
	return own.Interface()
}
