package listing

import (
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
)

// Table is what rows are listed from, and how. The names are the code's own.
type Table struct {
	Name  string
	Sorts []string // columns, none of them ever NULL, that a request may sort by; the first by default
}

// order is a sort that a request asked for. Rows of equal value come in the order of their keys.
type order struct {
	column     string
	descending bool
}

// order reads a sort: a column, with - in front the greatest value first. The default is descending where its name in
// Sorts has the - in front.
func (t Table) order(sort string) (order, error) {
	if sort == "" {
		return parseOrder(t.Sorts[0]), nil
	}
	wanted := parseOrder(strings.TrimPrefix(sort, "+"))
	var columns []string
	for _, s := range t.Sorts {
		columns = append(columns, parseOrder(s).column)
	}
	if !slices.Contains(columns, wanted.column) {
		return order{}, domain.Invalid("sort", "unknown sort %.50q: want one of %s, with - in front for the greatest first",
			sort, strings.Join(columns, ", "))
	}
	return wanted, nil
}

func parseOrder(sort string) order {
	column, descending := strings.CutPrefix(sort, "-")
	return order{column, descending}
}

func (o order) clause() string {
	if o.descending {
		return " ORDER BY " + o.column + " DESC, key DESC"
	}
	return " ORDER BY " + o.column + ", key"
}

// behind is the condition for rows that come after one, whose value and key are its arguments.
func (o order) behind() string {
	if o.descending {
		return "(" + o.column + ", key) < (?, ?)"
	}
	return "(" + o.column + ", key) > (?, ?)"
}
