// Package pipeline is the read model of deals: each deal as the domain folds it, and totals by status, stage, partner,
// seller, product and month, kept up to date with every event. It lists deals, so a deal is
// whole with the partner that has it, also where a ruling splits its credit: the metrics share that.
package pipeline
