package main

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/period"
)

// TestAMonthIsClosed beside a server, and without one: the hash that is printed is that of the file which the API gives.
func TestAMonthIsClosed(t *testing.T) {
	data := t.TempDir()
	this := period.MonthOf(domain.DateOf(time.Now(), time.UTC))
	first, second := this.Add(-2).String(), this.Add(-1).String()
	s := serve(t, data, "--demo")
	checked := must(t, "close", "--check", first, "--data", data)
	require.Regexp(t, `(?m)^open_suspense +passed +What the bank moved`, checked)
	require.Regexp(t, `trial balance [0-9a-f]{64}\n$`, checked)
	var periods struct{ Data []any }
	s.get(t, "/v1/periods", &periods)
	require.Empty(t, periods.Data, "looking records nothing")

	closed := must(t, "close", first, "--data", data)
	require.Regexp(t, first+` is closed, version 1\ntrial balance [0-9a-f]{64}\n$`, closed)
	_, file := s.ask(t, "/v1/periods/"+first+"/trial-balance.csv?version=1")
	require.Contains(t, closed, sha256Of(file))
	_, _, err := call(t, "close", first, "--data", data)
	require.ErrorContains(t, err, "is closed, not cut")
	_, _, err = call(t, "close", this.String(), "--data", data)
	require.ErrorContains(t, err, "cut "+second+" first")
	_, _, err = call(t, "close", "May", "--data", data)
	require.ErrorContains(t, err, "want yyyy-mm")
	_, _, err = call(t, "close", second, "--accept", "moon=full; nothing else", "--data", data)
	require.ErrorContains(t, err, `there is no check "moon"`)
	s.end()

	require.Contains(t, must(t, "close", second, "--data", data), second+" is closed, version 1")
}

func sha256Of(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}
