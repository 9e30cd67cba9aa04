package listing

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// MaxValues is how many values one filter may name.
const MaxValues = 500

// Where collects the conditions of a query, which must all hold. Conditions and columns are the code's own; whatever comes
// from outside is an argument. The zero Where lets every row pass.
type Where struct {
	conditions []string
	args       []any
	bound      []any
	err        error
}

// That adds a condition with its arguments.
func (w *Where) That(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// Bind ties cursors to something beside the conditions that decides which rows are listed.
func (w *Where) Bind(values ...any) { w.bound = append(w.bound, values...) }

// Refuse makes the query fail; the first error stays.
func (w *Where) Refuse(err error) {
	if w.err == nil {
		w.err = err
	}
}

// In wants one of the values in the column; no values, no condition. The column's name is also the field's in an error.
func In[T ~string](w *Where, column string, values []T) {
	AnyOf(w, column, column+" IN (", ")", values)
}

// IDs wants one of the ids in the column; no ids, no condition.
func IDs(w *Where, column string, ids []uuid.UUID) { In(w, column, Texts(ids)) }

// IDsAs is IDs for a column that is called otherwise than the field.
func IDsAs(w *Where, field, column string, ids []uuid.UUID) {
	AnyOf(w, field, column+" IN (", ")", Texts(ids))
}

// AnyOf wants one of the values inside a condition of the caller's, such as `EXISTS (SELECT … IN (` and `))`.
func AnyOf[T ~string](w *Where, field, begin, end string, values []T) {
	if len(values) > MaxValues {
		w.Refuse(domain.Invalid(field, "at most %d values, not %d", MaxValues, len(values)))
		return
	}
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = string(v)
	}
	w.That(begin+placeholders(len(args))+end, args...)
}

// Several is how a column holds several texts, none of which may hold the character between them.
func Several(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return between + strings.Join(texts, between) + between
}

const between = "\x1f" // no text that a command brings in holds a control character, but line breaks and tabs

// Holds wants one of the values among those of a column of Several; no values, no condition.
func Holds(w *Where, field, column string, values []string) {
	if len(values) > MaxValues {
		w.Refuse(domain.Invalid(field, "at most %d values, not %d", MaxValues, len(values)))
		return
	}
	alternatives := make([]Where, len(values))
	for i, v := range values {
		alternatives[i].That("instr("+column+", ?) > 0", Several([]string{v}))
	}
	w.Either(alternatives...)
}

// Either wants one of the alternatives to hold; none, or one without conditions, is no condition.
func (w *Where) Either(alternatives ...Where) {
	var conditions []string
	var args []any
	for _, a := range alternatives {
		if a.err != nil {
			w.Refuse(a.err)
		}
		if len(a.conditions) == 0 {
			return
		}
		conditions = append(conditions, "("+strings.Join(a.conditions, ") AND (")+")")
		args = append(args, a.args...)
	}
	if len(conditions) > 0 {
		w.That(strings.Join(conditions, " OR "), args...)
	}
}

// Texts is how columns hold ids.
func Texts(ids []uuid.UUID) []string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return texts
}

func placeholders(n int) string { return "?" + strings.Repeat(", ?", n-1) }

// Is wants the id in the column; the zero id is no condition.
func (w *Where) Is(column string, id uuid.UUID) {
	if id != uuid.Nil {
		w.That(column+" = ?", id.String())
	}
}

// Contains wants the text somewhere in a column of folded text (see Fold); no text, no condition.
func (w *Where) Contains(column, text string) {
	if folded := Fold(text); folded != "" {
		w.That("instr("+column+", ?) > 0", folded)
	}
}

// Fold is how text is kept that people sort by and search in: without regard to capitals and surrounding space.
func Fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// Period is from a moment, inclusive, until another, exclusive; a zero one leaves that side open.
type Period struct {
	From  time.Time
	Until time.Time
}

// Within wants a moment of the period in a column of Moment; the whole of time is no condition, any other leaves out rows
// without a moment.
func (w *Where) Within(column string, p Period) {
	if !p.From.IsZero() {
		w.That(column+" >= ?", Moment(p.From))
	}
	if !p.Until.IsZero() {
		w.That(column+" < ? AND "+column+" > ?", Moment(p.Until), Moment(time.Time{}))
	}
}

// Moment is how a column holds a time that rows are sorted by: microseconds since 1970. The zero time, which means there is
// none, comes before every other and is no NULL, which no row could be found behind.
func Moment(t time.Time) int64 { return t.UnixMicro() }

// String is the conditions behind WHERE.
func (w *Where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(w.conditions, ") AND (") + ")"
}

// Args are the arguments of the conditions, in order.
func (w *Where) Args() []any { return w.args }

// Err is why the query can't be asked, or nil.
func (w *Where) Err() error { return w.err }
