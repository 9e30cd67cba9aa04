package mdf

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// The first parts of the streams' names.
const (
	BudgetCategory = "mdf_budget"
	FundCategory   = "mdf_fund"
)

// BudgetID is the id of the budget that a command opens.
func BudgetID(command uuid.UUID) uuid.UUID { return domain.EntityID(command, "", BudgetCategory) }

// FundID is the id of a partner's fund out of a budget: there is one.
func FundID(budget, partner uuid.UUID) uuid.UUID {
	return domain.DeriveID(FundCategory, budget.String(), partner.String())
}
