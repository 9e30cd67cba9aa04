package intake

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// row is one deal of the CRM: where it stands in the files, what it says, and what became of it.
type row struct {
	table  *table
	record record
	place  int // among all rows

	id       string // the CRM's
	customer account.Customer
	identity uuid.UUID // the account that the customer's identity gives

	registeredOn domain.Date
	closedOn     domain.Date // of one that is won or lost
	changedOn    domain.Date // of an open one
	status       Status
	stage        account.Stage
	product      string
	line         string // as the mapping expects it; may be empty
	expected     domain.Money
	amount       domain.Money // of a won one
	reference    string
	lossReason   string
	member       member

	account  uuid.UUID // where the deal is, or goes
	deal     uuid.UUID
	rejected *Reject // why it was set aside
}

// rowReader reads the fields of one row. After the first that is wrong it reads no more.
type rowReader struct {
	*export
	row   *row
	today domain.Date
	fault *fault
}

// read makes a row of a record: in the order of Fields, set aside for the first that is wrong.
func (e *export) read(t *table, r record, place int, today domain.Date) *row {
	read := rowReader{export: e, row: &row{table: t, record: r, place: place}, today: today}
	if r.wrong != "" {
		read.fail("", Malformed, "%s", r.wrong)
	}
	read.all()
	if read.fault != nil {
		read.row.rejected = read.row.reject(*read.fault)
	}
	return read.row
}

func (r *rowReader) all() {
	row := r.row
	row.id = r.identifier()
	row.customer.Name = r.needed(Account)
	row.registeredOn = r.day(RegisteredOn)
	r.readStage()
	r.readOutcome()
	r.readProduct()
	row.member = member{seller: r.needed(Seller), partner: r.needed(Partner)}
	r.readCustomer()
	r.readAmounts()
}

func (r *rowReader) fail(column string, reason Reason, format string, args ...any) {
	if r.fault == nil {
		r.fault = &fault{column, reason, fmt.Sprintf(format, args...)}
	}
}

func (r *rowReader) text(f Field) string {
	if r.fault != nil {
		return ""
	}
	value, wrong := r.value(r.row.table, r.row.record, f)
	if wrong != nil {
		r.fault = wrong
	}
	return value
}

func (r *rowReader) needed(f Field) string {
	value := r.text(f)
	if value == "" {
		r.missing(f)
	}
	return value
}

func (r *rowReader) missing(f Field) {
	column := r.mapping.column(f)
	if by := r.row.table.cell(r.row.record, column); by != "" { // a join found the row, and nothing there
		join := r.mapping.Deals.Joins[f]
		r.fail(column, Unknown, "%s has no %s for %.200q", join.File, join.Value, by)
		return
	}
	r.fail(column, Missing, "is empty: want %s", f)
}

func (r *rowReader) identifier() string {
	id := r.needed(Record)
	if r.fault == nil {
		if err := domain.AdmitText("", id, account.MaxReference); err != nil {
			r.fail(r.mapping.column(Record), Unreadable, "%v", err)
		}
	}
	return id
}

// day reads a needed day, which is neither in the future nor before the registration.
func (r *rowReader) day(f Field) domain.Date {
	text := r.needed(f)
	if r.fault != nil {
		return domain.Date{}
	}
	column := r.mapping.column(f)
	day, err := ParseDay(text, r.mapping.Dates)
	switch {
	case err != nil:
		r.fail(column, Unreadable, "%v", err)
	case day.Compare(r.today) > 0:
		r.fail(column, Unreadable, "%s is in the future: want what has happened", day)
	case f != RegisteredOn && day.Compare(r.row.registeredOn) < 0:
		r.fail(column, Unreadable, "%s is before %s %s", day, r.mapping.column(RegisteredOn), r.row.registeredOn)
	}
	return day
}

func (r *rowReader) readStage() {
	name := r.needed(StageName)
	if r.fault != nil {
		return
	}
	stage, ok := r.mapping.Stages[name]
	if !ok {
		r.fault = unknown(r.mapping.column(StageName), name, "one of the mapping's stages", r.stages)
	}
	r.row.status, r.row.stage = stage.Status, stage.Stage
}

func (r *rowReader) readOutcome() {
	switch r.row.status {
	case Won:
		r.row.closedOn = r.day(ClosedOn)
		r.row.reference = r.text(OrderReference)
	case Lost:
		r.row.closedOn = r.day(ClosedOn)
		if r.row.lossReason = r.text(LossReason); r.row.lossReason == "" {
			r.row.lossReason = "lost in " + r.mapping.System
		}
	case Open:
		if r.text(ChangedOn) != "" {
			r.row.changedOn = r.day(ChangedOn)
		}
	}
}

func (r *rowReader) readProduct() {
	r.row.product = r.needed(Product)
	r.row.line = r.text(Line)
	if r.fault == nil && r.products != nil {
		_, r.fault = r.products.find(r.row.product, r.mapping.column(Product))
	}
}

func (r *rowReader) readCustomer() {
	c := &r.row.customer
	c.Country, c.Domain, c.TaxID = r.country(), r.text(Domain), r.text(TaxID)
	if r.fault != nil {
		return
	}
	identity, err := c.Identity()
	rejection := domain.AsRejection(err)
	switch {
	case rejection == nil:
	case rejection.Field == "country" && c.Country == "" && r.mapping.names(Country):
		r.missing(Country)
	default:
		r.fail(r.mapping.columnOf("customer."+rejection.Field), Refused, "%s", rejection.Error())
	}
	r.row.identity = identity.AccountID
}

func (r *rowReader) country() string {
	name := r.text(Country)
	if code, ok := r.mapping.Countries[name]; ok {
		return code
	}
	if name != "" && len(r.mapping.Countries) > 0 && !countryCode.MatchString(name) {
		r.fail(r.mapping.column(Country), Unknown, "%s", unknown("", name, "one of the mapping's countries", r.places).detail)
	}
	return name
}

func (r *rowReader) readAmounts() {
	currency := r.text(Currency)
	if currency == "" {
		currency = r.mapping.Currency
	}
	r.row.expected = r.money(ExpectedAmount, currency)
	if r.row.status == Won {
		if r.text(Amount) == "" {
			r.missing(Amount)
		}
		r.row.amount = r.money(Amount, currency)
	}
}

// money reads an amount of 0 or more; an empty one is 0.
func (r *rowReader) money(f Field, currency string) domain.Money {
	text := r.text(f)
	if r.fault != nil {
		return domain.Money{}
	}
	if text == "" {
		text = "0"
	}
	amount, err := domain.ParseMoney(text, currency)
	switch {
	case err != nil:
		r.fail(r.mapping.column(f), Unreadable, "%v", err)
	case amount.Sign() < 0:
		r.fail(r.mapping.column(f), Unreadable, "%s: want 0 or more", text)
	}
	return amount
}

// fieldsOfCommands says which field of a row a command's field was made of.
var fieldsOfCommands = map[string]Field{
	"customer.name": Account, "customer.domain": Domain, "customer.country": Country, "customer.tax_id": TaxID,
	"partner_id": Partner, "seller_id": Seller, "lines[0].product": Product, "stage": StageName, "reason": LossReason,
}

// columnOf is the column that a command's field was made of; empty where it is no single one.
func (m *Mapping) columnOf(commandField string) string {
	f, ok := fieldsOfCommands[commandField]
	switch {
	case ok && m.names(f):
		return m.column(f)
	case ok && (f == Country || f == Domain || f == TaxID): // the account's identity, by its name
		return m.column(Account)
	}
	return ""
}

// dayOf is the day that a record names as its registration's, whatever else is wrong with it; zero where it names none.
func (e *export) dayOf(t *table, r record, today domain.Date) domain.Date {
	text, wrong := e.value(t, r, RegisteredOn)
	day, err := ParseDay(text, e.mapping.Dates)
	if r.wrong != "" || wrong != nil || err != nil || day.Compare(today) > 0 {
		return domain.Date{}
	}
	return day
}
