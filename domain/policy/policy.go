// Package policy holds the rules of a channel program as typed, validated data: what is published in a program's stream and
// handed to the other aggregates as facts. A kind comes here together with the code that reads it.
package policy

import (
	"fmt"
	"time"
)

// Kind names a sort of policy.
type Kind string

// The kinds that something reads today.
const (
	KindCatalogue        Kind = "catalogue"
	KindDealRegistration Kind = "deal_registration"
	KindConflict         Kind = "conflict"
	KindApproval         Kind = "approval"
	KindMDF              Kind = "mdf"
	KindRebate           Kind = "rebate"
	KindTiering          Kind = "tiering"
	KindReconciliation   Kind = "reconciliation"
	KindDispute          Kind = "dispute"
)

// Rules are the policies in force at one moment, each with its version, for the aggregates that decide by them.
type Rules struct {
	Zone             *time.Location // the program's: dates are days there
	Catalogue        Versioned[Catalogue]
	DealRegistration Versioned[DealRegistration]
	Conflict         Versioned[Conflict]
	Approval         Versioned[Approval]
	MDF              Versioned[MDF]
	Rebate           Versioned[Rebate]
	Tiering          Versioned[Tiering]
	Reconciliation   Versioned[Reconciliation]
	Dispute          Versioned[Dispute]
}

// Versioned is a policy body and its version, as in deal_registration@3.
type Versioned[B Body] struct {
	Version int
	Body    B
}

// Ref is how a decision names the version: kind@version.
func (v Versioned[B]) Ref() string { return fmt.Sprintf("%s@%d", v.Body.Kind(), v.Version) }

// Body is the content of a policy of one kind.
type Body interface {
	Kind() Kind
	// Validate returns a *domain.Rejection with the path of the first wrong field.
	Validate() error
}
