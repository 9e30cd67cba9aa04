package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/eventstore/ledger"
)

type accountTarget = target[*account.State, account.Command, account.Facts, account.Event]

func (s *Server) accounts() *accountTarget {
	return &accountTarget{
		server:  s,
		decider: account.Decider(),
		handler: func() *ledger.Accounts { return s.Ledger.Accounts },
		tag:     "Accounts", noun: "account", base: "/v1/accounts", id: "account_id", view: answer[account.Account]{},
		parse: idAt,
		home:  func(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil },
		show: func(st *account.State, id uuid.UUID) (any, int64, bool) {
			return st.Account, st.Account.Revision, st.Account.ID == id
		},
	}
}

func (s *Server) accountRoutes() {
	t := s.accounts()
	t.create(t.base, "Make a customer known", account.IdentifyAccount{}, creation[account.Command]{
		stream:   func(_ context.Context, c account.Command, _ uuid.UUID) (uuid.UUID, error) { return account.IDOf(c) },
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.post("ownership", "Say who sells to the customer", account.SetOwnership{})
	t.post("preference", "Record whom the customer wants to buy from, as it wrote", account.RecordPreference{})
	t.post("preference/withdraw", "Record that the customer took that back", account.WithdrawPreference{})
	t.post("opportunities", "Open an opportunity of the vendor's own", account.OpenDirectOpportunity{})
	t.post("opportunities/{opportunity_id}/close", "Close an opportunity of the vendor's own", account.CloseDirectOpportunity{})
	t.post("links", "Link two records of one customer", account.LinkAlias{})
	s.accountReads()
}
