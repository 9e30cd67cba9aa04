package metrics

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
	"github.com/channelledger/channelledger/projections/numbers"
)

// None is the group of what has no value in the grouping: a partner without a tier, of no known country.
const None = "none"

// Question asks a metric.
type Question struct {
	Metric  Metric
	Period  string // 2017, 2017-Q4 or 2017-10; empty: what the metric's span says
	GroupBy GroupBy
	At      time.Time      // what took effect later isn't seen
	Zone    *time.Location // of the program; nil: UTC
	Scope   uuid.UUID      // only this partner's share; zero: everybody's
}

// Answer is a number, and its parts.
type Answer struct {
	Window Window
	By     GroupBy
	Total  []Value // one; of amounts one for each currency, none where there is nothing
	Groups []Group // by value; empty where no grouping was asked for
}

// Group is the part of an answer that has one value in the grouping.
type Group struct {
	Value  string  `json:"value"`
	Values []Value `json:"values"`
}

// Ask answers a question from a view's rows.
// Errors: a Rejection of kind Invalid that names period or group_by; of kind Forbidden where a partner's people ask what is
// the vendor's.
func Ask(ctx context.Context, q projections.Querier, question Question) (a Answer, err error) {
	entries, w, err := question.entries(ctx, q)
	if err != nil {
		return a, err
	}
	a, err = question.answer(entries)
	a.Window = w
	return a, err
}

// Drill is a page of the entries behind an answer, or behind one group of it.
// Errors: those of Ask; a Rejection of kind Invalid that names cursor, limit or group.
func Drill(
	ctx context.Context, q projections.Querier, question Question, group string, r listing.Request,
) (page listing.Page[Entry], w Window, err error) {
	entries, w, err := question.entries(ctx, q)
	if err == nil && group != "" && question.GroupBy == "" {
		err = domain.Invalid("group", "want group_by along with it")
	}
	if err != nil {
		return page, w, err
	}
	if group != "" {
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return e.Group != group })
	}
	for i := range entries {
		entries[i].place = entries[i].key()
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.place, b.place) })
	list := []any{"metric", question.Metric.ID(), question.Period, question.GroupBy, group, question.Scope}
	page, err = listing.Slice(entries, func(e *Entry) string { return e.place }, list, r)
	for i := range page.Items {
		page.Items[i].show()
	}
	return page, w, err
}

// check fills in what was left out and refuses what can't be asked.
func (q *Question) check() (w Window, err error) {
	if q.Zone == nil {
		q.Zone = time.UTC
	}
	if q.Scope != uuid.Nil && q.Metric.VendorOnly {
		return w, domain.Forbid("vendor_only", "%s is the vendor's: it shows what other partners do", q.Metric.ID())
	}
	q.GroupBy = cmp.Or(q.GroupBy, q.Metric.GroupedBy)
	if err := q.Metric.check(q.GroupBy); err != nil {
		return w, err
	}
	return q.Metric.Span.window(q.Period, q.At, q.Zone)
}

func (q *Question) entries(ctx context.Context, from projections.Querier) ([]Entry, Window, error) {
	w, err := q.check()
	if err != nil {
		return nil, w, err
	}
	r, err := load(ctx, from, q.Metric.needs, w)
	if err != nil {
		return nil, w, err
	}
	return q.countIn(r.seen(w, q.Zone)), w, nil
}

// countIn is what counts, in no order.
func (q *Question) countIn(f *Facts) []Entry {
	entries := q.Metric.count(f)
	if q.Scope != uuid.Nil {
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return e.PartnerID != q.Scope })
	}
	for i := range entries {
		entries[i].Group = f.group(&entries[i], q.GroupBy)
	}
	return entries
}

func (f *Facts) group(e *Entry, by GroupBy) (value string) {
	switch p := f.Partner(e.PartnerID); {
	case by == "":
		return ""
	case by == ByMatter:
		value = string(e.Matter)
	case by == ByTier && e.dated:
		value = e.tier
	case p != nil:
		value = p.group(by, f.Window.At)
	case by == ByPartner && e.PartnerID != uuid.Nil:
		value = e.PartnerID.String()
	}
	if value == "" {
		return None
	}
	return value
}

func (q *Question) answer(entries []Entry) (a Answer, err error) {
	sum := q.Metric.sum
	if sum == nil {
		sum = countSum
	}
	a.By = q.GroupBy
	if a.Total, err = sum(q.Metric, entries); err != nil || q.GroupBy == "" {
		return a, err
	}
	parts := map[string][]Entry{}
	for _, e := range entries {
		parts[e.Group] = append(parts[e.Group], e)
	}
	for _, value := range slices.Sorted(maps.Keys(parts)) {
		values, err := sum(q.Metric, parts[value])
		if err != nil {
			return a, err
		}
		if q.Metric.wholeBelow {
			divideByWhole(values, a.Total)
		}
		a.Groups = append(a.Groups, Group{Value: value, Values: values})
	}
	return a, nil
}

// divideByWhole makes values parts of the whole denominator of their currency.
func divideByWhole(values, whole []Value) {
	for i := range values {
		at := slices.IndexFunc(whole, func(v Value) bool { return v.Currency == values[i].Currency })
		values[i].Denominator = whole[at].Denominator
		values[i].Ratio = numbers.Ratio(number(values[i].Numerator), number(values[i].Denominator))
	}
}
