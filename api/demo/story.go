// Package demo tells the story of a small channel program, as commands like anybody else's: eighteen months of a vendor of
// network gear, its forty partners, of which few ever sell, and what they quarrel about. It is counted back from the day it
// is told, and the same on every machine.
package demo

import (
	"fmt"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

// The first partner, and how many days before the story's last day it joins.
const (
	firstPartner = "Northwind Systems"
	firstDay     = 540
)

// tell is the story.
func (t *teller) tell() {
	north := t.joins(firstDay, firstPartner, partner.Reseller, "DE", "Ada Becker")
	alpine := t.joins(520, "Alpine Cloud", partner.MSP, "CH", "Beat Caduff")
	iberia := t.joins(500, "Iberia Digital", partner.VAR, "ES", "Carmen Duarte")
	lake := t.joins(480, "Lakeside Consulting", partner.SystemIntegrator, "US", "Dana Ellis")
	harbor := t.joins(470, "Harbor Distribution", partner.Distributor, "NL", "Emma Faber")
	polar := t.joins(460, "Polar Technologies", partner.Technology, "FI", "Filip Granlund")
	t.darkPartners()

	t.goodBusiness(north, alpine, iberia, lake)
	t.twoPartnersOneCustomer(north, iberia)
	t.vendorGoesDirect(alpine, lake)
	t.protectionsEnd(harbor, polar, lake)
	t.standings(north, alpine, iberia, harbor)
	t.everyRule(north, alpine, iberia, lake, polar)
	t.helpers(alpine, polar)
	t.lateFacts(north)
	t.incentives(north, alpine, iberia, lake)
	t.cleanUp()
	t.disputes(north, iberia, lake)
}

var (
	acme      = account.Customer{Name: "Acme Logistics GmbH", Domain: "acme-logistics.example", Country: "DE"}
	globex    = account.Customer{Name: "Globex AG", Domain: "globex.example", Country: "CH"}
	initech   = account.Customer{Name: "Initech S.L.", Domain: "initech.example", Country: "ES"}
	umbrella  = account.Customer{Name: "Umbrella Foods Inc.", Domain: "umbrella-foods.example", Country: "US"}
	hooli     = account.Customer{Name: "Hooli B.V.", Domain: "hooli.example", Country: "NL"}
	stark     = account.Customer{Name: "Stark Shipping Oy", Domain: "stark-shipping.example", Country: "FI"}
	wayne     = account.Customer{Name: "Wayne Energy GmbH", Domain: "wayne-energy.example", Country: "DE"}
	soylent   = account.Customer{Name: "Soylent Markets SA", Domain: "soylent.example", Country: "CH"}
	vandelay  = account.Customer{Name: "Vandelay Imports", Domain: "vandelay.example", Country: "US"}
	wonka     = account.Customer{Name: "Wonka Chocolates GmbH", Domain: "wonka.example", Country: "DE"}
	cyberdyne = account.Customer{Name: "Cyberdyne Robotics", Domain: "cyberdyne.example", Country: "US"}
)

// goodBusiness: registered, approved, won; one delivery partly sent back.
func (t *teller) goodBusiness(north, alpine, iberia, lake ally) {
	first := t.registered(330, north, acme, line("Core Router", 48_000), line("Access Switch", 12_500))
	t.deskDoes(320, first.account, account.AdvanceStage{DealID: first.id, Stage: account.StageProposal})
	t.allyDoes(301, north, first.account, account.ReportWin{DealID: first.id, Lines: first.lines, OrderReference: "PO-1001"})
	t.wins(300, first, "PO-1001")
	t.deskDoes(270, first.account, account.ReverseWin{
		DealID: first.id, Amount: line("", 2_500).Amount, Reason: account.ReversalReturned, Note: "one switch came back",
	})

	second := t.registered(250, alpine, globex, line("Managed Firewall", 36_000))
	t.wins(200, second, "PO-1002")
	third := t.registered(210, iberia, initech, line("Access Switch", 18_400))
	t.wins(150, third, "PO-1003")
	fourth := t.registered(160, lake, umbrella, line("Core Router", 96_000), line("Managed Firewall", 22_000))
	t.deskDoes(90, fourth.account, account.WinDeal{DealID: fourth.id, Lines: fourth.lines[:1], OrderReference: "PO-1004"})

	lost := t.registered(140, north, wonka, line("Access Switch", 9_900))
	t.deskDoes(100, lost.account, account.LoseDeal{DealID: lost.id, Reason: "budget frozen"})
	open := t.registered(60, alpine, soylent, line("Managed Firewall", 27_500))
	t.deskDoes(40, open.account, account.AdvanceStage{DealID: open.id, Stage: account.StageNegotiation})
	t.deskDoes(21, open.account, account.ReviseAmount{DealID: open.id, Lines: []account.LineAmount{line("Managed Firewall", 31_000)}, Reason: "two more sites"})
}

// twoPartnersOneCustomer: who submitted first is protected, however the reviews go; the desk may override, and says why.
func (t *teller) twoPartnersOneCustomer(north, iberia ally) {
	first := t.registers(80, north, wayne, line("Core Router", 64_000))
	second := t.registers(79, iberia, wayne, line("Core Router", 61_000))
	t.contested.first, t.contested.second = first, second
	t.deskDoes(77, first.account, account.ApproveDeal{DealID: first.id})
	t.deskDoes(76, second.account, account.RejectDeal{DealID: second.id, Reason: "registered by another partner the day before"})

	held := t.registered(70, iberia, vandelay, line("Access Switch", 15_000))
	also := t.registers(55, north, vandelay, line("Access Switch", 14_200), line("Core Router", 33_000))
	t.overrides(53, also, "separate site, agreed with both partners")
	t.deskDoes(53, also.account, account.ApproveDeal{DealID: also.id})
	t.wins(20, held, "PO-1005")

	waiting := t.registers(3, iberia, acme, line("Core Router", 40_000))
	t.registers(2, north, acme, line("Core Router", 41_500))
	t.deskDoes(1, waiting.account, account.ReturnDeal{DealID: waiting.id, Reason: "name the person you spoke with"})
}

// vendorGoesDirect: the vendor's own sales, before and against a partner's protection.
func (t *teller) vendorGoesDirect(alpine, lake ally) {
	deal := t.registered(75, lake, cyberdyne, line("Managed Firewall", 52_000))
	t.contested.breached = deal
	t.deskDoes(50, deal.account, account.OpenDirectOpportunity{
		AccountID: deal.account, Products: []string{"Managed Firewall"}, Rep: "rep-17", Reference: "OPP-88",
	})
	house := t.registers(30, alpine, hooli, line("Access Switch", 8_000))
	t.deskDoes(29, house.account, account.SetOwnership{
		AccountID: house.account, Owner: account.OwnerHouse, Reason: "kept by the vendor since the merger",
	})
}

// protectionsEnd: one in silence, one extended, one won too late to be protected.
func (t *teller) protectionsEnd(harbor, polar, lake ally) {
	silent := t.registered(300, harbor, hooli, line("Core Router", 30_000))
	_ = silent // its protection ends by itself: the scheduler records it
	extended := t.registered(220, polar, stark, line("Access Switch", 11_000))
	t.allyDoes(45, polar, extended.account, account.RequestExtension{DealID: extended.id, Evidence: "pilot runs until spring"})
	t.deskDoes(44, extended.account, account.GrantExtension{DealID: extended.id, Reason: "pilot confirmed by the customer"})
	late := t.registered(400, lake, globex, line("Core Router", 25_000))
	t.wins(190, late, "PO-1006")
}

// lateFacts: recorded now, true long ago.
func (t *teller) lateFacts(north ally) {
	t.partnerDoes(120, north.id, partner.AddSeller{SellerID: domain.DeriveID("demo", "seller", "late"), Name: "Greta Hahn"})
}

// darkKinds are the kinds of the partners who signed and were never heard of again.
var darkKinds = []partner.Kind{partner.Reseller, partner.VAR, partner.Referral, partner.Affiliate, partner.MSP, partner.OEM}

// darkPartners are the thirty-four who never sold anything.
const darkPartners = 34

func (t *teller) darkPartners() {
	for i := range darkPartners {
		t.joins(450-5*i, darkName(i), darkKinds[i%len(darkKinds)], []string{"DE", "FR", "US", "GB"}[i%4], fmt.Sprintf("Seller %02d", i+1))
	}
}

func darkName(i int) string { return fmt.Sprintf("Quiet Partner %02d", i+1) }

// cleanUp ends what never was a partnership.
func (t *teller) cleanUp() {
	for i := range darkPartners {
		t.partnerDoes(7, partnerID(darkName(i)), partner.Deactivate{Reason: "no activity since signing"})
	}
}
