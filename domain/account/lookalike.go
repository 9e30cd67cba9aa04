package account

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// What follows only finds candidates and may get better at any time. Account ids come from normalName, which is frozen.

//go:embed candidates/letters.txt
var letterList string

//go:embed candidates/words.txt
var wordList string

var latinLetters = sync.OnceValue(func() map[rune]string {
	latin := map[rune]string{}
	for letter, to := range mapping(letterList) {
		for _, r := range letter {
			latin[r] = to
		}
	}
	return latin
})

var plainWords = sync.OnceValue(func() map[string]string { return mapping(wordList) })

func mapping(list string) map[string]string {
	all := map[string]string{}
	for _, l := range frozenLines(list) {
		from, to, _ := strings.Cut(l, " ")
		all[from] = to
	}
	return all
}

// vowels are umlauts and Nordic letters spelled out, as in Mueller and Aarhus; folding takes Müller and Århus to the same.
var vowels = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// lookalike is what names are compared by to find candidates: on top of normalName it is written in Latin letters, without
// articles and conjunctions, with common abbreviations spelled out, and without spaces. Never empty for a name with a
// letter or a digit.
func lookalike(name string) string {
	words := strings.Fields(foldText(name))
	if len(words) == 0 {
		return ""
	}
	words = strings.Fields(inLatin(strings.Join(withoutForms(words), " ")))
	words = withoutForms(words) // once more: OOO, IP and the like are on the list in Latin letters, too
	if plain := strings.Join(plain(words), ""); plain != "" {
		return vowels.Replace(plain)
	}
	return vowels.Replace(strings.Join(words, ""))
}

func plain(words []string) (all []string) {
	for _, w := range words {
		if to, listed := plainWords()[w]; listed {
			w = to
		}
		all = append(all, w)
	}
	return all
}

func inLatin(text string) string {
	var b strings.Builder
	for _, r := range text {
		if latin, listed := latinLetters()[r]; listed {
			b.WriteString(latin)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// nameScore is how alike two names are, as lookalike has them. Names with different numbers are different ones, however
// long they are otherwise: numbers tell sites, studios and stations apart.
func nameScore(a, b string) int {
	if na, nb := numbers(a), numbers(b); na != "" && nb != "" && na != nb {
		return 0
	}
	return jaroWinkler([]rune(a), []rune(b))
}

func numbers(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}
