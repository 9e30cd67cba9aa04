package payout

type Payout struct{}
