// Package rebates is the read model of rebate agreements: each agreement as the domain folds it, and each sale and SPIFF that
// counted in one.
package rebates
