package statement

import (
	"regexp"
	"slices"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Import takes a bank's statement into the books, or parks it where its balances don't fit. Its opening balance is that at
// which the account stands; lines that an earlier statement has already are skipped, as far as the balances say the same.
type Import struct {
	BankAccount string
	Currency    string
	Format      Format
	SHA256      string
	InFile      int
	Mapping     string
	Number      string
	From, To    domain.Date
	Opening     domain.Money
	Closing     domain.Money
	LineCount   int
	In, Out     domain.Money // of all lines, at least 0
	Known       []int        // lines that an earlier statement of the account has already, in order
	KnownIn     domain.Money // of those
	KnownOut    domain.Money // of those
}

func (Import) roles() []domain.Role { return clearingRoles() }

var (
	accountNumber = regexp.MustCompile(`^[0-9A-Z]{1,34}$`)
	sha256Hex     = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (c Import) decide(s *Statement, h domain.Header, f Facts) ([]Event, error) {
	if err := c.check(f); err != nil {
		return nil, err
	}
	switch {
	case s.Status == "" || s.Status == StatusParked:
	case s.SHA256 == c.SHA256 && s.InFile == c.InFile:
		return nil, domain.Refuse("file_imported", "sha256", "this file is in the books already, as statement %s", s.ID)
	default:
		return nil, domain.Refuse("statement_imported", "number", "statement %s of %s is in the books already, from another file, %s",
			c.Number, c.BankAccount, s.SHA256)
	}
	skip, parked := c.fit(f.Previous)
	if parked != nil {
		if s.Parking != nil && s.SHA256 == c.SHA256 && s.Parking.Why == parked.Why &&
			s.Parking.Expected == parked.Expected && s.Parking.Found == parked.Found {
			return nil, nil
		}
		return []Event{*parked}, nil
	}
	e := Imported{
		StatementID: IDOf(c.BankAccount, c.Number), BankAccount: c.BankAccount, Currency: c.Currency, Format: c.Format, SHA256: c.SHA256,
		InFile: c.InFile, Mapping: c.Mapping, Number: c.Number, From: c.From, To: c.To, Opening: c.Opening, Closing: c.Closing,
		LineCount: c.LineCount, TotalIn: c.In, TotalOut: c.Out, Follows: f.Previous.StatementID,
		At: endOf(c.To, h.EffectiveAt, f.Rules.Zone),
	}
	if e.Follows == uuid.Nil && c.Opening.Sign() != 0 {
		e.BroughtForward = c.Opening
	}
	if skip {
		if len(c.Known) == c.LineCount {
			return nil, domain.Refuse("nothing_new", "", "each of its %d lines is in the books already, from another statement", c.LineCount)
		}
		e.Skipped, e.TotalIn, e.TotalOut = c.Known, sum(c.In, c.KnownIn.Neg()), sum(c.Out, c.KnownOut.Neg())
	}
	return []Event{e}, nil
}

func (c Import) check(f Facts) error {
	switch {
	case !accountNumber.MatchString(c.BankAccount):
		return domain.Invalid("bank_account", "want 1 to 34 letters and digits without spaces")
	case !sha256Hex.MatchString(c.SHA256):
		return domain.Invalid("sha256", "want the SHA-256 of the stored file, 64 hex digits in lower case")
	case c.Mapping != "" && !sha256Hex.MatchString(c.Mapping):
		return domain.Invalid("mapping", "want the SHA-256 of the stored mapping, 64 hex digits in lower case")
	case c.InFile < 1:
		return domain.Invalid("in_file", "want 1 or more")
	case c.From.IsZero() || c.To.Compare(c.From) < 0:
		return domain.Invalid("to", "want the first and the last day of the statement")
	case c.LineCount < 0 || c.LineCount > MaxLines:
		return domain.Refuse("too_many", "line_count", "a statement has at most %d lines", MaxLines)
	case len(c.Known) > c.LineCount || !slices.IsSorted(c.Known):
		return domain.Invalid("known", "want the numbers of lines, in order")
	case f.Previous.Closing.Currency() != "" && f.Previous.Closing.Currency() != c.Currency:
		return domain.Invalid("currency", "the account is in %s", f.Previous.Closing.Currency())
	}
	if err := domain.FirstOf(
		domain.AdmitText("number", c.Number, MaxReference),
		domain.AdmitOneOf("format", c.Format, Camt053, CSV),
	); err != nil {
		return err
	}
	return c.checkAmounts()
}

func (c Import) checkAmounts() error {
	for _, a := range []struct {
		field  string
		amount domain.Money
		signed bool
	}{
		{"opening", c.Opening, true}, {"closing", c.Closing, true}, {"in", c.In, false}, {"out", c.Out, false},
		{"known_in", c.KnownIn, false}, {"known_out", c.KnownOut, false},
	} {
		switch {
		case a.amount.Currency() != c.Currency || c.Currency == "":
			return domain.Invalid(a.field, "want an amount in the statement's currency")
		case a.amount.Abs().Minor() > MaxAmount || !a.signed && a.amount.Sign() < 0:
			return domain.Invalid(a.field, "%s is out of range", a.amount)
		}
	}
	return nil
}

// fit holds the balances against each other and against what is in the books. Where lines are known already, the balances
// decide: a statement that overlaps the one before begins earlier, by as much as those lines are; one that a bank repeats
// lines in for information doesn't count them; and where all lines make the difference of the balances, on top of what is in
// the books, each of them moved money, whatever its reference says.
func (c Import) fit(previous Previous) (skip bool, parked *Parked) {
	all, known := sum(c.In, c.Out.Neg()), sum(c.KnownIn, c.KnownOut.Neg())
	opening := c.Opening
	if previous.StatementID != uuid.Nil {
		opening = previous.Closing
	}
	makes := func(from, lines domain.Money) bool { return sum(from, lines) == c.Closing }
	switch fresh := sum(all, known.Neg()); {
	case len(c.Known) > 0 && makes(c.Opening, all) && sum(c.Opening, known) == opening:
		return true, nil
	case len(c.Known) > 0 && makes(c.Opening, fresh) && c.Opening == opening:
		return true, nil
	case !makes(c.Opening, all):
		return false, c.park(LinesDiffer, c.Closing, sum(c.Opening, all))
	case c.Opening != opening:
		return false, c.park(OpeningDiffers, opening, c.Opening)
	}
	return false, nil
}

func (c Import) park(why ParkReason, expected, found domain.Money) *Parked {
	return &Parked{
		StatementID: IDOf(c.BankAccount, c.Number), BankAccount: c.BankAccount, Currency: c.Currency, Format: c.Format, SHA256: c.SHA256,
		InFile: c.InFile, Mapping: c.Mapping, Number: c.Number, From: c.From, To: c.To, Why: why, Expected: expected, Found: found,
	}
}

// RecordLines records the statement's lines behind those that are there, in their order. Lines that are there already are
// passed over.
type RecordLines struct {
	Lines []Line
}

func (RecordLines) roles() []domain.Role { return clearingRoles() }

func (c RecordLines) decide(s *Statement, _ domain.Header, _ Facts) ([]Event, error) {
	if len(c.Lines) == 0 || len(c.Lines) > MaxChunk {
		return nil, domain.Invalid("lines", "want 1 to %d lines", MaxChunk)
	}
	fresh := c.Lines
	for i, l := range c.Lines {
		if l.Number != c.Lines[0].Number+i {
			return nil, domain.Invalid("lines", "want lines without gaps: %d is not behind %d", l.Number, c.Lines[0].Number+i-1)
		}
		if err := s.checkLine(l); err != nil {
			return nil, err
		}
		if l.Number <= s.Recorded {
			fresh = c.Lines[i+1:]
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if fresh[0].Number != s.Recorded+1 {
		return nil, domain.Refuse("lines_missing", "lines", "%d lines are recorded: want line %d next", s.Recorded, s.Recorded+1)
	}
	if err := s.checkTotals(fresh); err != nil {
		return nil, err
	}
	return []Event{LinesRecorded{StatementID: s.ID, BankAccount: s.BankAccount, Lines: fresh, At: s.At}}, nil
}

var identityHex = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (s *Statement) checkLine(l Line) error {
	switch {
	case l.Number < 1 || l.Number > s.LineCount:
		return domain.Invalid("lines.number", "the statement has %d lines", s.LineCount)
	case l.BookedOn.IsZero():
		return domain.Invalid("lines.booked_on", "want a day")
	case !identityHex.MatchString(l.Identity):
		return domain.Invalid("lines.identity", "want 32 hex digits")
	}
	if known := s.at(l.Number); known != nil && (known.amount != l.Amount.Minor() || known.outgoing() != l.Outgoing) {
		return domain.Refuse("line_differs", "lines", "line %d is recorded otherwise: this is another file", l.Number)
	}
	return domain.FirstOf(
		checkSome("lines.amount", l.Amount, s.Currency),
		domain.AdmitOptionalText("lines.reference", l.Reference, MaxReference),
		domain.AdmitOptionalText("lines.end_to_end", l.EndToEndID, MaxReference),
	)
}

// checkTotals holds the lines, once all are there, against the totals that the books already have.
func (s *Statement) checkTotals(fresh []Line) error {
	if s.Recorded+len(fresh) < s.LineCount {
		return nil
	}
	in, out := s.money(0), s.money(0)
	count := func(number int, amount domain.Money, outgoing bool) {
		_, known := s.skipped[number]
		switch {
		case known:
		case outgoing:
			out = sum(out, amount)
		default:
			in = sum(in, amount)
		}
	}
	for i, l := range s.lines {
		count(i+1, s.money(l.amount), l.outgoing())
	}
	for _, l := range fresh {
		count(l.Number, l.Amount, l.Outgoing)
	}
	if in != s.TotalIn || out != s.TotalOut {
		return domain.Refuse("totals_differ", "lines", "the lines come to %s in and %s out: the books have %s and %s",
			in, out, s.TotalIn, s.TotalOut)
	}
	return nil
}
