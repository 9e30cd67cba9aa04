package bank

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/channelledger/channelledger/domain"
)

// tally counts and adds up the lines of one statement, and gives each its number and identity. It holds two hashes a line.
type tally struct {
	end   End
	limit int
	same  map[digest]uint32 // lines with equal contents
	seen  map[digest]int    // references, and the entry that had it first
}

type digest [16]byte

func newTally(s Statement, limit int) *tally {
	none := domain.Must(domain.NewMoney(0, s.Currency)) // checked
	return &tally{
		end: End{Statement: s, In: none, Out: none}, limit: limit,
		same: map[digest]uint32{}, seen: map[digest]int{},
	}
}

// add numbers the line and counts it in. Errors: CodeTooLarge, CodeDate, CodeAmount.
func (t *tally) add(l *Line) error {
	if t.end.Lines++; t.end.Lines > t.limit {
		return wrong(CodeTooLarge, l.At, "the statement has more than %d lines", t.limit)
	}
	l.InFile, l.Number = t.end.InFile, t.end.Lines
	if l.ValueOn.IsZero() {
		l.ValueOn = l.BookedOn
	}
	if err := t.checkDay(l); err != nil {
		return err
	}
	l.Identity = t.identity(l)
	if l.Reference != "" {
		key := digestOf(l.Reference)
		first, known := t.seen[key]
		if l.Repeated = known && first != l.Entry; l.Repeated {
			t.end.Repeated++
		} else {
			t.seen[key] = l.Entry
		}
	}
	sum := &t.end.In
	if l.Outgoing {
		sum = &t.end.Out
	}
	total, err := sum.Add(l.Amount)
	if err != nil {
		return wrong(CodeAmount, l.At, "%v", err)
	}
	*sum = total
	return nil
}

func (t *tally) checkDay(l *Line) error {
	if t.end.From.IsZero() || t.end.To.IsZero() {
		return nil
	}
	if l.BookedOn.Compare(t.end.From.AddDays(-maxDaysAway)) < 0 || l.BookedOn.Compare(t.end.To.AddDays(maxDaysAway)) > 0 {
		return wrong(CodeDate, l.At, "booked on %s: more than %d days away from the statement's %s to %s",
			l.BookedOn, maxDaysAway, t.end.From, t.end.To)
	}
	return nil
}

// identity tells a movement from every other of the account, and is the same in another file with it. With a reference of
// the bank it goes by that, day, direction and amount: a later reversal may have the same one. Without, by all that the bank
// says. Movements with nothing to tell them apart are counted: the second of a day is the second in every file.
func (t *tally) identity(l *Line) string {
	direction := "in"
	if l.Outgoing {
		direction = "out"
	}
	parts := []string{t.end.Account, t.end.Currency, l.BookedOn.String(), direction, l.Amount.Decimal(), l.Reference}
	if l.Reference == "" {
		parts = append(parts, l.ValueOn.String(), l.Payment.EndToEndID, l.Payment.Transaction, l.Payment.MandateID,
			l.Other.Name, l.Other.Account, l.Text)
	}
	key := digestOf(parts...)
	n := t.same[key]
	t.same[key] = n + 1
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(key[:], n))
	return hex.EncodeToString(sum[:16])
}

// digestOf is a hash of texts that no other texts have: each is preceded by its length.
func digestOf(texts ...string) (d digest) {
	var b []byte
	for _, text := range texts {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	copy(d[:], sum[:])
	return d
}

// close gives the end: with an error of CodeBalances where opening and lines don't make the closing balance. Whoever takes it
// may read on. Errors: errStopped; CodeAmount.
func (t *tally) close(at Position, yield func(Item, error) bool) error {
	e := &t.end
	computed, err := e.Opening.Add(e.In)
	if err == nil {
		computed, err = computed.Sub(e.Out)
	}
	if err != nil {
		return wrong(CodeAmount, at, "%v", err)
	}
	if e.Computed = computed; computed != e.Closing {
		err = wrong(CodeBalances, at, "opening %s + in %s - out %s = %s, but the closing balance is %s",
			e.Opening, e.In, e.Out, computed, e.Closing)
	}
	if !yield(*e, err) {
		return errStopped
	}
	return nil
}
