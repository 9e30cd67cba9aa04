// Package mdf is the read model of market development funds: budgets and where their money stands, the partners' funds,
// requests and claims. Rows are the domain's own, each folded by the domain's Apply.
package mdf
