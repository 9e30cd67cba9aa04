package mdf

import "github.com/channelledger/channelledger/domain"

// Balance is where a fund's money stands: credited = released + available + reserved + spent + expired. An answer bounded by
// effective_at leaves events out, and may show a part of it below zero.
type Balance struct {
	Credited  domain.Money `json:"credited"`
	Released  domain.Money `json:"released"` // given back to the budget
	Available domain.Money `json:"available"`
	Reserved  domain.Money `json:"reserved"` // for approved requests
	Spent     domain.Money `json:"spent"`    // by approved claims, net of claw-backs
	Expired   domain.Money `json:"expired"`
}

// shift takes an amount from one part to another.
func shift(from, to *domain.Money, amount domain.Money) {
	*from = domain.Must(from.Sub(amount))
	*to = domain.Must(to.Add(amount))
}

func (e FundCredited) move(b *Balance) {
	if b.Credited.IsZero() {
		b.openIn(e.Amount.Currency())
	}
	b.Credited = domain.Must(b.Credited.Add(e.Amount))
	b.Available = domain.Must(b.Available.Add(e.Amount))
}

// openIn makes every part an amount of the fund's currency.
func (b *Balance) openIn(currency string) {
	nought := nought(currency)
	for _, part := range []*domain.Money{&b.Credited, &b.Released, &b.Available, &b.Reserved, &b.Spent, &b.Expired} {
		*part = domain.Must(part.Add(nought))
	}
}

func (e FundReleased) move(b *Balance)     { shift(&b.Available, &b.Released, e.Amount) }
func (e FundsExpired) move(b *Balance)     { shift(&b.Available, &b.Expired, e.Amount) }
func (e RequestApproved) move(b *Balance)  { shift(&b.Available, &b.Reserved, e.Amount) }
func (e RequestCancelled) move(b *Balance) { shift(&b.Reserved, &b.Available, e.Freed) }
func (e RequestLapsed) move(b *Balance)    { shift(&b.Reserved, &b.Available, e.Freed) }
func (e ClaimReopened) move(b *Balance)    { shift(&b.Available, &b.Reserved, e.Reserved) }
func (e ClaimClawedBack) move(b *Balance)  { shift(&b.Spent, &b.Available, e.Drawn) }
func (e ClawbackReversed) move(b *Balance) { shift(&b.Available, &b.Spent, e.Drawn) }
func (e ClaimApproved) move(b *Balance) {
	shift(&b.Reserved, &b.Spent, e.Drawn)
	shift(&b.Reserved, &b.Available, e.Released)
}

func (RequestSubmitted) move(*Balance)     {}
func (RequestFirstApproved) move(*Balance) {}
func (RequestDeclined) move(*Balance)      {}
func (DeadlineExtended) move(*Balance)     {}
func (ObligationAccrued) move(*Balance)    {}
func (ObligationReleased) move(*Balance)   {}
func (ClaimFiled) move(*Balance)           {}
func (ClaimReturned) move(*Balance)        {}
func (ClaimRefiled) move(*Balance)         {}
func (ClaimWithdrawn) move(*Balance)       {}
func (DuplicateFound) move(*Balance)       {}
func (DuplicateOverridden) move(*Balance)  {}
func (ClaimFirstApproved) move(*Balance)   {}
func (ClaimDenied) move(*Balance)          {}
func (ClaimPaid) move(*Balance)            {}
func (ClaimPaymentReturned) move(*Balance) {}
func (PipelineAttributed) move(*Balance)   {}

// nought is no money of a currency.
func nought(currency string) domain.Money { return domain.Must(domain.NewMoney(0, currency)) }
