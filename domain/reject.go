package domain

import (
	"errors"
	"fmt"
)

// RejectionKind says what sort of refusal it is; the API maps it to a status.
type RejectionKind string

// The kinds of refusal.
const (
	KindInvalid   RejectionKind = "invalid"   // the input is wrong by itself
	KindForbidden RejectionKind = "forbidden" // the actor may not do this
	KindNotFound  RejectionKind = "not_found" // what the command names does not exist
	KindConflict  RejectionKind = "conflict"  // right by itself, but not in the state that things are in
)

// Rejection is a command refused by a rule of the domain. Nothing was recorded.
type Rejection struct {
	Kind   RejectionKind
	Rule   string // stable, snake_case: what was broken
	Field  string // path of the wrong field, as in lines[0].amount; empty where no single field is at fault
	Detail string // what is wrong, and what would be right
}

// Error says what is wrong, where.
func (r *Rejection) Error() string {
	if r.Field == "" {
		return r.Detail
	}
	return r.Field + ": " + r.Detail
}

// Invalid refuses input that is wrong by itself, naming the path of the field.
func Invalid(field, format string, args ...any) error {
	return &Rejection{Kind: KindInvalid, Rule: "invalid_field", Field: field, Detail: fmt.Sprintf(format, args...)}
}

// Forbid refuses an actor.
func Forbid(rule, format string, args ...any) error {
	return &Rejection{Kind: KindForbidden, Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

// NotFound refuses a command on something that does not exist; field is the path of what names it, or empty.
func NotFound(rule, field, format string, args ...any) error {
	return &Rejection{Kind: KindNotFound, Rule: rule, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// Refuse refuses a command that the state of things does not allow; field is the path of what is in the way, or empty.
func Refuse(rule, field, format string, args ...any) error {
	return &Rejection{Kind: KindConflict, Rule: rule, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// AsRejection finds the rejection inside an error, or nil.
func AsRejection(err error) *Rejection {
	if r, ok := errors.AsType[*Rejection](err); ok {
		return r
	}
	return nil
}
