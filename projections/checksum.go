package projections

import (
	"context"

	"github.com/channelledger/channelledger/eventstore"
)

// Checksum is the hex SHA-256 over a projection's rows as they are read now, in key order: equal for equal rows, live or
// rebuilt.
// Errors: an unknown name, *BuildingError, ErrStorage.
func (r *Runner) Checksum(ctx context.Context, name string) (sum string, err error) {
	l, err := r.lane(name)
	if err != nil {
		return "", err
	}
	err = reader{r, l}.ask(func(view View, _ eventstore.Position) error {
		sum, err = view.Checksum(ctx)
		return err
	})
	return sum, err
}
