package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/statement"
	"github.com/channelledger/channelledger/eventstore"
)

// Statements handles commands on bank statements.
type Statements = eventstore.Handler[*statement.Statement, statement.Command, statement.Facts, statement.Event]

// seenDays is for how many days before an account's last statement its movements are known again: banks repeat them within
// weeks.
const seenDays = 400

func (l *Ledger) statementFacts(
	ctx context.Context, s *statement.Statement, c statement.Command, h domain.Header,
) (facts statement.Facts, basis domain.Basis, err error) {
	var source domain.Source
	if facts.Rules, basis.Policies, source, err = l.rules(ctx, h.EffectiveAt); err != nil {
		return facts, basis, err
	}
	basis.DecidedFrom = []domain.Source{source}
	if c, ok := c.(statement.Import); ok {
		facts.Previous, source, err = l.banks.last(ctx, c.BankAccount)
		if facts.Previous.StatementID != uuid.Nil {
			basis.DecidedFrom = append(basis.DecidedFrom, source)
		}
	}
	if c, ok := c.(statement.UndoMatch); ok && err == nil {
		m, _ := s.Found(c.MatchID)
		facts.Claimed, err = l.claimedBack(ctx, m, &basis)
	}
	return facts, basis, err
}

// claimedBack is the payout that has what a match said came back; none: nobody has it. What a payout has can't be taken back, and
// would be paid again.
func (l *Ledger) claimedBack(ctx context.Context, m statement.Match, basis *domain.Basis) (payout uuid.UUID, err error) {
	for _, side := range m.To {
		if side.PayableID == uuid.Nil || m.Outgoing && side.Short.Sign() == 0 {
			continue
		}
		err := l.Payables.View(ctx, side.PayableID, func(p *payable.Payable, from domain.Source) error {
			if p.ClaimedBy != uuid.Nil && p.Stands(m.MatchID) {
				payout = p.ClaimedBy
			}
			basis.DecidedFrom = append(basis.DecidedFrom, from)
			return nil
		})
		if err != nil {
			return payout, err
		}
	}
	return payout, nil
}

// Reconciliation is how statements are matched at a moment.
func (l *Ledger) Reconciliation(ctx context.Context, at time.Time) (policy.Reconciliation, error) {
	rules, _, _, err := l.rules(ctx, at)
	return rules.Reconciliation.Body, err
}

// ImportStatement takes a statement into the books, or parks it. Statements of one process come one behind the other, since
// each goes on from its account's last. prepare makes the command, told which movements other statements have.
// Errors: those of prepare, and as of Handler.Do.
func (l *Ledger) ImportStatement(
	ctx context.Context, bankAccount, number string, h domain.Header, prepare func(known func(identity string) bool) (statement.Import, error),
) (eventstore.Outcome, error) {
	l.banks.importing.Lock()
	defer l.banks.importing.Unlock()
	id := statement.IDOf(bankAccount, number)
	known, err := l.banks.known(ctx, bankAccount, id)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	c, err := prepare(known)
	if err != nil {
		return eventstore.Outcome{}, err
	}
	return l.Statements.Do(ctx, id, h, c)
}

// bankAccounts is how each bank account stands and which movements it has, by the log itself: it is followed to its end
// whenever somebody asks.
type bankAccounts struct {
	importing sync.Mutex

	store eventstore.Store
	codec *eventstore.Codec

	mu       sync.Mutex
	after    eventstore.Position
	accounts map[string]*bankAccount
}

type bankAccount struct {
	last     statement.Previous
	source   domain.Source
	movement []movements // one of each statement, oldest first, of the last seenDays
}

type movements struct {
	statement  uuid.UUID
	to         domain.Date
	identities map[[16]byte]struct{}
}

func newBankAccounts(store eventstore.Store, codec *eventstore.Codec) *bankAccounts {
	return &bankAccounts{store: store, codec: codec, accounts: map[string]*bankAccount{}}
}

// last is where an account stands; zero where it has no statement.
func (b *bankAccounts) last(ctx context.Context, account string) (last statement.Previous, source domain.Source, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.follow(ctx); err != nil {
		return last, source, err
	}
	if a := b.accounts[account]; a != nil {
		last, source = a.last, a.source
	}
	return last, source, nil
}

// known tells which movements other statements of the account have.
func (b *bankAccounts) known(ctx context.Context, account string, but uuid.UUID) (func(identity string) bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.follow(ctx); err != nil {
		return nil, err
	}
	var others []map[[16]byte]struct{}
	if a := b.accounts[account]; a != nil {
		for _, m := range a.movement {
			if m.statement != but {
				others = append(others, m.identities)
			}
		}
	}
	return func(identity string) bool {
		key, err := keyOf(identity)
		return err == nil && slices.ContainsFunc(others, func(seen map[[16]byte]struct{}) bool {
			_, ok := seen[key]
			return ok
		})
	}, nil
}

func (b *bankAccounts) follow(ctx context.Context) error {
	filter := eventstore.Filter{
		Categories: []string{statement.Category},
		Types:      []string{statement.Imported{}.EventType(), statement.LinesRecorded{}.EventType()},
	}
	for m, err := range b.store.Follow(ctx, b.after, filter) {
		if err != nil {
			return err
		}
		if m.Kind == eventstore.Appeared {
			if err := b.add(m.Event); err != nil {
				return err
			}
		}
		b.after = m.Position
		if m.Kind == eventstore.CaughtUp {
			break
		}
	}
	return nil
}

func (b *bankAccounts) add(r eventstore.Recorded) error {
	event, env, err := b.codec.Decode(r)
	if err != nil {
		return err
	}
	switch e := event.(type) {
	case statement.Imported:
		a := b.accounts[e.BankAccount]
		if a == nil {
			a = &bankAccount{}
			b.accounts[e.BankAccount] = a
		}
		a.last = statement.Previous{StatementID: e.StatementID, Number: e.Number, Closing: e.Closing}
		a.source = domain.Source{Stream: env.Stream, Revision: env.Revision}
		a.movement = append(slices.DeleteFunc(a.movement, func(m movements) bool {
			return m.to.AddDays(seenDays).Compare(e.To) < 0
		}), movements{e.StatementID, e.To, map[[16]byte]struct{}{}})
	case statement.LinesRecorded:
		return b.addLines(e)
	}
	return nil
}

func (b *bankAccounts) addLines(e statement.LinesRecorded) error {
	a := b.accounts[e.BankAccount]
	if a == nil {
		return nil
	}
	at := slices.IndexFunc(a.movement, func(m movements) bool { return m.statement == e.StatementID })
	if at < 0 {
		return nil // too long ago
	}
	for _, l := range e.Lines {
		key, err := keyOf(l.Identity)
		if err != nil {
			return fmt.Errorf("statement %s, line %d: %w", e.StatementID, l.Number, err)
		}
		a.movement[at].identities[key] = struct{}{}
	}
	return nil
}

func keyOf(identity string) (key [16]byte, err error) {
	_, err = hex.Decode(key[:], []byte(identity))
	return key, err
}
