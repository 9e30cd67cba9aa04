// Package mdf holds market development funds: budgets, the funds that partners draw on, requests with pre-approval, claims
// with proof, and what becomes of them (domain.md section 5).
//
// A budget and a fund are two aggregates. Money leaves one stream before it enters the other; between the two it stands in
// transit, and a reactor takes it across. Within a fund
//
//	credited = released + available + reserved + spent + expired
//
// at every position, and none of them is ever negative.
package mdf
