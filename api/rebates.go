package api

import (
	"context"

	"github.com/google/uuid"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/rebate"
	"github.com/channelledger/channelledger/eventstore/ledger"
	"github.com/channelledger/channelledger/projections"
	"github.com/channelledger/channelledger/projections/rebates"
)

type rebateTarget = target[*rebate.State, rebate.Command, rebate.Facts, rebate.Event]

func (s *Server) agreements() *rebateTarget {
	return &rebateTarget{
		server:  s,
		decider: rebate.Decider(),
		handler: func() *ledger.Rebates { return s.Ledger.Rebates },
		tag:     "Rebates", noun: "agreement", base: "/v1/rebates/agreements", id: "agreement_id", view: answer[rebate.Agreement]{},
		parse: idAt,
		home:  func(_ context.Context, id uuid.UUID) (uuid.UUID, error) { return id, nil },
		show: func(st *rebate.State, id uuid.UUID) (any, int64, bool) {
			return st.Agreement, st.Agreement.Revision, st.Agreement.ID == id
		},
		do: s.Ledger.DoRebate,
	}
}

// rebateSales are things in their agreement's stream.
func (s *Server) rebateSales() *rebateTarget {
	t := s.agreements()
	t.noun, t.base, t.id, t.view = "sale", "/v1/rebates/sales", "sale_id", answer[rebate.KnownSale]{}
	t.home = s.agreementOfSale
	t.show = func(st *rebate.State, id uuid.UUID) (any, int64, bool) {
		sale, ok := st.Sale(id)
		return sale, sale.Revision, ok
	}
	return t
}

func (s *Server) rebateRoutes() {
	t := s.agreements()
	t.create(t.base, "Open an agreement", rebate.OpenAgreement{}, creation[rebate.Command]{
		stream: func(_ context.Context, c rebate.Command, _ uuid.UUID) (uuid.UUID, error) {
			return c.(rebate.OpenAgreement).ID(), nil
		},
		made:     func(stream uuid.UUID, _ []domain.Event) uuid.UUID { return stream },
		location: func(id uuid.UUID, _ []domain.Event) string { return t.base + "/" + id.String() },
	})
	t.create(t.base+"/{agreement_id}/sales", "Record a sale", rebate.RecordSale{}, creation[rebate.Command]{location: saleAt})
	t.post("sales/{sale_id}/reverse", "Take back a part of a sale, or all", rebate.ReverseSale{})
	t.post("spiffs", "Give a seller a SPIFF", rebate.EarnSpiff{})
	t.post("spiffs/{spiff_id}/reverse", "Take back a part of a SPIFF, or all", rebate.ReverseSpiff{})
	t.post("close", "Close the period", rebate.ClosePeriod{})
	t.post("approve", "Approve the rebate, first or second", rebate.ApproveRebate{})
	t.post("adjust", "Propose an adjustment behind the close", rebate.ProposeAdjustment{})
	t.post("adjustments/{adjustment_id}/approve", "Approve an adjustment, first or second", rebate.ApproveAdjustment{})
	t.post("adjustments/{adjustment_id}/decline", "Decline an adjustment", rebate.DeclineAdjustment{})
	t.post("claw-back", "Take back a part of an approved rebate, or all", rebate.ClawBack{})
	t.post("clawbacks/{clawback_id}/reverse", "Undo a claw-back", rebate.ReverseClawback{})
	t.post("payments", "Record a payment made outside of this ledger", rebate.RecordPayment{})
	s.rebateSales().post("reverse", "Take back a part of a sale, or all, wherever it counts", rebate.ReverseSale{})
	s.rebateReads()
}

// saleAt is where a recorded sale can be read.
func saleAt(agreement uuid.UUID, recorded []domain.Event) string {
	for _, e := range recorded {
		if sale, ok := e.(rebate.SaleRecorded); ok {
			return "/v1/rebates/agreements/" + agreement.String() + "/sales/" + sale.SaleID.String()
		}
	}
	return "" // every recording records one
}

// agreementOfSale is the agreement that a sale counts in, by the whole log: a second one that was recorded just now makes it
// ambiguous.
// Errors: 404 where there is no such sale; 409 where it counts in several agreements.
func (s *Server) agreementOfSale(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	end, err := s.logEnd(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.waitForModel(ctx, rebates.Name, end); err != nil {
		return uuid.Nil, err
	}
	var called []rebates.Sale
	_, err = s.look(ctx, rebates.Name, func(q projections.Querier) (err error) {
		called, err = rebates.SalesCalled(ctx, q, id)
		return err
	})
	switch {
	case err != nil:
		return uuid.Nil, err
	case len(called) == 0:
		return uuid.Nil, notFound("sale", id.String())
	case len(called) > 1:
		return uuid.Nil, domain.Refuse("sale_ambiguous", "", "the sale counts in several agreements: reverse it below /v1/rebates/agreements/%s, or another", called[0].AgreementID)
	}
	return called[0].AgreementID, nil
}
