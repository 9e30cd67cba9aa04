// Package file is the record of a stored document: who handed it in, and when. The bytes themselves lie beside the log, under
// their hash; contracts, evidence and proofs cite that hash.
package file

import (
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Category is the first part of the stream's name.
const Category = "file"

// IDOf is the id of the stream of the document with that hash.
func IDOf(sha256 string) uuid.UUID { return domain.DeriveID("file", sha256) }

// maxHolders bounds how many partners hand in the same document.
const maxHolders = 10_000

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// CheckSHA256 refuses what is no hash as documents are cited by: 64 hex digits in lower case.
// Errors: a Rejection of kind Invalid that names the field.
func CheckSHA256(field, sha256 string) error {
	if sha256Hex.MatchString(sha256) {
		return nil
	}
	return domain.Invalid(field, "want the SHA-256 of the document, 64 hex digits in lower case")
}

// File is a document as its events tell it.
type File struct {
	SHA256  string      `json:"sha256"`
	Size    int64       `json:"size"` // bytes
	Holders []uuid.UUID `json:"-"`    // the partners whose people handed it in; zero: the vendor's
}

// State is what the aggregate decides on: the file itself.
type State = File

// Facts of other streams: a file needs none.
type Facts struct{}

// Decider is the file seen from outside.
func Decider() domain.Decider[*State, Command, Facts, Event] {
	return domain.Decider[*State, Command, Facts, Event]{
		Category: Category,
		Types:    Types(),
		Initial:  func() *State { return &State{} },
		Decide:   decide,
		Evolve: func(f *State, e Event, env domain.Envelope) *State {
			e.evolve(f, env)
			return f
		},
	}
}

// Exists reports whether anybody handed the document in.
func (f *File) Exists() bool { return f.SHA256 != "" }

// HeldBy reports whether somebody of the partner handed the document in; the zero partner is the vendor.
func (f *File) HeldBy(partner uuid.UUID) bool { return slices.Contains(f.Holders, partner) }

func (e Stored) evolve(f *File, env domain.Envelope) {
	f.SHA256, f.Size = e.SHA256, e.Size
	f.Holders = append(f.Holders, env.Actor.PartnerID)
}

// Command is what can be asked of a file.
type Command interface {
	decide(*State, domain.Header) ([]Event, error)
}

// Store records that a document was handed in; give it only once the bytes are safe. It is recorded once for the vendor and
// once for each partner: again, nothing is.
// Errors: a field is wrong; an auditor asks (role); a partner's person belongs to no partner (own_partner).
type Store struct {
	SHA256 string `json:"sha256"` // hex, lower case
	Size   int64  `json:"size"`   // bytes, at least 1
}

// Everybody but the auditor, who writes nothing.
var mayStore = slices.DeleteFunc(domain.Roles(), func(r domain.Role) bool { return r == domain.Auditor })

func decide(f *State, h domain.Header, _ Facts, c Command) ([]Event, error) {
	if err := domain.Admit(h, action, mayStore); err != nil {
		return nil, err
	}
	if err := MayStore(h.Actor); err != nil {
		return nil, err
	}
	return c.decide(f, h)
}

const action = "store a document"

// MayStore refuses an actor that may not hand in documents, for whoever wants to know before taking one in.
// Errors: as those of Store about the actor.
func MayStore(actor domain.Actor) error {
	if err := actor.Allow(action, mayStore...); err != nil {
		return err
	}
	if actor.OfPartner() && actor.PartnerID == uuid.Nil {
		return domain.Forbid("own_partner", "%s: this actor belongs to no partner", action)
	}
	return nil
}

func (c Store) decide(f *State, h domain.Header) ([]Event, error) {
	if err := CheckSHA256("sha256", c.SHA256); err != nil {
		return nil, err
	}
	switch {
	case c.Size < 1:
		return nil, domain.Invalid("size", "an empty document says nothing")
	case f.Exists() && f.SHA256 != c.SHA256:
		return nil, domain.Invalid("sha256", "this is the record of another document, %s", f.SHA256)
	case f.HeldBy(h.Actor.PartnerID):
		return nil, nil
	case len(f.Holders) >= maxHolders:
		return nil, domain.Refuse("too_many", "", "at most %d partners hand in the same document", maxHolders)
	}
	return []Event{Stored(c)}, nil
}
