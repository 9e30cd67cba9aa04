// Package reconcile takes a bank's stored file into the books and settles its lines: statements are imported, their lines
// recorded, and what the rules are certain of is matched; the rest is suggested. A run that stops anywhere goes on where it
// stopped when it is given again.
//
// The payables are the lock: whoever clears one first has it. So each match is cleared there before the statement records it;
// what a crash leaves between the two, the reactor "clearing" takes back.
package reconcile
