// Package candidates is the read model of who may be the same customer: every account by its domain, its tax id and pieces
// of its name, so that a registration finds the other records of its customer among many. What it names is looked at in
// the log before anything is decided; what it doesn't name yet a reactor finds.
package candidates
