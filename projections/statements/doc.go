// Package statements is the read model of bank statements: each statement, its lines and matches as the domain folds them, and
// each payment that was sent, as far as statements show it.
package statements
