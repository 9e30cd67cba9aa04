package policy

import "github.com/channelledger/channelledger/domain"

// MDF says what a partner may claim of its market development funds, and until when.
type MDF struct {
	VendorSharePercent domain.Rate `json:"vendor_share_percent"` // of the proven cost, at most; above 0, up to 100
	ProofRequired      bool        `json:"proof_required"`       // a claim comes with at least one document
	ClaimDays          int         `json:"claim_days"`           // calendar days after the activity's last day, 0 to 3650
	RefileDays         int         `json:"refile_days"`          // calendar days in which a returned claim keeps its date, 0 to 3650
	DisputeDays        int         `json:"dispute_days"`         // calendar days for which a denied claim's money stays reserved, 0 to 3650
	ExpiryDays         int         `json:"expiry_days"`          // calendar days after the budget's last day, 0 to 3650
}

// Kind is mdf.
func (MDF) Kind() Kind { return KindMDF }

// DefaultMDF is half of the proven cost, with proof; claims within 60 days, again within 15, disputes within 30; funds expire
// 30 days after the period.
func DefaultMDF() MDF {
	return MDF{
		VendorSharePercent: domain.Must(domain.ParseRate("50")), ProofRequired: true,
		ClaimDays: 60, RefileDays: 15, DisputeDays: 30, ExpiryDays: 30,
	}
}

// Validate refuses numbers outside their ranges.
func (m MDF) Validate() error {
	if m.VendorSharePercent.Sign() <= 0 || m.VendorSharePercent.Compare(hundred) > 0 {
		return domain.Invalid("vendor_share_percent", "want above 0 and up to 100, not %s", m.VendorSharePercent)
	}
	for _, f := range []struct {
		path string
		n    int
	}{
		{"claim_days", m.ClaimDays}, {"refile_days", m.RefileDays}, {"dispute_days", m.DisputeDays}, {"expiry_days", m.ExpiryDays},
	} {
		if err := inRange(f.path, f.n, 0, maxDays); err != nil {
			return err
		}
	}
	return nil
}

var hundred = domain.Must(domain.ParseRate("100"))
