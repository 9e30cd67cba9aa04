package domain

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ClockSkew is how far ahead of the handler's clock a command may take effect: clocks differ, the future is no fact.
const ClockSkew = 5 * time.Minute

// Admit is the check that comes before every decision: one of the roles gives the command, and it takes effect now, or
// earlier where the actor may say so. Each aggregate calls it in one place, before anything else. That a partner's people
// act for their own partner only is Actor.AllowPartner: it needs to know whose thing it is.
// Errors: a Rejection of kind Forbidden (role, backdating) or Invalid (command_id, effective_at).
// Source: domain.md section 1, "Two clocks" and "Roles".
func Admit(h Header, action string, roles []Role) error {
	if h.CommandID == uuid.Nil {
		return Invalid("command_id", "a command needs an id, so that a retry is the same command")
	}
	if err := h.Actor.Allow(action, roles...); err != nil {
		return err
	}
	return admitTime(h, action)
}

func admitTime(h Header, action string) error {
	switch {
	case h.EffectiveAt.IsZero():
		return Invalid("effective_at", "want the moment it took effect")
	case h.EffectiveAt.After(h.Now.Add(ClockSkew)):
		return Invalid("effective_at", "%s is in the future: an event says what happened, a schedule is a field",
			h.EffectiveAt.UTC().Format(time.RFC3339))
	case !h.EffectiveAt.Equal(h.Now) && !h.Actor.MayBackdate():
		return Forbid("backdating", "%s: only service, finance and partner_ops may say when it took effect", action)
	}
	return nil
}

// AdmitText lets in a text that a person is to read: not blank, no white space around it, no control characters but
// line breaks and tabs, valid UTF-8 and at most limit characters.
// Errors: a Rejection of kind Invalid that names the field.
func AdmitText(field, text string, limit int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return Invalid(field, "must not be empty")
	case !utf8.ValidString(text):
		return Invalid(field, "must be valid UTF-8")
	case strings.TrimSpace(text) != text:
		return Invalid(field, "must not start or end with white space")
	case utf8.RuneCountInString(text) > limit:
		return Invalid(field, "must not be longer than %d characters", limit)
	case strings.ContainsFunc(text, isControl):
		return Invalid(field, "must not hold control characters")
	}
	return nil
}

func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// AdmitChecker holds that the maker is not the checker: neither who submitted a thing, nor whom they acted for, nor
// anyone between whom and them a delegation is in force now, nor anyone of the partner that it is for may approve it. Only a
// service that imports history may be both, and says why. A reactor carries out what the rules or people decided, and
// checks nothing itself.
// Errors: a Rejection of kind Forbidden (maker_is_checker), or Invalid where a service gives no reason.
// Source: domain.md section 1, "Roles".
func AdmitChecker(action string, maker, checker Actor, partner uuid.UUID, reason string) error {
	through, shared := maker.sharesHandWith(checker)
	switch {
	case checker.Kind == Reactor:
		return nil
	case partner != uuid.Nil && checker.PartnerID == partner:
		return Forbid("maker_is_checker", "%s: nobody of the partner can approve what is for the partner", action)
	case !shared:
		return nil
	case checker.Kind == Service && checker.Is(ServiceRole) && strings.TrimSpace(reason) == "":
		return Invalid("reason", "a service that approves what it submitted says why, as in \"imported history\"")
	case checker.Kind == Service && checker.Is(ServiceRole):
		return nil
	case through != nil:
		return Forbid("maker_is_checker", "%s: whoever submitted it can't approve it, nor through %s", action, through)
	}
	return Forbid("maker_is_checker", "%s: whoever submitted it can't approve it", action)
}

// sharesHandWith reports whether one person or program stands behind both actors, and through which of the second one's
// delegations, where not by itself.
func (a Actor) sharesHandWith(b Actor) (through *Delegation, shared bool) {
	hands := a.Hands()
	if slices.ContainsFunc(b.Hands(), func(id string) bool { return slices.Contains(hands, id) }) {
		return nil, true
	}
	for i, d := range b.Delegations {
		if d.Involves(hands...) {
			return &b.Delegations[i], true
		}
	}
	return nil, false
}
