package domain

import (
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
