// Package metrics answers what an analyst asks of the program: how many partners are active, what they bring, how long it
// takes. Each metric is one file: its definition in words and what it counts. All of them count from the same dated facts,
// rows of deals, partners and sellers that tell for every moment what had taken effect by then; so the live rows answer any
// effective_at, and only known_at needs a replay.
package metrics
