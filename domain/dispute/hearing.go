package dispute

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Acknowledge says that the vendor has taken the case in.
// Errors: it is acknowledged already.
type Acknowledge struct {
	Note string `json:"note,omitempty"`
}

func (Acknowledge) roles() []domain.Role { return append(officeRoles(), domain.Adjudicator) }

func (Acknowledge) in() []Status { return []Status{StatusOpen} }

func (c Acknowledge) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	if h.Actor.OfPartner() {
		return nil, domain.Forbid("vendor_only", "Acknowledge is the vendor's: nobody of a partner may do it")
	}
	if err := domain.AdmitOptionalText("note", c.Note, MaxReason); err != nil {
		return nil, err
	}
	if s.Acknowledged.Taken() {
		return nil, domain.Refuse("acknowledged", "", "the dispute is acknowledged already")
	}
	return []Event{Acknowledged(c)}, nil
}

// FileResponse answers for a respondent, each once. An answer after its time is still taken while the case is open.
// Errors: the actor speaks for no respondent (not_a_respondent), or it answered already (response_filed).
type FileResponse struct {
	Statement string `json:"statement"`
}

func (FileResponse) roles() []domain.Role { return partyRoles() }

func (FileResponse) in() []Status { return []Status{StatusOpen} }

func (c FileResponse) decide(s *State, h domain.Header, _ Facts) ([]Event, error) {
	by, err := s.party(h, "FileResponse")
	if err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(s.Respondents, by):
		return nil, domain.Forbid("not_a_respondent", "FileResponse: the claimant doesn't answer itself")
	case !slices.Contains(s.Unanswered(), by):
		return nil, domain.Refuse("response_filed", "", "the party answered already: further things are evidence")
	}
	if err := domain.AdmitText("statement", c.Statement, MaxText); err != nil {
		return nil, err
	}
	return []Event{ResponseFiled{By: by, Statement: c.Statement}}, nil
}

// SubmitEvidence shows a document, or events of the ledger, or both. What only the adjudicator should see counts once the
// adjudicator grants that, and until then nobody else sees it. After the ruling there is evidence only on appeal.
// Errors: a field is wrong; nothing is shown; the document was never handed in (document_unknown); an event isn't there.
type SubmitEvidence struct {
	Name          string     `json:"name"`
	SHA256        string     `json:"sha256,omitempty"` // of a document that was handed in
	Size          int64      `json:"size,omitempty"`   // bytes; of the document
	Note          string     `json:"note,omitempty"`
	EventRefs     []EventRef `json:"event_refs,omitempty"`
	Visibility    Visibility `json:"visibility,omitempty"` // by default parties
	SealingReason string     `json:"sealing_reason,omitempty"`
}

func (SubmitEvidence) roles() []domain.Role { return partyRoles() }

func (SubmitEvidence) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (c SubmitEvidence) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	by, err := s.party(h, "SubmitEvidence")
	if err != nil {
		return nil, err
	}
	if c.Visibility == "" {
		c.Visibility = VisibleToParties
	}
	if err := domain.FirstOf(
		domain.AdmitText("name", c.Name, MaxName),
		domain.AdmitOptionalText("note", c.Note, MaxReason),
		domain.AdmitOneOf("visibility", c.Visibility, VisibleToParties, VisibleToAdjudicator),
		c.checkSealing(),
		c.checkDocument(f),
		f.checkEvents("event_refs", c.EventRefs),
	); err != nil {
		return nil, err
	}
	if len(s.Evidence) >= MaxEvidence {
		return nil, domain.Refuse("too_many", "", "a case has at most %d pieces of evidence", MaxEvidence)
	}
	return []Event{EvidenceSubmitted{
		EvidenceID: s.newID(h, "evidence"), By: by, Name: c.Name, Size: c.Size, SHA256: c.SHA256, Note: c.Note,
		EventRefs: slices.Concat(c.EventRefs), Visibility: c.Visibility, SealingReason: c.SealingReason,
	}}, nil
}

func (c SubmitEvidence) checkSealing() error {
	if c.Visibility == VisibleToAdjudicator {
		return domain.AdmitText("sealing_reason", c.SealingReason, MaxReason)
	}
	if c.SealingReason != "" {
		return domain.Invalid("sealing_reason", "is for what only the adjudicator should see")
	}
	return nil
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (c SubmitEvidence) checkDocument(f Facts) error {
	if c.SHA256 == "" {
		switch {
		case c.Size != 0:
			return domain.Invalid("size", "is of a document, and none is named")
		case len(c.EventRefs) == 0:
			return domain.Invalid("sha256", "want a document, or events of the ledger")
		}
		return nil
	}
	switch {
	case c.Size < 1 || c.Size > MaxFileSize:
		return domain.Invalid("size", "want the document's size in bytes, 1 to %d", int64(MaxFileSize))
	case !sha256Hex.MatchString(c.SHA256):
		return domain.Invalid("sha256", "want the SHA-256 of the document, 64 hex digits in lower case")
	case !f.DocumentStored:
		return domain.NotFound("document_unknown", "sha256", "document %s was not handed in", c.SHA256)
	}
	return nil
}

// checkEvents refuses events that aren't where they are said to be.
func (f Facts) checkEvents(path string, refs []EventRef) error {
	if len(refs) > MaxCites {
		return domain.Invalid(path, "at most %d events", MaxCites)
	}
	for i, ref := range refs {
		at := fmt.Sprintf("%s[%d]", path, i)
		if slices.Contains(refs[:i], ref) {
			return domain.Invalid(at, "the event is there already")
		}
		if _, found := f.Found[ref.EventID]; !found {
			return domain.NotFound("event_unknown", at, "%.100q has no event %s at revision %d", ref.Stream, ref.EventID, ref.Revision)
		}
	}
	return nil
}

// GrantSealing keeps a piece of evidence from the other side, who get a summary that the adjudicator writes.
// Errors: there is no such evidence, or nobody asks for it to be sealed (no_sealing_asked).
type GrantSealing struct {
	EvidenceID uuid.UUID `json:"evidence_id"`
	Reason     string    `json:"reason"`
	Summary    string    `json:"summary"`
}

func (GrantSealing) roles() []domain.Role { return judgeRoles() }

func (GrantSealing) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (c GrantSealing) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		s.hears(h, f, "GrantSealing"),
		domain.AdmitText("reason", c.Reason, MaxReason),
		domain.AdmitText("summary", c.Summary, MaxText),
		s.sealingAsked(c.EvidenceID),
	); err != nil {
		return nil, err
	}
	return []Event{SealingGranted(c)}, nil
}

// RefuseSealing sets a piece of evidence aside: nobody else sees it, and no ruling rests on it. Its party may submit it
// openly.
// Errors: as of GrantSealing.
type RefuseSealing struct {
	EvidenceID uuid.UUID `json:"evidence_id"`
	Reason     string    `json:"reason"`
}

func (RefuseSealing) roles() []domain.Role { return judgeRoles() }

func (RefuseSealing) in() []Status { return []Status{StatusOpen, StatusAppealed} }

func (c RefuseSealing) decide(s *State, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.FirstOf(
		s.hears(h, f, "RefuseSealing"),
		domain.AdmitText("reason", c.Reason, MaxReason),
		s.sealingAsked(c.EvidenceID),
	); err != nil {
		return nil, err
	}
	return []Event{SealingRefused(c)}, nil
}

func (c *Case) sealingAsked(id uuid.UUID) error {
	switch x := c.evidence(id); {
	case x == nil:
		return domain.NotFound("evidence_unknown", "evidence_id", "the case has no evidence %s", id)
	case x.Sealing != SealingIsAsked:
		return domain.Refuse("no_sealing_asked", "evidence_id", "nobody waits for this evidence to be sealed")
	}
	return nil
}

// newID is the id of what a command creates in the case.
func (c *Case) newID(h domain.Header, kind string) uuid.UUID {
	return domain.EntityID(h.CommandID, domain.StreamName(Category, c.ID), kind)
}
