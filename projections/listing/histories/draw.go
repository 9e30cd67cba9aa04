package histories

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/partner"
)

const why = "imported history" // so that a service may be maker and checker

// Step gives one random command, most often one that can be taken.
func (h *History) Step() {
	h.Now = h.Now.Add(time.Duration(h.IntN(h.IntN(24*8)+1)) * time.Hour)
	switch h.IntN(10) {
	case 0, 1:
		h.stepPartner()
	case 2, 3, 4:
		h.stepAccount()
	default:
		h.stepDeal()
	}
}

// header takes effect now or, once in three times, earlier.
func (h *History) header() domain.Header {
	header := h.Header()
	if h.IntN(3) == 0 {
		header.EffectiveAt = h.Now.Add(-time.Duration(h.IntN(h.IntN(24*300)+1)) * time.Hour)
	}
	return header
}

func pick[T any](h *History, from ...T) T { return from[h.IntN(len(from))] }

func (h *History) stepPartner() {
	id := pick(h, h.Partners...)
	p := h.partners[id]
	apply := partner.Apply{
		LegalName: "Partner " + id.String()[:4], Kind: pick(h, partner.Reseller, partner.Referral), Country: pick(h, "DE", "FR"),
	}
	if p == nil || !p.state.Exists() || h.IntN(30) == 0 {
		h.Partner(id, h.header(), apply)
		return
	}
	seller, signed := pick(h, Sellers(id)...), pick(h, append(p.state.Agreements, partner.Agreement{})...).ID
	add := partner.AddSeller{SellerID: seller, Name: "Kim Example", Email: "kim@example.com"}
	agreement := partner.SignAgreement{Kind: "reseller", ValidFrom: domain.DateOf(h.Now, time.UTC)}
	if h.IntN(2) == 0 {
		agreement.ValidTo = agreement.ValidFrom.AddDays(h.IntN(90))
	}
	switch p.state.Status.Latest() {
	case partner.StatusApplied:
		h.Partner(id, h.header(), pick[partner.Command](h, partner.Approve{Reason: why}, partner.Approve{Reason: why}, partner.Decline{Reason: why}))
	case partner.StatusDeclined, partner.StatusDeactivated:
		h.Partner(id, h.header(), pick[partner.Command](h, apply, partner.RemoveSeller{SellerID: seller}))
	case partner.StatusSuspended:
		h.Partner(id, h.header(), pick[partner.Command](h, partner.Reinstate{Reason: why}, partner.RemoveSeller{SellerID: seller}))
	default:
		h.Partner(id, h.header(), pick[partner.Command](h,
			partner.Onboard{}, partner.Onboard{}, agreement, partner.CompleteStep{Step: "training"},
			add, add, add, partner.RemoveSeller{SellerID: seller},
			partner.RenewAgreement{AgreementID: signed, ValidTo: agreement.ValidFrom.AddDays(h.IntN(200))},
			partner.TerminateAgreement{AgreementID: signed, Reason: why},
			partner.ChangeKind{To: pick(h, partner.VAR, partner.MSP)}, partner.Suspend{Reason: why}, partner.Deactivate{Reason: why},
			h.drawForMember(seller), h.drawForMember(seller), h.drawForMember(seller),
		))
	}
}

// drawForMember is a random command of those that only a partner in the program can be given.
func (h *History) drawForMember(seller uuid.UUID) partner.Command {
	last := domain.DateOf(h.Now, time.UTC).AddDays(h.IntN(90))
	return pick[partner.Command](h,
		partner.CompleteTraining{SellerID: seller, Course: pick(h, "basics", "pricing")},
		partner.EarnCertification{SellerID: seller, Certification: pick(h, "sales", "technical"), ValidTo: last},
		partner.EarnCertification{SellerID: seller, Certification: pick(h, "sales", "technical")},
		partner.ChangeTier{To: pick(h, "silver", "gold"), Reason: why}, partner.ChangeTier{To: pick(h, "registered", "platinum"), Reason: why},
		partner.StartTierGrace{To: "registered", Failing: []string{"revenue"}}, partner.LiftTierGrace{},
		partner.GrantTierWaiver{ValidTo: last, Reason: why},
		partner.AssignTerritory{Territory: pick(h, "DACH", "Nord"), Countries: []string{pick(h, "DE", "AT")}},
		partner.RemoveTerritory{Territory: pick(h, "DACH", "Nord")},
		partner.AssignParent{ParentID: Distributor}, partner.RemoveParent{},
	)
}

func (h *History) stepAccount() {
	c := pick(h, h.Customers...)
	id := domain.Must(c.Identity()).AccountID
	opportunity := uuid.Nil
	if a := h.accounts[id]; a != nil {
		opportunity = firstOpen(&a.state.Account)
	}
	register := func() account.Command { return h.Register(pick(h, h.Partners...), c) }
	h.Account(id, h.header(), pick[account.Command](h, register(), register(), register(), register(),
		account.IdentifyAccount{Customer: c},
		account.SetOwnership{AccountID: id, Owner: pick(h, account.OwnerChannel, account.OwnerDirect, account.OwnerHouse), Reason: why},
		account.OpenDirectOpportunity{AccountID: id, Products: []string{pick(h, "GTX", "MG")}},
		account.CloseDirectOpportunity{AccountID: id, OpportunityID: opportunity, Outcome: account.OutcomeLost},
		account.CloseDirectOpportunity{
			AccountID: id, OpportunityID: opportunity, Outcome: account.OutcomeWon, Amount: domain.Must(domain.NewMoney(100, "EUR")),
		},
		pick[account.Command](h, account.RecordPreference{AccountID: id, PartnerID: pick(h, h.Partners...)},
			account.WithdrawPreference{AccountID: id, Reason: why}, account.WithdrawPreference{AccountID: id, Reason: why}),
	))
}

// Register is a random registration of a partner.
func (h *History) Register(by uuid.UUID, c account.Customer) account.Command {
	currency := pick(h, "EUR", "JPY")
	lines := []account.LineAmount{h.amount("GTX", currency)}
	if h.IntN(3) > 0 {
		lines = append(lines, h.amount(pick(h, "MG", "a/b ç"), currency))
	}
	return account.RegisterDeal{
		Customer: c, PartnerID: by, SellerID: pick(h, Sellers(by)...), Lines: lines,
		Kind: pick(h, account.KindNew, account.KindRenewal), Source: pick(h, account.SourcePartner, account.SourceVendorReferred),
	}
}

func (h *History) amount(product, currency string) account.LineAmount {
	return account.LineAmount{Product: product, Amount: domain.Must(domain.NewMoney(h.Int64N(1000), currency))}
}

// firstOpen is an opportunity that can be closed, the one with the least id.
func firstOpen(a *account.Account) (id uuid.UUID) {
	for _, o := range a.Opportunities {
		if o.Outcome == "" && (id == uuid.Nil || o.ID.String() < id.String()) {
			id = o.ID
		}
	}
	return id
}

func (h *History) stepDeal() {
	if len(h.deals) == 0 {
		return
	}
	of := pick(h, h.deals[max(0, len(h.deals)-10):]...)
	d := h.Deal(of.account, of.id)
	header, c := h.header(), h.drawForDeal(d)
	if _, ok := c.(account.ExpireDeal); ok && d.ProtectedUntil.Before(h.Now) && !d.ProtectedUntil.IsZero() {
		header.EffectiveAt = d.ProtectedUntil
	}
	h.Account(of.account, header, c)
}

func (h *History) drawForDeal(d *account.Deal) account.Command {
	some := []account.LineAmount{h.amount(pick(h, d.Lines...).Product, d.Currency())}
	all := make([]account.LineAmount, len(d.Lines))
	for i, l := range d.Lines {
		all[i] = h.amount(l.Product, d.Currency())
	}
	review := []account.Command{
		account.ApproveDeal{DealID: d.ID, Reason: why}, account.ApproveDeal{DealID: d.ID, Reason: why}, override(d), override(d),
		account.ReturnDeal{DealID: d.ID, Reason: why}, account.ResubmitDeal{DealID: d.ID},
		account.RejectDeal{DealID: d.ID, Reason: why}, account.WithdrawDeal{DealID: d.ID},
	}
	sell := []account.Command{
		account.RequestExtension{DealID: d.ID, Evidence: why}, account.GrantExtension{DealID: d.ID, Reason: why},
		account.DeclineExtension{DealID: d.ID, Reason: why}, account.ExpireDeal{DealID: d.ID},
		account.AdvanceStage{DealID: d.ID, Stage: pick(h, account.StageQualified, account.StageProposal)},
		account.ReviseAmount{DealID: d.ID, Lines: some}, account.ReportWin{DealID: d.ID, Lines: some},
		account.WinDeal{DealID: d.ID, Lines: all, SellerID: pick(h, Sellers(d.PartnerID)...)}, account.WinDeal{DealID: d.ID, Lines: some},
		account.LoseDeal{DealID: d.ID, Reason: why}, account.WindDownDeal{DealID: d.ID, LeftAt: h.Now.AddDate(0, 0, -h.IntN(40))},
	}
	helper := pick(h, h.Partners...)
	after := []account.Command{
		account.RecordInfluence{DealID: d.ID, PartnerID: helper, Role: account.InfluenceCoSell},
		account.RevokeInfluence{DealID: d.ID, PartnerID: helper, Role: account.InfluenceCoSell, Reason: why},
		account.ReverseWin{DealID: d.ID, Amount: some[0].Amount, Reason: account.ReversalCancelled},
		account.ReverseWin{DealID: d.ID, Amount: some[0].Amount, Reason: account.ReversalCancelled},
		account.ReopenDeal{DealID: d.ID, Reason: why}, account.LinkCRM{DealID: d.ID, System: "crm", Reference: fmt.Sprint(h.commands)},
	}
	switch {
	case h.IntN(10) == 0:
		return pick(h, slices.Concat(review, sell, after)...)
	case d.Pending() && len(override(d).FindingIDs) == 0 && h.IntN(2) == 0: // else few deals would get any further
		return review[0]
	case d.Pending():
		return pick(h, review...)
	case d.Status == account.StatusApproved || d.Status == account.StatusExpired:
		return pick(h, sell...)
	default:
		return pick(h, after...)
	}
}

// override is of every finding that nobody has overridden.
func override(d *account.Deal) account.OverrideConflicts {
	c := account.OverrideConflicts{DealID: d.ID, Reason: why}
	for _, f := range d.Findings {
		if f.Override.EventID == uuid.Nil {
			c.FindingIDs = append(c.FindingIDs, f.ID)
		}
	}
	return c
}
