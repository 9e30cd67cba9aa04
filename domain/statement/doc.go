// Package statement is a bank's statement of one of our accounts: imported once, and every line of it settled, by what was paid
// or by an account of the books.
package statement
