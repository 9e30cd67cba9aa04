// Package intake takes files of other systems in and gives commands out. A mapping says what the columns of a CRM's export
// mean; Run records every row of it as the steps of a partner's deal, each under an id of its own that derives from the
// CRM's system and record, so that whatever was imported once is never imported twice.
//
// An import converges: each run reads what earlier ones said, compares it with the files and gives only the commands that
// are missing. That makes the same file again a file without effect, a later export its differences, and an interrupted run
// one that is simply started again. A row that can't be imported is set aside with its reason, and nothing else waits for it.
package intake
