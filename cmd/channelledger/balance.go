package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/listing"
)

type balanceCommand struct {
	Parties bool `help:"Each party of an account apart."`
	booksFlags
	Account string `arg:"" optional:"" help:"Account whose statement is wanted, as in liability:mdf_payable; without one, the trial balance."`
}

// Help is the text below the flags.
func (balanceCommand) Help() string {
	return `Without an account: the trial balance, every account that ever moved; each book comes to zero in each currency. With one: its lines
with the running balance, each with its event. Debits stand left, credits right.

Examples:
  channelledger balance --to 2026-10-31
  channelledger balance --book budgetary --parties
  channelledger balance liability:mdf_payable --from 2026-10-01 --party partner:6f1f0b0e-5d0b-5f43-9d2b-0c6d5b8e3a11`
}

// Run prints a trial balance, or a statement.
func (c *balanceCommand) Run(ctx context.Context, s *session) error {
	days, err := c.days()
	if err != nil {
		return err
	}
	if c.Account != "" && (len(c.Party) > 1 || len(c.Currency) > 1 || len(c.Book) > 0 || c.Parties) {
		return errors.New("of an account: at most one --party and one --currency, and neither --book nor --parties")
	}
	return c.read(ctx, s, func(q projections.Querier) error {
		if c.Account != "" {
			return c.statement(ctx, q, days, s.stdout)
		}
		return c.trial(ctx, q, days, s.stdout)
	})
}

func (c *balanceCommand) trial(ctx context.Context, q projections.Querier, days journal.Days, out io.Writer) error {
	trial, err := journal.Trial(ctx, q, journal.BalanceQuery{
		By: c.By, Days: days, Book: c.Book, Party: c.Party, Currency: c.Currency, Parties: c.Parties,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return encodeEach(out, trial.Balances)
	}
	totals, err := trial.Totals()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, c.headline(q)+"\n")
	if err := c.row(out, "BOOK", "ACCOUNT", "PARTY", "CUR", "OPENING", "DEBIT", "CREDIT", "CLOSING"); err != nil {
		return err
	}
	for _, b := range trial.Balances {
		if err := c.row(out, string(b.Book), b.Account.Name, b.Account.Party, b.Closing.Currency(),
			b.Opening.Decimal(), b.Debit.Decimal(), b.Credit.Decimal(), b.Closing.Decimal()); err != nil {
			return err
		}
	}
	for _, t := range totals {
		if err := c.row(out, string(t.Book), "total", "", t.Closing.Currency(),
			t.Opening.Decimal(), t.Debit.Decimal(), t.Credit.Decimal(), t.Closing.Decimal()); err != nil {
			return err
		}
	}
	return nil
}

// row writes one line of a trial balance, with the party where parties stand apart.
func (c *balanceCommand) row(out io.Writer, book, account, party, currency string, amounts ...any) error {
	text := fmt.Sprintf("%-9s  %-26s ", book, account)
	if c.Parties || len(c.Party) > 0 {
		text += fmt.Sprintf("%-46s ", party)
	}
	_, err := fmt.Fprintf(out, "%s%-3s %16s %16s %16s %16s\n", append([]any{text, currency}, amounts...)...)
	return err
}

// statement prints page after page of one state of the books.
func (c *balanceCommand) statement(ctx context.Context, q projections.Querier, days journal.Days, out io.Writer) error {
	query := journal.StatementQuery{
		By: c.By, Days: days, Account: journal.Account{Name: c.Account, Party: one(c.Party)}, Currency: one(c.Currency),
		Request: listing.Request{Limit: listing.MaxLimit},
	}
	for first := true; first || query.Cursor != ""; first = false {
		page, next, err := journal.StatementOf(ctx, q, query)
		if err != nil {
			return err
		}
		if page == nil {
			return fmt.Errorf("nothing ever moved in %s", c.Account)
		}
		if err := c.printPage(q, out, page, first, next == ""); err != nil {
			return err
		}
		query.Cursor = next
	}
	return nil
}

func (c *balanceCommand) printPage(q projections.Querier, out io.Writer, s *journal.AccountStatement, first, last bool) error {
	if c.JSON {
		return encodeEach(out, s.Lines)
	}
	if first {
		_, _ = fmt.Fprintf(out, "%s %s\n%s\n\n", s.Account.Name, s.Account.Party, c.headline(q))
		for _, m := range s.Opening {
			_, _ = fmt.Fprintf(out, "%-10s  %-34s %16s %16s %16s %s\n", "", "opening", "", "", m.Decimal(), m.Currency())
		}
	}
	for _, l := range s.Lines {
		day := l.PostedOn
		if c.By == journal.ByEffective {
			day = l.EffectiveOn
		}
		debit, credit := sides(l.Amount)
		_, _ = fmt.Fprintf(out, "%s  %-34s %16s %16s %16s %s  [%s@%d]\n", day, l.Type, debit, credit, l.Balance.Decimal(),
			l.Amount.Currency(), l.Stream, l.Revision)
	}
	if last {
		for _, m := range s.Closing {
			if _, err := fmt.Fprintf(out, "%-10s  %-34s %16s %16s %16s %s\n", "", "closing", "", "", m.Decimal(), m.Currency()); err != nil {
				return err
			}
		}
	}
	return nil
}

// one is the value given, or none.
func one(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func encodeEach[T any](out io.Writer, rows []T) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
