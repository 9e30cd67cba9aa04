package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
)

type journalCommand struct {
	Account []string `help:"Only entries with a line in this account." placeholder:"NAME"`
	Type    []string `help:"Only of this event type." placeholder:"TYPE"`
	booksFlags
}

// Help is the text below the flags.
func (journalCommand) Help() string {
	return `Entries in double entry, in the order of the date that is asked by; each names its event. Debits stand left, credits right.

Examples:
  channelledger journal --from 2026-10-01 --to 2026-10-31
  channelledger journal --account liability:mdf_payable --by effective
  channelledger journal --json --known-at 2026-11-05 > october.jsonl`
}

// Run prints the journal.
func (c *journalCommand) Run(ctx context.Context, s *session) error {
	filter := journal.Filter{
		By: c.By, Book: c.Book, Account: c.Account, Party: c.Party, Currency: c.Currency, Type: c.Type,
	}
	var err error
	if filter.Days, err = c.days(); err != nil {
		return err
	}
	out := bufio.NewWriter(s.stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	err = c.read(ctx, s, func(q projections.Querier) error {
		if c.JSON {
			return journal.Each(ctx, q, filter, func(e journal.Entry) error { return encoder.Encode(e) })
		}
		n := 0
		if _, err := fmt.Fprintln(out, c.headline(q)); err != nil {
			return err
		}
		err := journal.Each(ctx, q, filter, func(e journal.Entry) error {
			n++
			return printEntry(out, e)
		})
		return errors.Join(err, printCount(out, n))
	})
	return errors.Join(err, out.Flush())
}

func printCount(out io.Writer, n int) error {
	noun := "entries"
	if n == 1 {
		noun = "entry"
	}
	_, err := fmt.Fprintf(out, "\n%d %s\n", n, noun)
	return err
}

// printEntry writes one entry; columns are as wide as what the posting table puts in them.
func printEntry(out io.Writer, e journal.Entry) error {
	late := ""
	if e.EffectiveOn != e.PostedOn {
		late = ", effective " + e.EffectiveOn.String()
	}
	_, err := fmt.Fprintf(out, "\n%s  %s  [%s@%d %s]%s\n", e.PostedOn, e.Type, e.Stream, e.Revision, e.Event, late)
	for _, l := range e.Lines {
		debit, credit := sides(l.Amount)
		_, lineErr := fmt.Fprintf(out, "  %-26s %-46s %16s %16s %s\n", l.Account.Name, l.Account.Party, debit, credit, l.Amount.Currency())
		err = errors.Join(err, lineErr)
	}
	return err
}
