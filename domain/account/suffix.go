package account

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed frozen/public_suffix_list.dat
var publicSuffixList string

//go:embed frozen/shared_domains.txt
var sharedDomainList string

// section is where a rule of the public suffix list stands.
type section uint8

const (
	noRule  section = iota
	icann           // registries: everybody may register below them
	private         // companies that give names to their customers
)

// suffixRules are the rules of the frozen list in ASCII, as in com, *.ck and !www.ck.
var suffixRules = sync.OnceValue(func() map[string]section {
	rules, at := map[string]section{}, icann
	for text := range strings.Lines(publicSuffixList) {
		text = strings.TrimSpace(text)
		if strings.Contains(text, "===BEGIN PRIVATE DOMAINS===") {
			at = private
		}
		if text != "" && !strings.HasPrefix(text, "//") {
			rules[asciiRule(text)] = at
		}
	}
	return rules
})

func asciiRule(rule string) string {
	mark := ""
	for _, m := range []string{"!", "*."} {
		if rest, found := strings.CutPrefix(rule, m); found {
			mark, rule = m, rest
		}
	}
	labels := strings.Split(rule, ".")
	for i, l := range labels {
		labels[i], _ = asciiLabel(l) // a golden vector shows that the frozen list has no bad label
	}
	return mark + strings.Join(labels, ".")
}

var sharedDomains = sync.OnceValue(func() map[string]bool {
	shared := map[string]bool{}
	for _, d := range frozenLines(sharedDomainList) {
		shared[d] = true
	}
	return shared
})

// frozenLines are the lines of a frozen list without comments.
func frozenLines(list string) (lines []string) {
	for l := range strings.Lines(list) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			lines = append(lines, l)
		}
	}
	return lines
}

// registrableDomain is the part of a host that its owner registered. There is none below suffixes that companies run for
// their customers, below suffixes that the list doesn't know, for a suffix itself, and for what many customers share.
func registrableDomain(host string) (string, bool) {
	labels := strings.Split(host, ".")
	suffix, from := publicSuffix(labels)
	if suffix != icann || from == 0 {
		return "", false
	}
	for i := range from {
		if sharedDomains()[strings.Join(labels[i:], ".")] {
			return "", false
		}
	}
	return strings.Join(labels[from-1:], "."), true
}

// publicSuffix is the section of the rule that holds for a host, and the label that the suffix starts at: an exception
// before all others, else the longest rule (publicsuffix.org, "Algorithm").
func publicSuffix(labels []string) (section, int) {
	rules := suffixRules()
	for i := range labels {
		name := strings.Join(labels[i:], ".")
		if at := rules["!"+name]; at != noRule {
			return at, i + 1
		}
	}
	for i := range labels {
		if at := rules[strings.Join(labels[i:], ".")]; at != noRule {
			return at, i
		}
		if i+1 < len(labels) {
			if at := rules["*."+strings.Join(labels[i+1:], ".")]; at != noRule {
				return at, i
			}
		}
	}
	return noRule, 0
}
