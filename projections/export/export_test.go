package export

// HledgerName is what tests compare hledger's answers by.
var HledgerName = hledgerName
