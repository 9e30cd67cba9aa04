package reconcile

import (
	"context"
	"errors"
	"io"

	"github.com/channelledger/channelledger/api/intake"
	"github.com/channelledger/channelledger/api/intake/bank"
	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/statement"
)

// maxMapping bounds a mapping, in bytes.
const maxMapping = 1 << 20

// reader is that of camt.053, or of CSV where there is a mapping, by the hash of the stored document.
// Errors: a Rejection where there is no such mapping, or it is none.
func (r *Reconciler) reader(ctx context.Context, mapping string, given bank.Given) (bank.Reader, statement.Format, error) {
	limits := bank.Limits{Lines: statement.MaxLines}
	if mapping == "" {
		return bank.Camt053(limits), statement.Camt053, nil
	}
	document, err := r.open(ctx, mapping)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = document.Close() }() // it was read only
	m, err := bank.ParseMapping(io.LimitReader(document, maxMapping))
	if wrong, ok := errors.AsType[*intake.MappingError](err); ok {
		return nil, "", domain.Invalid("mapping", "%v", wrong)
	}
	return bank.CSV(m, given, limits), statement.CSV, err
}
