package dispute_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/dispute"
	"github.com/channelledger/channelledger/domain/domaintest"
)

// TestEveryCommandInEveryState gives each command, right by itself and by somebody who may, to a case in each state. It is
// taken where the table says so; otherwise it is refused, or changes nothing where nothing is due any more.
func TestEveryCommandInEveryState(t *testing.T) {
	t.Parallel()
	states := map[dispute.Status]func(*testing.T) *story{
		dispute.StatusOpen: func(t *testing.T) *story {
			t.Helper()
			s := opened(t)
			s.do(secret())
			s.do(dispute.ProposeSettlement{Text: "we share"})
			s.do(dispute.AssignAdjudicator{Adjudicator: "judge-1"})
			return s
		},
		dispute.StatusRuled: func(t *testing.T) *story {
			t.Helper()
			s := ruled(t, dispute.OutcomeUpheld, atOnce(reassign()))
			s.do(dispute.ProposeSettlement{Text: "we share"})
			s.do(dispute.ParkRemedy{RemedyID: s.state.Remedies[0].RemedyID, Rule: "x", Missing: "y"})
			return s
		},
		dispute.StatusAppealed: func(t *testing.T) *story {
			t.Helper()
			s := appealed(t, atOnce(reassign()))
			s.do(secret())
			s.do(dispute.ProposeSettlement{Text: "we share"})
			return s
		},
		dispute.StatusFinal: func(t *testing.T) *story {
			t.Helper()
			s := final(t, reassign())
			s.do(dispute.ParkRemedy{RemedyID: s.state.Remedies[0].RemedyID, Rule: "x", Missing: "y"})
			return s
		},
		dispute.StatusClosed: func(t *testing.T) *story {
			t.Helper()
			s := final(t, reassign())
			s.do(dispute.RecordRemedy{RemedyID: s.state.Remedies[0].RemedyID, Event: ref("approved", 3)})
			s.do(dispute.Close{})
			return s
		},
	}
	require.Len(t, states, len(dispute.Statuses()))
	const open, ruled, appealed, final = dispute.StatusOpen, dispute.StatusRuled, dispute.StatusAppealed, dispute.StatusFinal
	for _, c := range []struct {
		command func(*story) (dispute.Command, domaintest.Option)
		taken   []dispute.Status
	}{
		{plain(dispute.Acknowledge{}), in(open)},
		{plain(dispute.FileResponse{Statement: "no"}), in(open)},
		{plain(dispute.SubmitEvidence{Name: "a", SHA256: sha, Size: 1}), in(open, appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.GrantSealing{EvidenceID: evidenceOf(s), Reason: "a", Summary: "b"}, nil
		}, in(open, appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.RefuseSealing{EvidenceID: evidenceOf(s), Reason: "a"}, nil
		}, in(open, appealed)},
		{plain(dispute.AssignAdjudicator{Adjudicator: "judge-9"}), in(open, appealed)},
		{plain(dispute.Escalate{Reason: "a"}), in(open)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.MissDeadline{Which: dispute.DeadlineRuling}, due(s.state.RulingDue)
		}, in(open)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.MissDeadline{Which: dispute.DeadlineAppeal}, due(s.state.RulingDue)
		}, in(appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			if s.state.Status == open {
				return ruling(dispute.OutcomeUpheld), at(s.state.ResponseDue)
			}
			return ruling(dispute.OutcomeUpheld), nil
		}, in(open)},
		{plain(dispute.FileAppeal{Grounds: "a"}), in(ruled)},
		{plain(dispute.WaiveAppeal{}), in(ruled)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.EndAppealWindow{}, due(s.state.AppealUntil)
		}, in(ruled)},
		{plain(appealRuling(true, dispute.OutcomeUpheld)), in(appealed)},
		{plain(dispute.ProposeSettlement{Text: "a"}), in(open, ruled, appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			accept := dispute.AcceptSettlement{}
			if s.state.Settlement != nil {
				accept.SettlementID = s.state.Settlement.SettlementID
			}
			return accept, nil
		}, in(open, ruled, appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			if s.state.Status == appealed {
				return dispute.Withdraw{Reason: "a"}, by(domaintest.Admin(north))
			}
			return dispute.Withdraw{Reason: "a"}, nil
		}, in(open, appealed)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.RecordRemedy{RemedyID: remedyOf(s), Event: ref("approved", 3)}, nil
		}, in(ruled, appealed, final)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.ParkRemedy{RemedyID: remedyOf(s), Rule: "a", Missing: "b"}, nil
		}, in(ruled, appealed, final)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			return dispute.RetryRemedy{RemedyID: remedyOf(s), Reason: "a"}, nil
		}, in(ruled, final)},
		{func(s *story) (dispute.Command, domaintest.Option) {
			if s.state.Status == final { // with nothing left to do
				s.do(dispute.RecordRemedy{RemedyID: remedyOf(s), Event: ref("approved", 3)})
			}
			return dispute.Close{}, nil
		}, in(final)},
		{plain(opening()), nil},
	} {
		for _, status := range dispute.Statuses() {
			s := states[status](t)
			command, option := c.command(s)
			t.Run(fmt.Sprintf("%T in %s", command, status), func(t *testing.T) {
				require.Equal(t, status, s.state.Status)
				options := []domaintest.Option{}
				if option != nil {
					options = append(options, option)
				}
				o := s.when(command, options...).Outcome()
				taken := o.Err() == nil && len(o.Events()) > 0
				assert.Equal(t, slices.Contains(c.taken, status), taken, "%v", o.Err())
				if o.Err() != nil {
					assert.Equal(t, domain.KindConflict, domain.AsRejection(o.Err()).Kind)
				}
				if _, opens := command.(dispute.Open); status == dispute.StatusClosed && o.Err() != nil && !opens {
					assert.Equal(t, "dispute_closed", domain.AsRejection(o.Err()).Rule)
				}
			})
		}
	}
}

func plain(c dispute.Command) func(*story) (dispute.Command, domaintest.Option) {
	return func(*story) (dispute.Command, domaintest.Option) { return c, nil }
}

func in(statuses ...dispute.Status) []dispute.Status { return statuses }

// due lets it be when something is due; on the first day where nothing is.
func due(at time.Time) domaintest.Option {
	if at.IsZero() {
		at = day0
	}
	return domaintest.At(at)
}

func evidenceOf(s *story) (id uuid.UUID) {
	for _, e := range s.state.Evidence {
		id = e.EvidenceID
	}
	return id
}

func remedyOf(s *story) (id uuid.UUID) {
	for _, r := range s.state.Remedies {
		id = r.RemedyID
	}
	return id
}

// A case that isn't there takes nothing but its opening.
func TestNoCaseTakesNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.refuses(dispute.Acknowledge{}, missing, "dispute_unknown", "")
	s.refuses(dispute.MissDeadline{Which: dispute.DeadlineRuling}, missing, "dispute_unknown", "")
}
