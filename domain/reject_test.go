package domain

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRejections(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Rejection
		text string
	}{
		{Invalid("lines[0].amount", "want %d", 1), Rejection{KindInvalid, "invalid_field", "lines[0].amount", "want 1"}, "lines[0].amount: want 1"},
		{Forbid("role", "not %s", "you"), Rejection{KindForbidden, "role", "", "not you"}, "not you"},
		{NotFound("deal", "", "no deal %d", 7), Rejection{KindNotFound, "deal", "", "no deal 7"}, "no deal 7"},
		{Refuse("expired", "", "too late"), Rejection{KindConflict, "expired", "", "too late"}, "too late"},
	} {
		require.EqualError(t, c.err, c.text)
		require.Equal(t, &c.want, AsRejection(fmt.Errorf("while deciding: %w", c.err)))
	}
	require.Nil(t, AsRejection(errors.New("disk full")))
	require.Nil(t, AsRejection(nil))
}
