// Package conflicts is the read model of findings: what speaks against a registration, whether somebody has overridden it,
// and whether there is still anything to decide about it.
package conflicts
