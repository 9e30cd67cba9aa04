package intake

// Field is what the import wants to know of a deal. The mapping says which column holds it, or which join finds it.
type Field string

// The fields of a deal.
const (
	Record         Field = "record"          // the CRM's own id of the row: what makes a row the same in a later export
	Account        Field = "account"         // the customer's name
	RegisteredOn   Field = "registered_on"   // the day the partner brought the deal
	StageName      Field = "stage"           // the CRM's stage, see Mapping.Stages
	ClosedOn       Field = "closed_on"       // the day of the win or loss; of an open row it is not looked at
	Amount         Field = "amount"          // what was won; of other rows it is not looked at
	Product        Field = "product"         // each row is one line of this product
	Line           Field = "line"            // the product line that the mapping expects; the program's catalogue must agree
	Seller         Field = "seller"          // the name of the partner's seller
	Partner        Field = "partner"         // the partner's name
	Country        Field = "country"         // of the account
	Domain         Field = "domain"          // of the account
	TaxID          Field = "tax_id"          // of the account
	Currency       Field = "currency"        // of the row's amounts, instead of Mapping.Currency
	ExpectedAmount Field = "expected_amount" // of the registration; 0 where the mapping doesn't name it
	OrderReference Field = "order_reference" // of a win
	LossReason     Field = "loss_reason"     // of a loss
	ChangedOn      Field = "changed_on"      // the day an open row's stage or expected amount changed; else it is the import's
)

// Fields lists every field, in the order they are looked at: a row is set aside for the first that is wrong.
func Fields() []Field {
	return []Field{
		Record, Account, RegisteredOn, StageName, ClosedOn, Amount, Product, Line, Seller, Partner, Country, Domain, TaxID,
		Currency, ExpectedAmount, OrderReference, LossReason, ChangedOn,
	}
}

// Revisable lists the fields whose recorded value a later export may change where the mapping says so. The others make the
// deal what it is: another account, partner, product or day of registration is another deal.
func Revisable() []Field {
	return []Field{StageName, ClosedOn, Amount, OrderReference, LossReason, ExpectedAmount}
}

// neededFields are those without which no row can be recorded.
func neededFields() []Field {
	return []Field{Record, Account, RegisteredOn, StageName, Product, Seller, Partner}
}
