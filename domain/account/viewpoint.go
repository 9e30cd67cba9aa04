package account

import (
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Withheld stands for evidence that a partner's people don't see.
const Withheld = "[withheld: viewpoint]"

// openEvidence is what a partner may know of the other side: that somebody registered, when, on which line, and where that
// stands. Everything else is withheld unless it is named here: names and tax ids that a rival gave, the vendor's own
// representatives and references.
// Source: domain.md section 7, viewpoints.
func openEvidence() []string {
	return []string{
		"state", "lines", "partner_id", "submitted_at", "protected_until", "extension", "order", "linked",
		"owner", "opened_at", "expired_at", "country", "territories",
	}
}

// OpenEvidence reports whether a partner's people see a piece of a finding's evidence, by its name.
func OpenEvidence(name string) bool { return slices.Contains(openEvidence(), name) }

// ForPartner is the finding as the partner whose deal it is against sees it. Of another account it doesn't learn the id
// either: that derives from who the customer is, and so can be guessed.
func (f Finding) ForPartner() Finding {
	seen := map[string]string{}
	for key, value := range f.Evidence {
		if !OpenEvidence(key) {
			value = Withheld
		}
		seen[key] = value
	}
	f.Evidence, f.With.AccountID = seen, uuid.Nil
	f.Override = f.Override.WithoutNote()
	f.Referred = f.Referred.Unsigned() // why it was sent there stands in the case
	return f
}

// ForPartner is the deal as its own partner sees it: who of others' people took a step is taken out, and who sold it while it
// was another partner's. It shares nothing with the deal.
func (d *Deal) ForPartner() *Deal {
	seen := *d
	seen.Findings = make([]Finding, len(d.Findings))
	for i, f := range d.Findings {
		seen.Findings[i] = f.ForPartner()
	}
	if len(d.Findings) == 0 {
		seen.Findings = nil
	}
	if d.Win != nil && d.Reassigned.Taken() && d.Reassigned.Revision > d.Win.Step.Revision {
		win := *d.Win
		win.SellerID = uuid.Nil
		seen.Win = &win
	}
	return domain.Unsigned(&seen, d.PartnerID)
}
