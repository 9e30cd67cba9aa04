// Package payout is a batch of payments to partners: opened, filled with payables, approved by somebody else, sent to the bank.
package payout
