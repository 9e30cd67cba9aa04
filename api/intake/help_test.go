package intake

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/embedded"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

var now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func openStore(tb testing.TB) eventstore.Store {
	tb.Helper()
	store, err := embedded.OpenMemory(embedded.Options{Clock: clock})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, store.Close()) })
	return store
}

// ledgerOver is a ledger as a process that has just started has it.
func ledgerOver(tb testing.TB, store eventstore.Store) *ledger.Ledger {
	tb.Helper()
	l, err := ledger.Open(store, eventstore.NewMemoryKeyring(), clock)
	require.NoError(tb, err)
	require.NoError(tb, l.Bootstrap(tb.Context(), "", now))
	return l
}

func openLedger(tb testing.TB) *ledger.Ledger {
	tb.Helper()
	return ledgerOver(tb, openStore(tb))
}

// small is an export of the rows given, with three small files beside it.
func small(rows ...string) Files {
	const header = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"
	others := map[string]File{}
	for name, text := range map[string]string{
		"accounts.csv":    "account,office_location\nAcme,United States\nBolt,Kenya\nNowhere,\nMars Inc,Germny\n",
		"products.csv":    "product,sales_price\nGTX Pro,100\nGTX Basic,20.50\n",
		"sales_teams.csv": "sales_agent,manager\nAnn,North\nAmy,North\nSam,South\nSue,South\n",
	} {
		others[name] = File{Name: name, Data: []byte(text)}
	}
	deals := strings.Join(append([]string{header}, rows...), "\n")
	return Files{Deals: []File{{Name: "sales_pipeline.csv", Data: []byte(deals)}}, Others: others}
}

// world is one ledger that exports are imported into.
type world struct {
	*ledger.Ledger
	mapping Mapping
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	m := example(tb)
	m.ProgrammeStart = domain.Date{} // the small exports have days of their own
	return &world{openLedger(tb), m}
}

// run imports, and gives the rejects file beside the summary.
func (w *world) run(tb testing.TB, files Files) (Summary, string) {
	tb.Helper()
	var rejects bytes.Buffer
	s, err := Run(tb.Context(), w.Ledger, Options{
		Mapping: w.mapping, Files: files, OnBehalfOf: "u-1", Rejects: &rejects, Clock: clock,
	})
	require.NoError(tb, err)
	require.Equal(tb, s.Rows, s.Imported+s.Quarantined)
	return s, rejects.String()
}

func (w *world) accountOf(tb testing.TB, name, country string) uuid.UUID {
	tb.Helper()
	identity, err := account.Identify(name, "", country, "")
	require.NoError(tb, err)
	return identity.AccountID
}

// deal is a copy of the deal that a record became on an account.
func (w *world) deal(tb testing.TB, id uuid.UUID, record string) account.Deal {
	tb.Helper()
	var found account.Deal
	err := w.Accounts.View(tb.Context(), id, func(s *account.State, _ domain.Source) error {
		for _, d := range s.Deals {
			if len(d.CRM) == 1 && d.CRM[0] == (account.CRMLink{System: w.mapping.System, Reference: record}) {
				found = *d
			}
		}
		return nil
	})
	require.NoError(tb, err)
	require.NotZero(tb, found.ID, record)
	return found
}

// events are all events, in the log's order.
func (w *world) events(tb testing.TB) []eventstore.Recorded {
	tb.Helper()
	var all []eventstore.Recorded
	for m, err := range w.Store.Follow(tb.Context(), eventstore.Position{}, eventstore.Filter{}) {
		require.NoError(tb, err)
		if m.Kind == eventstore.CaughtUp {
			break
		}
		if m.Kind == eventstore.Appeared {
			all = append(all, m.Event)
		}
	}
	return all
}

func typesOf(events []eventstore.Recorded) (types []string) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

// failing is a store whose process dies: from one append on nothing is recorded any more, and whether that one was, nobody
// was told.
type failing struct {
	eventstore.Store
	mu       sync.Mutex
	left     int
	recorded bool // whether the append it dies in is recorded
}

func (f *failing) Append(
	ctx context.Context, stream string, expected eventstore.Revision, events []eventstore.Proposed,
) (eventstore.Appended, error) {
	f.mu.Lock()
	f.left--
	left := f.left
	f.mu.Unlock()
	if left > 0 || left == 0 && f.recorded {
		if appended, err := f.Store.Append(ctx, stream, expected, events); err != nil || left > 0 {
			return appended, err
		}
	}
	return eventstore.Appended{}, eventstore.ErrUnavailable
}

const realData = "../../../shared/data/crm-opportunities"

func realFiles(tb testing.TB, m Mapping) Files {
	tb.Helper()
	if _, err := os.Stat(realData); err != nil {
		tb.Skip("the real export is not here: ", err)
	}
	files, err := ReadFiles(m, realData)
	require.NoError(tb, err)
	return files
}

func dollars(tb testing.TB, amount string) domain.Money {
	tb.Helper()
	m, err := domain.ParseMoney(amount, "USD")
	require.NoError(tb, err)
	return m
}

// perStream is every stream's events by their ids, which derive from what led to them, and the bytes of those on accounts;
// those of partners are sealed with keys that differ from ledger to ledger.
func perStream(tb testing.TB, w *world) map[string][]string {
	tb.Helper()
	streams := map[string][]string{}
	for _, e := range w.events(tb) {
		text := e.ID.String() + " " + e.Type
		if strings.HasPrefix(e.Stream, account.Category) {
			text += " " + string(e.Data) + " " + string(e.Metadata)
		}
		streams[e.Stream] = append(streams[e.Stream], text)
	}
	return streams
}
