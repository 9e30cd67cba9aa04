package reactor_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/reactor"
)

var leaver = domain.DeriveID("test", "leaver")

// departure is one event of a partner that leaves, or of its deal, and when it took effect.
type departure struct {
	on    int
	event domain.Event
}

func tell(past ...departure) []reactor.Order {
	rule := reactor.NewDepartures()
	for i, d := range past {
		stream := domain.StreamName(account.Category, other)
		if _, ok := d.event.(partner.Event); ok {
			stream = domain.StreamName(partner.Category, leaver)
		}
		rule.Observe(d.event, domain.Envelope{
			EventID: domain.DeriveID("event", string(rune('a'+i))), Stream: stream,
			Metadata: domain.Metadata{EffectiveAt: day(d.on)},
		})
	}
	return rule.Due(time.Time{})
}

func asks(id uuid.UUID) account.DealRegistered {
	return account.DealRegistered{DealID: id, PartnerID: leaver}
}

var (
	approved = account.DealApproved{DealID: deal, ProtectedUntil: day(180)}
	asked    = account.ExtensionRequested{DealID: deal}
	left     = partner.Deactivated{Reason: "moved away"}
	back     = partner.Onboarded{}
)

func TestWhatAPartnerHasIsWoundDownWhenItLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		past     []departure
		leftAt   int // 0: nothing is ordered
		takesOff int
	}{
		"waiting":                     {[]departure{{1, asks(deal)}, {10, left}}, 10, 10},
		"returned":                    {[]departure{{1, asks(deal)}, {2, account.DealReturned{DealID: deal}}, {10, left}}, 10, 10},
		"protected":                   {[]departure{{1, asks(deal)}, {2, approved}, {10, left}}, 10, 10},
		"known late":                  {[]departure{{10, left}, {1, asks(deal)}}, 10, 10},
		"left longer ago than known":  {[]departure{{1, asks(deal)}, {20, approved}, {10, left}}, 10, 20},
		"nobody left":                 {[]departure{{1, asks(deal)}, {2, approved}}, 0, 0},
		"won":                         {[]departure{{1, asks(deal)}, {2, approved}, {3, account.DealWon{DealID: deal}}, {10, left}}, 0, 0},
		"lost":                        {[]departure{{1, asks(deal)}, {2, approved}, {3, account.DealLost{DealID: deal}}, {10, left}}, 0, 0},
		"expired":                     {[]departure{{1, asks(deal)}, {2, approved}, {3, account.DealExpired{DealID: deal}}, {10, left}}, 0, 0},
		"rejected":                    {[]departure{{1, asks(deal)}, {2, account.DealRejected{DealID: deal}}, {10, left}}, 0, 0},
		"withdrawn":                   {[]departure{{1, asks(deal)}, {2, account.DealWithdrawn{DealID: deal}}, {10, left}}, 0, 0},
		"of before the partner is in": {[]departure{{1, back}, {2, asks(deal)}}, 0, 0},
		"back, and registered since":  {[]departure{{10, left}, {20, back}, {21, asks(deal)}}, 0, 0},
		"back, and left again":        {[]departure{{10, left}, {20, back}, {21, asks(deal)}, {30, left}}, 30, 30},
		"back, known late":            {[]departure{{10, left}, {20, back}, {1, asks(deal)}}, 10, 10},
		"a bounded fold lacks it":     {[]departure{{2, approved}, {10, left}}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			orders := tell(c.past...)
			if c.leftAt == 0 {
				require.Empty(t, orders)
				return
			}
			require.Len(t, orders, 1)
			require.Equal(t, account.WindDownDeal{DealID: deal, LeftAt: day(c.leftAt)}, orders[0].Command)
			require.Equal(t, day(c.takesOff), orders[0].EffectiveAt)
			require.Equal(t, domain.StreamName(account.Category, other), orders[0].Stream)
		})
	}
}

// What is decided while the partner is away is wound down too; what is decided when it is back is not.
func TestOnlyWhatWasDecidedSinceItIsBackStays(t *testing.T) {
	reopened := account.DealReopened{DealID: deal, To: account.StatusApproved}
	before := []departure{{1, asks(deal)}, {2, approved}, {3, account.DealWon{DealID: deal}}, {10, left}}
	orders := tell(append(before, departure{15, reopened})...)
	require.Len(t, orders, 1)
	require.Equal(t, day(15), orders[0].EffectiveAt)
	require.Empty(t, tell(append(before, departure{20, back}, departure{21, reopened})...))
	reopened.To = account.StatusExpired
	require.Empty(t, tell(append(before, departure{15, reopened})...))

	before = []departure{{1, asks(deal)}, {2, approved}, {10, left}}
	require.Len(t, tell(append(before, departure{5, asked})...), 2, "asked before, known late")
	require.Len(t, tell(append(before, departure{20, back}, departure{21, asked})...), 1, "asked anew")
	shortened := account.ProtectionShortened{DealID: deal, ProtectedUntil: day(40)}
	require.Len(t, tell(append(before, departure{10, shortened})...), 1, "what was ordered leads to nothing more")
}

func TestADealThatWasWoundDownIsNotOrderedAgain(t *testing.T) {
	order := tell(departure{1, asks(deal)}, departure{10, left})[0]
	rule := reactor.NewDepartures()
	home := domain.StreamName(account.Category, other)
	rule.Observe(asks(deal), domain.Envelope{EventID: domain.DeriveID("event", "a"), Stream: home})
	rule.Observe(left, domain.Envelope{
		EventID: domain.DeriveID("event", "b"), Stream: domain.StreamName(partner.Category, leaver), Metadata: domain.Metadata{EffectiveAt: day(10)},
	})
	next, planned := rule.Next()
	require.True(t, planned)
	require.Equal(t, day(10), next)
	rule.Observe(account.DealWithdrawn{DealID: deal}, domain.Envelope{
		EventID: domain.DeriveID("event", "c"), Stream: home, Metadata: domain.Metadata{CommandID: order.Header("departures").CommandID},
	})
	require.Empty(t, rule.Due(time.Time{}))
	_, planned = rule.Next()
	require.False(t, planned)
}
