package rebate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/policy"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Whoever makes it doesn't check it: over every approving command, whatever hat the maker wears.
func TestTheMakerIsNotTheChecker(t *testing.T) {
	maker := domaintest.Finance()
	bothRoles := maker
	bothRoles.Roles = []domain.Role{domain.PartnerOps, domain.Finance, domain.Treasury}
	program := domain.Actor{ID: "bot-1", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}, OnBehalfOf: maker.ID}
	delegate := func(from, to string) domain.Actor {
		return domain.Actor{ID: from, Kind: domain.User, Roles: []domain.Role{domain.Finance}, OnBehalfOf: to}
	}
	for name, c := range map[string]struct {
		maker, checker domain.Actor
		kind           domain.RejectionKind
		rule, field    string
	}{
		"the same person":                   {maker, maker, domain.KindForbidden, "maker_is_checker", ""},
		"with both roles":                   {bothRoles, bothRoles, domain.KindForbidden, "maker_is_checker", ""},
		"the maker's delegate":              {maker, delegate("finance-2", maker.ID), domain.KindForbidden, "maker_is_checker", ""},
		"for whom the maker stood in":       {delegate("finance-2", "finance-3"), delegate("finance-3", ""), domain.KindForbidden, "maker_is_checker", ""},
		"two that stand in for each other":  {delegate("finance-2", "finance-3"), delegate("finance-3", "finance-2"), domain.KindForbidden, "maker_is_checker", ""},
		"two that stand in for one":         {delegate("finance-2", "boss"), delegate("finance-3", "boss"), domain.KindForbidden, "maker_is_checker", ""},
		"the maker's program, silently":     {maker, program, domain.KindInvalid, "invalid_field", "reason"},
		"somebody of the partner's as well": {maker, domain.Actor{ID: "p", Kind: domain.User, Roles: []domain.Role{domain.Finance}, PartnerID: north}, domain.KindForbidden, "vendor_only", ""},
	} {
		for approving, prepare := range approvingCommands() {
			t.Run(approving+", "+name, func(t *testing.T) {
				st, command := prepare(t, domaintest.By(c.maker))
				st.refuses(command, c.kind, c.rule, c.field, domaintest.By(c.checker), late())
			})
		}
	}
}

// Only a service that imports history may be both, and says why.
func TestAnImportMayBeBoth(t *testing.T) {
	for approving, prepare := range approvingCommands() {
		t.Run(approving, func(t *testing.T) {
			importer := domaintest.By(domaintest.Importer())
			st, command := prepare(t, importer)
			st.do(withReason(t, command, "imported history"), importer, late())
		})
	}
}

// approvingCommands are all of them: how a maker makes what is to be approved, and the command that approves it.
func approvingCommands() map[string]func(*testing.T, domaintest.Option) (*story, rebate.Command) {
	s := scheme(policy.SchemeIncremental)
	return map[string]func(*testing.T, domaintest.Option) (*story, rebate.Command){
		"a rebate that the maker closed": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := openedWith(t, facts(s))
			st.do(rebate.ClosePeriod{}, maker, domaintest.At(after))
			return st, rebate.ApproveRebate{}
		},
		"a rebate that the maker opened": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := newStory(t, facts(s))
			st.do(opening(s), maker)
			st.do(rebate.ClosePeriod{}, stranger(), domaintest.At(after))
			return st, rebate.ApproveRebate{}
		},
		"a rebate on the maker's sale": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := openedWith(t, facts(s))
			st.do(sale("a", "1"), maker)
			st.do(rebate.ClosePeriod{}, stranger(), domaintest.At(after))
			return st, rebate.ApproveRebate{}
		},
		"a rebate on the maker's reversal": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := openedWith(t, facts(s))
			st.do(sale("a", "1"))
			st.do(reversal("a", "1"), maker)
			st.do(rebate.ClosePeriod{}, stranger(), domaintest.At(after))
			return st, rebate.ApproveRebate{}
		},
		"a rebate that the maker approved first": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := closed(t, limited(s, "0", "0"), stranger())
			st.do(withReason(t, rebate.ApproveRebate{}, "imported history"), maker, late())
			return st, rebate.ApproveRebate{}
		},
		"an adjustment that the maker proposed": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := closed(t, facts(s))
			st.do(rebate.ProposeAdjustment{Delta: money("1"), Reason: "x"}, maker, late())
			return st, rebate.ApproveAdjustment{AdjustmentID: st.made("adjustment")}
		},
		"an adjustment that the maker approved first": func(t *testing.T, maker domaintest.Option) (*story, rebate.Command) {
			t.Helper()
			st := closed(t, limited(s, "0", "0"), stranger())
			st.do(rebate.ProposeAdjustment{Delta: money("1"), Reason: "x"}, stranger(), late())
			command := rebate.ApproveAdjustment{AdjustmentID: st.made("adjustment")}
			st.do(withReason(t, command, "imported history"), maker, late())
			return st, command
		},
	}
}

func withReason(t *testing.T, c rebate.Command, reason string) rebate.Command {
	t.Helper()
	switch c := c.(type) {
	case rebate.ApproveRebate:
		c.Reason = reason
		return c
	case rebate.ApproveAdjustment:
		c.Reason = reason
		return c
	}
	require.Fail(t, "no approving command", "%T", c)
	return nil
}

// stranger is a program that none of the makers stands behind.
func stranger() domaintest.Option { return domaintest.By(domaintest.Another(domaintest.Importer())) }
