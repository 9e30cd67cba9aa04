package intake

import (
	"fmt"
	"slices"
	"strings"
)

// export is everything that was read of a CRM's files, before any rule looked at it.
type export struct {
	mapping  *Mapping
	deals    []*table
	others   map[string]*table
	joins    map[Field]*lookup
	products *lookup // nil where every product is known
	stages   *names
	places   *names // as the mapping's countries are written
	warnings []string
}

// readExport reads the files and ties them together by the mapping's joins.
// Errors: a file can't be read at all, or lacks a column that the mapping names.
func readExport(m *Mapping, files Files) (*export, error) {
	e := &export{
		mapping: m, others: map[string]*table{}, joins: map[Field]*lookup{},
		stages: newNames(sortedKeys(m.Stages)), places: newNames(sortedKeys(m.Countries)),
	}
	for _, f := range files.Deals {
		t, err := readTable(f, m.comma())
		if err != nil {
			return nil, err
		}
		if err := t.want(m.dealColumns()...); err != nil {
			return nil, err
		}
		e.deals = append(e.deals, t)
	}
	if err := e.readOthers(files.Others); err != nil {
		return nil, err
	}
	return e, e.tieTogether()
}

func (e *export) readOthers(files map[string]File) error {
	for _, name := range e.mapping.otherFiles() {
		f, ok := files[name]
		if !ok {
			return fmt.Errorf("%s is missing", name)
		}
		t, err := readTable(f, e.mapping.comma())
		if err != nil {
			return err
		}
		for _, r := range t.rows {
			if r.wrong != "" {
				e.warnings = append(e.warnings, fmt.Sprintf("%s line %d %s: it is passed over", name, r.line, r.wrong))
			}
		}
		e.others[name] = t
	}
	return nil
}

func (e *export) tieTogether() (err error) {
	for _, f := range sortedKeys(e.mapping.Deals.Joins) {
		join := e.mapping.Deals.Joins[f]
		if e.joins[f], err = newLookup(e.others[join.File], join.Key, join.Value); err != nil {
			return err
		}
	}
	if p := e.mapping.Products; p.File != "" {
		if e.products, err = newLookup(e.others[p.File], p.Column, p.Column); err != nil {
			return err
		}
	}
	if s := e.mapping.Sellers; s.From != "" {
		return e.others[s.From].want(s.Name, s.Partner)
	}
	return nil
}

// dealColumns are the columns that the file of the deals must have.
func (m *Mapping) dealColumns() (columns []string) {
	for _, f := range Fields() {
		if m.names(f) {
			columns = append(columns, m.column(f))
		}
	}
	return append(columns, sortedKeys(m.Deals.Aliases)...)
}

// lookup finds a value by a key in another file.
type lookup struct {
	file   string
	values map[string]string
	unsure map[string]bool // keys that stand there with several values
	known  *names
}

func newLookup(t *table, key, value string) (*lookup, error) {
	if err := t.want(key, value); err != nil {
		return nil, err
	}
	l := &lookup{file: t.name, values: map[string]string{}, unsure: map[string]bool{}}
	for _, r := range t.rows {
		k, v := t.cell(r, key), t.cell(r, value)
		if r.wrong != "" || k == "" {
			continue
		}
		if before, twice := l.values[k]; twice && before != v {
			l.unsure[k] = true
		}
		l.values[k] = v
	}
	l.known = newNames(sortedKeys(l.values))
	return l, nil
}

// find is the value of a key, or what is wrong with the key.
func (l *lookup) find(key, column string) (string, *fault) {
	value, ok := l.values[key]
	switch {
	case !ok:
		return "", unknown(column, key, "in "+l.file, l.known)
	case l.unsure[key]:
		return "", &fault{column, Unknown, fmt.Sprintf("%.200q stands in %s more than once, with different values", key, l.file)}
	}
	return value, nil
}

// unknown says that a name isn't one of those known, and which of them is nearest.
func unknown(column, name, where string, known *names) *fault {
	detail := fmt.Sprintf("%.200q is not %s", name, where)
	if nearest := known.nearest(name); nearest != "" {
		detail += fmt.Sprintf(": nearest is %q", nearest)
	}
	return &fault{column, Unknown, detail}
}

// value is what a row says of a field: empty where the mapping or the row says nothing.
func (e *export) value(t *table, r record, f Field) (string, *fault) {
	column := e.mapping.column(f)
	if column == "" {
		return "", nil
	}
	value := t.cell(r, column)
	if right, ok := e.mapping.Deals.Aliases[column][value]; ok {
		value = strings.TrimSpace(right)
	}
	join, joined := e.joins[f]
	if !joined || value == "" {
		return value, nil
	}
	return join.find(value, column)
}

// member is a seller and the partner they sell for, by name.
type member struct{ partner, seller string }

// members lists who the sellers' file names, each once, in a fixed order.
func (e *export) members() (all []member) {
	s := e.mapping.Sellers
	t, ok := e.others[s.From]
	if !ok {
		return nil
	}
	for _, r := range t.rows {
		who := member{partner: t.cell(r, s.Partner), seller: t.cell(r, s.Name)}
		switch {
		case r.wrong != "": // noted when the file was read
		case who.partner == "" || who.seller == "":
			e.warnings = append(e.warnings, fmt.Sprintf("%s line %d lacks the seller or the partner: it is passed over", t.name, r.line))
		default:
			all = append(all, who)
		}
	}
	slices.SortFunc(all, member.compare)
	return slices.Compact(all)
}

func (m member) compare(other member) int {
	if byPartner := strings.Compare(m.partner, other.partner); byPartner != 0 {
		return byPartner
	}
	return strings.Compare(m.seller, other.seller)
}
