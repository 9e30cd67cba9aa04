// Package payouts is the read model of batches of payments, and of each payment in them.
package payouts
