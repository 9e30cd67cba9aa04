package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"github.com/channelledger/channelledger/api/payment"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/partner"
	"github.com/channelledger/channelledger/domain/payout"
)

// bankFile is a payout's file. It names persons and their accounts, so it is kept nowhere: it is made of the events whenever
// somebody asks, and is the same each time.
type bankFile struct {
	format payout.Format
	name   string
	sha256 string
	bytes  []byte
}

type payoutFileInput struct {
	PayoutID string        `path:"payout_id" format:"uuid"`
	Format   payout.Format `query:"format" doc:"By default the one that was sent"`
}

func (s *Server) payoutFileRoute() {
	op := s.operation(http.MethodGet, "/v1/payouts/{payout_id}/file", "Fetch the file of a payout that was sent", tagPayouts)
	op.Description = "For the bank: ISO 20022 pain.001.001.09, or CSV. It is made anew, and in the format that was sent it is held " +
		"against the hash that was recorded then. Before the payout is sent there is none, so that nobody pays by it."
	op.Responses["200"] = &huma.Response{Description: "The file", Content: map[string]*huma.MediaType{
		payment.MediaType(payout.Pain001): {Schema: binary()}, payment.MediaType(payout.CSV): {Schema: binary()},
	}}
	register(s, op, inQuery, s.fetchPayoutFile)
}

// mayHandleFiles is for those who pay or check payments: the file holds names and accounts.
func mayHandleFiles(actor domain.Actor) bool {
	return actor.Is(domain.Treasury, domain.Finance, domain.ServiceRole) && !actor.OfPartner()
}

func (s *Server) fetchPayoutFile(ctx context.Context, in *payoutFileInput) (*huma.StreamResponse, error) {
	if !mayHandleFiles(actorOf(ctx)) {
		return nil, domain.Forbid("role", "payment files are for treasury and finance")
	}
	id, err := idAt("path.payout_id", in.PayoutID)
	if err != nil {
		return nil, err
	}
	p, _, err := s.Ledger.Payouts.Fold(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case !p.Exists():
		return nil, notFound("payout", id.String())
	case p.File == nil:
		return nil, domain.Refuse("wrong_status", "", "the payout is %s: its file is made when it is sent", p.Status)
	}
	format := in.Format
	if format == "" {
		format = p.File.Format
	}
	file, err := s.payoutFile(ctx, p, format)
	if err != nil {
		return nil, err
	}
	if format == p.File.Format && file.sha256 != p.File.SHA256 {
		s.Logger.ErrorContext(ctx, "payment file differs", "request_id", requestID(ctx), "payout", id,
			"sha256", file.sha256, "sent", p.File.SHA256)
		return nil, newProblem(http.StatusInternalServerError, "file_differs", "the file made now isn't the one that was sent")
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) { file.send(hctx) }}, nil
}

func (f bankFile) send(hctx huma.Context) {
	c := humaecho.Unwrap(hctx)
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set("ETag", `"`+f.sha256+`"`)
	_ = c.Blob(http.StatusOK, payment.MediaType(f.format), f.bytes) // nobody is there any more to be told
}

// payoutFile makes the file of a payout's payments.
// Errors: a Rejection where the format can't say a payment; 410 where a payee's name and account are erased.
func (s *Server) payoutFile(ctx context.Context, p *payout.Payout, format payout.Format) (file bankFile, err error) {
	batch := payment.Batch{
		MessageID: payout.MessageID(p.ID), CreatedAt: p.Approved.At, ExecutionOn: p.ExecutionOn, Debtor: p.Debtor, Currency: p.Currency,
	}
	for _, item := range p.Payments() {
		payee, err := s.payeeOf(ctx, item)
		if err != nil {
			return file, err
		}
		batch.Transfers = append(batch.Transfers, payment.Transfer{
			EndToEndID: payout.EndToEndID(item.PayableID), Amount: item.Paid, Name: string(payee.Name), Account: string(payee.Account),
			BIC: payee.BIC, Remittance: item.Remittance,
		})
	}
	var out bytes.Buffer
	if err := payment.Write(&out, format, batch); err != nil {
		return file, err
	}
	sum := sha256.Sum256(out.Bytes())
	return bankFile{
		format: format, name: payment.FileName(format, batch.MessageID), sha256: hex.EncodeToString(sum[:]), bytes: out.Bytes(),
	}, nil
}

// payeeOf is the account that an item goes to, as it was when it was approved: also one that is revoked by now.
func (s *Server) payeeOf(ctx context.Context, item payout.Item) (payee partner.Payee, err error) {
	known := false
	err = s.Ledger.Partners.View(ctx, item.PartnerID, func(p *partner.State, _ domain.Source) error {
		payee, known = p.PayeeByID(item.PayeeID)
		return nil
	})
	switch {
	case err != nil:
		return payee, err
	case !known:
		return payee, fmt.Errorf("payee %s of partner %s isn't there", item.PayeeID, item.PartnerID)
	case payee.Name == domain.Erased || payee.Account == domain.Erased:
		return payee, newProblem(http.StatusGone, "erased", "the name and account of payee %s are erased", item.PayeeID)
	}
	return payee, nil
}
