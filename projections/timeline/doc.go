// Package timeline tells a case: everything in the log that bears on a deal, a claim, a fund, an agreement, a partner or a
// dispute, gathered from every stream involved and told in the order in which the ledger learned it, with what each event
// changed. It reads those streams and nothing else, so that it takes no longer in a great ledger than in a small one.
package timeline
