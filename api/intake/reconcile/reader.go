package reconcile

import (
	"context"

	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// reader is that of camt.053, or of CSV where there is a mapping.
func (r *Reconciler) reader(ctx context.Context, mapping string, given bank.Given) (bank.Reader, statement.Format, error) {
	if mapping == "" {
		return bank.Camt053(bank.Limits{}), statement.Camt053, nil
	}
	_, _ = ctx, given
	return nil, "", domain.Invalid("mapping", "no CSV yet")
}
