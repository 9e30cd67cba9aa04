package payment

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The letters that every bank takes: those of the SEPA rulebooks, which are SWIFT's character set X (EPC217-08).
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "

// replaced are the letters that taking off the marks doesn't turn into others: German umlauts as the Germans write them
// without, what Latin alphabets have beside, Greek (ISO 843) and Cyrillic (Bulgarian and Serbian as their laws have it, Russian
// and Ukrainian as passports do).
var replaced = pairs(`
ä ae ö oe ü ue Ä Ae Ö Oe Ü Ue ß ss ẞ SS æ ae Æ Ae ø o Ø O œ oe Œ Oe å a Å A ł l Ł L đ d Đ D ð d Ð D þ th Þ Th ħ h Ħ H ı i
ŋ n Ŋ N ŧ t Ŧ T ĸ k ĳ ij Ĳ IJ & + _ - – - — - ‑ - ’ ' ‘ ' ‚ , “ ' ” ' „ ' " ' ` + "` '" + ` € EUR
α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o
Α A Β V Γ G Δ D Ε E Ζ Z Η I Θ Th Ι I Κ K Λ L Μ M Ν N Ξ X Ο O Π P Ρ R Σ S Τ T Υ Y Φ F Χ Ch Ψ Ps Ω O
а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х h ц ts ч ch ш sh щ sht ъ a ы y ь y э e
ю yu я ya ё e є ie і i ї i ґ g ђ dj ј j љ lj њ nj ћ c џ dz
А A Б B В V Г G Д D Е E Ж Zh З Z И I Й Y К K Л L М M Н N О O П P Р R С S Т T У U Ф F Х H Ц Ts Ч Ch Ш Sh Щ Sht Ъ A Ы Y Ь Y Э E
Ю Yu Я Ya Ё E Є Ye І I Ї Yi Ґ G Ђ Dj Ј J Љ Lj Њ Nj Ћ C Џ Dz`)

// digraphs are letters that have another sound together.
var digraphs = strings.NewReplacer("ου", "ou", "ού", "ou", "Ου", "Ou", "Ού", "Ou", "ΟΥ", "OU")

func pairs(text string) map[rune]string {
	of := map[rune]string{}
	words := strings.Fields(text)
	for i := 0; i+1 < len(words); i += 2 {
		of[[]rune(words[i])[0]] = words[i+1]
	}
	return of
}

// latin is a text in the letters that banks take, at most limit of them: marks are taken off, other letters written as their
// sound is, line breaks and blanks in a row are one blank, and what can't be written is a full stop. Nothing but
// blanks, or nothing, is a full stop too: the field must not be empty.
func latin(text string, limit int) string {
	var b strings.Builder
	for _, r := range digraphs.Replace(norm.NFC.String(text)) {
		b.WriteString(letterOf(r))
	}
	out := strings.Join(strings.Fields(b.String()), " ")
	if len(out) > limit {
		out = strings.TrimSpace(out[:limit])
	}
	if out == "" {
		return "."
	}
	return out
}

func letterOf(r rune) string {
	if strings.ContainsRune(letters, r) {
		return string(r)
	}
	if as, ok := replaced[r]; ok {
		return as
	}
	if unicode.IsSpace(r) {
		return " "
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch as, known := replaced[part]; {
		case strings.ContainsRune(letters, part):
			b.WriteRune(part)
		case known:
			b.WriteString(as)
		case !unicode.Is(unicode.Mn, part):
			b.WriteByte('.')
		}
	}
	return b.String()
}
