package intake

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

// Mapping says what a CRM's export means: docs/examples has one with every key explained. ParseMapping makes it.
type Mapping struct {
	System         string            `yaml:"system"`                    // part of every command's id: never change it
	Currency       string            `yaml:"currency"`                  // of amounts, unless a field says otherwise
	Dates          []Layout          `yaml:"dates"`                     // tried in order
	Delimiter      string            `yaml:"delimiter,omitempty"`       // one of , ; | or tab; comma by default
	ProgrammeStart domain.Date       `yaml:"programme_start,omitempty"` // when partners and sellers joined; else the earliest row's day
	Deals          Deals             `yaml:"deals"`
	Stages         map[string]Stage  `yaml:"stages"`
	Countries      map[string]string `yaml:"countries,omitempty"` // as the files write them → ISO 3166-1 alpha-2
	Products       Products          `yaml:"products,omitempty"`
	Partners       Partners          `yaml:"partners"`
	Sellers        Sellers           `yaml:"sellers,omitempty"`
	Revise         []Field           `yaml:"revise,omitempty"` // what a later export may change of what is recorded
}

// Deals says where the rows are and what their columns hold. Each field is found in one column or by one join.
type Deals struct {
	File    string                       `yaml:"file"`
	Columns map[Field]string             `yaml:"columns"`
	Joins   map[Field]Join               `yaml:"joins,omitempty"`
	Aliases map[string]map[string]string `yaml:"aliases,omitempty"` // column → other spelling → name; before all joins
}

// Join finds a value in another file: the one that stands in column Value where column Key holds what the row has in
// column By.
type Join struct {
	By    string `yaml:"by"`
	File  string `yaml:"file"`
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

// Stage is what one of the CRM's stages says of a deal.
type Stage struct {
	Status Status        `yaml:"status"`
	Stage  account.Stage `yaml:"stage,omitempty"` // of an open one
}

// Status says whether a deal of the CRM is over.
type Status string

// The states of a deal in a CRM.
const (
	Open Status = "open"
	Won  Status = "won"
	Lost Status = "lost"
)

// Products names the file that lists what is sold. Without it every product is known.
type Products struct {
	File   string `yaml:"file"`
	Column string `yaml:"column"`
}

// Partners says how a partner is recorded that the ledger doesn't know yet. Country, domain, territories and verticals may
// be unknown.
type Partners struct {
	Kind        partner.Kind       `yaml:"kind"`
	Country     string             `yaml:"country,omitempty"` // ISO 3166-1 alpha-2
	Territories []string           `yaml:"territories,omitempty"`
	Verticals   []string           `yaml:"verticals,omitempty"`
	Agreement   string             `yaml:"agreement"`          // the kind of agreement that each has signed, a short name
	ValidTo     domain.Date        `yaml:"valid_to,omitempty"` // the agreement's last day; without it, it has none
	Named       map[string]Details `yaml:"named,omitempty"`    // what is known of some
}

// Details is what one partner has else than the others. One with an id is in the ledger already and is not recorded.
type Details struct {
	ID          uuid.UUID    `yaml:"id,omitempty"`
	Kind        partner.Kind `yaml:"kind,omitempty"`
	Country     string       `yaml:"country,omitempty"`
	Domain      string       `yaml:"domain,omitempty"`
	Territories []string     `yaml:"territories,omitempty"`
	Verticals   []string     `yaml:"verticals,omitempty"`
}

// Sellers names the file that lists who sells for whom, so that those who never had a deal are known too.
type Sellers struct {
	From    string `yaml:"from"`
	Name    string `yaml:"name"`    // column of the seller's name
	Partner string `yaml:"partner"` // column of the partner's name
}

var (
	systemName  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	countryCode = regexp.MustCompile(`^[A-Z]{2}$`)
	shortName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)
)

// ParseMapping reads a mapping. It is strict: a key that isn't known, is there twice, or holds something else than it
// should, is refused.
// Errors: *MappingError with line and path of the first mistake; those of r.
func ParseMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	d := NewStrictYAML()
	if err := d.Decode(r, &m); err != nil {
		return Mapping{}, err
	}
	for _, check := range []func(*StrictYAML) error{
		m.checkBasics, m.checkFields, m.checkJoins, m.checkFiles, m.checkStages, m.checkCountries, m.checkPartners, m.checkRevise,
	} {
		if err := check(d); err != nil {
			return Mapping{}, err
		}
	}
	return m, nil
}

func (m *Mapping) checkBasics(d *StrictYAML) error {
	if !systemName.MatchString(m.System) {
		return d.Wrong("system", "want a short name of a-z, 0-9, - and _, as in acme-crm")
	}
	if _, err := domain.NewMoney(0, m.Currency); err != nil {
		return d.Wrong("currency", "want an ISO 4217 code, as in EUR, not %.20q", m.Currency)
	}
	if _, ok := delimiters[m.Delimiter]; !ok {
		return d.Wrong("delimiter", "want one of , ; | or tab")
	}
	if m.ProgrammeStart != (domain.Date{}) && (m.ProgrammeStart.Year < firstYear || m.ProgrammeStart.Year > lastYear) {
		return d.Wrong("programme_start", "want a day of the years %d to %d", firstYear, lastYear)
	}
	return nil
}

// Delimiter is what a mapping's word for it stands for; false where it is none.
func Delimiter(word string) (rune, bool) {
	comma, ok := delimiters[word]
	return comma, ok
}

var delimiters = map[string]rune{"": ',', ",": ',', ";": ';', "|": '|', "tab": '\t', "\t": '\t'}

func (m *Mapping) comma() rune { return delimiters[m.Delimiter] }

func (m *Mapping) checkFields(d *StrictYAML) error {
	for _, f := range sortedKeys(m.Deals.Columns) {
		if err := checkField(d, within("deals.columns", string(f)), f, Fields()); err != nil {
			return err
		}
	}
	for _, f := range sortedKeys(m.Deals.Joins) {
		path := within("deals.joins", string(f))
		if err := checkField(d, path, f, Fields()); err != nil {
			return err
		}
		if _, twice := m.Deals.Columns[f]; twice {
			return d.Wrong(path, "%s is under deals.columns already: want it once", f)
		}
	}
	for _, f := range m.needed() {
		if !m.names(f) {
			return d.Wrong("deals.columns", "want %s, here or under deals.joins", f)
		}
	}
	return nil
}

func checkField(d *StrictYAML, path string, f Field, wanted []Field) error {
	if slices.Contains(wanted, f) {
		return nil
	}
	words := make([]string, len(wanted))
	for i, w := range wanted {
		words[i] = string(w)
	}
	return d.unknown(path, d.lines[path], string(f), words)
}

// needed are the fields that the mapping must name: how deals end only where they do.
func (m *Mapping) needed() []Field {
	needed := neededFields()
	for _, name := range sortedKeys(m.Stages) {
		switch m.Stages[name].Status {
		case Won:
			needed = append(needed, ClosedOn, Amount)
		case Lost:
			needed = append(needed, ClosedOn)
		}
	}
	return needed
}

// names reports whether the mapping says where a field is found.
func (m *Mapping) names(f Field) bool {
	_, column := m.Deals.Columns[f]
	_, joined := m.Deals.Joins[f]
	return column || joined
}

// column is the column of the deals' file that a field is found in, or by.
func (m *Mapping) column(f Field) string {
	if column, ok := m.Deals.Columns[f]; ok {
		return column
	}
	return m.Deals.Joins[f].By
}

func (m *Mapping) checkJoins(d *StrictYAML) error {
	record, joined := m.Deals.Joins[Record]
	if joined {
		return d.Wrong("deals.joins.record", "want record under deals.columns: %s is not the row's own", record.Value)
	}
	return nil
}

// checkFiles refuses names with folders: where the files are is said when the import is started.
func (m *Mapping) checkFiles(d *StrictYAML) error {
	paths := map[string]string{"deals.file": m.Deals.File, "products.file": m.Products.File, "sellers.from": m.Sellers.From}
	for f, join := range m.Deals.Joins {
		paths[fmt.Sprintf("deals.joins.%s.file", f)] = join.File
	}
	for _, path := range sortedKeys(paths) {
		name := paths[path]
		if name == "" {
			continue
		}
		if name != filepath.Base(name) || strings.ContainsAny(name, `/\`) {
			return d.Wrong(path, "want the name of a file, without folders")
		}
		if path != "deals.file" && name == m.Deals.File {
			return d.Wrong(path, "want another file than that of the deals")
		}
	}
	return nil
}

func (m *Mapping) checkStages(d *StrictYAML) error {
	if len(m.Stages) == 0 {
		return d.Wrong("stages", "want at least one")
	}
	stages := []account.Stage{
		account.StageProspecting, account.StageQualified, account.StageProposal, account.StageNegotiation,
	}
	for _, name := range sortedKeys(m.Stages) {
		s, path := m.Stages[name], within("stages", name)
		switch {
		case s.Status != Open && s.Status != Won && s.Status != Lost:
			return d.Wrong(path+".status", "want one of open, won, lost, not %.20q", s.Status)
		case s.Stage != "" && s.Status != Open:
			return d.Wrong(path+".stage", "want it for an open one only")
		case s.Stage != "" && !slices.Contains(stages, s.Stage):
			return d.Wrong(path+".stage", "want one of %v, not %.20q", stages, s.Stage)
		}
	}
	return nil
}

func (m *Mapping) checkCountries(d *StrictYAML) error {
	for _, name := range sortedKeys(m.Countries) {
		if !countryCode.MatchString(m.Countries[name]) {
			return d.Wrong(within("countries", name), "want a code of ISO 3166-1 alpha-2, as in DE, not %.20q", m.Countries[name])
		}
	}
	return nil
}

func (m *Mapping) checkPartners(d *StrictYAML) error {
	if err := checkKind(d, "partners.kind", m.Partners.Kind); err != nil {
		return err
	}
	if !shortName.MatchString(m.Partners.Agreement) {
		return d.Wrong("partners.agreement", "want a short name of a-z, 0-9 and _, as in reseller")
	}
	countries := map[string]string{"partners.country": m.Partners.Country}
	for _, name := range sortedKeys(m.Partners.Named) {
		details, path := m.Partners.Named[name], within("partners.named", name)
		if details.Kind != "" {
			if err := checkKind(d, path+".kind", details.Kind); err != nil {
				return err
			}
		}
		countries[path+".country"] = details.Country
	}
	for _, path := range sortedKeys(countries) {
		if code := countries[path]; code != "" && !countryCode.MatchString(code) {
			return d.Wrong(path, "want a code of ISO 3166-1 alpha-2, as in DE, not %.20q", code)
		}
	}
	return nil
}

func checkKind(d *StrictYAML, path string, kind partner.Kind) error {
	if slices.Contains(partner.Kinds(), kind) {
		return nil
	}
	return d.Wrong(path, "want one of %v, not %.20q", partner.Kinds(), kind)
}

func (m *Mapping) checkRevise(d *StrictYAML) error {
	for i, f := range m.Revise {
		if err := checkField(d, fmt.Sprintf("revise[%d]", i), f, Revisable()); err != nil {
			return err
		}
	}
	return nil
}

// mayRevise reports whether a later export may change a field of what is recorded.
func (m *Mapping) mayRevise(f Field) bool { return slices.Contains(m.Revise, f) }

// Actor is who the import's events are by: the service of that system, for the person who runs it.
func (m *Mapping) Actor(onBehalfOf string) domain.Actor {
	return domain.Actor{
		ID: "import:" + m.System, Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}, OnBehalfOf: onBehalfOf,
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
