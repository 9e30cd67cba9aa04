package clawback_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/clawback"
	"github.com/channelledger/channelledger/domain/domaintest"
)

const (
	bank     = "DE89370400440532013000"
	invalid  = domain.KindInvalid
	conflict = domain.KindConflict
)

var (
	id    = domain.DeriveID("clawback")
	north = domain.DeriveID("north")
	owing = clawback.Facts{Debt: clawback.Debt{Known: true, PartnerID: north, Amount: eur("100.00"), Since: domaintest.Epoch}}
	paid  = clawback.Recover{ClawbackID: id, By: clawback.ByPayment, Amount: eur("60.00"), BankAccount: bank, Reference: "SEPA 7"}
)

func eur(amount string) domain.Money { return domain.Must(domain.ParseMoney(amount, "EUR")) }

func start(t *testing.T) domaintest.Start[*clawback.State, clawback.Command, clawback.Facts, clawback.Event] {
	t.Helper()
	return domaintest.For(t, clawback.Decider(), domaintest.By(domaintest.Finance()))
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	recovered := clawback.Recovered{
		ClawbackID: id, RecoveryID: domain.DeriveID("recovery"), PartnerID: north, By: clawback.ByOffset, Amount: eur("60.00"),
		BankAccount: bank, PayableID: domain.DeriveID("payable"), PayableKind: "rebate", Reference: "agreed",
	}
	matched := recovered
	matched.MatchID = match
	domaintest.Fixtures(t, "testdata/events", clawback.Types(), map[string]any{
		"clawback.recovered.v1":          recovered,
		"clawback.recovered.v1+match_id": matched,
		"clawback.recovery_undone.v1":    clawback.RecoveryUndone{ClawbackID: id, PartnerID: north, Recovery: matched, Reason: "wrong"},
		"clawback.cleared.v1":            cleared("60.00"),
		"clawback.clearing_undone.v1":    unclears("60.00"),
	})
}

// Whatever the means, all of it together is what is owed.
func TestRecover(t *testing.T) {
	t.Parallel()
	o := start(t).When(owing, paid).Then(clawback.Recovered{
		ClawbackID: id, RecoveryID: clawback.RecoveryID(domaintest.NthCommand(1), id), PartnerID: north, By: clawback.ByPayment,
		Amount: eur("60.00"), BankAccount: bank, Reference: "SEPA 7",
	})
	o = o.When(owing, paid).ThenRejected(conflict, "more_than_owed", "amount")
	offset := clawback.Recover{ClawbackID: id, By: clawback.ByOffset, Amount: eur("30.00"), PayableID: domain.DeriveID("payable"), Reference: "agreed"}
	facts := owing
	facts.Offset = clawback.Offset{PartnerID: north, Kind: "rebate", Amount: eur("0.00")}
	o = o.When(facts, offset).ThenRejected(conflict, "not_offset", "payable_id")
	facts.Offset.Amount = eur("30.00")
	o = o.When(facts, offset).Outcome()
	require.Equal(t, "rebate", o.Events()[0].(clawback.Recovered).PayableKind)
	facts.Offset.PartnerID = id
	o = o.When(facts, clawback.Recover{
		ClawbackID: id, By: clawback.ByOffset, Amount: eur("10.00"), PayableID: domain.DeriveID("payable"), Reference: "x",
	}).ThenRejected(conflict, "other_partner", "payable_id")
	o = o.When(owing, clawback.Recover{ClawbackID: id, By: clawback.ByWriteOff, Amount: eur("10.00"), Reference: "insolvent"}).Outcome()
	require.NoError(t, o.Err())
	require.Equal(t, eur("100.00"), o.State().Recovered)
}

// The reactor finishes an offset under the id that the payable's half has, once; what other payables gave is spoken for.
func TestAHalfOffsetIsFinished(t *testing.T) {
	t.Parallel()
	half := clawback.Recover{
		ClawbackID: id, By: clawback.ByOffset, Amount: eur("30.00"), PayableID: domain.DeriveID("payable"), Reference: "agreed",
		RecoveryID: domain.DeriveID("recovery"),
	}
	facts := owing
	facts.Offset = clawback.Offset{PartnerID: north, Kind: "rebate", Amount: eur("30.00")}
	o := start(t).When(facts, half).ThenRejected(domain.KindForbidden, "reactor_only", "")
	o = o.When(facts, half, domaintest.By(domaintest.Scheduler())).Outcome()
	require.Equal(t, half.RecoveryID, o.Events()[0].(clawback.Recovered).RecoveryID)
	o = o.When(facts, half, domaintest.By(domaintest.Scheduler())).Then()
	spoken := owing
	spoken.Pending = eur("10.01")
	o.When(spoken, paid).ThenRejected(conflict, "more_than_owed", "amount")
}

func TestRecoverIsRefused(t *testing.T) {
	t.Parallel()
	for field, spoil := range map[string]func(*clawback.Recover){
		"clawback_id":  func(c *clawback.Recover) { c.ClawbackID = uuid.Nil },
		"by":           func(c *clawback.Recover) { c.By = "barter" },
		"amount":       func(c *clawback.Recover) { c.Amount = eur("0.00") },
		"bank_account": func(c *clawback.Recover) { c.BankAccount = "" },
		"payable_id":   func(c *clawback.Recover) { c.PayableID = north },
		"reference":    func(c *clawback.Recover) { c.Reference = "" },
	} {
		c := paid
		spoil(&c)
		start(t).When(owing, c).ThenRejected(invalid, "invalid_field", field)
	}
	dollars := paid
	dollars.Amount = domain.Must(domain.ParseMoney("1.00", "USD"))
	start(t).When(owing, dollars).ThenRejected(invalid, "invalid_field", "amount")
	start(t).When(clawback.Facts{}, paid).ThenRejected(domain.KindNotFound, "clawback_unknown", "clawback_id")
	undone := owing
	undone.Debt.Amount = eur("0.00")
	start(t).When(undone, paid).ThenRejected(conflict, "more_than_owed", "amount")
	start(t).When(owing, paid, domaintest.Effective(domaintest.Epoch.Add(-time.Hour))).ThenRejected(conflict, "out_of_order", "effective_at")
	start(t).When(owing, paid, domaintest.By(domaintest.Treasurer())).ThenRejected(domain.KindForbidden, "role", "")
	ofPartner := domaintest.Finance()
	ofPartner.PartnerID = north
	start(t).When(owing, paid, domaintest.By(ofPartner)).ThenRejected(domain.KindForbidden, "vendor_only", "")
}
