// Package ledger binds every aggregate to one log: whoever has a Ledger can give commands. It is the one place that knows
// all aggregates, because a decision may need facts of several streams.
package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/file"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/payout"
	"github.com/channelledger/channelledger/domain/period"
	"github.com/channelledger/channelledger/domain/program"
	"github.com/channelledger/channelledger/domain/reactor"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
)

// Programs handles commands on programs.
type Programs = eventstore.Handler[*program.State, program.Command, program.Facts, program.Event]

// Partners handles commands on partners.
type Partners = eventstore.Handler[*partner.State, partner.Command, partner.Facts, partner.Event]

// Accounts handles commands on accounts.
type Accounts = eventstore.Handler[*account.State, account.Command, account.Facts, account.Event]

// Reactors handles what reactors note, and retries, in their own streams.
type Reactors = eventstore.Handler[*reactor.State, reactor.Command, struct{}, reactor.Event]

// Files handles commands on the records of documents.
type Files = eventstore.Handler[*file.State, file.Command, file.Facts, file.Event]

// Ledger takes commands on every aggregate over one store.
type Ledger struct {
	Store      eventstore.Store
	Codec      *eventstore.Codec
	Programs   *Programs
	Partners   *Partners
	Accounts   *Accounts
	Rebates    *Rebates
	Budgets    *Budgets
	Funds      *Funds
	Periods    *Periods
	Statements *Statements
	Reactors   *Reactors
	Files      *Files
	Payables   *Payables
	Clawbacks  *Clawbacks
	Payouts    *Payouts
	Disputes   *Disputes

	// Candidates names accounts that may be of one customer; nil: nobody does. It is set before the first command.
	Candidates Candidates

	peers       *Accounts // to look at while another account is being decided: the deciding ones would wait for each other
	funds       *partnerFunds
	unpaid      *unpaid
	debts       *debts
	clock       func() time.Time
	months      *cutMonths
	banks       *bankAccounts
	families    *families
	dispatchers map[string]dispatcher
}

// Types lists every event type of every aggregate.
func Types() []domain.Type {
	return slices.Concat(
		program.Types(), partner.Types(), account.Types(),
		rebate.Types(), mdf.BudgetTypes(), mdf.FundTypes(),
		payable.Types(), payout.Types(), clawback.Types(), statement.Types(),
		period.Types(), dispute.Types(),
		file.Types(), reactor.Types(),
	)
}

// Categories lists the categories of our streams; whatever else a log holds is none of ours.
func Categories() []string {
	return []string{
		program.Category, partner.Category, account.Category,
		rebate.Category, mdf.BudgetCategory, mdf.FundCategory,
		payable.Category, payout.Category, clawback.Category, statement.Category,
		period.Category, dispute.Category,
		file.Category, reactor.Category,
	}
}

// Open binds the aggregates to a store. It writes nothing: Bootstrap does.
func Open(store eventstore.Store, keys eventstore.Keyring, clock func() time.Time) (*Ledger, error) {
	codec, err := eventstore.NewCodec(keys, Types())
	if err != nil {
		return nil, err
	}
	l := &Ledger{Store: store, Codec: codec}
	l.funds, l.banks, l.months = newPartnerFunds(store, codec), newBankAccounts(store, codec), newCutMonths(store, codec)
	l.unpaid, l.clock = newUnpaid(store, codec), clock
	l.debts, l.families = newDebts(store, codec), newFamilies(store, codec)
	l.Programs = handle(l, program.Decider(), noFacts[*program.State, program.Command, program.Facts])
	l.Partners = handle(l, partner.Decider(), l.partnerFacts)
	l.Accounts = handle(l, account.Decider(), l.accountFacts)
	l.peers = handle(l, account.Decider(), noFacts[*account.State, account.Command, account.Facts])
	l.Rebates = handle(l, rebate.Decider(), l.rebateFacts)
	l.Budgets = handle(l, mdf.BudgetDecider(), l.budgetFacts)
	l.Funds = handle(l, mdf.FundDecider(), l.fundFacts)
	l.Periods = handle(l, period.Decider(), l.periodFacts)
	l.Statements = handle(l, statement.Decider(), l.statementFacts)
	l.Reactors = handle(l, reactor.Decider(), noFacts[*reactor.State, reactor.Command, struct{}])
	l.Files = handle(l, file.Decider(), noFacts[*file.State, file.Command, file.Facts])
	l.Payables = handle(l, payable.Decider(), noFacts[*payable.Payable, payable.Command, payable.Facts])
	l.Clawbacks = handle(l, clawback.Decider(), l.clawbackFacts)
	l.Payouts = handle(l, payout.Decider(), l.payoutFacts)
	l.Disputes = handle(l, dispute.Decider(), l.disputeFacts)
	l.dispatchers = map[string]dispatcher{
		program.Category:   dispatch(l.Programs.Do),
		partner.Category:   dispatch(l.Partners.Do),
		account.Category:   dispatch(l.Accounts.Do),
		rebate.Category:    dispatch(l.DoRebate),
		mdf.BudgetCategory: dispatch(l.Budgets.Do),
		mdf.FundCategory:   dispatch(l.DoFund),
		period.Category:    dispatch(l.Periods.Do),
		statement.Category: dispatch(l.Statements.Do),
		reactor.Category:   dispatch(l.Reactors.Do),
		file.Category:      dispatch(l.Files.Do),
		payable.Category:   dispatch(l.Payables.Do),
		payout.Category:    dispatch(l.Payouts.Do),
		clawback.Category:  dispatch(l.DoClawback),
		dispute.Category:   dispatch(l.Disputes.Do),
	}
	return l, nil
}

// handle is the one way that aggregates are bound: whoever gives a command is introduced.
func handle[S, C, F any, E domain.Event](
	l *Ledger, decider domain.Decider[S, C, F, E], gather eventstore.Gather[S, C, F],
) *eventstore.Handler[S, C, F, E] {
	return eventstore.NewHandler(l.Store, l.Codec, l.clock, decider, gather).Introduced(l.introduce)
}

// Bootstrap appends the program and its default policies where they aren't there. It comes before the first command.
// Errors: a Rejection where the program exists in another zone.
func (l *Ledger) Bootstrap(ctx context.Context, zone string, now time.Time) error {
	bootstrap := program.Bootstrap{Zone: zone}
	_, err := l.Programs.Do(ctx, program.DefaultID, bootstrap.Header(now), bootstrap)
	return err
}

// dispatcher gives a command of any type to one kind of stream.
type dispatcher func(context.Context, uuid.UUID, domain.Header, any) (eventstore.Outcome, error)

func dispatch[S, C any](
	do func(context.Context, uuid.UUID, domain.Header, C, ...eventstore.Precondition[S]) (eventstore.Outcome, error),
) dispatcher {
	return func(ctx context.Context, id uuid.UUID, header domain.Header, command any) (eventstore.Outcome, error) {
		own, ok := command.(C)
		if !ok {
			return eventstore.Outcome{}, fmt.Errorf("%T is no command of this stream", command)
		}
		return do(ctx, id, header, own)
	}
}

// Dispatch gives a command to the aggregate that owns the stream: for reactors, which know targets by their names.
func (l *Ledger) Dispatch(ctx context.Context, stream string, header domain.Header, command any) (eventstore.Outcome, error) {
	category, id, err := domain.ParseStream(stream)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	give, ok := l.dispatchers[category]
	if !ok {
		return eventstore.Outcome{}, fmt.Errorf("stream %s: no aggregate owns category %s", stream, category)
	}
	return give(ctx, id, header, command)
}
