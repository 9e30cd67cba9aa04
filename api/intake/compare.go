package intake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/policy"
)

// change is a field that an earlier import gave another value.
type change struct {
	field            Field
	recorded, inFile string
}

// changes compares a row with what earlier imports said of its deal. An open deal that closes, or comes to its next stage, is
// no change: it goes on.
func (i *importer) changes(r *row, said *account.Deal) (found []change) {
	note := func(f Field, same bool, recorded, inFile any) {
		if !same {
			found = append(found, change{f, fmt.Sprint(recorded), fmt.Sprint(inFile)})
		}
	}
	note(Account, r.account == said.AccountID, i.nameOf(said.AccountID), r.customer.Name)
	note(Partner, i.partnerID(r.member.partner) == said.PartnerID, i.nameOf(said.PartnerID), r.member.partner)
	note(Seller, i.sellerID(r.member) == said.SellerID || said.PartnerID != i.partnerID(r.member.partner),
		i.nameOf(said.SellerID), r.member.seller)
	product := said.Lines[0].Product
	note(Product, slices.Contains([]string{policy.Key(r.product), policy.Key(i.listed(r))}, policy.Key(product)), product, r.product)
	note(RegisteredOn, i.start(r.registeredOn).Equal(said.Submitted.At), i.day(said.Submitted), r.registeredOn)
	if r.status == Open {
		amount := said.Lines[0].Amount.Latest()
		note(ExpectedAmount, !i.mapping.names(ExpectedAmount) || amount == r.expected, amount, r.expected)
	}
	if said.Status != account.StatusWon && said.Status != account.StatusLost {
		return found
	}
	note(StageName, string(r.status) == string(said.Status), said.Status, r.status)
	if r.status != Open {
		note(ClosedOn, i.start(r.closedOn).Equal(said.Closed.At), i.day(said.Closed), r.closedOn)
	}
	switch {
	case string(r.status) != string(said.Status): // the rest can't be compared
	case r.status == Won:
		note(Amount, said.Win.Amount == r.amount, said.Win.Amount, r.amount)
		note(OrderReference, said.Win.OrderReference == r.reference, said.Win.OrderReference, r.reference)
	case r.status == Lost:
		note(LossReason, said.Closed.Reason == r.lossReason, said.Closed.Reason, r.lossReason)
	}
	return found
}

func (i *importer) day(s account.Step) domain.Date { return domain.DateOf(s.At, i.zone) }

// forbidden sets a row aside of which something changed that the mapping doesn't let be revised, or nil. It shows all that
// changed, under the column of the first that must not.
func (i *importer) forbidden(r *row, found []change) *Reject {
	at := slices.IndexFunc(found, func(c change) bool { return !i.mapping.mayRevise(c.field) })
	if at < 0 {
		return nil
	}
	return r.reject(fault{i.mapping.column(found[at].field), Changed, i.shown(found)})
}

func (i *importer) shown(found []change) string {
	texts := make([]string, len(found))
	for n, c := range found {
		texts[n] = fmt.Sprintf("%s: recorded %s, in the file %s", i.mapping.label(c.field), quoted(c.recorded), quoted(c.inFile))
	}
	return strings.Join(texts, "; ")
}

// label is what people know a field by: its column, or, where it is in another file, its name.
func (m *Mapping) label(f Field) string {
	if column, ok := m.Deals.Columns[f]; ok {
		return column
	}
	return string(f)
}

func quoted(value string) string {
	if value == "" || strings.TrimSpace(value) != value {
		return fmt.Sprintf("%q", value)
	}
	return value
}

// isOutcome reports whether a field is part of how a deal ended.
func isOutcome(c change) bool { return c.field != ExpectedAmount }
