package metrics

import (
	"fmt"
	"slices"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payable"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "metrics"

// Projection keeps the facts that every metric counts from. It knows no zone and no period: those come with the question.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 6,
		Types: slices.Concat(
			listing.TypeNames(account.Types(), tellsOfDeals),
			listing.TypeNames(partner.Types(), listing.Every),
			listing.TypeNames(slices.Concat(mdf.BudgetTypes(), mdf.FundTypes()), tellsOfFunds),
			listing.TypeNames(slices.Concat(rebate.Types(), payable.Types()), tellsOfMatters),
			listing.TypeNames(dispute.Types(), tellsOfDisputes),
		),
		Open: func(s *projections.Schema) *tables {
			return &tables{
				deals: newDeals(s), partners: newPartners(s), sellers: newSellers(s),
				funds: newFundRows(s), activities: newActivities(s), attributed: newAttributed(s),
				matters: newMatters(s), payables: newPayables(s), disputes: newDisputes(s),
			}
		},
		Apply: apply,
	}
}

// tables are the facts.
type tables struct {
	deals    *projections.Table[dealRow]
	partners *projections.Table[partnerRow]
	sellers  *projections.Table[sellerRow]

	funds      *projections.Table[fundRow]
	activities *projections.Table[activityRow]
	attributed *projections.Table[attributedDeal]

	matters  *projections.Table[matterRow]
	payables *projections.Table[payableRow]
	disputes *projections.Table[disputeRow]
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	if err := t.applyMatter(e, env); err != nil {
		return err
	}
	switch e := e.(type) {
	case account.DealEvent:
		return t.applyDeal(e, env)
	case partner.Event:
		return t.applyPartner(e, env)
	case mdf.BudgetEvent:
		return t.applyBudget(e, env)
	case mdf.RequestEvent:
		return t.applyActivity(e, env)
	case dispute.Event:
		return t.applyDispute(e, env)
	case rebate.Event, payable.Event: // matters alone
		return nil
	}
	return fmt.Errorf("%T is none of a deal, a partner, a fund, a rebate, a payable or a dispute", e)
}
