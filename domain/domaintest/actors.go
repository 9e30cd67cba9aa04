package domaintest

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
)

// Seller registers and reports for a partner.
func Seller(partner uuid.UUID) domain.Actor {
	return ofPartner("seller-1", domain.PartnerSeller, partner)
}

// Admin runs a partner's side of the program.
func Admin(partner uuid.UUID) domain.Actor { return ofPartner("admin-1", domain.PartnerAdmin, partner) }

// Desk reviews registrations.
func Desk() domain.Actor { return person("desk-1", domain.DealDesk) }

// Ops runs partners, agreements and policies, and may backdate.
func Ops() domain.Actor { return person("ops-1", domain.PartnerOps) }

// Finance runs budgets, claims and periods, and may backdate.
func Finance() domain.Actor { return person("finance-1", domain.Finance) }

// Treasurer sends payouts.
func Treasurer() domain.Actor { return person("treasurer-1", domain.Treasury) }

// Adjudicator rules on disputes.
func Adjudicator() domain.Actor { return person("adjudicator-1", domain.Adjudicator) }

// Auditor reads all and writes nothing.
func Auditor() domain.Actor { return person("auditor-1", domain.Auditor) }

// Importer is a service that imports history for one of the operations people, and may backdate.
func Importer() domain.Actor {
	return domain.Actor{
		ID: "importer-1", Kind: domain.Service, Roles: []domain.Role{domain.ServiceRole}, OnBehalfOf: Ops().ID,
	}
}

// Scheduler is the reactor that appends what falls due.
func Scheduler() domain.Actor { return domain.Actor{ID: "scheduler", Kind: domain.Reactor} }

// Another is a second person in the same role, where the maker may not be the checker.
func Another(a domain.Actor) domain.Actor {
	a.ID += "-other"
	return a
}

func person(id string, role domain.Role) domain.Actor {
	return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{role}}
}

func ofPartner(id string, role domain.Role, partner uuid.UUID) domain.Actor {
	a := person(id, role)
	a.PartnerID = partner
	return a
}
