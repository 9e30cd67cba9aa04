// Package accounts is the read model of end customers: each account as the domain folds it, and which partners have
// registered deals on it. How many deals it has, and in which states, pipeline.CountByAccount tells.
package accounts
