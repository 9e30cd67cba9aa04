package domain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAdmit(t *testing.T) {
	ops := Actor{ID: "o", Kind: User, Roles: []Role{PartnerOps}}
	valid := Header{CommandID: DeriveID("command"), Actor: ops, Now: day(9), EffectiveAt: day(9)}
	for name, c := range map[string]struct {
		change func(*Header)
		rule   string // "" where it is admitted
		field  string
	}{
		"now":                   {change: func(*Header) {}},
		"backdated":             {change: func(h *Header) { h.EffectiveAt = day(2) }},
		"within the skew":       {change: func(h *Header) { h.EffectiveAt = h.Now.Add(ClockSkew) }},
		"the future":            {func(h *Header) { h.EffectiveAt = h.Now.Add(ClockSkew + time.Nanosecond) }, "invalid_field", "effective_at"},
		"no moment":             {func(h *Header) { h.EffectiveAt = time.Time{} }, "invalid_field", "effective_at"},
		"no id":                 {func(h *Header) { h.CommandID = Header{}.CommandID }, "invalid_field", "command_id"},
		"another role":          {func(h *Header) { h.Actor = seller }, "role", ""},
		"backdated by the desk": {func(h *Header) { h.Actor, h.EffectiveAt = desk, day(2) }, "backdating", ""},
		"a reactor backdates":   {change: func(h *Header) { h.Actor, h.EffectiveAt = timer, day(2) }},
		"the same in any zone":  {change: func(h *Header) { h.Actor, h.Now = desk, h.Now.In(time.FixedZone("CET", 3600)) }},
	} {
		t.Run(name, func(t *testing.T) {
			h := valid
			c.change(&h)
			err := Admit(h, "approve", []Role{PartnerOps, DealDesk})
			if c.rule == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, []string{c.rule, c.field}, []string{AsRejection(err).Rule, AsRejection(err).Field})
		})
	}
}

func TestAdmitText(t *testing.T) {
	for _, text := range []string{"x", "two words", "line\nbreak\ttab\r\n.", strings.Repeat("é", 10)} {
		require.NoError(t, AdmitText("reason", text, 20), text)
	}
	for text, want := range map[string]string{
		"":                      "must not be empty",
		" \n\t ":                "must not be empty",
		"\xff":                  "must be valid UTF-8",
		" x":                    "white space",
		"x\n":                   "white space",
		"a\x00b":                "control characters",
		"a\u0085b":              "control characters",
		strings.Repeat("é", 21): "longer than 20 characters",
	} {
		err := AdmitText("reason", text, 20)
		require.ErrorContains(t, err, want, "%q", text)
		require.Equal(t, "reason", AsRejection(err).Field)
	}
}

// Whoever made a thing doesn't approve it: not themselves, not on behalf of another, nor as a delegate or by one.
func TestAdmitChecker(t *testing.T) {
	ann, bob := Actor{ID: "ann", Kind: User}, Actor{ID: "bob", Kind: User}
	between := func(a Actor, from, to string) Actor {
		a.Delegations = append(a.Delegations, Delegation{ID: DeriveID(from, to), From: from, To: to})
		return a
	}
	actingFor := func(a Actor, id string) Actor {
		a.OnBehalfOf = id
		return a
	}
	importer := Actor{ID: "import", Kind: Service, Roles: []Role{ServiceRole}}
	for name, c := range map[string]struct {
		maker, checker Actor
		reason         string
		rule           string // "" where it is admitted
	}{
		"another":                     {maker: ann, checker: bob},
		"the same":                    {maker: ann, checker: ann, rule: "maker_is_checker"},
		"on the maker's behalf":       {maker: ann, checker: actingFor(bob, "ann"), rule: "maker_is_checker"},
		"for whom the maker acted":    {maker: actingFor(bob, "ann"), checker: ann, rule: "maker_is_checker"},
		"both for a third":            {maker: actingFor(bob, "eve"), checker: actingFor(ann, "eve"), rule: "maker_is_checker"},
		"the maker's delegate":        {maker: ann, checker: between(bob, "ann", "bob"), rule: "maker_is_checker"},
		"whose delegate the maker is": {maker: bob, checker: between(ann, "ann", "bob"), rule: "maker_is_checker"},
		"a delegate of whom the maker acted for": {
			maker: actingFor(bob, "eve"), checker: between(ann, "eve", "ann"), rule: "maker_is_checker",
		},
		"for somebody with a delegate, the maker": {
			maker: ann, checker: between(actingFor(bob, "eve"), "eve", "ann"), rule: "maker_is_checker",
		},
		"a delegate of somebody else":          {maker: ann, checker: between(bob, "eve", "bob")},
		"a service, and why":                   {maker: importer, checker: importer, reason: "imported"},
		"a service, and not why":               {maker: importer, checker: importer, rule: "invalid_field"},
		"a service for the maker's delegate":   {maker: ann, checker: between(actingFor(importer, "bob"), "ann", "bob"), rule: "invalid_field"},
		"a service for the delegate, and why":  {maker: ann, checker: between(actingFor(importer, "bob"), "ann", "bob"), reason: "imported"},
		"a reactor":                            {maker: timer, checker: timer},
		"a delegate who is of the partner too": {maker: seller, checker: between(seller, "ann", "s"), rule: "maker_is_checker"},
	} {
		t.Run(name, func(t *testing.T) {
			err := AdmitChecker("approve", c.maker, c.checker, ours, c.reason)
			if c.rule == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.rule, AsRejection(err).Rule)
		})
	}
	err := AdmitChecker("approve", ann, between(bob, "ann", "bob"), ours, "")
	require.ErrorContains(t, err, "delegation "+DeriveID("ann", "bob").String()+" from ann to bob", "it says through which")
}

// Who stands behind an actor by delegation is for the decision, and in no log.
func TestDelegationsAreNotWritten(t *testing.T) {
	a := Actor{ID: "bob", Kind: User, Delegations: []Delegation{{ID: DeriveID("x"), From: "ann", To: "bob"}}}
	raw, err := json.Marshal(a)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"bob","kind":"user"}`, string(raw))
}
