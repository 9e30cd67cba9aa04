package mdf_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/mdf"
	"github.com/channelledger/channelledger/domain/policy"
)

// approving is a command that approves, or otherwise decides what somebody else made, and the step that it checks.
type approving struct {
	// prepare brings a fund to where the command can be given; maker takes the step that it checks.
	prepare func(s *story, maker domaintest.Option) mdf.FundCommand
	step    string
}

// approvingCommands is every command that decides on what another person made.
func approvingCommands() map[string]approving {
	finance := by(domaintest.Finance())
	submitted := func(s *story, maker domaintest.Option) uuid.UUID { return s.requests("1000.00", maker) }
	claimed := func(s *story, maker domaintest.Option) uuid.UUID {
		return s.files(invoice(s.approved("1000.00"), "1", eur("1000.00")), maker)
	}
	return map[string]approving{
		"ApproveRequest": {step: "submission", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			return approval(submitted(s, maker), "1000.00")
		}},
		"ApproveRequest second": {step: "first approval", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			s.facts.Rules = limited(policy.ApproveRequest, eur("1"))
			id := s.requests("1000.00")
			s.do(approval(id, "1000.00"), maker)
			return mdf.ApproveRequest{RequestID: id}
		}},
		"DeclineRequest": {step: "submission", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			return mdf.DeclineRequest{RequestID: submitted(s, maker), Reason: "no"}
		}},
		"ExtendDeadline": {step: "submission", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			id := submitted(s, maker)
			s.do(approval(id, "1000.00"), by(domaintest.Another(domaintest.Finance())))
			return mdf.ExtendDeadline{RequestID: id, Until: date(day(100)), Reason: "late"}
		}},
		"ApproveClaim": {step: "filing", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			return mdf.ApproveClaim{ClaimID: claimed(s, maker), Approved: eur("500.00")}
		}},
		"ApproveClaim second": {step: "first approval", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			s.facts.Rules = limited(policy.ApproveClaim, eur("1"))
			id := claimed(s, by(domaintest.Admin(north)))
			s.do(mdf.ApproveClaim{ClaimID: id, Approved: eur("500.00")}, maker)
			return mdf.ApproveClaim{ClaimID: id}
		}},
		"ApproveClaim refiled": {step: "filing again", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			id := claimed(s, by(domaintest.Admin(north)))
			s.do(mdf.ReturnClaim{ClaimID: id, Reason: "what?"}, by(domaintest.Another(domaintest.Finance())))
			s.do(mdf.RefileClaim{
				ClaimID: id, Supplier: "S", InvoiceNumber: "1", InvoiceDate: date(day0), Net: eur("1000.00"), Gross: eur("1000.00"),
				Settlement: mdf.CreditNote, Proof: []mdf.Proof{{Name: "x", Size: 1, SHA256: sha("x")}},
			}, maker)
			return mdf.ApproveClaim{ClaimID: id, Approved: eur("500.00")}
		}},
		"ReturnClaim": {step: "filing", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			return mdf.ReturnClaim{ClaimID: claimed(s, maker), Reason: "what?"}
		}},
		"DenyClaim": {step: "filing", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			return mdf.DenyClaim{ClaimID: claimed(s, maker), Reason: "no"}
		}},
		"OverrideDuplicate": {step: "filing", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			first := claimed(s, by(domaintest.Admin(north)))
			s.do(invoice(s.claim(first).RequestID, "2", eur("1000.00")), maker)
			id := s.created("claim")
			return mdf.OverrideDuplicate{ClaimID: id, FindingIDs: []uuid.UUID{s.claim(id).Findings[0].ID}, Reason: "two"}
		}},
		"ReopenClaim": {step: "denial", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			id := claimed(s, by(domaintest.Admin(north)))
			s.do(mdf.DenyClaim{ClaimID: id, Reason: "no"}, maker)
			return mdf.ReopenClaim{ClaimID: id, Reason: "yes"}
		}},
		"ReverseClawback": {step: "claw-back", prepare: func(s *story, maker domaintest.Option) mdf.FundCommand {
			id := claimed(s, by(domaintest.Admin(north)))
			s.do(mdf.ApproveClaim{ClaimID: id, Approved: eur("500.00")}, finance)
			back := s.do(mdf.ClawBack{ClaimID: id, Amount: eur("1.00"), Reason: "x"}, maker)[0].(mdf.ClaimClawedBack)
			return mdf.ReverseClawback{ClaimID: id, ClawbackID: back.ClawbackID, Reason: "y"}
		}},
	}
}

// both is a person with every role that this is about, at the vendor.
func both(id string) domain.Actor {
	return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{domain.PartnerAdmin, domain.Finance, domain.ServiceRole}}
}

// for somebody else, as a delegate does.
func instead(a domain.Actor, of string) domain.Actor {
	a.OnBehalfOf = of
	return a
}

func TestMakerIsNeverChecker(t *testing.T) {
	maker := both("maker")
	maker.Roles = []domain.Role{domain.Finance, domain.ServiceRole}
	for name, c := range approvingCommands() {
		t.Run(name, func(t *testing.T) {
			for who, checker := range map[string]domain.Actor{
				"the same person, with both roles":        maker,
				"a delegate of the maker":                 instead(actor("other"), maker.ID),
				"the same person, through a third's":      instead(maker, "third"),
				"a service run by the maker, unexplained": instead(domain.Actor{ID: "bot", Kind: domain.User, Roles: maker.Roles}, maker.ID),
			} {
				s := newStory(t)
				command := c.prepare(s, by(maker))
				s.refuses(command, forbidden, "maker_is_checker", "", by(checker))
				require.NotEmpty(t, who)
			}
			t.Run("two who delegate to each other", func(t *testing.T) {
				s := newStory(t)
				a, b := actor("a"), actor("b")
				command := c.prepare(s, by(instead(a, b.ID)))
				s.refuses(command, forbidden, "maker_is_checker", "", by(instead(b, a.ID)))
				s.refuses(command, forbidden, "maker_is_checker", "", by(b))
			})
			t.Run("nobody of the partner", func(t *testing.T) {
				s := newStory(t)
				command := c.prepare(s, by(actor("a")))
				insider := both("insider")
				insider.PartnerID = north
				o := s.when(command, by(insider)).Outcome()
				require.Error(t, o.Err())
				require.Equal(t, forbidden, domain.AsRejection(o.Err()).Kind)
			})
			t.Run("another person may", func(t *testing.T) {
				s := newStory(t)
				command := c.prepare(s, by(maker))
				s.do(command, by(actor("another")))
			})
		})
	}
}

func actor(id string) domain.Actor {
	return domain.Actor{ID: id, Kind: domain.User, Roles: []domain.Role{domain.Finance, domain.ServiceRole}}
}

func TestAnImportMayBeBothAndSaysWhy(t *testing.T) {
	s := newStory(t)
	importer := by(domaintest.Importer())
	id := s.requests("1000.00", importer)
	unexplained := approval(id, "1000.00")
	s.refuses(unexplained, invalid, "invalid_field", "reason", importer)
	unexplained.Reason = "imported history"
	s.do(unexplained, importer)
}
