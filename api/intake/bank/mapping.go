package bank

import (
	"io"
	"maps"
	"regexp"
	"slices"

	"golang.org/x/text/encoding/charmap"

	"github.com/channelledger/channelledger/api/intake"
	"github.com/channelledger/channelledger/domain"
)

// Field is what a CSV says of a line or of its statement.
type Field string

// The fields of a line.
const (
	BookedOn     Field = "booked_on"
	ValueOn      Field = "value_on"
	Amount       Field = "amount"    // below 0 for what went out, unless there is a direction
	Debit        Field = "debit"     // what went out, in a column of its own
	Credit       Field = "credit"    // what came in
	Direction    Field = "direction" // words.out or words.in
	State        Field = "state"     // words.booked or words.pending
	Reversed     Field = "reversal"  // words.reversal, or anything else
	Balance      Field = "balance"   // of the account behind the line
	Reference    Field = "reference" // the bank's own
	EndToEndID   Field = "end_to_end_id"
	MandateID    Field = "mandate_id"
	MessageID    Field = "message_id"
	PaymentID    Field = "payment_id"
	OtherName    Field = "counterparty"
	OtherAccount Field = "counterparty_account"
	OtherBIC     Field = "counterparty_bic"
	ReturnCode   Field = "return_code"
)

// The fields of a statement: in a column that says the same in each of its rows, or beside a label above or below the rows.
const (
	Account  Field = "account"
	Currency Field = "currency"
	Number   Field = "number"
	FromDay  Field = "from"
	ToDay    Field = "to"
	Opening  Field = "opening"
	Closing  Field = "closing"
)

func lineFields() []Field {
	return []Field{
		BookedOn, ValueOn, Amount, Debit, Credit, Direction, State, Reversed, Balance, Reference, EndToEndID, MandateID, MessageID,
		PaymentID, OtherName, OtherAccount, OtherBIC, ReturnCode,
	}
}

func statementFields() []Field {
	return []Field{Account, Currency, Number, FromDay, ToDay, Opening, Closing}
}

// Mapping says what a bank's CSV means: docs/examples has one with every key explained. ParseMapping makes it.
type Mapping struct {
	Account   string           `yaml:"account,omitempty"`  // of all rows
	Currency  string           `yaml:"currency,omitempty"` // of all rows
	Dates     []intake.Layout  `yaml:"dates"`              // tried in order
	Decimal   string           `yaml:"decimal,omitempty"`  // . or ,
	Grouping  string           `yaml:"grouping,omitempty"` // between thousands, if anything
	Delimiter string           `yaml:"delimiter,omitempty"`
	Encoding  string           `yaml:"encoding,omitempty"`
	Order     string           `yaml:"order,omitempty"` // oldest_first or newest_first, for the column of balances
	Columns   map[Field]string `yaml:"columns"`
	Text      []string         `yaml:"text,omitempty"`   // columns of the remittance, joined by a space
	Labels    map[Field]string `yaml:"labels,omitempty"` // what stands before the value, above or below the rows
	Words     Words            `yaml:"words,omitempty"`

	number  *regexp.Regexp
	charset *charmap.Charmap
}

// Words are what columns say. Neither case nor white space around them counts.
type Words struct {
	Out      []string `yaml:"out,omitempty"`
	In       []string `yaml:"in,omitempty"`
	Booked   []string `yaml:"booked,omitempty"`
	Pending  []string `yaml:"pending,omitempty"` // the row is passed over
	Reversal []string `yaml:"reversal,omitempty"`
}

// Orders of a file's rows.
const (
	OldestFirst = "oldest_first"
	NewestFirst = "newest_first"
)

// ParseMapping reads a mapping: a key that isn't known, is there twice, or holds something else than it should, is refused.
// Errors: *intake.MappingError with line and path of the first mistake; those of r.
func ParseMapping(r io.Reader) (*Mapping, error) {
	m, d := &Mapping{}, intake.NewStrictYAML()
	if err := d.Decode(r, m); err != nil {
		return nil, err
	}
	for _, check := range []func(*intake.StrictYAML) error{m.checkBasics, m.checkNumbers, m.checkFields, m.checkAmount, m.checkWords} {
		if err := check(d); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Mapping) checkBasics(d *intake.StrictYAML) error {
	if m.Account != "" {
		number, err := accountIn(m.Account)
		if err != nil {
			return d.Wrong("account", "%v", err)
		}
		m.Account = number
	}
	if _, err := domain.NewMoney(0, m.Currency); m.Currency != "" && err != nil {
		return d.Wrong("currency", "want an ISO 4217 code, as in EUR, not %.20q", m.Currency)
	}
	if _, ok := intake.Delimiter(m.Delimiter); !ok {
		return d.Wrong("delimiter", "want one of , ; | or tab")
	}
	charset, ok := findCharset(m.Encoding)
	if m.charset = charset; !ok {
		return d.Wrong("encoding", "want utf-8, iso-8859-1 or another of ISO 8859, or windows-1252 or another of Windows 125x")
	}
	if !slices.Contains([]string{"", OldestFirst, NewestFirst}, m.Order) {
		return d.Wrong("order", "want %s or %s", OldestFirst, NewestFirst)
	}
	return nil
}

func (m *Mapping) checkNumbers(d *intake.StrictYAML) error {
	if m.Decimal == "" {
		m.Decimal = "."
	}
	switch {
	case m.Decimal != "." && m.Decimal != ",":
		return d.Wrong("decimal", `want "." or ","`)
	case m.Grouping == m.Decimal:
		return d.Wrong("grouping", "want another sign than decimal has")
	case !slices.Contains([]string{"", ".", ",", "'", "’", "space"}, m.Grouping):
		return d.Wrong("grouping", `want one of "." "," "'" "’" and space`)
	}
	m.number = numberForm(m.Decimal, m.Grouping)
	return nil
}

func (m *Mapping) checkFields(d *intake.StrictYAML) error {
	for _, field := range slices.Sorted(maps.Keys(m.Columns)) {
		if err := d.OneOf("columns."+string(field), string(field), texts(append(lineFields(), statementFields()...))); err != nil {
			return err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(m.Labels)) {
		if err := d.OneOf("labels."+string(field), string(field), texts(statementFields())); err != nil {
			return err
		}
		if m.Columns[field] != "" {
			return d.Wrong("labels."+string(field), "%s is under columns already: want it once", field)
		}
	}
	switch {
	case m.Columns[BookedOn] == "":
		return d.Wrong("columns", "want the key %s", BookedOn)
	case m.Account != "" && m.has(Account):
		return d.Wrong("account", "want it here or in the file, not both")
	case m.Currency == "" && !m.has(Currency):
		return d.Wrong("currency", "want it here, under columns or under labels")
	}
	return nil
}

// has reports whether the file says the field of a statement.
func (m *Mapping) has(f Field) bool { return m.Columns[f] != "" || m.Labels[f] != "" }

func (m *Mapping) checkAmount(d *intake.StrictYAML) error {
	amount, debit, credit := m.Columns[Amount] != "", m.Columns[Debit] != "", m.Columns[Credit] != ""
	switch {
	case debit != credit:
		return d.Wrong("columns", "want both debit and credit, or amount")
	case amount == debit:
		return d.Wrong("columns", "want amount, or debit and credit")
	case debit && m.Columns[Direction] != "":
		return d.Wrong("columns.direction", "want it with amount: debit and credit say it already")
	}
	return nil
}

func (m *Mapping) checkWords(d *intake.StrictYAML) error {
	for _, c := range []struct {
		field Field
		path  string
		words []string
	}{
		{Direction, "words.out", m.Words.Out}, {Direction, "words.in", m.Words.In}, {State, "words.booked", m.Words.Booked},
		{Reversed, "words.reversal", m.Words.Reversal},
	} {
		if needed := m.Columns[c.field] != ""; needed != (len(c.words) > 0) {
			return d.Wrong(c.path, "want it with columns.%s, and only so", c.field)
		}
	}
	for _, out := range m.Words.Out {
		if among(m.Words.In, out) {
			return d.Wrong("words.in", "%.40q is under words.out too", out)
		}
	}
	for _, booked := range m.Words.Booked {
		if among(m.Words.Pending, booked) {
			return d.Wrong("words.pending", "%.40q is under words.booked too", booked)
		}
	}
	return nil
}

func texts(fields []Field) []string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = string(f)
	}
	return words
}
