package account

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed frozen/folding.txt
var foldingList string

//go:embed frozen/legal_forms.txt
var legalFormList string

// foldings is what letters with accents are compared as.
var foldings = sync.OnceValue(func() map[rune]string {
	fold := map[rune]string{}
	for _, l := range frozenLines(foldingList) {
		base, letters, _ := strings.Cut(l, " ")
		for _, r := range letters {
			fold[r] = base
		}
	}
	return fold
})

// forms are the legal forms that a name is compared without.
type forms struct {
	behind, before [][]string // as words, the longest first
	joined         []string   // written without a space
}

var legalForms = sync.OnceValue(func() (f forms) {
	part := ""
	for _, l := range frozenLines(legalFormList) {
		switch {
		case strings.HasPrefix(l, "["):
			part = l
		case part == "[behind the name]":
			f.behind = append(f.behind, strings.Fields(l))
		case part == "[before the name]":
			f.before = append(f.before, strings.Fields(l))
		default:
			f.joined = append(f.joined, l)
		}
	}
	for _, list := range [][][]string{f.behind, f.before} {
		slices.SortStableFunc(list, func(a, b []string) int { return len(b) - len(a) })
	}
	return f
})

// normalName is what names are compared by: neither case, accents, punctuation, white space nor legal form count. A name
// of nothing but a legal form keeps it; one of nothing but punctuation is itself.
func normalName(name string) string {
	words := strings.Fields(foldText(name))
	if len(words) == 0 {
		return strings.TrimSpace(name)
	}
	return strings.Join(withoutForms(words), " ")
}

// foldText is the text in lower case without accents and full stops, with spaces for all other punctuation.
func foldText(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(narrow(text)) {
		base, folded := foldings()[r]
		switch {
		case folded:
			b.WriteString(base)
		case isAccent(r) || strings.ContainsRune(".'’‘`´ʼ", r):
		case r == '&' || r == '+':
			b.WriteString(" and ")
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// isAccent: combining diacritical marks.
func isAccent(r rune) bool { return 0x300 <= r && r <= 0x36f }

// narrow makes ASCII of its full-width forms, and full stops of those of East Asia.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 0xff01 <= r && r <= 0xff5e:
			return r - 0xff01 + '!'
		case r == 0x3002 || r == 0xff61:
			return '.'
		}
		return r
	}, text)
}

func withoutForms(words []string) []string {
	f := legalForms()
	words = withoutJoined(words, f.joined)
	for trimmed := true; trimmed; {
		trimmed = false
		for _, form := range f.behind {
			if rest, ok := cutBehind(words, form); ok {
				words, trimmed = rest, true
				break
			}
		}
	}
	for _, form := range f.before {
		if len(words) > len(form) && slices.Equal(words[:len(form)], form) {
			return words[len(form):]
		}
	}
	return words
}

func cutBehind(words, form []string) ([]string, bool) {
	at := len(words) - len(form)
	if at < 1 || !slices.Equal(words[at:], form) {
		return words, false
	}
	return words[:at], true
}

// withoutJoined takes a form off the front of the first word or the end of the last.
func withoutJoined(words, joined []string) []string {
	text := strings.Join(words, " ")
	for _, form := range joined {
		for _, rest := range []string{strings.TrimSpace(strings.TrimPrefix(text, form)), strings.TrimSpace(strings.TrimSuffix(text, form))} {
			if rest != text && utf8.RuneCountInString(rest) > 0 {
				return strings.Fields(rest)
			}
		}
	}
	return words
}
