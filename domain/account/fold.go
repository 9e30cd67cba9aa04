package account

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Every event folds through the one definition of what it changes: an account's through Account.Apply, a deal's through
// Deal.Apply. The read models use the same two.

func (e Identified) evolve(s *State, env domain.Envelope)              { s.applyAccount(e, env) }
func (e AliasLinked) evolve(s *State, env domain.Envelope)             { s.applyAccount(e, env) }
func (e OwnershipSet) evolve(s *State, env domain.Envelope)            { s.applyAccount(e, env) }
func (e PreferenceRecorded) evolve(s *State, env domain.Envelope)      { s.applyAccount(e, env) }
func (e PreferenceWithdrawn) evolve(s *State, env domain.Envelope)     { s.applyAccount(e, env) }
func (e DirectOpportunityOpened) evolve(s *State, env domain.Envelope) { s.applyAccount(e, env) }
func (e DirectOpportunityClosed) evolve(s *State, env domain.Envelope) { s.applyAccount(e, env) }

func (e DealRegistered) evolve(s *State, env domain.Envelope)      { s.applyDeal(e, env) }
func (e ConflictFound) evolve(s *State, env domain.Envelope)       { s.applyDeal(e, env) }
func (e ConflictOverridden) evolve(s *State, env domain.Envelope)  { s.applyDeal(e, env) }
func (e ConflictReferred) evolve(s *State, env domain.Envelope)    { s.applyDeal(e, env) }
func (e DealApproved) evolve(s *State, env domain.Envelope)        { s.applyDeal(e, env) }
func (e DealReturned) evolve(s *State, env domain.Envelope)        { s.applyDeal(e, env) }
func (e DealResubmitted) evolve(s *State, env domain.Envelope)     { s.applyDeal(e, env) }
func (e DealRejected) evolve(s *State, env domain.Envelope)        { s.applyDeal(e, env) }
func (e DealWithdrawn) evolve(s *State, env domain.Envelope)       { s.applyDeal(e, env) }
func (e ExtensionRequested) evolve(s *State, env domain.Envelope)  { s.applyDeal(e, env) }
func (e ExtensionGranted) evolve(s *State, env domain.Envelope)    { s.applyDeal(e, env) }
func (e ExtensionDeclined) evolve(s *State, env domain.Envelope)   { s.applyDeal(e, env) }
func (e StageAdvanced) evolve(s *State, env domain.Envelope)       { s.applyDeal(e, env) }
func (e AmountRevised) evolve(s *State, env domain.Envelope)       { s.applyDeal(e, env) }
func (e WinReported) evolve(s *State, env domain.Envelope)         { s.applyDeal(e, env) }
func (e DealWon) evolve(s *State, env domain.Envelope)             { s.applyDeal(e, env) }
func (e WinReversed) evolve(s *State, env domain.Envelope)         { s.applyDeal(e, env) }
func (e DealLost) evolve(s *State, env domain.Envelope)            { s.applyDeal(e, env) }
func (e DealReopened) evolve(s *State, env domain.Envelope)        { s.applyDeal(e, env) }
func (e DealExpired) evolve(s *State, env domain.Envelope)         { s.applyDeal(e, env) }
func (e ProtectionBreached) evolve(s *State, env domain.Envelope)  { s.applyDeal(e, env) }
func (e ProtectionShortened) evolve(s *State, env domain.Envelope) { s.applyDeal(e, env) }
func (e InfluenceRecorded) evolve(s *State, env domain.Envelope)   { s.applyDeal(e, env) }
func (e InfluenceRevoked) evolve(s *State, env domain.Envelope)    { s.applyDeal(e, env) }
func (e CRMLinked) evolve(s *State, env domain.Envelope)           { s.applyDeal(e, env) }
func (e HoldPlaced) evolve(s *State, env domain.Envelope)          { s.applyDeal(e, env) }
func (e HoldLifted) evolve(s *State, env domain.Envelope)          { s.applyDeal(e, env) }
func (e DealReassigned) evolve(s *State, env domain.Envelope)      { s.applyDeal(e, env) }
func (e CreditSplitSet) evolve(s *State, env domain.Envelope)      { s.applyDeal(e, env) }
func (e DealReinstated) evolve(s *State, env domain.Envelope)      { s.applyDeal(e, env) }

func (e ConflictOverrideUndone) evolve(s *State, env domain.Envelope) { s.applyDeal(e, env) }

// Deal is the deal that it is about.
func (e DealRegistered) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ConflictFound) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ConflictOverridden) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ConflictReferred) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ConflictOverrideUndone) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealApproved) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealReturned) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealResubmitted) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealRejected) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealWithdrawn) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ExtensionRequested) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ExtensionGranted) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ExtensionDeclined) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e StageAdvanced) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e AmountRevised) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e WinReported) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealWon) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e WinReversed) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealLost) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealReopened) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealExpired) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ProtectionBreached) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e ProtectionShortened) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e InfluenceRecorded) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e InfluenceRevoked) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e CRMLinked) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e HoldPlaced) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e HoldLifted) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealReassigned) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e CreditSplitSet) Deal() uuid.UUID { return e.DealID }

// Deal is the deal that it is about.
func (e DealReinstated) Deal() uuid.UUID { return e.DealID }
