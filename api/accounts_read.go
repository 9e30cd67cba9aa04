package api

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/accounts"
	"github.com/channelledger/channelledger/projections/listing"
)

type accountInput struct {
	AccountID string `path:"account_id" format:"uuid"`
	ThingInput
	BoundsInput
}

// AccountWithHolders is a customer, and in an answer that is bounded by known_at or effective_at who held it at that moment.
type AccountWithHolders struct {
	account.Account
	Held *account.Held `json:"held,omitempty" doc:"Who held it at effective_at, or else at known_at; only for the vendor's people, and only where one of the two was given"`
}

type accountsInput struct {
	Text    string          `query:"q" doc:"Somewhere in the name, capitals or not"`
	ID      []string        `query:"id"`
	Domain  []string        `query:"domain"`
	Country []string        `query:"country"`
	TaxID   []string        `query:"tax_id"`
	Owner   []account.Owner `query:"owner"`
	Partner []string        `query:"partner_id" doc:"That registered a deal on it"`
	Linked  string          `query:"linked" enum:"true,false" doc:"Whether another record of the customer takes the registrations"`
	PageInput
	BoundsInput
}

func (s *Server) accountReads() {
	register(s, s.operation(http.MethodGet, "/v1/accounts", "List accounts", "Accounts"), inQuery, s.listAccounts)
	op := s.thing("/v1/accounts/{account_id}", "Read an account", "Accounts")
	op.Description = "With known_at or effective_at also who held it at that moment: the owner, and on each product line who was " +
		"protected and who waited, each with the event that says so."
	register(s, op, inQuery, s.readAccount)
}

func (s *Server) listAccounts(ctx context.Context, in *accountsInput) (*listOutput[account.Account], error) {
	query, err := s.accountQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	var page listing.Page[account.Account]
	asOf, err := s.readAt(ctx, accounts.Projection(), in.BoundsInput, func(q projections.Querier) (err error) {
		page, err = accounts.List(ctx, q, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	if query.Scope != uuid.Nil {
		for i := range page.Items {
			identityOnly(&page.Items[i])
		}
	}
	return pageOf(&in.PageInput, asOf, page), nil
}

func (s *Server) accountQuery(ctx context.Context, in *accountsInput) (q accounts.Query, err error) {
	q = accounts.Query{
		Text: in.Text, Domain: in.Domain, Country: in.Country, TaxID: in.TaxID, Owner: in.Owner,
		Linked: flagOf(in.Linked), Request: in.request(),
	}
	if q.Scope, err = scopeOf(actorOf(ctx)); err != nil {
		return q, err
	}
	if q.Scope != uuid.Nil && (len(in.Owner) > 0 || len(in.Partner) > 0) {
		return q, domain.Forbid("vendor_only", "owner and partner_id are filters for the vendor's people")
	}
	if q.ID, err = idsOf("id", in.ID); err != nil {
		return q, err
	}
	q.Partner, err = idsOf("partner_id", in.Partner)
	return q, err
}

// identityOnly leaves of an account what a partner that registered on it may know: who the customer is. Who else sells to
// it, and what, is the vendor's.
func identityOnly(a *account.Account) {
	a.Ownership.Entries, a.Preference.Entries, a.Opportunities = nil, nil, nil
	a.Identified, a.Linked = account.Step{}, account.Step{}
}

func (s *Server) readAccount(ctx context.Context, in *accountInput) (*thingOutput[AccountWithHolders], error) {
	scope, err := scopeOf(actorOf(ctx))
	if err != nil {
		return nil, err
	}
	id, err := idAt("path.account_id", in.AccountID)
	if err != nil {
		return nil, err
	}
	if in.bounded() {
		return s.accountAt(ctx, id, scope, in)
	}
	if err := s.waitFor(ctx, accounts.Name, in.WaitFor); err != nil {
		return nil, err
	}
	a, at, err := find(ctx, s, accounts.Name, visibleTo(scope), id)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, notFoundWithin(in.BoundsInput, "account", id.String())
	}
	if scope != uuid.Nil {
		identityOnly(a)
	}
	return thingOf(in.ThingInput, s.now(at), etagOf(a.Revision), AccountWithHolders{Account: *a}), nil
}

// accountAt is an account as it would have been within the bounds, and who held it then: its stream, folded.
func (s *Server) accountAt(ctx context.Context, id, scope uuid.UUID, in *accountInput) (*thingOutput[AccountWithHolders], error) {
	history := account.NewHistory()
	at, err := s.moment(ctx, in.BoundsInput)
	if err != nil {
		return nil, err
	}
	info, err := s.factsAt(ctx, domain.StreamName(account.Category, id), in.BoundsInput, func(f projections.Fact) {
		if e, ok := f.Event.(account.Event); ok {
			history.Apply(e, f.Envelope)
		}
	})
	switch {
	case err != nil:
		return nil, err
	case history.Account.ID != id || scope != uuid.Nil && !history.RegisteredBy(scope):
		return nil, notFoundWithin(in.BoundsInput, "account", id.String())
	}
	view := AccountWithHolders{Account: history.Account}
	if scope != uuid.Nil {
		identityOnly(&view.Account)
	} else {
		held := history.HeldAt(at)
		view.Held = &held
	}
	return thingOf(in.ThingInput, info, "", view), nil
}

// visibleTo finds an account, for a partner only where it registered a deal on it.
func visibleTo(scope uuid.UUID) func(context.Context, projections.Querier, uuid.UUID) (*account.Account, error) {
	return func(ctx context.Context, q projections.Querier, id uuid.UUID) (*account.Account, error) {
		if scope != uuid.Nil {
			if visible, err := accounts.RegisteredBy(ctx, q, id, scope); err != nil || !visible {
				return nil, err
			}
		}
		return accounts.Get(ctx, q, id)
	}
}
