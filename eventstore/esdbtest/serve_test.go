package esdbtest_test

import (
	"os"
	"testing"

	"github.com/channelledger/channelledger/eventstore/esdbtest"
)

// TestServe is for a look by hand: ESDBTEST_SERVE=1 go test -run TestServe -v -timeout 1h ./eventstore/esdbtest
func TestServe(t *testing.T) {
	if os.Getenv("ESDBTEST_SERVE") == "" {
		t.Skip("only by hand")
	}
	t.Log(esdbtest.Start(t, open(t)).URL())
	<-t.Context().Done()
}
