// Package payable is what is owed to a partner until it is paid: the one lock between payouts, payments, claw-backs and clearing.
package payable
