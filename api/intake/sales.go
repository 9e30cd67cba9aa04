package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// salesBatch is how many rows are held in memory at once.
const salesBatch = 4096

// SalesFile is one file of sales. It is read as a stream, once.
type SalesFile struct {
	Name string // without folders
	io.Reader
}

// SalesOptions are what an import of sales needs beside the ledger.
type SalesOptions struct {
	Mapping    SalesMapping
	Files      []SalesFile
	OnBehalfOf string           // the id of the person who runs it
	Rejects    io.Writer        // gets the rows that were set aside, as they come; nil: they are only counted
	Progress   func(rows int)   // called after each batch; may be nil
	Workers    int              // partners worked on at once; 0: DefaultWorkers
	Clock      func() time.Time // nil: time.Now
}

// salesImporter is one run.
type salesImporter struct {
	SalesOptions
	ledger     *ledger.Ledger
	actor      domain.Actor
	zone       *time.Location
	today      domain.Date
	agreements map[uuid.UUID][]openedAgreement // on the mapping's scheme, by partner
	partners   *names

	mu      sync.Mutex
	summary SalesSummary
	counts  map[Count]int
}

type openedAgreement struct {
	id          uuid.UUID
	currency    string
	from, until time.Time
}

// ImportSales records the sales and reversals of some files in the agreements of their partners on the mapping's scheme. It
// may be called again with the same files, or others that hold the same rows: what is recorded adds no event. A row that
// can't be recorded is set aside and stops nothing; put right, or once its agreement is open, it can be imported again.
// Errors: a file is not as it must be; the log can't be reached, or ctx ended: what was recorded stays.
func ImportSales(ctx context.Context, l *ledger.Ledger, opts SalesOptions) (SalesSummary, error) {
	i := &salesImporter{
		SalesOptions: opts, ledger: l, actor: opts.Mapping.Actor(opts.OnBehalfOf), counts: map[Count]int{},
		partners: newNames(sortedKeys(opts.Mapping.Partners)),
	}
	i.summary.System = opts.Mapping.System
	if i.Workers <= 0 {
		i.Workers = DefaultWorkers
	}
	if i.Clock == nil {
		i.Clock = time.Now
	}
	if err := i.prepare(ctx); err != nil {
		return i.summary, err
	}
	err := i.run(ctx)
	i.summary.Counts = sortedCounts(i.counts)
	return i.summary, err
}

// prepare learns the program's zone and which agreements there are.
func (i *salesImporter) prepare(ctx context.Context) error {
	err := i.ledger.Programs.View(ctx, program.DefaultID, func(s *program.State, _ domain.Source) error {
		i.zone = s.Zone()
		return nil
	})
	if err != nil {
		return err
	}
	i.today = domain.DateOf(i.Clock(), i.zone)
	i.agreements, err = i.findAgreements(ctx)
	return err
}

// findAgreements reads them from the log itself: no read model may lag here.
func (i *salesImporter) findAgreements(ctx context.Context) (map[uuid.UUID][]openedAgreement, error) {
	found := map[uuid.UUID][]openedAgreement{}
	wanted := eventstore.Filter{Categories: []string{rebate.Category}, Types: []string{rebate.AgreementOpened{}.EventType()}}
	for m, err := range i.ledger.Store.Follow(ctx, eventstore.Position{}, wanted) {
		switch {
		case err != nil:
			return nil, err
		case m.Kind == eventstore.CaughtUp:
			return found, nil
		case m.Kind != eventstore.Appeared:
			continue
		}
		event, _, err := i.ledger.Codec.Decode(m.Event)
		if err != nil {
			return nil, err
		}
		if e, ok := event.(rebate.AgreementOpened); ok && e.Scheme.Name == i.Mapping.Scheme {
			found[e.PartnerID] = append(found[e.PartnerID], openedAgreement{e.AgreementID, e.Scheme.Currency, e.From, e.Until})
		}
	}
	return found, ctx.Err()
}

// run opens every file, so that the rejects have one header, and then reads them batch by batch.
func (i *salesImporter) run(ctx context.Context) error {
	streams, tables := make([]*rowStream, len(i.Files)), make([]*table, len(i.Files))
	for n, f := range i.Files {
		var err error
		if streams[n], tables[n], err = openStream(f.Name, f.Reader, i.Mapping.comma()); err != nil {
			return err
		}
		if err := tables[n].want(i.Mapping.columns()...); err != nil {
			return err
		}
	}
	to := i.Rejects
	if to == nil {
		to = io.Discard
	}
	rejects, err := newRejectWriter(to, i.Mapping.comma(), tables)
	if err != nil {
		return err
	}
	for n, stream := range streams {
		if err := i.file(ctx, stream, tables[n], rejects); err != nil {
			return stopped(err)
		}
	}
	return rejects.write(nil) // the header stands alone where there are none
}

func (i *salesImporter) file(ctx context.Context, stream *rowStream, t *table, rejects *rejectWriter) error {
	for more := true; more; {
		var rows []*saleRow
		for more = true; more && len(rows) < salesBatch; {
			r, ok, err := stream.next()
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			if more = ok; ok {
				rows = append(rows, i.read(t, r))
			}
		}
		err := i.batch(ctx, rows)
		if err := errors.Join(err, i.tell(rows, rejects)); err != nil {
			return err
		}
	}
	return nil
}

// batch records rows: those of one partner in their order, those of many side by side.
func (i *salesImporter) batch(ctx context.Context, rows []*saleRow) error {
	at := map[uuid.UUID]int{}
	var all []queue
	for place, r := range rows {
		if r.rejected != nil {
			continue
		}
		n, known := at[r.partner]
		if !known {
			n = len(all)
			at[r.partner], all = n, append(all, nil)
		}
		all[n] = append(all[n], task{place, func(ctx context.Context) error { return i.record(ctx, r) }})
	}
	return (&schedule{}).run(ctx, i.Workers, all)
}

// tell counts a batch's rows and writes those that were set aside.
func (i *salesImporter) tell(rows []*saleRow, to *rejectWriter) error {
	var rejects []*Reject
	for _, r := range rows {
		i.summary.Rows++
		if r.rejected != nil {
			rejects = append(rejects, r.rejected)
			i.counts[Count{Reason: r.rejected.Reason, Column: r.rejected.Column}]++
		}
	}
	i.summary.Quarantined += len(rejects)
	if i.Progress != nil {
		i.Progress(i.summary.Rows)
	}
	return to.write(rejects)
}

// record takes a row into every agreement that it belongs to.
func (i *salesImporter) record(ctx context.Context, r *saleRow) error {
	commands, err := i.commands(ctx, r)
	if err != nil || r.rejected != nil {
		return err
	}
	appended := 0
	for _, c := range commands {
		outcome, err := i.ledger.Rebates.Do(ctx, c.agreement, domain.Header{
			CommandID: i.Mapping.commandID(r.reference, c.agreement), RequestHash: hashOf(r.content()), Actor: i.actor,
			EffectiveAt: r.soldOn.In(i.zone),
		}, c.command)
		if _, other := errors.AsType[*eventstore.KeyReusedError](err); other {
			r.set(fault{"", Changed, "is recorded already with another content: " + err.Error()})
			return nil
		}
		if refusal := domain.AsRejection(err); refusal != nil {
			r.set(fault{i.Mapping.columnOf(refusal.Field), Refused, refusal.Error()})
			return nil
		}
		if err != nil {
			return err
		}
		if !outcome.Repeated {
			appended += outcome.Count
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.summary.count(r, appended)
	return nil
}

// saleCommand is what a row makes on one agreement.
type saleCommand struct {
	agreement uuid.UUID
	command   rebate.Command
}

// commands are those of a row; where there are none it is set aside.
func (i *salesImporter) commands(ctx context.Context, r *saleRow) (all []saleCommand, err error) {
	if r.reverses != "" {
		return i.reversals(ctx, r)
	}
	at := r.soldOn.In(i.zone)
	for _, a := range i.agreements[r.partner] {
		if at.Before(a.from) || !at.Before(a.until) {
			continue
		}
		all = append(all, saleCommand{a.id, rebate.RecordSale{
			Source: i.Mapping.Source, SourceRef: r.reference, Product: r.product, Line: r.line, Amount: r.amount,
			FX: i.Mapping.conversion(r.amount.Currency(), a.currency),
		}})
	}
	if len(all) == 0 {
		r.set(fault{i.Mapping.Columns[SoldOn], Unknown, fmt.Sprintf(
			"partner %s has no agreement on %s for %s: open it, then import the row again", r.partner, i.Mapping.Scheme, r.soldOn)})
	}
	return all, nil
}

// reversals take a part back of the sale that the row names, in each agreement that has it.
func (i *salesImporter) reversals(ctx context.Context, r *saleRow) (all []saleCommand, err error) {
	id := rebate.SaleID(i.Mapping.Scheme, i.Mapping.Source, r.reverses)
	for _, a := range i.agreements[r.partner] {
		has := false
		err := i.ledger.Rebates.View(ctx, a.id, func(s *rebate.State, _ domain.Source) error {
			_, has = s.Sale(id)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if has {
			all = append(all, saleCommand{a.id, rebate.ReverseSale{
				SaleID: id, Amount: r.amount, Reason: rebate.ReversalReturned, Reference: r.reference,
			}})
		}
	}
	if len(all) == 0 {
		r.set(fault{i.Mapping.Columns[Reverses], Unknown, fmt.Sprintf("no sale %.200q of partner %s is recorded", r.reverses, r.partner)})
	}
	return all, nil
}

// columnOf is the column that a command's field was made of; empty where it is no single one.
func (m *SalesMapping) columnOf(commandField string) string {
	switch commandField {
	case "source_ref", "reference":
		return strings.Join(m.Reference, "+")
	case "product":
		return m.Columns[SaleProduct]
	case "line":
		return m.Columns[SaleLine]
	case "amount":
		return m.Columns[SaleAmount]
	case "fx", "fx.rate":
		return m.Columns[SaleCurrency]
	case "partner_id":
		return m.Columns[SalePartner]
	case "effective_at":
		return m.Columns[SoldOn]
	}
	return ""
}
