// Package payables is the read model of what is owed to partners: each payable as the domain folds it, and how old what is
// open is.
package payables
