package journal

import (
	"fmt"
	"slices"

	"github.com/channelledger/channelledger/domain"
)

// Posting is what an event does to one book. Post alone makes one, and only of lines that add up to zero in each currency.
type Posting struct {
	book  Book
	lines []Line
}

// Book is the book that it is posted in.
func (p Posting) Book() Book { return p.book }

// Lines are the debits, then the credits; two lines at least, each of another account or currency, none of nought.
func (p Posting) Lines() []Line { return slices.Clone(p.lines) }

// newPosting is the only way to a posting. Errors: the lines don't balance.
func newPosting(book Book, lines []Line) (Posting, error) {
	var totals domain.Totals
	for _, l := range lines {
		if l.Account.Name == "" || l.Account.Party == "" {
			return Posting{}, fmt.Errorf("%s book: %s has no account", book, l.Amount)
		}
		if err := totals.Add(l.Amount); err != nil {
			return Posting{}, err
		}
	}
	for _, sum := range totals {
		if sum.Sign() != 0 {
			return Posting{}, fmt.Errorf("%s book: the lines are out of balance by %s", book, sum)
		}
	}
	return Posting{book: book, lines: lines}, nil
}

// moves collects what one event moves: each time the same amount out of one account and into another.
type moves struct {
	all []move
	err error // why the event can't be posted
}

type move struct {
	book          Book
	debit, credit Account
	amount        domain.Money
}

// budgetary debits one account and credits the other; an amount below 0 goes the other way.
func (m *moves) budgetary(debit, credit Account, amount domain.Money) {
	m.all = append(m.all, move{Budgetary, debit, credit, amount})
}

// financial is budgetary in the other book.
func (m *moves) financial(debit, credit Account, amount domain.Money) {
	m.all = append(m.all, move{Financial, debit, credit, amount})
}

// reverse takes back exactly what posting again would do.
func (m *moves) reverse(post func(*moves)) {
	undone := &moves{}
	post(undone)
	for _, of := range undone.all {
		of.amount = of.amount.Neg()
		m.all = append(m.all, of)
	}
	m.fail(undone.err)
}

// fail keeps the first reason why the event can't be posted.
func (m *moves) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// wants refuses an event whose parts don't add up to the whole: its postings would balance, and be wrong.
func (m *moves) wants(what string, whole domain.Money, parts ...domain.Money) {
	sums, err := domain.SumMoney(parts...)
	switch {
	case err != nil:
		m.fail(err)
	case len(sums) > 1 || sums.In(whole.Currency()).Minor() != whole.Minor():
		m.fail(fmt.Errorf("%s: %v is not %s", what, parts, whole))
	}
}

// postings are the moves as lines, one posting for each book that something moves in.
func (m *moves) postings() (all []Posting, err error) {
	if m.err != nil {
		return nil, m.err
	}
	for _, book := range []Book{Budgetary, Financial} {
		lines, err := m.lines(book)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		posting, err := newPosting(book, lines)
		if err != nil {
			return nil, err
		}
		all = append(all, posting)
	}
	return all, nil
}

// lines are the moves in one book: one line for each account and currency, debits first, in the order of the table.
func (m *moves) lines(book Book) (lines []Line, err error) {
	add := func(a Account, amount domain.Money) error {
		at := slices.IndexFunc(lines, func(l Line) bool { return l.Account == a && l.Amount.Currency() == amount.Currency() })
		if at < 0 {
			lines = append(lines, Line{a, amount})
			return nil
		}
		sum, err := lines[at].Amount.Add(amount)
		lines[at].Amount = sum
		return err
	}
	for _, of := range m.all {
		if of.book != book || of.amount.Sign() == 0 {
			continue
		}
		if err := add(of.debit, of.amount); err != nil {
			return nil, err
		}
		if err := add(of.credit, of.amount.Neg()); err != nil {
			return nil, err
		}
	}
	lines = slices.DeleteFunc(lines, func(l Line) bool { return l.Amount.Sign() == 0 })
	slices.SortStableFunc(lines, func(a, b Line) int { return b.Amount.Sign() - a.Amount.Sign() })
	return lines, nil
}
