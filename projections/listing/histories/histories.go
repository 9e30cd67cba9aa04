// Package histories tells random stories of a whole ledger through the real deciders, many of their facts recorded late:
// what the tests of the read models fold.
package histories

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
	"github.com/channelledger/channelledger/projections/projectionstest"
)

// Begin is when every history begins.
var Begin = time.Date(2024, time.January, 15, 9, 0, 0, 0, time.UTC)

// Recorded is an event as read models are given it.
type Recorded struct {
	Event    domain.Event
	Envelope domain.Envelope
}

// History is a ledger of a few partners and customers. Its seed decides everything that Step makes of it.
type History struct {
	*rand.Rand
	Codec  *eventstore.Codec
	Log    *projectionstest.Log
	Events []Recorded
	Now    time.Time

	Partners  []uuid.UUID
	Customers []account.Customer

	accounts map[uuid.UUID]*stream[*account.State]
	partners map[uuid.UUID]*stream[*partner.Partner]
	budgets  map[uuid.UUID]*stream[*mdf.Budget]
	funds    map[uuid.UUID]*stream[*mdf.FundState]
	budget   uuid.UUID // that Funds takes from
	rebates  map[uuid.UUID]*stream[*rebate.State]

	paidSpiffs map[uuid.UUID]bool // whose payable was sent
	deals      []deal             // as they were registered
	commands   int
}

type deal struct{ account, id uuid.UUID }

// stream is one aggregate, folded.
type stream[S any] struct {
	state    S
	revision int64
}

// New is an empty ledger with names to use.
func New(seed uint64) *History {
	h := &History{
		Rand: rand.New(rand.NewPCG(seed, 0)),
		Codec: domain.Must(eventstore.NewCodec(eventstore.NewMemoryKeyring(),
			account.Types(), partner.Types(), rebate.Types(), mdf.BudgetTypes(), mdf.FundTypes(),
			payable.Types(), clawback.Types(), statement.Types(), period.Types(), dispute.Types())),
		Log:      projectionstest.NewLog("history"),
		Now:      Begin,
		accounts: map[uuid.UUID]*stream[*account.State]{},
		partners: map[uuid.UUID]*stream[*partner.Partner]{},
		budgets:  map[uuid.UUID]*stream[*mdf.Budget]{},
		funds:    map[uuid.UUID]*stream[*mdf.FundState]{},
		rebates:  map[uuid.UUID]*stream[*rebate.State]{},

		paidSpiffs: map[uuid.UUID]bool{},
	}
	for _, name := range []string{"North", "South", "West"} {
		h.Partners = append(h.Partners, domain.DeriveID("partner", name))
		h.Customers = append(h.Customers, account.Customer{Name: name + "wind GmbH", Domain: name + "wind.de", Country: "DE"})
	}
	return h
}

// Run gives so many random commands.
func (h *History) Run(commands int) *History {
	for range commands {
		h.Step()
	}
	return h
}

// Sellers are the two people of a partner.
func Sellers(partner uuid.UUID) []uuid.UUID {
	return []uuid.UUID{domain.DeriveID("seller", partner.String(), "1"), domain.DeriveID("seller", partner.String(), "2")}
}

// Header is that of the next command: an import's, effective now.
func (h *History) Header() domain.Header {
	h.commands++
	return domain.Header{
		CommandID: domaintest.NthCommand(h.commands), RequestHash: fmt.Sprintf("hash %d", h.commands),
		Actor: domaintest.Importer(), Now: h.Now, EffectiveAt: h.Now,
	}
}

// Account gives a command to an account and records what follows. It tells whether the command was taken.
func (h *History) Account(id uuid.UUID, header domain.Header, c account.Command) bool {
	if h.accounts[id] == nil {
		h.accounts[id] = &stream[*account.State]{state: account.Decider().Initial()}
	}
	partner, _ := account.PartnerOf(h.accounts[id].state, c)
	return give(h, account.Decider(), h.accounts[id], id, header, facts(partner), c)
}

// Partner gives a command to a partner and records what follows. It tells whether the command was taken.
func (h *History) Partner(id uuid.UUID, header domain.Header, c partner.Command) bool {
	if h.partners[id] == nil {
		h.partners[id] = &stream[*partner.Partner]{state: partner.Decider().Initial()}
	}
	return give(h, partner.Decider(), h.partners[id], id, header, partnerFacts(c), c)
}

// Deal is a deal as its account has it.
func (h *History) Deal(accountID, id uuid.UUID) *account.Deal {
	return h.accounts[accountID].state.Deals[id]
}

func give[S, C, F any, E domain.Event](
	h *History, d domain.Decider[S, C, F, E], s *stream[S], id uuid.UUID, header domain.Header, f F, c C,
) bool {
	events, err := d.Decide(s.state, header, f, c)
	if err != nil {
		if domain.AsRejection(err) == nil {
			panic(err)
		}
		return false
	}
	name := domain.StreamName(d.Category, id)
	for i, e := range events {
		h.record(name, s.revision, domain.Must(h.Codec.Encode(name, i, e, header.Metadata(domain.Basis{}))))
		last := h.Events[len(h.Events)-1]
		own, ok := last.Event.(E)
		if !ok {
			panic(errors.New("an event reads back as another"))
		}
		s.state = d.Evolve(s.state, own, last.Envelope)
		s.revision++
		if e, ok := last.Event.(account.DealRegistered); ok {
			h.deals = append(h.deals, deal{account: id, id: e.DealID})
		}
	}
	return true
}

func (h *History) record(name string, revision int64, p eventstore.Proposed) {
	r := eventstore.Recorded{
		Proposed: p, Stream: name, Revision: eventstore.Revision(revision), RecordedAt: h.Now,
		Position: h.position(uint64(len(h.Events) + 1)),
	}
	event, envelope, err := h.Codec.Decode(r)
	if err != nil {
		panic(err)
	}
	h.Events = append(h.Events, Recorded{Event: event, Envelope: envelope})
	h.Log.Add(r)
}

func (h *History) position(n uint64) eventstore.Position {
	return eventstore.Position{Origin: h.Log.Origin(), Commit: n, Prepare: n}
}

// Distributor stands above the partners; nothing else is told of it.
var Distributor = domain.DeriveID("partner", "Distributor")

func partnerFacts(c partner.Command) partner.Facts {
	return partner.Facts{
		Tiering: policy.Versioned[policy.Tiering]{Version: 1, Body: policy.DefaultTiering()},
		Above: partner.Above{Parent: partner.Standing{
			PartnerID: partner.ParentOf(c), Known: true, Kind: partner.Distributor, Status: partner.StatusOnboarded,
		}},
	}
}

func facts(partner uuid.UUID) account.Facts {
	f := account.Facts{Rules: policy.Rules{
		Zone:             time.UTC,
		DealRegistration: policy.Versioned[policy.DealRegistration]{Version: 1, Body: policy.DefaultDealRegistration()},
		Conflict:         policy.Versioned[policy.Conflict]{Version: 1, Body: policy.DefaultConflict()},
		Approval:         policy.Versioned[policy.Approval]{Version: 1, Body: policy.DefaultApproval()},
	}}
	if partner != uuid.Nil {
		f.Partner = account.Standing{PartnerID: partner, Known: true, Active: true, Sellers: map[uuid.UUID]bool{}}
		for _, seller := range Sellers(partner) {
			f.Partner.Sellers[seller] = true
		}
	}
	return f
}
