// Package clawback is what a partner owes because something was taken back after it had been paid, and how that debt ends.
package clawback
