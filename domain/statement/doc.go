// Package statement is a bank's statement of one account: imported once, and every line of it settled.
package statement
