package esdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/channelledger/channelledger/eventstore"
)

// The server's own streams and types that decide whether events stay.
const (
	settingsStream = "$settings"
	metadataPrefix = "$$"
	metadataType   = "$metadata"
	tombstoneType  = "$streamDeleted"
	softDeleted    = math.MaxInt64 // the $tb of a stream that was deleted but may come back
)

// maxStreams bounds how many streams a report names.
const maxStreams = 50

// Check looks for what would break the audit: streams of ours that lose events or were deleted, and people who could do that.
// It writes nothing, and works where Open doesn't. It reads through all of $all, on the server's side.
// Errors: of the configuration; ErrUnavailable. What is refused to the user is a finding.
func Check(ctx context.Context, cfg Config) (Report, error) {
	s, err := connect(cfg)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = s.Close() }()
	return s.Check(ctx)
}

// Check is the function of that name, over a log that is open.
func (s *Store) Check(ctx context.Context) (Report, error) {
	g := guard{store: s, user: s.cfg.who(), streams: map[string]fate{}}
	for _, look := range []func(context.Context) error{g.lookAtServer, g.lookAtDefaults, g.lookAtStreams} {
		if err := look(ctx); err != nil {
			return g.Report, err
		}
	}
	return g.Report, nil
}

// guard is one Check on its way.
type guard struct {
	Report
	store   *Store
	user    string
	streams map[string]fate
}

// fate is what the server's records say of a stream of ours; the last one holds.
type fate struct {
	tombstone bool
	rules     streamRules
	broken    error
}

// streamRules are what a stream's metadata can say against its events.
type streamRules struct {
	MaxAge         *int64 `json:"$maxAge"` // seconds
	MaxCount       *int64 `json:"$maxCount"`
	TruncateBefore *int64 `json:"$tb"`
	ACL            rights `json:"$acl"`
}

func (g *guard) lookAtServer(ctx context.Context) error {
	bound, cancel := g.store.supervisor.bounded(ctx)
	defer cancel()
	version, err := call(bound, g.store.supervisor, func(_ context.Context, c *conn) (client.ServerVersion, error) { return c.version, nil })
	if err != nil {
		return translate(err)
	}
	g.add(Fine, "server", fmt.Sprintf("version %d.%d.%d", version.Major, version.Minor, version.Patch), "")
	conf := g.store.supervisor.conf
	if conf.DisableTLS {
		g.add(Warning, "connection", "without TLS: the client sends no user, so a server that lets the ledger in lets in everybody who reaches it, and what is sent can be read on the way",
			"run the server with certificates and remove tls=false")
	}
	if !conf.DisableTLS && conf.SkipCertificateVerification {
		g.add(Warning, "connection", "any server is trusted: one in between could answer instead", "name the authority's certificate in tlsCAFile and remove tlsVerifyCert=false")
	}
	return nil
}

// lookAtDefaults reads who may do what on streams that have no list of their own, as the ledger's have none.
func (g *guard) lookAtDefaults(ctx context.Context) error {
	found, err := g.store.readSome(ctx, settingsStream, client.ReadStreamOptions{Direction: client.Backwards, From: client.End{}}, 1)
	switch err = translated(err); {
	case errors.Is(err, ErrAccessDenied):
		g.add(Warning, settingsStream, "may not be read by this user, so it isn't known who may write and delete", "run this check once as an admin")
		return nil
	case errors.Is(err, ErrUnauthenticated):
		g.add(Refusal, "user", "the server knows no such user, password or certificate", "check --user and its password")
		return nil
	case err != nil:
		return err
	}
	g.judgeDefaults(found)
	return nil
}

func (g *guard) judgeDefaults(found []*client.RecordedEvent) {
	var settings struct {
		User rights `json:"$userStreamAcl"`
	}
	if len(found) > 0 && json.Unmarshal(found[0].Data, &settings) != nil {
		g.add(Warning, settingsStream, "is no access list, so it isn't known who may write and delete", g.remedy())
		return
	}
	dangers := settings.User.orEverybody().dangers(g.user)
	if len(dangers) == 0 {
		g.add(Fine, settingsStream, "nobody but the ledger's user and the admins may write or delete", "")
		return
	}
	g.add(Warning, settingsStream, strings.Join(dangers, "; ")+": the log doesn't prove that the ledger wrote it, nor that nothing is missing", g.remedy())
}

func (g *guard) remedy() string {
	user := g.user
	if user == "" {
		user = "LEDGER-USER"
	}
	return fmt.Sprintf("as an admin, append an event of type update-default-acl to %s, with the data %s", settingsStream, safe(user))
}

// lookAtStreams reads what the server recorded of our streams. One subscription finds it all, by type.
func (g *guard) lookAtStreams(ctx context.Context) error {
	switch err := g.scan(ctx); {
	case errors.Is(err, ErrAccessDenied):
		g.add(Refusal, everybody, "may not be read by this user, so no read model can be built: the right $r is missing",
			fmt.Sprintf(`as an admin, set the metadata of $all: {"$acl":{"$r":[%q,"$admins"]}}`, g.user))
		return nil
	case errors.Is(err, ErrUnauthenticated):
		return nil // it was said before
	case err != nil:
		return err
	}
	before := len(g.Findings)
	for i, stream := range slices.Sorted(maps.Keys(g.streams)) {
		if len(g.Findings)-before >= maxStreams {
			g.add(Warning, "streams", fmt.Sprintf("%d more have metadata or were deleted", len(g.streams)-i), "mend these first, then check again")
			break
		}
		g.judge(stream, g.streams[stream])
	}
	if len(g.Findings) == before {
		g.add(Fine, "streams", "none of ours was deleted, and none loses events by age, count or truncation", "")
	}
	return nil
}

// scan follows $all to its end.
func (g *guard) scan(ctx context.Context) error {
	f := follower{
		store: g.store, server: prefixes(client.EventFilterType, []string{metadataType, tombstoneType}),
		passes: func(e *client.RecordedEvent) bool { return g.isOurs(strings.TrimPrefix(e.StreamID, metadataPrefix)) },
		yield: func(m eventstore.Message, _ error) bool {
			if m.Kind == eventstore.Appeared {
				g.note(m.Event)
			}
			return m.Kind != eventstore.CaughtUp
		},
	}
	return f.run(ctx)
}

func (g *guard) isOurs(stream string) bool {
	if stream == originStream {
		return true
	}
	return !strings.HasPrefix(stream, "$") && eventstore.Filter{Categories: g.store.cfg.Categories}.Match(stream, "")
}

func (g *guard) note(e eventstore.Recorded) {
	stream, isMetadata := strings.CutPrefix(e.Stream, metadataPrefix)
	known := g.streams[stream]
	switch {
	case isMetadata && e.Type == metadataType:
		known.rules = streamRules{}
		known.broken = json.Unmarshal(e.Data, &known.rules)
	case !isMetadata && e.Type == tombstoneType:
		known.tombstone = true
	default:
		return
	}
	g.streams[stream] = known
}

// judge says what a stream's fate means for the audit.
func (g *guard) judge(stream string, f fate) {
	clean := fmt.Sprintf("replace the metadata of %s by {}, before the next scavenge", stream)
	r := f.rules
	switch {
	case f.tombstone:
		g.add(Refusal, stream, "was deleted for good: its events can't be shown any more, what followed from them can't be proved, and the name can't be used again",
			"restore the log from a backup")
	case f.broken != nil:
		g.add(Warning, stream, "has metadata that can't be read: "+f.broken.Error(), clean)
	case r.TruncateBefore != nil && *r.TruncateBefore == softDeleted:
		g.add(Refusal, stream, "was deleted: its events are hidden, and gone with the next scavenge", clean)
	}
	if r.TruncateBefore != nil && *r.TruncateBefore > 0 && *r.TruncateBefore != softDeleted {
		g.add(Refusal, stream, fmt.Sprintf("has $tb %d: events before that revision are hidden, and gone with the next scavenge", *r.TruncateBefore), clean)
	}
	if r.MaxAge != nil {
		g.add(Refusal, stream, fmt.Sprintf("has $maxAge %d: events older than so many seconds are hidden, and gone with the next scavenge: nothing older can be audited", *r.MaxAge), clean)
	}
	if r.MaxCount != nil {
		g.add(Refusal, stream, fmt.Sprintf("has $maxCount %d: only the last so many events are shown, and kept by a scavenge: nothing before can be audited", *r.MaxCount), clean)
	}
	if r.ACL == nil {
		return
	}
	if dangers := r.ACL.dangers(g.user); len(dangers) > 0 {
		g.add(Warning, stream, "has an access list of its own: "+strings.Join(dangers, "; "), clean)
	}
}

// translated is translate for an error that may be nil.
func translated(err error) error {
	if err == nil {
		return nil
	}
	return translate(err)
}
