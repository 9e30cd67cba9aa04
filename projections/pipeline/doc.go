// Package pipeline is the read model of deals: each deal as the domain folds it, and totals by status, stage, partner,
// seller, product and month, kept up to date with every event.
package pipeline
