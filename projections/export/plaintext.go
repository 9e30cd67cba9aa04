package export

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/projections/journal"
)

// Journal makes a file of entries: CSV and XLSX with a row for each of their lines, hledger and beancount with a transaction
// for each entry, every account and currency declared, and the balance of every account asserted at the end.
// Errors: those of the entries; that the temporary file can't be written.
func Journal(format Format, about About, by journal.Basis, entries iter.Seq2[journal.Entry, error]) (*File, error) {
	switch format {
	case Hledger:
		return writeBooks(format, hledger{}, newNames(hledgerName), about, by, entries)
	case Beancount:
		return writeBooks(format, beancount{}, newNames(beancountName), about, by, entries)
	default:
		return Write(format, about, journalTable(), postings(entries))
	}
}

// dayOf is the day that an entry stands on.
func dayOf(e journal.Entry, by journal.Basis) domain.Date {
	if by == journal.ByEffective {
		return e.EffectiveOn
	}
	return e.PostedOn
}

// syntax is how a program writes books.
type syntax interface {
	entry(w *bytes.Buffer, day domain.Date, e journal.Entry, names []string)
	// declare names what the books use, from their first day on.
	declare(w *bytes.Buffer, b *books)
	// assert says what each account holds at the end of the last day, in the order of names.
	assert(w *bytes.Buffer, last domain.Date, name string, balance domain.Totals)
}

// books is what has to be known of the entries when all were written: it grows with accounts, not with entries.
type books struct {
	names       *names
	balances    map[journal.Account]*domain.Totals
	currencies  domain.Totals // whatever they add up to
	first, last domain.Date
	lines       int64
}

func writeBooks(
	format Format, s syntax, n *names, about About, by journal.Basis, entries iter.Seq2[journal.Entry, error],
) (*File, error) {
	body, err := newSpool()
	if err != nil {
		return nil, err
	}
	b := &books{names: n, balances: map[journal.Account]*domain.Totals{}}
	file, err := b.write(s, body, by, entries)
	if err == nil {
		file.About, file.Format = about, format
		err = file.seal()
	}
	if err != nil {
		return nil, errors.Join(err, body.discard())
	}
	return file, nil
}

func (b *books) write(s syntax, body *spool, by journal.Basis, entries iter.Seq2[journal.Entry, error]) (*File, error) {
	var w bytes.Buffer
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		day := dayOf(e, by)
		called, err := b.take(day, e)
		if err != nil {
			return nil, fmt.Errorf("export event %s: %w", e.Event, err)
		}
		s.entry(&w, day, e, called)
		if _, err := w.WriteTo(body); err != nil {
			return nil, err
		}
	}
	for _, a := range b.accounts() {
		s.assert(&w, b.last, b.names.known[a], *b.balances[a])
		if _, err := w.WriteTo(body); err != nil {
			return nil, err
		}
	}
	s.declare(&w, b)
	return &File{Header: Header{Rows: b.lines}, top: w.Bytes(), body: body}, body.end()
}

// seal puts the header before what was declared.
func (f *File) seal() (err error) {
	if f.SHA256, err = f.body.sum(f.top); err != nil {
		return err
	}
	f.top = append(f.comments(), f.top...)
	return nil
}

// take counts an entry, and gives the names of its accounts.
func (b *books) take(day domain.Date, e journal.Entry) (called []string, err error) {
	if b.first.IsZero() || day.Compare(b.first) < 0 {
		b.first = day
	}
	if day.Compare(b.last) > 0 {
		b.last = day
	}
	for _, l := range e.Lines {
		name, err := b.names.of(l.Account)
		if err != nil {
			return nil, err
		}
		called = append(called, name)
		if b.balances[l.Account] == nil {
			b.balances[l.Account] = &domain.Totals{}
		}
		nought, err := domain.NewMoney(0, l.Amount.Currency())
		if err := errors.Join(err, b.balances[l.Account].Add(l.Amount), b.currencies.Add(nought)); err != nil {
			return nil, err
		}
	}
	b.lines += int64(len(e.Lines))
	return called, nil
}

// accounts are in the order of their names.
func (b *books) accounts() []journal.Account {
	called := make([]string, 0, len(b.names.taken))
	for name := range b.names.taken {
		called = append(called, name)
	}
	slices.Sort(called)
	all := make([]journal.Account, len(called))
	for i, name := range called {
		all[i] = b.names.taken[name]
	}
	return all
}
