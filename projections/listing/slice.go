package listing

import (
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Slice is a page of what was made in memory: items in the order of their keys, each different. list is what tells this
// list from others, as the conditions of a query do; a cursor of another list is refused.
// Errors: a Rejection of kind Invalid for sort, cursor or limit.
func Slice[R any](items []R, key func(*R) string, list []any, r Request) (page Page[R], err error) {
	var w Where
	w.Bind(list...)
	if r.Sort != "" {
		return page, domain.Invalid("sort", "this list has one order only")
	}
	p, err := plan(Table{Sorts: []string{"key"}}, w, Request{Limit: r.Limit})
	if err != nil {
		return page, err
	}
	from := 0
	if r.Cursor != "" {
		c, err := readCursor(r.Cursor, p.list)
		if err != nil {
			return page, err
		}
		from, _ = slices.BinarySearchFunc(items, c.Key+"\x00", func(item R, behind string) int {
			return strings.Compare(key(&item), behind)
		})
	}
	page.Items = items[from:min(len(items), from+p.limit)]
	if rest := from + len(page.Items); rest < len(items) {
		page.Next = cursor{List: p.list, Key: key(&items[rest-1])}.String()
	}
	return page, nil
}
