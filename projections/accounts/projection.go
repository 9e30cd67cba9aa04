package accounts

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/listing"
)

// Name is what the projection is called.
const Name = "accounts"

// Projection is the read model of end customers.
func Projection() projections.Projection[*tables] {
	return projections.Projection[*tables]{
		Name:    Name,
		Version: 2,
		Types:   listing.TypeNames(account.Types(), takes),
		Open:    open,
		Apply:   apply,
	}
}

// takes what is about the customer itself, and who registers deals on it.
func takes(e domain.Event) bool {
	switch e.(type) {
	case account.CustomerEvent, account.DealRegistered:
		return true
	}
	return false
}

func apply(t *tables, e domain.Event, env domain.Envelope) error {
	_, id, err := domain.ParseStream(env.Stream)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case account.CustomerEvent:
		return t.accounts.Update(id.String(), func(a *account.Account) { a.Apply(e, env) })
	case account.DealRegistered:
		t.registrants.Put(id.String()+"/"+e.PartnerID.String(), &registrant{AccountID: id, PartnerID: e.PartnerID})
		return nil
	default:
		return fmt.Errorf("%T is neither about an account nor a registration", e)
	}
}

// tables are the read model's.
type tables struct {
	accounts    *projections.Table[account.Account]
	registrants *projections.Table[registrant]
}

// registrant is a partner that registered a deal on the account: such a partner may know that the account is there.
type registrant struct {
	AccountID uuid.UUID `json:"account_id"`
	PartnerID uuid.UUID `json:"partner_id"`
}

func open(s *projections.Schema) *tables {
	text := projections.Text[account.Account]
	return &tables{
		accounts: projections.NewTable(s, "accounts",
			projections.Flag("known", func(a *account.Account) bool { return a.ID != uuid.Nil }),
			text("name", func(a *account.Account) string { return listing.Fold(a.Name) }),
			text("domain", func(a *account.Account) string { return listing.Fold(a.Domain) }),
			text("country", func(a *account.Account) string { return a.Country }),
			text("tax_id", func(a *account.Account) string { return a.TaxID }),
			text("owner", func(a *account.Account) string { return string(ownerOf(a)) }),
			projections.Flag("linked", func(a *account.Account) bool { return a.LinkedTo != uuid.Nil }),
			projections.Int("identified_at", func(a *account.Account) int64 { return listing.Moment(a.Identified.At) }),
		).
			IndexOn("name", "key").
			IndexOn("identified_at", "key").
			IndexOn("domain"),
		registrants: projections.NewTable(s, "registrants",
			projections.Text("account", func(r *registrant) string { return r.AccountID.String() }),
			projections.Text("partner", func(r *registrant) string { return r.PartnerID.String() }),
		).
			IndexOn("account", "partner").
			IndexOn("partner"),
	}
}

// ownerOf is who sells to the account as of the last change recorded; partners, where nobody said anything.
func ownerOf(a *account.Account) account.Owner {
	if len(a.Ownership.Entries) == 0 {
		return account.OwnerChannel
	}
	return a.Ownership.Latest().Owner
}
