// Package api is the ledger over HTTP: routes, bodies, problems, OpenAPI. It holds no business rule: a command's body is the
// aggregate's own command, and what the aggregate answers is what the caller gets.
//
// Commands are POSTs; one action of an aggregate is one route, and one line here (deals.go, partners.go, accounts.go,
// programs.go). Reads come from the read models, and carry the position of the log that they hold. Every refusal is a
// problem (RFC 9457).
package api
