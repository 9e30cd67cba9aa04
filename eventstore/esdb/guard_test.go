package esdb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/esdb"
	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// finding is the report's line about a subject.
func finding(t *testing.T, r esdb.Report, about string) esdb.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.About == about {
			return f
		}
	}
	require.Fail(t, "no finding", "about %s in\n%s", about, r)
	return esdb.Finding{}
}

func check(t *testing.T, cfg esdb.Config) esdb.Report {
	t.Helper()
	r, err := esdb.Check(limited(t), cfg)
	require.NoError(t, err)
	return r
}

func TestALogInOrderIsSafe(t *testing.T) {
	log := newLog(t)
	server := esdbtest.Start(t, log)
	s := openAs(t, esdb.Config{URL: server.URL(), Categories: []string{"deal"}})
	appendMany(t, s, "deal-1", 3)
	setMetadata(t, log, "other-1", eventstore.NoStream, `{"$maxAge":1}`) // none of ours
	setMetadata(t, log, "dealer-1", eventstore.NoStream, `{"$maxAge":1}`)
	r, err := s.Check(limited(t))
	require.NoError(t, err)
	require.NoError(t, r.Err())
	require.Equal(t, esdb.Fine, finding(t, r, "streams").Severity)
	require.Equal(t, esdb.Warning, finding(t, r, "connection").Severity)
	require.Equal(t, esdb.Warning, finding(t, r, "$settings").Severity)
	require.Contains(t, r.String(), "23.10.8")
}

func TestWhatLosesEventsIsRefused(t *testing.T) {
	for metadata, says := range map[string]string{
		`{"$maxAge":3600}`:              "$maxAge 3600",
		`{"$maxCount":10}`:              "$maxCount 10",
		`{"$tb":2}`:                     "$tb 2",
		`{"$tb":9223372036854775807}`:   "was deleted",
		`{"x":1,"$acl":{},"$maxAge":1}`: "$maxAge 1",
	} {
		log := newLog(t)
		cfg := esdb.Config{URL: esdbtest.Start(t, log).URL(), Categories: []string{"deal"}}
		appendMany(t, log, "deal-1", 3)
		setMetadata(t, log, "deal-1", eventstore.NoStream, metadata)
		r := check(t, cfg)
		require.ErrorIs(t, r.Err(), esdb.ErrUnsafe, metadata)
		f := finding(t, r, "deal-1")
		require.Equal(t, esdb.Refusal, f.Severity)
		require.Contains(t, f.Says, says)
		require.NotEmpty(t, f.Remedy)

		setMetadata(t, log, "deal-1", 0, `{}`)
		require.NoError(t, check(t, cfg).Err(), "the last metadata holds")
	}
}

func TestADeletedStreamIsRefused(t *testing.T) {
	server := serve(t)
	s := open(t, server)
	appendMany(t, s, "deal-1", 3)
	require.NoError(t, server.Tombstone(limited(t), "deal-1"))
	r := check(t, esdb.Config{URL: server.URL()})
	require.ErrorIs(t, r.Err(), esdb.ErrUnsafe)
	require.Contains(t, finding(t, r, "deal-1").Says, "deleted for good")
}

func TestTheStreamThatNamesTheLogIsGuarded(t *testing.T) {
	log := newLog(t)
	cfg := esdb.Config{URL: esdbtest.Start(t, log).URL(), Categories: []string{"deal"}}
	setMetadata(t, log, "channelledger", eventstore.NoStream, `{"$maxCount":1}`)
	require.ErrorIs(t, check(t, cfg).Err(), esdb.ErrUnsafe)
}

func TestAReportStaysReadable(t *testing.T) {
	log := newLog(t)
	cfg := esdb.Config{URL: esdbtest.Start(t, log).URL()}
	for i := range 200 {
		setMetadata(t, log, fmt.Sprintf("deal-%d", i), eventstore.NoStream, `{"$maxAge":1}`)
	}
	r := check(t, cfg)
	require.Less(t, len(r.Findings), 60)
	require.Contains(t, finding(t, r, "streams").Says, "150 more")
}

func TestMetadataThatIsNoneIsAWarning(t *testing.T) {
	log := newLog(t)
	setMetadata(t, log, "deal-1", eventstore.NoStream, `{"$maxAge":"soon"}`)
	r := check(t, esdb.Config{URL: esdbtest.Start(t, log).URL()})
	require.Equal(t, esdb.Warning, finding(t, r, "deal-1").Severity)
}

func TestWhoMayWriteIsLookedAt(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	for settings, dangers := range map[string][]string{
		"":                                     {"$w", "$d", "$mw"},
		`{}`:                                   {"$w", "$d", "$mw"},
		`{"$userStreamAcl":{"$w":["ledger"]}}`: {"$d", "$mw"},
		`{"$userStreamAcl":{"$w":"ledger","$d":"$admins","$mw":["$admins"]}}`:                {},
		`{"$userStreamAcl":{"$w":["ledger","crm"],"$d":["$admins"],"$mw":["$admins"]}}`:      {"crm may append"},
		`{"$userStreamAcl":{"$w":["ledger"],"$d":["ledger"],"$mw":["$admins","$ops"]}}`:      {"ledger may delete", "$ops may set"},
		`{"$userStreamAcl":{"$w":["ledger"],"$d":[],"$mw":[]},"$systemStreamAcl":{"$r":[]}}`: {},
	} {
		log := newLog(t)
		server := esdbtest.Start(t, log, esdbtest.TLS(config), esdbtest.Users(esdbtest.User{Name: "ledger", Password: password, Admin: true}))
		if settings != "" {
			e := event(settings)
			e.Type, e.Data = "update-default-acl", []byte(settings)
			_, err := log.Append(limited(t), "$settings", eventstore.NoStream, []eventstore.Proposed{e})
			require.NoError(t, err)
		}
		f := finding(t, check(t, esdb.Config{URL: "esdb://" + server.Address(), User: "ledger", Password: password, CAFile: caFile}), "$settings")
		if len(dangers) == 0 {
			require.Equal(t, esdb.Fine, f.Severity, settings)
			continue
		}
		require.Equal(t, esdb.Warning, f.Severity, settings)
		require.Contains(t, f.Remedy, `"$w":["ledger"]`)
		for _, danger := range dangers {
			require.Contains(t, f.Says, danger)
		}
	}
}

func TestAMissingRightOrUserIsAFinding(t *testing.T) {
	config, caFile := esdbtest.Certificate(t)
	log := newLog(t)
	server := esdbtest.Start(t, log, esdbtest.TLS(config), esdbtest.Users(esdbtest.User{Name: "ledger", Password: password}))
	cfg := esdb.Config{URL: "esdb://" + server.Address(), User: "ledger", Password: password, CAFile: caFile}
	r := check(t, cfg)
	require.ErrorIs(t, r.Err(), esdb.ErrUnsafe)
	f := finding(t, r, "$all")
	require.Contains(t, f.Says, "$r")
	require.Contains(t, f.Remedy, `{"$acl":{"$r":["ledger","$admins"]}}`)

	setMetadata(t, log, "$all", eventstore.NoStream, `{"$acl":{"$r":["ledger","$admins"]}}`)
	require.NoError(t, check(t, cfg).Err())

	cfg.Password = "wrong"
	r = check(t, cfg)
	require.ErrorIs(t, r.Err(), esdb.ErrUnsafe)
	require.Equal(t, esdb.Refusal, finding(t, r, "user").Severity)
}

func TestAnAccessListOfAStreamIsAWarning(t *testing.T) {
	log := newLog(t)
	setMetadata(t, log, "deal-1", eventstore.NoStream, `{"$acl":{"$w":"crm","$r":["$all"]}}`)
	f := finding(t, check(t, esdb.Config{URL: esdbtest.Start(t, log).URL()}), "deal-1")
	require.Equal(t, esdb.Warning, f.Severity)
	require.Contains(t, f.Says, "crm may append")
}

func TestCheckSaysWhyItCannotLook(t *testing.T) {
	server := serve(t)
	defer server.Down()()
	_, err := esdb.Check(limited(t), hasty(server))
	require.ErrorIs(t, err, eventstore.ErrUnavailable)
}
