package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/policy"
)

func TestTimesOfADisputeRunToTheEndOfTheirDay(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	d := policy.DefaultDispute()
	opened := moment(t, "2026-12-21T15:00:00+01:00") // a Monday
	assert.Equal(t, moment(t, "2026-12-29T00:00:00+01:00"), d.ResponseDue(opened, berlin), "five business days: the next Monday")
	d.Holidays = []domain.Date{{Year: 2026, Month: time.December, Day: 25}, {Year: 2027, Month: time.January, Day: 1}}
	assert.Equal(t, moment(t, "2026-12-30T00:00:00+01:00"), d.ResponseDue(opened, berlin), "Christmas is none")
	assert.Equal(t, moment(t, "2027-01-07T00:00:00+01:00"), d.RulingDue(opened, berlin))
	assert.Equal(t, moment(t, "2027-01-06T00:00:00+01:00"), d.AppealUntil(opened, berlin), "fifteen days, and all of the last")
	assert.Equal(t, moment(t, "2027-01-21T00:00:00+01:00"), d.OpenUntil(opened, berlin))
}

func TestLevelsOfADispute(t *testing.T) {
	t.Parallel()
	d := policy.DefaultDispute()
	assert.Equal(t, "channel_manager", d.FirstLevel(false))
	assert.Equal(t, "partner_operations", d.FirstLevel(true), "the channel manager doesn't judge the own house")
	assert.Equal(t, "partner_operations", d.Above("channel_manager"))
	assert.Empty(t, d.Above("appeal_board"))
	assert.Empty(t, d.Above("nobody"))
	assert.Equal(t, "appeal_board", d.AppealLevel())
}
