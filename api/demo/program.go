package demo

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

var (
	tyrell    = account.Customer{Name: "Tyrell Optics Oy", Domain: "tyrell-optics.example", Country: "FI", TaxID: "01120389"}
	tyrellHQ  = account.Customer{Name: "TO Holding", Domain: "to-holding-demo.fi", Country: "FI", TaxID: "01120389"}
	massive   = account.Customer{Name: "Massive Dynamic", Domain: "massive-dynamic.github.io", Country: "US"}
	massiveRD = account.Customer{Name: "MD Research Laboratories", Domain: "massive-dynamic.github.io", Country: "US"}
	acmeAgain = account.Customer{Name: "ACME Logistic GmbH", Country: "DE"}
	pied      = account.Customer{Name: "Pied Piper Inc.", Domain: "piedpiper.example", Country: "US"}
	oscorp    = account.Customer{Name: "Oscorp Pharma", Domain: "oscorp.example", Country: "US"}
	monarch   = account.Customer{Name: "Monarch Freight", Domain: "monarch-freight.example", Country: "US"}
	aperture  = account.Customer{Name: "Aperture Labs", Domain: "aperture.example", Country: "US"}
)

// standings: tiers earned, kept and in danger, certificates, territories, and who sells below whom.
func (t *teller) standings(north, alpine, iberia, harbor ally) {
	t.partnerDoes(400, north.id, partner.CompleteTraining{SellerID: north.seller, Course: "product_basics"})
	t.partnerDoes(395, north.id, partner.EarnCertification{
		SellerID: north.seller, Certification: "sales_expert", ValidTo: t.day(-20),
	})
	t.partnerDoes(290, north.id, partner.ChangeTier{To: "gold", Reason: "first large project won"})
	t.partnerDoes(180, alpine.id, partner.ChangeTier{To: "silver", Reason: "managed services all over Switzerland"})
	t.partnerDoes(35, alpine.id, partner.StartTierGrace{To: "registered", Failing: []string{"certified_sellers"}})
	t.partnerDoes(30, iberia.id, partner.GrantTierWaiver{
		ValidTo: t.day(-60), Tier: "silver", Reason: "new team in Lisbon",
	})
	t.partnerDoes(380, north.id, partner.AssignTerritory{Territory: "DACH", Countries: []string{"AT", "CH", "DE", "FI"}})
	t.partnerDoes(360, iberia.id, partner.AssignParent{ParentID: harbor.id})
}

// everyRule: a finding of each rule of engagement, across accounts too, and one that is overridden.
func (t *teller) everyRule(north, alpine, iberia, lake, polar ally) {
	t.registered(95, north, tyrell, line("Core Router", 21_000))
	t.registers(92, polar, tyrellHQ, line("Core Router", 20_500)) // the same tax number
	t.registered(88, lake, massive, line("Managed Firewall", 44_000))
	t.registers(85, alpine, massiveRD, line("Managed Firewall", 43_000)) // the same domain, below one that hosts many
	t.registers(1, alpine, acmeAgain, line("Core Router", 39_000))       // a name like another's

	t.vendorOwns(66, pied, account.OwnerHouse, "served by the vendor's own team since 2019")
	kept := t.registers(64, lake, pied, line("Access Switch", 17_000))
	t.overrides(62, kept, "the house team passes this site on")
	t.deskDoes(62, kept.account, account.ApproveDeal{DealID: kept.id})

	direct := t.identified(58, oscorp)
	t.deskDoes(57, direct, account.OpenDirectOpportunity{AccountID: direct, Products: []string{"Core Router"}, Rep: "rep-21", Reference: "OPP-93"})
	t.registers(48, lake, oscorp, line("Core Router", 58_000)) // opened by the vendor before

	prefers := t.identified(47, monarch)
	t.deskDoes(46, prefers, account.RecordPreference{AccountID: prefers, PartnerID: lake.id})
	t.registers(42, polar, monarch, line("Managed Firewall", 12_000)) // the customer wrote that it wants another

	t.registers(38, north, aperture, line("Access Switch", 9_000)) // outside its territory: a warning
	t.registered(200, iberia, monarch, line("Core Router", 14_000))
	t.registers(12, iberia, monarch, line("Core Router", 14_500)) // its own protection ended days ago
}

// helpers: who had a hand in deals that others won.
func (t *teller) helpers(alpine, polar ally) {
	sourced := t.registersFrom(130, alpine, globex, account.SourceVendorReferred, line("Core Router", 72_000))
	t.deskDoes(128, sourced.account, account.ApproveDeal{DealID: sourced.id})
	t.deskDoes(110, sourced.account, account.RecordInfluence{
		DealID: sourced.id, PartnerID: polar.id, Role: account.InfluenceTechnical, Note: "sized the network",
	})
	t.wins(65, sourced, "PO-1007")
}

// identified makes a customer known before anybody registers it.
func (t *teller) identified(daysAgo int, customer account.Customer) uuid.UUID {
	command := account.IdentifyAccount{Customer: customer}
	id, err := account.IDOf(command)
	t.fail(err, command)
	t.deskDoes(daysAgo, id, command)
	return id
}

// vendorOwns says who sells to a customer.
func (t *teller) vendorOwns(daysAgo int, customer account.Customer, owner account.Owner, reason string) {
	id := t.identified(daysAgo, customer)
	t.deskDoes(daysAgo, id, account.SetOwnership{AccountID: id, Owner: owner, Reason: reason})
}

// Candidates are all the customers of the story so far: while it is told no read model is asked, so that the same findings
// come up on every machine.
func (t *teller) Candidates(context.Context, account.Profile, int) ([]uuid.UUID, error) {
	return t.customers, nil
}
