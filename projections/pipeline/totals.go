package pipeline

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
)

// dimension is what totals are kept by, beside partner, status, kind and currency. Those by stage also answer for status,
// partner and kind: every deal is in them once.
type dimension string

const (
	byStage   dimension = "stage"
	bySeller  dimension = "seller"
	byProduct dimension = "product"
	byMonth   dimension = "month"
)

// cell is where a deal counts. Partner is part of it, so that a partner's own totals are as quick as everybody's.
type cell struct {
	Dimension dimension      `json:"dimension"`
	Value     string         `json:"value"`
	Partner   uuid.UUID      `json:"partner"`
	Status    account.Status `json:"status"`
	Kind      account.Kind   `json:"kind"`
	Currency  string         `json:"currency"`
}

// key is unambiguous: only the value, which comes last, can hold a slash.
func (c cell) key() string {
	return strings.Join([]string{string(c.Dimension), c.Partner.String(), string(c.Status), string(c.Kind), c.Currency, c.Value}, "/")
}

// contribution is what one deal adds to a cell.
type contribution struct {
	cell
	amount domain.Money
	won    domain.Money
}

// contributions appends those of a deal; none before it is registered. By product each line counts in its own product.
func contributions(all []contribution, d *deal) []contribution {
	if d.ID == uuid.Nil {
		return all
	}
	c := contribution{amount: expected(&d.Deal), won: won(&d.Deal)}
	c.Partner, c.Status, c.Kind, c.Currency = d.PartnerID, d.Status, d.Kind, d.Currency()
	all = append(all,
		c.in(byStage, string(d.Stage.Latest())),
		c.in(bySeller, sellerOf(&d.Deal).String()),
		c.in(byMonth, d.Month),
	)
	reversed := reversedByLine(&d.Deal)
	for i, l := range d.Lines {
		c.amount, c.won = l.Amount.Latest(), domain.Must(nought(&d.Deal).Add(l.Won))
		if reversed != nil {
			c.won = domain.Must(c.won.Sub(reversed[i]))
		}
		all = append(all, c.in(byProduct, l.Product))
	}
	return all
}

func (c contribution) in(d dimension, value string) contribution {
	c.Dimension, c.Value = d, value
	return c
}

// move takes out what a deal contributed and puts in what it contributes now; what stays as it is isn't touched.
// Errors: a total gets out of range.
func (t *tables) move(before, after []contribution) error {
	for _, c := range before {
		if !slices.Contains(after, c) {
			c.amount, c.won = c.amount.Neg(), c.won.Neg()
			if err := t.count(c, -1); err != nil {
				return err
			}
		}
	}
	for _, c := range after {
		if !slices.Contains(before, c) {
			if err := t.count(c, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// count changes a total. One without deals goes, so that rows depend on the deals alone, not on their history.
func (t *tables) count(c contribution, deals int64) error {
	key := c.key()
	row, err := t.totals.Edit(key)
	if err != nil {
		return err
	}
	if row == nil {
		row = &total{cell: c.cell}
	}
	if row.Amount, err = row.Amount.Add(c.amount); err != nil {
		return err
	}
	if row.Won, err = row.Won.Add(c.won); err != nil {
		return err
	}
	if row.Deals += deals; row.Deals == 0 {
		t.totals.Delete(key)
		return nil
	}
	t.totals.Put(key, row)
	return nil
}
