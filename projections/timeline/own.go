package timeline

import (
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
)

// hiddenOfOwn is what even of its own affairs a partner doesn't see: who exactly the rival is and what it gave, and what the
// vendor's people noted for themselves.
func hiddenOfOwn() map[string][]string {
	return map[string][]string{
		account.ConflictFound{}.EventType():      {"with.account_id", "evidence.*"},
		account.ConflictOverridden{}.EventType(): {"reason"},
		account.InfluenceRecorded{}.EventType():  {"note"},
		account.CRMLinked{}.EventType():          {"system", "reference"},

		mdf.DuplicateOverridden{}.EventType():        {"reason"},
		mdf.RequestFirstApproved{}.EventType():       {"reason"},
		mdf.ClaimFirstApproved{}.EventType():         {"reason"},
		rebate.FirstApproved{}.EventType():           {"reason"},
		rebate.AdjustmentFirstApproved{}.EventType(): {"reason"},
		partner.PayeeApproved{}.EventType():          {"verified"},
	}
}

// sightOfOwn is what a partner sees of an event about its own affairs.
func sightOfOwn(e domain.Event) sight {
	if _, ok := e.(account.DealReassigned); ok { // it has the deal now: who sold it for the other is the other's
		return sight{all: true, hidden: []string{"from_seller"}, rule: RuleRival}
	}
	return sight{all: true, hidden: hiddenOfOwn()[e.EventType()], rule: RuleInternal}
}
