// Package numbers is how read models write what they count: exact ratios as decimal strings, ranks, calendar days. Whoever says
// the same thing says it in the same figures.
package numbers
