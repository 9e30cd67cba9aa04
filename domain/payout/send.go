package payout

import (
	"regexp"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Formats lists every format.
func Formats() []Format { return []Format{Pain001, CSV} }

// Send says that the bank gets the file: from here on its payments count as made. What may not be paid any more, because of
// its partner or payee or a dispute, is left out: the file was made without it.
type Send struct {
	Format Format `json:"format"`
	SHA256 string `json:"-"` // of the file, 64 hex digits in lower case; whoever makes the file adds it
	Held   []Held `json:"-"` // items that aren't in the file: exactly those that may not be sent now; likewise
}

func (Send) roles() []domain.Role { return treasuryRoles() }

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (c Send) decide(p *Payout, h domain.Header, f Facts) ([]Event, error) {
	if err := domain.AdmitOneOf("format", c.Format, Formats()...); err != nil {
		return nil, err
	}
	if sent := p.File; sent != nil && sent.Format == c.Format && sent.SHA256 == c.SHA256 {
		return nil, nil
	}
	if err := domain.FirstOf(p.is(StatusApproved), domain.AdmitAfter(h, "approval", p.Approved.At)); err != nil {
		return nil, err
	}
	switch {
	case !slices.Equal(c.Held, f.Held):
		return nil, domain.Refuse("standing_changed", "", "what may not be paid changed since the file was made: send it again")
	case len(f.Held) == len(p.Items):
		return nil, domain.Refuse("nothing_to_pay", "", "none of its items may be paid now: wait, or abandon it")
	case !sha256Hex.MatchString(c.SHA256):
		return nil, domain.Invalid("sha256", "want the SHA-256 of the file, 64 hex digits in lower case")
	}
	return []Event{Sent{PayoutID: p.ID, Format: c.Format, MessageID: MessageID(p.ID), SHA256: c.SHA256, Held: c.Held}}, nil
}

// Complete says that each payment was confirmed or returned. Only a reactor gives it.
type Complete struct{}

func (Complete) roles() []domain.Role { return nil }

func (Complete) decide(p *Payout, _ domain.Header, _ Facts) ([]Event, error) {
	if p.Status == StatusCompleted {
		return nil, nil
	}
	if err := p.is(StatusSent); err != nil {
		return nil, err
	}
	return []Event{Completed{PayoutID: p.ID}}, nil
}
