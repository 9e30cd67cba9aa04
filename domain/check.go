package domain

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// FirstOf is the first thing that is wrong, or nil: the checks of a command in the order that people read them.
func FirstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// AdmitOptionalText is AdmitText for a text that may be left out.
func AdmitOptionalText(field, text string, limit int) error {
	if text == "" {
		return nil
	}
	return AdmitText(field, text, limit)
}

// AdmitOneOf lets in one of the words that are allowed. Errors: a Rejection of kind Invalid that names the field.
func AdmitOneOf[T ~string](field string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return Invalid(field, "unknown value %.50q: want one of %v", value, allowed)
}

// AdmitID lets in any id but the zero one. Errors: a Rejection of kind Invalid that names the field.
func AdmitID(field string, id uuid.UUID) error {
	if id == uuid.Nil {
		return Invalid(field, "must not be empty")
	}
	return nil
}

// AdmitAfter refuses what would take effect before the step that it needs (domain.md section 1, "Two clocks").
// Errors: a Rejection of kind Conflict (out_of_order).
func AdmitAfter(h Header, step string, at time.Time) error {
	if h.EffectiveAt.Before(at) {
		return Refuse("out_of_order", "effective_at", "%s is before the %s that it needs, effective %s",
			h.EffectiveAt.UTC().Format(time.RFC3339), step, at.UTC().Format(time.RFC3339))
	}
	return nil
}
