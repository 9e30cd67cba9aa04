package payable

import "github.com/channelledger/channelledger/domain"

// Amounts are a part of a payable, or all of it: in its own currency, and as the books carry it where that is another.
type Amounts struct {
	Amount domain.Money `json:"amount"`
	Booked domain.Money `json:"booked,omitzero"`
}

func (a Amounts) plus(b Amounts) Amounts {
	return Amounts{Amount: sum(a.Amount, b.Amount), Booked: sum(a.Booked, b.Booked)}
}

func (a Amounts) minus(b Amounts) Amounts {
	return Amounts{Amount: sum(a.Amount, b.Amount.Neg()), Booked: sum(a.Booked, b.Booked.Neg())}
}

// part is so much of the amounts, 0 to all: the booked one in proportion, the whole with the whole.
func (a Amounts) part(amount domain.Money) Amounts {
	return Amounts{Amount: amount, Booked: share(a.Booked, amount, a.Amount)}
}

// of are the amounts that a payment settles.
func (p Payment) of() Amounts { return Amounts{Amount: p.Amount, Booked: p.Booked} }

// part is the payment where only a part of a whole is meant: every amount in proportion, the whole with the whole, so that
// parts always add up to what was sent.
func (p Payment) part(part, whole domain.Money) Payment {
	p.Amount, p.Paid = share(p.Amount, part, whole), share(p.Paid, part, whole)
	p.Withheld, p.Booked = share(p.Withheld, part, whole), share(p.Booked, part, whole)
	return p
}

func (p Payment) plus(part Payment) Payment { return p.minus(part.neg()) }

func (p Payment) neg() Payment {
	p.Amount, p.Paid, p.Withheld, p.Booked = p.Amount.Neg(), p.Paid.Neg(), p.Withheld.Neg(), p.Booked.Neg()
	return p
}

func (p Payment) minus(part Payment) Payment {
	p.Amount, p.Paid = sum(p.Amount, part.Amount.Neg()), sum(p.Paid, part.Paid.Neg())
	p.Withheld, p.Booked = sum(p.Withheld, part.Withheld.Neg()), sum(p.Booked, part.Booked.Neg())
	return p
}

// share is amount × part ÷ whole, 0 ≤ part ≤ whole, to the nearest minor unit.
func share(amount, part, whole domain.Money) domain.Money {
	if whole.Sign() == 0 {
		return amount
	}
	return domain.Must(amount.Split([]int64{part.Minor(), whole.Minor() - part.Minor()}))[0]
}

// sum of two amounts of one payable: MaxAmount keeps every one of them within range.
func sum(a, b domain.Money) domain.Money { return domain.Must(a.Add(b)) }
