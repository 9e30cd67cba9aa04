// Package export writes what the read models hold as files for other programs: CSV (RFC 4180) and XLSX for people,
// plain-text journals for hledger and beancount.
//
// A file is made whole in a temporary file before its first byte goes anywhere: so its header can say how many rows follow
// and what their SHA-256 is, an error never leaves half a file, and no slow client holds a snapshot of a read model open.
// Memory is bounded by the number of accounts, not of rows.
package export
