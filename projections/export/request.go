package export

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/journal"
	"github.com/channelledger/channelledger/projections/mdf"
	"github.com/channelledger/channelledger/projections/rebates"
)

// What is listed in a file.
type What string

// What can be exported.
const (
	OfJournal      What = "journal"       // the entries
	OfTrialBalance What = "trial-balance" // the accounts
	OfStatement    What = "statement"     // one account's lines, with its running balance
	OfClaims       What = "claims"        // claims on marketing funds
	OfAccruals     What = "accruals"      // what is earned or obliged and not yet payable
)

// Whats lists what can be exported.
func Whats() []What { return []What{OfJournal, OfTrialBalance, OfStatement, OfClaims, OfAccruals} }

// In lists the formats that something can be exported in: only entries make a journal of another program.
func (w What) In() []Format {
	if w == OfJournal {
		return Formats()
	}
	return []Format{CSV, XLSX}
}

// Request says which file is wanted.
type Request struct {
	What   What
	Format Format
	Bounds projections.Bounds

	Books                   // of the journal, the trial balance and a statement
	Parties bool            // of a trial balance: each party of an account apart
	Account journal.Account // of a statement; without a party: of all parties together
	Partner []uuid.UUID     // of claims and accruals: only theirs

	Zone     *time.Location   // of the program; nil: UTC
	Progress func(rows int64) // is told now and then; nil: nobody is
}

// Make makes the file.
// Errors: a Rejection of kind Invalid that names the field; those of the read models.
func (r Request) Make(ctx context.Context, from Models) (file *File, err error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.By == "" {
		r.By = journal.ByPosted
	}
	if r.What == OfAccruals {
		err = from.readBoth(ctx, mdf.Projection(), rebates.Projection(), r.Bounds,
			func(a, b projections.Querier, at eventstore.Position) error {
				file, err = r.accruals(ctx, a, b, r.about(at))
				return err
			})
		return file, err
	}
	err = from.read(ctx, r.model(), r.Bounds, func(q projections.Querier, at eventstore.Position) error {
		file, err = r.write(ctx, q, r.about(at))
		return err
	})
	return file, err
}

// Models are the names of the read models that the file is made of.
func (r Request) Models() []string {
	switch r.What {
	case OfClaims:
		return []string{mdf.Name}
	case OfAccruals:
		return []string{mdf.Name, rebates.Name}
	default:
		return []string{journal.Name}
	}
}

// Name is what the file may be called.
func (r Request) Name() string { return string(r.What) + "." + r.Format.Extension() }

// check refuses what can't be made, and what would be left out of account.
func (r Request) check() error {
	switch ofBooks := r.What != OfClaims && r.What != OfAccruals; {
	case !slices.Contains(Whats(), r.What):
		return domain.Invalid("what", "want one of %v", Whats())
	case !slices.Contains(r.What.In(), r.Format):
		return domain.Invalid("format", "%s is no format of %s: want one of %v", r.Format, r.What, r.What.In())
	case r.What == OfStatement && r.Account.Name == "":
		return domain.Invalid("account", "want the account that the statement is of, as in liability:mdf_payable")
	case r.What != OfStatement && r.Account != journal.Account{}:
		return domain.Invalid("account", "%s is of all accounts: only a statement is of one", r.What)
	case r.What != OfJournal && r.What != OfTrialBalance && len(r.Book) > 0:
		return domain.Invalid("book", "only the journal and the trial balance are by book")
	case r.What != OfTrialBalance && r.Parties:
		return domain.Invalid("parties", "only a trial balance has parties together or apart")
	case !ofBooks && r.Days != journal.Days{}:
		return domain.Invalid("from", "%s are as of a moment: bound them with effective_at or known_at", r.What)
	case ofBooks && len(r.Partner) > 0:
		return domain.Invalid("partner_id", "only claims and accruals are by partner; in the books a partner is a party")
	}
	return nil
}

func (r Request) model() projections.Definition {
	if r.What == OfClaims {
		return mdf.Projection()
	}
	return journal.Projection(r.Zone)
}

func (r Request) write(ctx context.Context, q projections.Querier, about About) (*File, error) {
	switch r.What {
	case OfJournal:
		return r.journal(ctx, q, about)
	case OfTrialBalance:
		trial, err := journal.Trial(ctx, q, journal.BalanceQuery{By: r.By, Days: r.Days, Book: r.Book, Parties: r.Parties})
		if err != nil {
			return nil, err
		}
		return Write(r.Format, about, TrialTable(), told(each(trial.Balances), r.Progress))
	case OfStatement:
		query := journal.StatementQuery{By: r.By, Days: r.Days, Account: r.Account}
		return Write(r.Format, about, StatementTable(), told(Statement(ctx, q, query), r.Progress))
	default:
		return Write(r.Format, about, ClaimTable(), told(Claims(ctx, q, mdf.ClaimQuery{Partner: r.Partner}), r.Progress))
	}
}

func (r Request) journal(ctx context.Context, q projections.Querier, about About) (*File, error) {
	var first []journal.Entry
	if r.Format == Hledger || r.Format == Beancount {
		var err error
		if first, err = BroughtForward(ctx, q, r.Books); err != nil {
			return nil, err
		}
	}
	return Journal(r.Format, about, r.By, told(behind(each(first), Entries(ctx, q, r.Books)), r.Progress))
}

func (r Request) accruals(ctx context.Context, funds, agreements projections.Querier, about About) (*File, error) {
	rows := behind(
		MDFAccruals(ctx, funds, mdf.RequestQuery{Partner: r.Partner}),
		RebateAccruals(ctx, agreements, rebates.Query{Partner: r.Partner}),
	)
	return Write(r.Format, about, AccrualTable(), told(rows, r.Progress))
}

// about names the request as the query of its URL, in the order of names.
func (r Request) about(at eventstore.Position) About {
	query := url.Values{}
	add := func(name, value string) {
		if value != "" {
			query.Add(name, value)
		}
	}
	if r.What != OfClaims && r.What != OfAccruals {
		add("by", string(r.By))
	}
	add("from", day(r.Days.From))
	add("to", day(r.Days.To))
	for _, book := range r.Book {
		add("book", string(book))
	}
	if r.Parties {
		add("parties", "true")
	}
	add("account", r.Account.Name)
	add("party", r.Account.Party)
	for _, partner := range r.Partner {
		add("partner_id", partner.String())
	}
	add("known_at", moment(r.Bounds.KnownAt))
	if !r.Bounds.KnownPosition.IsStart() {
		add("known_at", r.Bounds.KnownPosition.String())
	}
	add("effective_at", moment(r.Bounds.EffectiveAt))
	return About{What: string(r.What), Position: at.String(), Query: query.Encode()}
}

func day(d domain.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}
