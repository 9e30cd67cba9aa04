// Package period is a month of the books: cut, closed, and reopened only by two.
package period
