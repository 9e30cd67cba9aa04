// Package partners is the directory of partners and of the people who sell for them. Rows are the domain's own partner; the
// standing at a moment is asked of it with every query, since agreements begin and end by time and not by an event.
package partners
