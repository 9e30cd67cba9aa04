package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/program"
)

// prepare reads everything: the files, the program's rules, and what earlier imports said.
func (i *importer) prepare(ctx context.Context) (err error) {
	if i.export, err = readExport(i.mapping, i.Files); err != nil {
		return err
	}
	if err := i.readZone(ctx); err != nil {
		return err
	}
	i.readRows()
	if err := i.readCatalogues(ctx); err != nil {
		return err
	}
	if err := i.recall(ctx); err != nil {
		return err
	}
	if err := i.placeRows(ctx); err != nil {
		return err
	}
	return i.learnNames(ctx)
}

// readZone asks where the program's dates are days.
func (i *importer) readZone(ctx context.Context) error {
	return i.ledger.Programs.View(ctx, program.DefaultID, func(s *program.State, _ domain.Source) error {
		if !s.Exists() {
			return errors.New("the ledger has no program yet: it must be set up before an import")
		}
		i.zone = s.Zone()
		return nil
	})
}

// readRows reads all rows, and the earliest day that any of them names, whatever else is wrong with it.
func (i *importer) readRows() {
	today := domain.DateOf(i.Clock(), i.zone)
	records := map[string]*row{}
	i.first = i.mapping.ProgrammeStart
	for _, t := range i.export.deals {
		for _, r := range t.rows {
			read := i.export.read(t, r, len(i.rows), today)
			i.rows = append(i.rows, read)
			if read.rejected == nil {
				i.rejectTwin(records, read)
			}
			if i.mapping.ProgrammeStart.IsZero() {
				i.first = earlier(i.first, i.export.dayOf(t, r, today))
			}
		}
	}
}

// earlier is the earlier of two days, of those that are given.
func earlier(a, b domain.Date) domain.Date {
	if a.IsZero() || !b.IsZero() && b.Compare(a) < 0 {
		return b
	}
	return a
}

// rejectTwin sets a row aside whose record an earlier one has.
func (i *importer) rejectTwin(records map[string]*row, r *row) {
	if twin, ok := records[r.id]; ok {
		r.rejected = r.reject(fault{
			i.mapping.column(Record), Duplicate, fmt.Sprintf("%q stands in %s line %d already", r.id, twin.table.name, twin.record.line),
		})
		return
	}
	records[r.id] = r
}

// readCatalogues asks for the products' lines on the day of each row, and sets aside those that the mapping has otherwise.
func (i *importer) readCatalogues(ctx context.Context) error {
	return i.ledger.Programs.View(ctx, program.DefaultID, func(s *program.State, _ domain.Source) error {
		for _, r := range i.rows {
			if r.rejected != nil {
				continue
			}
			if _, known := i.lists[r.registeredOn]; !known {
				rules, _ := s.RulesAt(i.start(r.registeredOn))
				i.lists[r.registeredOn] = rules.Catalogue.Body
			}
			line := i.lists[r.registeredOn].Line(r.product)
			if r.line != "" && policy.Key(r.line) != policy.Key(line) {
				r.rejected = r.reject(fault{
					i.mapping.column(Line), Refused, fmt.Sprintf("the program's catalogue has %q on line %q, not %q", r.product, line, r.line),
				})
			}
		}
		return nil
	})
}

// listed is the name that the program's catalogue gives a row's product.
func (i *importer) listed(r *row) string { return i.lists[r.registeredOn].Product(r.product) }

func (i *importer) recall(ctx context.Context) error {
	wanted := map[uuid.UUID]bool{}
	for _, r := range i.rows {
		if r.rejected == nil {
			wanted[i.mapping.commandID(r.id, registering)] = true
		}
	}
	i.memory = newMemory(i.ledger, i.actor.ID, wanted)
	return i.memory.recall(ctx)
}

// placeRows says which account and deal each row is: where it was imported to, or where its customer is kept.
func (i *importer) placeRows(ctx context.Context) error {
	for _, r := range i.rows {
		if r.rejected != nil {
			continue
		}
		home, err := i.home(ctx, r.identity)
		if err != nil {
			return err
		}
		register := i.mapping.commandID(r.id, registering)
		r.account = home
		if said := i.memory.said[register]; said != nil {
			there, err := i.home(ctx, said.AccountID)
			if err != nil {
				return err
			}
			if there == home {
				r.account = said.AccountID
			}
			r.deal = said.ID
			continue
		}
		r.deal = domain.EntityID(register, domain.StreamName(account.Category, r.account), "deal")
	}
	return nil
}

// home is the account that takes the registrations of a customer: the one that theirs is linked to, or theirs.
func (i *importer) home(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	if known, ok := i.homes[id]; ok {
		return known, nil
	}
	home := id
	for linked := id; linked != uuid.Nil; {
		home = linked
		err := i.ledger.Accounts.View(ctx, home, func(s *account.State, _ domain.Source) error {
			i.names[home] = s.Account.Name
			linked = s.Account.LinkedTo
			return nil
		})
		if err != nil {
			return uuid.Nil, err
		}
	}
	i.homes[id] = home
	return home, nil
}

// learnNames asks for the names of the partners and sellers that earlier imports named.
func (i *importer) learnNames(ctx context.Context) error {
	for _, said := range i.memory.said {
		if _, known := i.names[said.PartnerID]; known {
			continue
		}
		err := i.ledger.Partners.View(ctx, said.PartnerID, func(p *partner.State, _ domain.Source) error {
			i.names[said.PartnerID] = p.LegalName
			for _, s := range p.Sellers {
				i.names[s.ID] = string(s.Name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nameOf is what people call an account, a partner or a seller.
func (i *importer) nameOf(id uuid.UUID) string {
	if name := i.names[id]; name != "" {
		return name
	}
	return id.String()
}
