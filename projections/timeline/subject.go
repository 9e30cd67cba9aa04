package timeline

import (
	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/account"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/rebate"
)

// Kind is what a case is about.
type Kind string

// The kinds.
const (
	Deal      Kind = "deal"
	Account   Kind = "account"
	Partner   Kind = "partner"
	Fund      Kind = "fund"
	Request   Kind = "request"
	Claim     Kind = "claim"
	Agreement Kind = "agreement"
	Dispute   Kind = "dispute"
	Payable   Kind = "payable" // told as a part of other cases
)

// Subject is what a case is about, and where its own events stand.
type Subject struct {
	Kind Kind      `json:"kind"`
	ID   uuid.UUID `json:"id"`
	Home string    `json:"stream"`
}

// Of is a thing that stands in the stream with that id: a deal in its account's, a claim in its fund's, the others in their own.
func Of(kind Kind, id, home uuid.UUID) Subject {
	return Subject{Kind: kind, ID: id, Home: domain.StreamName(categories()[kind], home)}
}

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Deal, Account, Partner, Fund, Request, Claim, Agreement, Dispute}
}

// categories is the sort of stream that each kind of thing stands in.
func categories() map[Kind]string {
	return map[Kind]string{
		Deal: account.Category, Account: account.Category, Partner: partner.Category, Fund: mdf.FundCategory,
		Request: mdf.FundCategory, Claim: mdf.FundCategory, Agreement: rebate.Category, Dispute: dispute.Category,
	}
}

// scope is what of the home stream bears on the case: of a fund only what is about the request or claim, of everything else
// all of it, since a deal competes with every other registration for its customer.
func (s Subject) scope() scope {
	if s.Kind == Request || s.Kind == Claim {
		return about(s.ID)
	}
	return whole
}
