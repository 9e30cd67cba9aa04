package metrics_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing/histories"
	"github.com/channelledger/channelledger/projections/metrics"
)

// late is a ledger of one partner in the program, and what a test does to it.
type late struct {
	*histories.History
	t     *testing.T
	north uuid.UUID
	acme  account.Customer
}

func newLate(t *testing.T) *late {
	t.Helper()
	h := histories.New(0)
	l := &late{History: h, t: t, north: h.Partners[0], acme: h.Customers[0]}
	for _, c := range []partner.Command{
		partner.Apply{LegalName: "North", Kind: partner.Reseller, Country: "DE"}, partner.Approve{Reason: "known"},
		partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(h.Now, time.UTC)}, partner.Onboard{},
	} {
		l.partnerDoes(h.Now, c)
	}
	return l
}

// agreement is the partner's first.
func (l *late) agreement() uuid.UUID {
	for _, r := range l.Events {
		if e, ok := r.Event.(partner.AgreementSigned); ok {
			return e.AgreementID
		}
	}
	return uuid.Nil
}

func (l *late) header(effective time.Time) domain.Header {
	header := l.Header()
	header.EffectiveAt = effective
	return header
}

func (l *late) partnerDoes(effective time.Time, c partner.Command) {
	l.t.Helper()
	require.True(l.t, l.Partner(l.north, l.header(effective), c), "%#v", c)
}

func (l *late) accountDoes(effective time.Time, c account.Command) (deal uuid.UUID) {
	l.t.Helper()
	id := domain.Must(l.acme.Identity()).AccountID
	header := l.header(effective)
	require.True(l.t, l.Account(id, header, c), "%#v", c)
	return domain.EntityID(header.CommandID, domain.StreamName(account.Category, id), "deal")
}

// approved registers and approves a deal now.
func (l *late) approved(amount string) uuid.UUID {
	l.t.Helper()
	id := l.accountDoes(l.Now, account.RegisterDeal{
		Customer: l.acme, PartnerID: l.north, SellerID: histories.Sellers(l.north)[0], Lines: lines(amount),
	})
	l.accountDoes(l.Now, account.ApproveDeal{DealID: id, Reason: "known"})
	return id
}

func lines(amount string) []account.LineAmount {
	return []account.LineAmount{{Product: "GTX", Amount: domain.Must(domain.ParseMoney(amount, "EUR"))}}
}

// says asks a metric; known is the zero time for all that is known.
func (l *late) says(id, want string, at, known time.Time) {
	l.t.Helper()
	view := l.View(l.t, metrics.Projection(), projections.Bounds{KnownAt: known})
	answer := histories.Ask(l.t, view, func(q projections.Querier) (metrics.Answer, error) {
		return metrics.Ask(l.t.Context(), q, metrics.Question{Metric: find(l.t, id), At: at})
	})
	got := "nothing"
	if len(answer.Total) > 0 {
		got = answer.Total[0].Numerator + " of " + answer.Total[0].Denominator
	}
	require.Equal(l.t, want, got, "%s at %s, known at %s", id, at, known)
}

// A win that took effect on day 10 is recorded on day 40; on day 60 all of it is taken back, recorded on day 80.
func TestLateFacts(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	start := l.Now
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	deal := l.approved("100.00")
	l.Now = day(40)
	l.accountDoes(day(10), account.WinDeal{DealID: deal, Lines: lines("90.00")})
	l.Now = day(80)
	l.accountDoes(day(60), account.ReverseWin{DealID: deal, Amount: lines("90.00")[0].Amount, Reason: account.ReversalCancelled})
	l.Now = day(90)

	none, one := "0 of 1", "1 of 1"
	for _, c := range []struct {
		known, at int
		want      string
	}{
		{39, 9, none}, {39, 10, none}, {39, 30, none}, // before it was recorded nothing knows of it
		{40, 9, none}, {40, 10, one}, {40, 40, one}, // from then on: from its effective moment
		{79, 59, one}, {79, 60, one}, {79, 79, one}, // until what took it back is recorded
		{80, 9, none}, {80, 10, one}, {80, 59, one}, {80, 60, none}, {80, 80, none}, // which changes nothing before it
	} {
		l.says("activation_rate", c.want, day(c.at), day(c.known))
	}
	l.says("sourced_revenue", "90.00 of 90.00", day(59), time.Time{})
	l.says("sourced_revenue", "nothing", day(60), time.Time{})
	l.says("sourced_pipeline", "100.00 of 100.00", day(10).Add(-1), time.Time{})
	l.says("sourced_pipeline", "nothing", day(10), time.Time{})
	l.says("sourced_pipeline", "100.00 of 100.00", day(30), day(39))
}

// A deactivation that is recorded late takes the partner out from its effective moment on; one that comes back is in again.
func TestALateDeactivation(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	start := l.Now
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	l.Now = day(20)
	l.partnerDoes(day(5), partner.Deactivate{Reason: "left"})
	l.Now = day(30)
	l.partnerDoes(day(30), partner.Apply{LegalName: "North", Kind: partner.VAR, Country: "FR"})
	l.says("activation_rate", "0 of 1", day(4), time.Time{})
	l.says("activation_rate", "0 of 0", day(5), time.Time{})
	l.says("activation_rate", "0 of 1", day(5), day(19))
	l.says("activation_rate", "0 of 0", day(30), time.Time{})
	l.Now = day(40)
	l.partnerDoes(day(40), partner.Approve{Reason: "welcome back"})
	l.says("activation_rate", "0 of 0", day(39), time.Time{})
	l.says("activation_rate", "0 of 1", day(40), time.Time{})
}

// An agreement whose first day lies before its signature isn't in force before somebody signed.
func TestAnAgreementCountsFromItsSignature(t *testing.T) {
	t.Parallel()
	l := newLate(t)
	start, signed := l.Now, l.Now.AddDate(0, 0, 20)
	l.partnerDoes(start, partner.TerminateAgreement{AgreementID: l.agreement(), Reason: "replaced"})
	l.Now = signed
	l.partnerDoes(signed, partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(start, time.UTC)})
	l.says("activation_rate", "0 of 0", signed.Add(-1), time.Time{})
	l.says("activation_rate", "0 of 1", signed, time.Time{})
}
