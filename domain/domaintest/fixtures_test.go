package domaintest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
)

func samples() map[string]any {
	return map[string]any{
		"counter.opened.v1": opened{Owner: partner},
		"counter.raised.v1": raisedV0{Steps: 7},
		"counter.raised.v2": raised{
			By: 7, Amount: domain.Must(domain.ParseMoney("0", "EUR")),
			Lines: []line{{Product: "R&D <suite>"}, {Product: "other", Share: "0.5"}, {}},
		},
	}
}

func TestFixturesAreWrittenOnceAndNeverAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "events")
	t.Setenv(domaintest.UpdateVariable, "1")
	domaintest.Fixtures(t, dir, counter.Types, samples())
	v2 := filepath.Join(dir, "counter.raised.v2.json")
	frozen, err := os.ReadFile(v2)
	require.NoError(t, err)
	require.Contains(t, string(frozen), `"product": "R&D <suite>"`, "as the event says it, without HTML escapes")

	changed := samples()
	changed["counter.raised.v2"] = raised{By: 8}
	domaintest.Fixtures(t, dir, counter.Types, changed)
	after, err := os.ReadFile(v2)
	require.NoError(t, err)
	require.Equal(t, string(frozen), string(after))

	t.Setenv(domaintest.UpdateVariable, "")
	domaintest.Fixtures(t, dir, counter.Types, nil)
}

// A field that came later has an example of its own: the bytes frozen first stay, and both are held to.
func TestFixturesOfAnEventThatGrew(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(domaintest.UpdateVariable, "1")
	grown := samples()["counter.raised.v2"].(raised)
	first := grown
	first.Lines = nil
	failures := failuresOf(t, func(tb *observed) {
		domaintest.Fixtures(tb, dir, counter.Types[1:2], map[string]any{"counter.raised.v2": first})
	})
	requireSome(t, failures, "leaves lines at its zero value")
	domaintest.Fixtures(t, dir, counter.Types[1:2], map[string]any{"counter.raised.v2": first, "counter.raised.v2+lines": grown})
	t.Setenv(domaintest.UpdateVariable, "")
	domaintest.Fixtures(t, dir, counter.Types[1:2], nil)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "counter.raised.v2+lines.json"), []byte("{\"colour\":1}"), 0o600))
	failures = failuresOf(t, func(tb *observed) { domaintest.Fixtures(tb, dir, counter.Types[1:2], nil) })
	requireSome(t, failures, "unknown field")
}

func TestFixturesFail(t *testing.T) {
	type file struct{ name, content string }
	for want, c := range map[string]struct {
		file    file
		types   []domain.Type
		samples map[string]any
	}{
		"set UPDATE_FIXTURES=1 to write it": {samples: samples()},
		"neither a fixture nor a sample":    {},
		"unknown field":                     {file: file{"counter.opened.v1", `{"owner":"` + partner.String() + `","colour":"red"}`}},
		"more behind the value":             {file: file{"counter.opened.v1", `{"owner":"` + partner.String() + `"} {}`}},
		"leaves owner at its zero value":    {file: file{"counter.opened.v1", `{}`}},
		"encoding again changed the bytes":  {file: file{"counter.opened.v1", `{"owner":"` + partner.String() + `"}`}},
		"belongs to no listed event type":   {file: file{"counter.closed.v1", `{}`}},
		"is listed twice":                   {types: append(counter.Types[:2:2], counter.Types[0])},
		"want <noun>.<past_tense>.v<N>":     {types: []domain.Type{domain.TypeOf[nameless]()}},
		"upcast to counter.raised.v2, which is no listed type": {
			file: file{"counter.raised.v1", `{"steps":1}`}, types: counter.Types[2:],
		},
	} {
		t.Run(want, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv(domaintest.UpdateVariable, "")
			if c.file.name != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, c.file.name+".json"), []byte(c.file.content), 0o600))
			}
			types := c.types
			if types == nil {
				types = counter.Types
			}
			failures := failuresOf(t, func(tb *observed) { domaintest.Fixtures(tb, dir, types, c.samples) })
			requireSome(t, failures, want)
		})
	}
}

type nameless struct{}

func (nameless) EventType() string { return "CounterRaised" }

func TestFixturesDemandEveryField(t *testing.T) {
	t.Setenv(domaintest.UpdateVariable, "1")
	for name, c := range map[string]struct {
		event raised
		want  string
	}{
		"a list":               {raised{By: 1, Amount: samples()["counter.raised.v2"].(raised).Amount}, "leaves lines at"},
		"money":                {raised{By: 1, Lines: []line{{"a", "1"}}}, "leaves amount at"},
		"a field of a list":    {raised{By: 1, Lines: []line{{Product: "a"}, {Product: "b"}}}, "leaves lines.share at"},
		"only zeros in a list": {raised{By: 1, Lines: []line{{}, {}}}, "leaves lines at"},
	} {
		t.Run(name, func(t *testing.T) {
			failures := failuresOf(t, func(tb *observed) {
				domaintest.Fixtures(tb, t.TempDir(), counter.Types[1:2], map[string]any{"counter.raised.v2": c.event})
			})
			requireSome(t, failures, c.want)
		})
	}
	domaintest.Fixtures(t, t.TempDir(), counter.Types[1:2],
		map[string]any{"counter.raised.v2": raised{By: 1, Lines: []line{{Product: "a"}}}},
		domaintest.MayBeZero("counter.raised.v2", "amount", "lines.share"))
}

func TestFixturesDemandEveryFieldAllTheWayDown(t *testing.T) {
	t.Setenv(domaintest.UpdateVariable, "1")
	types := []domain.Type{domain.TypeOf[nested]()}
	full := func() nested {
		l := line{"a", "1"}
		return nested{line: l, Link: &l, Any: "x", Shares: map[string]line{"k": l}, Pair: [2]int{1, 2}, Untagged: "u"}
	}
	domaintest.Fixtures(t, t.TempDir(), types, map[string]any{"counter.nested.v1": full()})
	for path, empty := range map[string]func(*nested){
		"share":          func(n *nested) { n.Share = "" },
		"link":           func(n *nested) { n.Link = nil },
		"link.share":     func(n *nested) { n.Link = &line{Product: "a"} },
		"any":            func(n *nested) { n.Any = nil },
		"shares":         func(n *nested) { n.Shares = map[string]line{} },
		"shares.product": func(n *nested) { n.Shares = map[string]line{"k": {Share: "1"}} },
		"pair":           func(n *nested) { n.Pair = [2]int{} },
		"Untagged":       func(n *nested) { n.Untagged = "" },
	} {
		t.Run(path, func(t *testing.T) {
			sample := full()
			empty(&sample)
			failures := failuresOf(t, func(tb *observed) {
				domaintest.Fixtures(tb, t.TempDir(), types, map[string]any{"counter.nested.v1": sample})
			})
			require.Len(t, failures, 1)
			require.Contains(t, failures[0], "leaves "+path+" at its zero value")
		})
	}
}

func requireSome(t *testing.T, failures []string, want string) {
	t.Helper()
	for _, f := range failures {
		if strings.Contains(f, want) {
			return
		}
	}
	require.Fail(t, "no failure says "+want, "%q", failures)
}
