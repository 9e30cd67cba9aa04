package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

// teller turns the story into commands. The first thing that goes wrong ends the story: later steps do nothing.
type teller struct {
	ctx    context.Context
	ledger *ledger.Ledger
	today  time.Time // the start of the day that the story ends on
	steps  int
	err    error

	customers []uuid.UUID // that are known so far
	reactions reactions
	contested contested
}

// ally is a partner of the story.
type ally struct {
	id     uuid.UUID
	name   string
	seller uuid.UUID
}

// deal is a registration of the story.
type deal struct {
	account, id uuid.UUID
	by          ally
	lines       []account.LineAmount
}

// header is what the next step's command carries. Each step takes effect a minute after the one before on the same day, so
// that the order of the story is the order of the facts.
func (t *teller) header(daysAgo int, who string, of uuid.UUID) domain.Header {
	t.steps++
	return domain.Header{
		CommandID: domain.CommandID("demo", fmt.Sprint(t.steps)),
		Actor: domain.Actor{
			ID: "demo:" + who, Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}, PartnerID: of,
		},
		EffectiveAt: t.today.AddDate(0, 0, -daysAgo).Add(time.Duration(t.steps) * time.Minute),
	}
}

// partnerDoes gives a command on a partner, as partner operations.
func (t *teller) partnerDoes(daysAgo int, id uuid.UUID, command partner.Command) {
	header := t.header(daysAgo, "partner-operations", uuid.Nil)
	if t.err == nil {
		_, err := t.ledger.Partners.Do(t.ctx, id, header, command)
		t.fail(err, command)
	}
}

// deskDoes gives a command on an account, as the vendor's deal desk.
func (t *teller) deskDoes(daysAgo int, id uuid.UUID, command account.Command) {
	t.accountDoes(t.header(daysAgo, "deal-desk", uuid.Nil), id, command)
}

// allyDoes gives a command on an account, as somebody of the partner.
func (t *teller) allyDoes(daysAgo int, who ally, id uuid.UUID, command account.Command) {
	t.accountDoes(t.header(daysAgo, who.name, who.id), id, command)
}

func (t *teller) accountDoes(header domain.Header, id uuid.UUID, command account.Command) {
	if t.err == nil {
		_, err := t.ledger.Accounts.Do(t.ctx, id, header, command)
		t.fail(err, command)
	}
}

func (t *teller) fail(err error, command any) {
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("demo, step %d, %T: %w", t.steps, command, err)
	}
}

// applicationDays is how long before its first day a partner applies.
const applicationDays = 7

func partnerID(name string) uuid.UUID { return domain.DeriveID("demo", "partner", name) }

// joins takes a partner from its application to its first day.
func (t *teller) joins(daysAgo int, name string, kind partner.Kind, country, seller string) ally {
	a := ally{id: partnerID(name), name: name, seller: domain.DeriveID("demo", "seller", name, seller)}
	day := t.day(daysAgo)
	t.partnerDoes(daysAgo+applicationDays, a.id, partner.Apply{LegalName: name, Kind: kind, Country: country})
	t.partnerDoes(daysAgo+5, a.id, partner.Approve{Reason: "references checked"})
	t.partnerDoes(daysAgo, a.id, partner.SignAgreement{
		Kind: string(kind), ValidFrom: day, ValidTo: day.AddDays(3*365 - 1),
		AgreementID: domain.DeriveID("demo", "agreement", name),
	})
	t.partnerDoes(daysAgo, a.id, partner.Onboard{})
	t.partnerDoes(daysAgo, a.id, partner.AddSeller{SellerID: a.seller, Name: domain.Personal(seller)})
	return a
}

// day is the day so many days before the story's last one.
func (t *teller) day(daysAgo int) domain.Date {
	return domain.DateOf(t.today, time.UTC).AddDays(-daysAgo)
}

// registers asks for protection: product and amount in turn.
func (t *teller) registers(daysAgo int, who ally, customer account.Customer, lines ...account.LineAmount) deal {
	return t.registersFrom(daysAgo, who, customer, account.SourcePartner, lines...)
}

// registersFrom says whose find the customer was.
func (t *teller) registersFrom(daysAgo int, who ally, customer account.Customer, source account.Source, lines ...account.LineAmount) deal {
	header := t.header(daysAgo, who.name, who.id)
	command := account.RegisterDeal{Customer: customer, PartnerID: who.id, SellerID: who.seller, Source: source, Lines: lines}
	id, err := account.IDOf(command)
	t.fail(err, command)
	t.accountDoes(header, id, command)
	t.customers = append(t.customers, id)
	return deal{account: id, by: who, lines: lines, id: domain.EntityID(header.CommandID, domain.StreamName(account.Category, id), "deal")}
}

// registered is a registration that the desk approves within two days.
func (t *teller) registered(daysAgo int, who ally, customer account.Customer, lines ...account.LineAmount) deal {
	d := t.registers(daysAgo, who, customer, lines...)
	t.deskDoes(daysAgo-2, d.account, account.ApproveDeal{DealID: d.id})
	return d
}

// overrides lets every finding of a deal stand.
func (t *teller) overrides(daysAgo int, d deal, reason string) {
	t.deskDoes(daysAgo, d.account, account.OverrideConflicts{DealID: d.id, FindingIDs: t.findings(d), Reason: reason})
}

func (t *teller) findings(d deal) (ids []uuid.UUID) {
	if t.err != nil {
		return nil
	}
	t.err = t.ledger.Accounts.View(t.ctx, d.account, func(s *account.State, _ domain.Source) error {
		for _, f := range s.Deals[d.id].Findings {
			ids = append(ids, f.ID)
		}
		return nil
	})
	return ids
}

// wins closes the whole deal.
func (t *teller) wins(daysAgo int, d deal, order string) {
	t.deskDoes(daysAgo, d.account, account.WinDeal{DealID: d.id, Lines: d.lines, OrderReference: order})
}

// line is one product and what it is to bring, in whole euros.
func line(product string, euros int64) account.LineAmount {
	return account.LineAmount{Product: product, Amount: domain.Must(domain.NewMoney(euros*100, "EUR"))}
}
