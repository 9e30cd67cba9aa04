package policy

import (
	"encoding/json"
	"reflect"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/strictjson"
)

// MaxBodySize is the largest body that Parse reads, in bytes.
const MaxBodySize = 1 << 20

// Defaults are the bodies that a program starts with, one of each kind, in the order of the documentation.
func Defaults() []Body {
	return []Body{
		DefaultCatalogue(), DefaultDealRegistration(), DefaultConflict(), DefaultApproval(), DefaultMDF(), DefaultRebate(),
		DefaultTiering(), DefaultReconciliation(), DefaultDispute(),
	}
}

// Parse reads a body that somebody wants to publish. It is strict: every field of the kind must be there, but for those
// that may be left out, no other field may, and the values must pass Validate.
// Errors: a *domain.Rejection of kind invalid with the path of the first wrong field inside the body.
func Parse(kind Kind, raw json.RawMessage) (Body, error) {
	if len(raw) > MaxBodySize {
		return nil, domain.Invalid("", "at most %d bytes", MaxBodySize)
	}
	into, err := empty(kind)
	if err != nil {
		return nil, err
	}
	if err := strictjson.Decode(raw, into.Elem(), strictjson.Exceptions{}); err != nil {
		return nil, err
	}
	body := into.Elem().Interface().(Body)
	return body, body.Validate()
}

// Read reads a body that was published, by this program or an older one: a field that was not there yet is zero, one that
// this program doesn't know is passed over.
// Errors: the kind is unknown, or the body isn't one of its kind.
func Read(kind Kind, raw json.RawMessage) (Body, error) {
	into, err := empty(kind)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, into.Interface()); err != nil {
		return nil, domain.Invalid("", "is no %s policy: %v", kind, err)
	}
	return into.Elem().Interface().(Body), nil
}

// empty is a pointer to an empty body of the kind: what it points to is a Body.
func empty(kind Kind) (reflect.Value, error) {
	for _, body := range Defaults() {
		if body.Kind() == kind {
			return reflect.New(reflect.TypeOf(body)), nil
		}
	}
	return reflect.Value{}, domain.Invalid("", "unknown kind of policy %q: want one of %v", kind, Kinds())
}

// Kinds lists the kinds of policy, in the order of the documentation.
func Kinds() (kinds []Kind) {
	for _, body := range Defaults() {
		kinds = append(kinds, body.Kind())
	}
	return kinds
}
