package pipeline

import (
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// expected is what the deal is expected to bring, or was. Registering bounds the amounts, so they add up.
func expected(d *account.Deal) (sum domain.Money) {
	for _, l := range d.Lines {
		sum = domain.Must(sum.Add(l.Amount.Latest()))
	}
	return sum
}

// won is what the deal brought, net of reversals; nought of its currency where nothing.
func won(d *account.Deal) domain.Money {
	if d.Win == nil {
		return nought(d)
	}
	return d.Win.Net()
}

func nought(d *account.Deal) domain.Money {
	if len(d.Lines) == 0 {
		return domain.Money{}
	}
	amount := d.Lines[0].Amount.Latest()
	return domain.Must(amount.Sub(amount))
}

// reversedByLine is what was taken back of each line; nil where nothing was. A reversal takes an amount of the whole win, so
// it is spread over the won lines in proportion to what they brought: the lines add up to the deal's own figure, to the
// minor unit.
func reversedByLine(d *account.Deal) []domain.Money {
	if d.Win == nil || d.Win.Reversed.Sign() == 0 {
		return nil
	}
	weights := make([]int64, len(d.Lines))
	for i, l := range d.Lines {
		weights[i] = l.Won.Minor()
	}
	return domain.Must(d.Win.Reversed.Split(weights))
}

// sellerOf is who a deal counts for: who closed it once it is won, until then who registered it.
func sellerOf(d *account.Deal) uuid.UUID {
	if d.Win != nil {
		return d.Win.SellerID
	}
	return d.SellerID
}

// monthOf is the month that a deal counts in, as yyyy-mm: of its close where it is won or lost, else of its submission.
func monthOf(d *account.Deal, zone *time.Location) string {
	at := d.Submitted.At
	if d.Status == account.StatusWon || d.Status == account.StatusLost {
		at = d.Closed.At
	}
	return at.In(zone).Format("2006-01")
}
