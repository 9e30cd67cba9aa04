package reactor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
)

var (
	north     = domain.DeriveID("test", "north")
	agreement = domain.DeriveID("test", "agreement")
)

func money(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

// openedFor is an agreement on won deals, of the first ten days.
func openedFor(partner uuid.UUID, lines ...string) rebate.AgreementOpened {
	return rebate.AgreementOpened{
		AgreementID: agreement, PartnerID: partner, From: day(0), Until: day(10),
		Scheme: policy.Scheme{Name: "standard", Basis: policy.BasisWonDeals, Currency: "EUR", ProductLines: lines},
	}
}

func registered() account.DealRegistered {
	return account.DealRegistered{DealID: deal, PartnerID: north}
}

func won(amounts ...string) account.DealWon {
	e := account.DealWon{DealID: deal}
	for i, amount := range amounts {
		e.Lines = append(e.Lines, account.Line{Product: fmt.Sprint("P", i), Line: fmt.Sprint("L", i), Amount: money(amount)})
	}
	return e
}

func reversed(amount string) account.WinReversed {
	return account.WinReversed{DealID: deal, Amount: money(amount), Reason: account.ReversalReturned}
}

// happened is one event on a day of the test.
type happened struct {
	event domain.Event
	day   int
}

func eventID(e domain.Event) uuid.UUID { return domain.DeriveID("event", fmt.Sprintf("%#v", e)) }

// ordersOf are the commands that a log leads to.
func ordersOf(log ...happened) (commands []any, orders []reactor.Order) {
	r := reactor.NewRebates()
	for _, h := range log {
		r.Observe(h.event, domain.Envelope{EventID: eventID(h.event), Stream: "x", Metadata: domain.Metadata{EffectiveAt: day(h.day)}})
	}
	orders = r.Due(day(99))
	for _, o := range orders {
		commands = append(commands, o.Command)
	}
	return commands, orders
}

func recordSale(e account.DealWon, line int) rebate.RecordSale {
	return rebate.RecordSale{
		Source: policy.BasisWonDeals, SourceRef: fmt.Sprintf("%s/%d", eventID(e), line), DealID: deal,
		Product: e.Lines[line].Product, Line: e.Lines[line].Line, Amount: e.Lines[line].Amount,
	}
}

func reverseSale(of account.DealWon, line int, because domain.Event, amount string, reason rebate.ReversalReason) rebate.ReverseSale {
	return rebate.ReverseSale{
		SaleID: rebate.SaleID("standard", policy.BasisWonDeals, fmt.Sprintf("%s/%d", eventID(of), line)), Amount: money(amount),
		Reason: reason, Reference: eventID(because).String(),
	}
}

func TestAWinIsASaleOfEachLine(t *testing.T) {
	w := won("60.00", "0", "40.00")
	commands, orders := ordersOf(happened{registered(), 0}, happened{openedFor(north), 0}, happened{w, 3})
	require.Equal(t, []any{recordSale(w, 0), recordSale(w, 2)}, commands)
	require.Equal(t, day(3), orders[0].EffectiveAt, "the day that it was sold on")
	require.Equal(t, domain.StreamName(rebate.Category, agreement), orders[0].Stream)
}

func TestItDoesNotMatterWhichComesFirst(t *testing.T) {
	w, back, open := won("60.00", "40.00"), reversed("0.03"), happened{openedFor(north), 5}
	first := []happened{{registered(), 0}, {w, 3}, {back, 4}}
	_, before := ordersOf(append([]happened{open}, first...)...)
	_, behind := ordersOf(append(first, open)...)
	require.Len(t, before, 4)
	require.Equal(t, before, behind)
	for i := range before {
		require.Equal(t, before[i].Header("rebates"), behind[i].Header("rebates"))
	}
}

func TestOnlyWhatTheAgreementCounts(t *testing.T) {
	w := won("60.00", "40.00")
	for name, c := range map[string]struct {
		opened rebate.AgreementOpened
		day    int
		want   []any
	}{
		"another partner's": {openedFor(other), 3, nil},
		"before":            {openedFor(north), -1, nil},
		"behind":            {openedFor(north), 10, nil},
		"one line":          {openedFor(north, "l1"), 3, []any{recordSale(w, 1)}},
		"another basis": {func() rebate.AgreementOpened {
			e := openedFor(north)
			e.Scheme.Basis = policy.BasisSellOut
			return e
		}(), 3, nil},
	} {
		commands, _ := ordersOf(happened{c.opened, 0}, happened{registered(), 0}, happened{w, c.day})
		require.Equal(t, c.want, commands, name)
	}
}

func TestReversalsAreSplitByWhatIsLeft(t *testing.T) {
	w, first, rest := won("60.00", "40.00"), reversed("0.01"), reversed("99.99")
	commands, _ := ordersOf(happened{registered(), 0}, happened{openedFor(north), 0}, happened{w, 3}, happened{first, 4}, happened{rest, 20})
	require.Equal(t, []any{
		recordSale(w, 0), recordSale(w, 1),
		reverseSale(w, 0, first, "0.01", rebate.ReversalReturned),
		reverseSale(w, 0, rest, "59.99", rebate.ReversalReturned),
		reverseSale(w, 1, rest, "40.00", rebate.ReversalReturned),
	}, commands)
}

func TestAReopenedDealWasNoSale(t *testing.T) {
	w, again, back := won("60.00"), won("70.00"), reversed("10.00")
	reopened := account.DealReopened{DealID: deal, From: account.StatusWon}
	commands, _ := ordersOf(happened{registered(), 0}, happened{openedFor(north), 0}, happened{w, 3}, happened{back, 4},
		happened{reopened, 5}, happened{again, 6}, happened{account.DealReopened{DealID: deal, From: account.StatusLost}, 7})
	require.Equal(t, []any{
		recordSale(w, 0),
		reverseSale(w, 0, back, "10.00", rebate.ReversalReturned),
		reverseSale(w, 0, reopened, "50.00", rebate.ReversalReopened),
		recordSale(again, 0),
	}, commands)
}

func TestWhatTheLogShowsIsNotOrderedAgain(t *testing.T) {
	w := won("60.00", "40.00")
	log := []happened{{registered(), 0}, {openedFor(north), 0}, {w, 3}}
	_, orders := ordersOf(log...)
	r := reactor.NewRebates()
	for _, h := range log {
		r.Observe(h.event, domain.Envelope{EventID: eventID(h.event), Stream: "x", Metadata: domain.Metadata{EffectiveAt: day(h.day)}})
	}
	done := orders[0].Header("rebates").CommandID
	r.Observe(rebate.SaleRecorded{}, domain.Envelope{Metadata: domain.Metadata{CommandID: done}})
	next, planned := r.Next()
	require.True(t, planned)
	require.Equal(t, day(3), next)
	require.Equal(t, orders[1:], r.Due(time.Time{}))
	_, planned = r.Next()
	require.False(t, planned)
	require.Empty(t, r.Due(day(99)))
}

func TestEveryTypeTheRebatesTakeIsAnEventOfAnAggregate(t *testing.T) {
	known := map[string]bool{}
	for _, list := range [][]domain.Type{account.Types(), rebate.Types()} {
		for _, typ := range list {
			known[typ.Name] = true
		}
	}
	for _, name := range reactor.NewRebates().Types() {
		require.True(t, known[name], name)
	}
}
