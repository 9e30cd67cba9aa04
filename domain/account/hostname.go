package account

import (
	"strings"
	"unicode"

	"github.com/channelledger/channelledger/domain"
)

// hostOf is the host in a host name, URL or e-mail address: in lower case and, beyond ASCII, in punycode (RFC 3492), so
// that both spellings of an international name are one. It is empty for no text and for an IP address.
func hostOf(text string) (string, error) {
	host := strings.ToLower(strings.TrimSpace(narrow(text)))
	if len(host) > maxHostText {
		return "", domain.Invalid("domain", "must not be longer than %d bytes", maxHostText)
	}
	if _, rest, found := strings.Cut(host, "://"); found {
		host = rest
	}
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, "?")
	host = host[strings.LastIndexByte(host, '@')+1:]
	host, _, _ = strings.Cut(host, ":")
	host = strings.TrimSuffix(host, ".")
	if host == "" {
		return "", nil
	}
	return asciiHost(host, text)
}

func asciiHost(host, text string) (string, error) {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		ascii, ok := asciiLabel(label)
		if !ok {
			return "", domain.Invalid("domain", "%.100q is no host name: want one such as example.com", text)
		}
		labels[i] = ascii
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "", nil // an IP address: no top-level domain is a number
	}
	return strings.Join(labels, "."), nil
}

// asciiLabel is one label of a host name as DNS has it; letters with separate accents are refused, since the same name
// would have two spellings.
func asciiLabel(label string) (string, bool) {
	if label == "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
		return "", false
	}
	if strings.ContainsFunc(label, notInHost) {
		return "", false
	}
	if isASCII(label) {
		return label, len(label) <= 63
	}
	encoded, ok := punycode(label)
	return "xn--" + encoded, ok && len(encoded) <= 59
}

func notInHost(r rune) bool {
	if r < 0x80 {
		return ('a' > r || r > 'z') && ('0' > r || r > '9') && r != '-'
	}
	return isAccent(r) || !unicode.In(r, unicode.L, unicode.M, unicode.N)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// The parameters of punycode, RFC 3492 section 5.
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 128
	punyDigits      = "abcdefghijklmnopqrstuvwxyz0123456789"
	punyMaxRunes    = 63 // so that delta can't overflow
)

// punycode encodes a label that is not all ASCII (RFC 3492 section 6.3).
func punycode(label string) (string, bool) {
	runes := []rune(label)
	if len(runes) > punyMaxRunes {
		return "", false
	}
	out := strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return -1
		}
		return r
	}, label)
	basic := len(out)
	if basic > 0 {
		out += "-"
	}
	n, delta, bias := rune(punyInitialN), 0, punyInitialBias
	for done := basic; done < len(runes); n++ {
		next := nextRune(runes, n)
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r == n {
				out += punyNumber(delta, bias)
				bias = punyAdapt(delta, done+1, done == basic)
				delta, done = 0, done+1
			}
		}
		delta++
	}
	return out, true
}

// nextRune is the smallest of the runes from n on.
func nextRune(runes []rune, n rune) rune {
	next := rune(unicode.MaxRune)
	for _, r := range runes {
		if r >= n && r < next {
			next = r
		}
	}
	return next
}

// punyNumber writes a generalised variable-length integer.
func punyNumber(q, bias int) string {
	var digits []byte
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if q < t {
			return string(append(digits, punyDigits[q]))
		}
		digits = append(digits, punyDigits[t+(q-t)%(punyBase-t)])
		q = (q - t) / (punyBase - t)
	}
}

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
