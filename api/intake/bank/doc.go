// Package bank reads the files that banks send of an account: ISO 20022 camt.053 and CSV with a mapping. It says what is
// in a file, and takes nothing for granted: a file that is no statement, is cut off, is built to exhaust the reader, or
// whose lines don't add up to its balances is refused by name, with the place.
//
// A file is read as a stream and gives its statements in order: each as a Statement, its Lines, and an End. What was read
// is not kept, so a file of any number of lines takes the memory of a few.
package bank
