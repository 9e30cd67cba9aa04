package domaintest

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Epoch is when everything happens unless a test says otherwise.
var Epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Option says who, when and by which command. Given to For it holds for every step; given to Past or When, for that one.
type Option func(*circumstances)

// circumstances are those of one past event or one command.
type circumstances struct {
	stream uuid.UUID
	header domain.Header
	basis  domain.Basis
}

// At lets it be decided and take effect at a moment.
func At(moment time.Time) Option {
	return func(c *circumstances) { c.header.Now, c.header.EffectiveAt = moment, moment }
}

// Effective lets it take effect at another moment than it is decided: put it behind At.
func Effective(moment time.Time) Option {
	return func(c *circumstances) { c.header.EffectiveAt = moment }
}

// By says who gives the command; Ops unless said otherwise.
func By(actor domain.Actor) Option { return func(c *circumstances) { c.header.Actor = actor } }

// CommandID sets the command's id, as for a retry; NthCommand unless said otherwise.
func CommandID(id uuid.UUID) Option { return func(c *circumstances) { c.header.CommandID = id } }

// BecauseOf says which event caused the command, and what all of it belongs to.
func BecauseOf(causation, correlation uuid.UUID) Option {
	return func(c *circumstances) { c.header.CausationID, c.header.CorrelationID = causation, correlation }
}

// BasedOn says which policies and foreign streams it was decided from; none unless said otherwise.
func BasedOn(basis domain.Basis) Option { return func(c *circumstances) { c.basis = basis } }

// StreamID sets the id behind the category in the stream's name; DefaultStreamID unless said otherwise. For For only.
func StreamID(id uuid.UUID) Option { return func(c *circumstances) { c.stream = id } }

// DefaultStreamID is the id of the entity that a scenario is about.
func DefaultStreamID() uuid.UUID { return domain.DeriveID("domaintest", "stream") }

// NthCommand is the id of a scenario's n-th command, counted from 1. Each past event comes from a command of its own: with
// two past events the first When is the third.
func NthCommand(n int) uuid.UUID { return domain.CommandID("domaintest", strconv.Itoa(n)) }
