package intake

import (
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// SalesField is what the import wants to know of a sale beside its reference.
type SalesField string

// The fields of a sale.
const (
	SoldOn       SalesField = "sold_on"  // the day of the sale, or of what is taken back
	SaleProduct  SalesField = "product"  //
	SaleLine     SalesField = "line"     // the product line; by default the catalogue's
	SaleAmount   SalesField = "amount"   // net of tax, freight and discounts
	SaleCurrency SalesField = "currency" // of the amount, instead of SalesMapping.Currency
	SalePartner  SalesField = "partner"  // whose sale it is, see SalesMapping.Partners
	Reverses     SalesField = "reverses" // the reference of the sale that the row takes back; empty where the row is a sale
)

// SalesFields lists every field, in the order they are looked at.
func SalesFields() []SalesField {
	return []SalesField{SalePartner, SoldOn, SaleProduct, SaleLine, SaleAmount, SaleCurrency, Reverses}
}

// SalesMapping says what a file of sales means: docs/examples has one with every key explained. ParseSalesMapping makes it.
type SalesMapping struct {
	System    string                `yaml:"system"` // part of every command's id: never change it
	Scheme    string                `yaml:"scheme"` // of the agreements that the sales count in
	Source    policy.Basis          `yaml:"source"` // what that scheme is based on
	Currency  string                `yaml:"currency"`
	Dates     []Layout              `yaml:"dates"`               // tried in order
	Delimiter string                `yaml:"delimiter,omitempty"` // one of , ; | or tab; comma by default
	Reference []string              `yaml:"reference"`           // columns that together name a row, for ever
	Columns   map[SalesField]string `yaml:"columns"`
	Partner   uuid.UUID             `yaml:"partner,omitempty"`  // whose sales all rows are
	Partners  map[string]uuid.UUID  `yaml:"partners,omitempty"` // as the files name them
	FX        map[string]FileRate   `yaml:"fx,omitempty"`       // by currency, for agreements in another one
}

// FileRate is what sales in one currency are converted at.
type FileRate struct {
	Rate   string `yaml:"rate"`   // units of the agreement's currency for one of the file's
	Source string `yaml:"source"` // where the rate is from
}

// ParseSalesMapping reads a mapping, as strictly as ParseMapping.
// Errors: *MappingError with line and path of the first mistake; those of r.
func ParseSalesMapping(r io.Reader) (SalesMapping, error) {
	var m SalesMapping
	d := NewStrictYAML()
	if err := d.Decode(r, &m); err != nil {
		return SalesMapping{}, err
	}
	for _, check := range []func(*StrictYAML) error{m.checkBasics, m.checkColumns, m.checkPartners, m.checkFX} {
		if err := check(d); err != nil {
			return SalesMapping{}, err
		}
	}
	return m, nil
}

func (m *SalesMapping) checkBasics(d *StrictYAML) error {
	switch _, err := domain.NewMoney(0, m.Currency); {
	case !systemName.MatchString(m.System):
		return d.Wrong("system", "want a short name of a-z, 0-9, - and _, as in north-sell-out")
	case !shortName.MatchString(m.Scheme):
		return d.Wrong("scheme", "want the name of a scheme of the rebate policy")
	case !slices.Contains(policy.Bases(), m.Source):
		return d.Wrong("source", "want one of %v, not %.20q", policy.Bases(), m.Source)
	case err != nil:
		return d.Wrong("currency", "want an ISO 4217 code, as in EUR, not %.20q", m.Currency)
	}
	if _, ok := delimiters[m.Delimiter]; !ok {
		return d.Wrong("delimiter", "want one of , ; | or tab")
	}
	return nil
}

func (m *SalesMapping) checkColumns(d *StrictYAML) error {
	for _, f := range sortedKeys(m.Columns) {
		if !slices.Contains(SalesFields(), f) {
			path, words := within("columns", string(f)), make([]string, 0, len(SalesFields()))
			for _, w := range SalesFields() {
				words = append(words, string(w))
			}
			return d.unknown(path, d.lines[path], string(f), words)
		}
	}
	for _, f := range []SalesField{SoldOn, SaleProduct, SaleAmount} {
		if m.Columns[f] == "" {
			return d.Wrong("columns", "want the key %s", f)
		}
	}
	return nil
}

func (m *SalesMapping) checkPartners(d *StrictYAML) error {
	byRow := m.Columns[SalePartner] != ""
	switch {
	case byRow == (m.Partner != uuid.Nil):
		return d.Wrong("partner", "want the partner of all rows here, or columns.partner for each row's own")
	case byRow && len(m.Partners) == 0:
		return d.Wrong("partners", "want the id of each partner that column %q names", m.Columns[SalePartner])
	case !byRow && len(m.Partners) > 0:
		return d.Wrong("partners", "want it with columns.partner only")
	}
	return nil
}

func (m *SalesMapping) checkFX(d *StrictYAML) error {
	for _, currency := range sortedKeys(m.FX) {
		path := within("fx", currency)
		if _, err := domain.NewMoney(0, currency); err != nil {
			return d.Wrong(path, "want an ISO 4217 code, as in EUR")
		}
		if rate, err := domain.ParseRate(m.FX[currency].Rate); err != nil || rate.Sign() <= 0 {
			return d.Wrong(path+".rate", "want a decimal above 0, as in 1.0837")
		}
		if err := domain.AdmitText("", m.FX[currency].Source, rebate.MaxReference); err != nil {
			return d.Wrong(path+".source", "%v", err)
		}
	}
	return nil
}

// conversion is what an amount is converted at for an agreement in some currency; none where the currencies are one, or
// where the mapping has no rate.
func (m *SalesMapping) conversion(from, to string) rebate.Conversion {
	fx, ok := m.FX[from]
	if from == to || !ok {
		return rebate.Conversion{}
	}
	return rebate.Conversion{Rate: domain.Must(domain.ParseRate(fx.Rate)), Source: fx.Source} // checked
}

// columns are those that every file must have.
func (m *SalesMapping) columns() (names []string) {
	names = slices.Clone(m.Reference)
	for _, f := range sortedKeys(m.Columns) {
		names = append(names, m.Columns[f])
	}
	return names
}

func (m *SalesMapping) comma() rune { return delimiters[m.Delimiter] }

// Actor is who the import's events are by: the service of that system, for the person who runs it.
func (m *SalesMapping) Actor(onBehalfOf string) domain.Actor {
	return (&Mapping{System: m.System}).Actor(onBehalfOf)
}

// commandID is the id of the command that a row makes on an agreement.
func (m *SalesMapping) commandID(reference string, agreement uuid.UUID) uuid.UUID {
	return (&Mapping{System: m.System}).commandID(reference, fmt.Sprintf("sale of %s", agreement))
}
