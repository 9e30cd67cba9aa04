package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// Layout is how a file writes days, in the signs that people know: YYYY, MM or M, MMM (Jan), DD or D.
type Layout struct {
	text string // as in the mapping
	goes string // as time.Parse wants it
}

// layoutSign is one of the signs, how time.Parse writes it, and whether it is of the year, the month or the day.
type layoutSign struct {
	sign, goes string
	part       byte
}

// layoutSigns, the longer before the shorter. M and D take one digit or two, MM and DD always two.
var layoutSigns = []layoutSign{
	{"YYYY", "2006", 'Y'},
	{"MMM", "Jan", 'M'},
	{"MM", "01", 'M'},
	{"M", "1", 'M'},
	{"DD", "02", 'D'},
	{"D", "2", 'D'},
}

// UnmarshalText reads a layout such as M/D/YYYY.
// Errors: another letter, or a layout that doesn't name year, month and day once each.
func (l *Layout) UnmarshalText(text []byte) error {
	l.text = string(text)
	var goes strings.Builder
	var parts []byte
	for rest := l.text; rest != ""; {
		at := slices.IndexFunc(layoutSigns, func(s layoutSign) bool { return strings.HasPrefix(rest, s.sign) })
		switch {
		case at >= 0:
			goes.WriteString(layoutSigns[at].goes)
			parts = append(parts, layoutSigns[at].part)
			rest = rest[len(layoutSigns[at].sign):]
		case strings.IndexByte("/-. ,", rest[0]) >= 0:
			goes.WriteByte(rest[0])
			rest = rest[1:]
		default:
			return l.wrong()
		}
	}
	slices.Sort(parts)
	if string(parts) != "DMY" {
		return l.wrong()
	}
	l.goes = goes.String()
	return nil
}

func (l *Layout) wrong() error {
	return fmt.Errorf("layout %.50q: want year, month and day once each, as in M/D/YYYY, DD.MM.YYYY or YYYY-MM-DD", l.text)
}

// String is the layout as the mapping has it.
func (l Layout) String() string { return l.text }

// The days that a row may name: what lies beyond is a typing error.
const firstYear, lastYear = 1970, 2999

// ParseDay reads a day by the first layout that fits.
// Errors: none does; a year before 1970 or after 2999.
func ParseDay(text string, layouts []Layout) (domain.Date, error) {
	for _, l := range layouts {
		t, err := time.Parse(l.goes, text)
		if err != nil {
			continue
		}
		if t.Year() < firstYear || t.Year() > lastYear {
			return domain.Date{}, fmt.Errorf("%.50q: want a day of the years %d to %d", text, firstYear, lastYear)
		}
		return domain.DateOf(t, time.UTC), nil
	}
	return domain.Date{}, fmt.Errorf("%.50q is no day written as %s", text, join(layouts, " or "))
}

func join[T fmt.Stringer](values []T, separator string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return strings.Join(texts, separator)
}
