package payable

type Payable struct{}
