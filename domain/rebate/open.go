package rebate

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

// OpenAgreement says that a partner earns by a scheme in a period. The scheme is pinned as it is in one version of the
// rebate policy: the one given, or the one in force when the command takes effect. For one partner, scheme and period there
// is one agreement.
type OpenAgreement struct {
	PartnerID uuid.UUID `json:"partner_id"`
	Scheme    string    `json:"scheme"`            // its name in the rebate policy
	Version   int       `json:"version,omitempty"` // of the rebate policy; 0: the one in force
	Period    Period    `json:"period"`
	// PriorPeriodRevenue is what growth is measured from, in the scheme's currency.
	PriorPeriodRevenue domain.Money `json:"prior_period_revenue,omitzero"`
}

// ID is the agreement's, and with it the stream's.
func (c OpenAgreement) ID() uuid.UUID { return AgreementID(c.PartnerID, c.Scheme, c.Period) }

func (OpenAgreement) roles() []domain.Role { return keeperRoles() }

func (c OpenAgreement) decide(s *State, _ domain.Header, f Facts) ([]Event, error) {
	if s.exists() {
		return nil, domain.Refuse("agreement_exists", "", "the partner has an agreement on %s for this period", c.Scheme)
	}
	if err := domain.FirstOf(
		domain.AdmitID("partner_id", c.PartnerID),
		c.Period.check(),
		f.partner(c.PartnerID),
	); err != nil {
		return nil, err
	}
	scheme, err := c.scheme(f)
	if err != nil {
		return nil, err
	}
	if err := c.checkPrior(scheme); err != nil {
		return nil, err
	}
	return []Event{AgreementOpened{
		AgreementID: c.ID(), PartnerID: c.PartnerID, Policy: fmt.Sprintf("%s@%d", policy.KindRebate, f.Pinned.Version), Scheme: scheme,
		Period: c.Period, From: c.Period.FirstDay.In(f.zone()).UTC(), Until: c.Period.LastDay.AddDays(1).In(f.zone()).UTC(),
		PriorPeriodRevenue: c.PriorPeriodRevenue,
	}}, nil
}

func (c OpenAgreement) scheme(f Facts) (policy.Scheme, error) {
	if f.Pinned.Version == 0 {
		return policy.Scheme{}, domain.NotFound("policy_version", "version", "there is no rebate@%d, or it is retired", c.Version)
	}
	scheme, ok := f.Pinned.Body.Scheme(c.Scheme)
	if !ok {
		return scheme, domain.NotFound("scheme_unknown", "scheme", "rebate@%d has no scheme %.100q", f.Pinned.Version, c.Scheme)
	}
	return scheme, nil
}

func (c OpenAgreement) checkPrior(scheme policy.Scheme) error {
	prior := c.PriorPeriodRevenue
	switch {
	case prior.IsZero():
		return nil
	case scheme.Kind != policy.SchemeGrowth:
		return domain.Invalid("prior_period_revenue", "only a growth scheme compares with a prior period")
	case prior.Currency() != scheme.Currency || prior.Sign() < 0:
		return domain.Invalid("prior_period_revenue", "want 0 or more in %s", scheme.Currency)
	case prior.Minor() > MaxSold:
		return domain.Invalid("prior_period_revenue", "want at most %d minor units", int64(MaxSold))
	}
	return nil
}

// check keeps periods among those that a contract can name: at most two years.
func (p Period) check() error {
	switch {
	case p.FirstDay.Year < 1900 || p.FirstDay.Year > 2999:
		return domain.Invalid("period.first_day", "want a day from 1900-01-01 to 2999-12-31")
	case p.LastDay.Compare(p.FirstDay) < 0:
		return domain.Invalid("period.last_day", "must not be before first_day")
	case p.LastDay.Compare(p.FirstDay.AddDays(731)) > 0:
		return domain.Invalid("period.last_day", "want a period of two years at most")
	}
	return nil
}
