// Package account is the end customer and every registration on it. All registrations for one customer stand in one stream,
// so that two partners can't both be granted it, however they race, and an auditor reads who registered what, when, in order.
//
// Each file holds one idea in the order events, fold, decide; events.go is the wire contract and nothing else. Facts that
// are so already (the same stage again, the same owner, an expiry that isn't due) are taken and record nothing; decisions
// that were made already (a second approval, a second win) are refused.
// Source of the rules: domain.md sections 1 and 4.
package account
