# A month of the books, from the budget to the close: docs/tutorial/close-a-month.md tells its story. The lines "# === DAY" say when
# the next part happens; a test of the program runs it with a clock of its own. It needs curl and jq, a ledger that is served
# (channelledger serve --data month), and the API's address in L.

set -euo pipefail

# did WHO ROLES PATH [BODY]: gives a command; A is the answer, P where it stands in the log.
did() {
	A=$(curl -sS --fail-with-body -H "X-Actor: $1" -H "X-Roles: $2" ${PARTNER:+-H "X-Partner: $PARTNER"} \
		-H 'Content-Type: application/json' "$L$3" -d "${4:-{\}}") || { echo "$3: $A"; exit 1; }
	P=$(jq -r .as_of.position <<<"$A")
}
# now PATH: what the API answers to the auditor. see PATH: once everything that was done stands in it, and what followed from it.
now() { curl -sS --fail-with-body -H 'X-Actor: anna' -H 'X-Roles: auditor' "$L$1"; }
see() { curl -sS --fail-with-body -G -H 'X-Actor: anna' -H 'X-Roles: auditor' --data-urlencode "wait_for=$P" "$L$1"; }
id() { jq -r .data.id <<<"$A"; }
# expect WHAT WANTED GOT
expect() {
	[ "$2" = "$3" ] || { echo "$1: want $2, got $3"; exit 1; }
	echo "$1: $3"
}
# balance ACCOUNT: what the books hold there, debits above 0.
balance() { see "/v1/books/trial-balance?account=$1" | jq -r '.data.accounts[0].closing.amount // "0.00"'; }
# stored TEXT: the hash of a document, once it is handed in.
stored() {
	printf '%s' "$1" | curl -sS --fail-with-body -H 'X-Actor: olga' -H 'X-Roles: partner_ops' \
		-H 'Content-Type: application/octet-stream' --data-binary @- "$L/v1/files" | jq -r .data.sha256
}
eur() { echo '{"amount": "'"$1"'", "currency": "EUR"}'; }

# === 2026-10-01 Nordlicht sells for us. It names the account that its money goes to; somebody else checks that.

did olga partner_ops /v1/partners '{"legal_name": "Nordlicht Systems GmbH", "kind": "reseller", "country": "DE", "domain": "nordlicht.example"}'
NORDLICHT=$(id)
did otto partner_ops /v1/partners/$NORDLICHT/approve
did olga partner_ops /v1/partners/$NORDLICHT/agreements '{"kind": "reseller", "valid_from": "2026-10-01", "document_sha256": "'$(stored "the agreement")'"}'
did olga partner_ops /v1/partners/$NORDLICHT/onboard
did olga partner_ops /v1/partners/$NORDLICHT/payees '{"name": "Nordlicht Systems GmbH", "account": "DE89 3704 0044 0532 0130 00",
	"bic": "COBADEFFXXX", "currency": "EUR", "document_sha256": "'$(stored "a letter of the bank")'"}'
PAYEE=$(jq -r '.data.payees[0].id' <<<"$A")
did tom treasury /v1/partners/$NORDLICHT/payees/$PAYEE/approve '{"verified": "called back the number in the agreement"}'

# Money for marketing: a budget, and Nordlicht's part of it.

did fritz finance /v1/mdf/budgets '{"name": "Q4", "period": {"from": "2026-10-01", "to": "2026-12-31"}, "amount": '"$(eur 10000.00)"'}'
BUDGET=$(id)
did fritz finance /v1/mdf/budgets/$BUDGET/allocate '{"partner_id": "'$NORDLICHT'", "amount": '"$(eur 5000.00)"'}'
FUND=$(see "/v1/mdf/funds?budget_id=$BUDGET" | jq -r '.data[0].id')
expect "budget:authority" -10000.00 "$(balance budget:authority)"
expect "fund:available" 5000.00 "$(balance fund:available)"

# === 2026-10-02 Nordlicht asks for money for a stand at a fair and for a webinar. Finance approves both, and says how they are treated.

ask() { # ask TITLE ACTIVITY COST AMOUNT: REQUEST is the approved request
	PARTNER=$NORDLICHT did nora partner_admin /v1/mdf/funds/$FUND/requests '{"activity": "'$2'", "title": "'"$1"'", "starts": "2026-10-06",
		"ends": "2026-10-07", "total_cost": '"$(eur $3)"', "requested": '"$(eur $4)"'}'
	REQUEST=$(id)
	did fritz finance /v1/mdf/requests/$REQUEST/approve '{"amount": '"$(eur $4)"', "treatment": "contra_revenue", "basis": "no distinct service"}'
}
ask "Stand at the fair" event 1200.00 600.00
FAIR=$REQUEST
ask "Webinar" event 800.00 400.00
WEBINAR=$REQUEST
expect "fund:reserved" 1000.00 "$(balance fund:reserved)"
expect "contra_revenue:mdf, accrued" 1000.00 "$(balance contra_revenue:mdf)"

# === 2026-10-12 Both took place. Nordlicht claims the vendor's half of what they cost, by invoice and proof; finance approves.

claim() { # claim REQUEST NUMBER COST AMOUNT: CLAIM is the approved claim
	PARTNER=$NORDLICHT did nora partner_admin /v1/mdf/requests/$1/claims '{"supplier": "Messebau Nord GmbH", "invoice_number": "'$2'",
		"invoice_date": "2026-10-09", "net": '"$(eur $3)"', "gross": '"$(eur $3)"', "settlement": "partner_invoice",
		"proof": [{"name": "photo.jpg", "size": 11, "sha256": "'$(stored "photo of $2")'"}]}'
	CLAIM=$(id)
	did fritz finance /v1/mdf/claims/$CLAIM/approve '{"approved": '"$(eur $4)"', "final": true}'
}
claim $FAIR RE-1 1200.00 600.00
claim $WEBINAR RE-2 800.00 400.00
expect "fund:spent" 1000.00 "$(balance fund:spent)"
expect "liability:mdf_payable" -1000.00 "$(balance liability:mdf_payable)"

# === 2026-10-15 Treasury prepares a payout; finance approves it; the file goes to the bank.

did tom treasury /v1/payouts '{"currency": "EUR", "execution_on": "2026-10-16",
	"debtor": {"name": "Vendor SE", "iban": "NO9386011117947", "bic": "DNBANOKK"}}'
PAYOUT=$(id)
did fritz finance /v1/payouts/$PAYOUT/approve
did tom treasury /v1/payouts/$PAYOUT/send '{"format": "pain.001.001.09"}'
curl -sS --fail-with-body -H 'X-Actor: tom' -H 'X-Roles: treasury' "$L/v1/payouts/$PAYOUT/file" -o pain.xml
expect "payments in the file" 2 "$(grep -o '<EndToEndId>' pain.xml | wc -l | tr -d ' ')"
expect "liability:mdf_payable" 0.00 "$(balance liability:mdf_payable)"
expect "asset:cash_clearing" -1000.00 "$(balance asset:cash_clearing)"

# === 2026-10-20 The bank's statement comes back: one payment as it was, one paid short by 50, and a line that nobody expected.

reference() { see "/v1/payout-items?payout_id=$PAYOUT" | jq -r --arg a "$1" '.data[] | select(.paid.amount == $a) | .payable_id' | tr -d -; }
entry() { # entry NUMBER AMOUNT REFERENCE: money that left the account
	echo "<Ntry><Amt Ccy=\"EUR\">$2</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-19</Dt></BookgDt>
		<AcctSvcrRef>B-$1</AcctSvcrRef><BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>
		<NtryDtls><TxDtls><Refs><EndToEndId>$3</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
}
bank() { # bank CODE AMOUNT: what the account holds
	echo "<Bal><Tp><CdOrPrtry><Cd>$1</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">$2</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-19</Dt></Dt></Bal>"
}
FIRST=$(reference 600.00)
SECOND=$(reference 400.00)
{
	echo '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
	echo '<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-10-19T20:00:00Z</CreDtTm></GrpHdr>'
	echo '<Stmt><Id>2026-10</Id><CreDtTm>2026-10-19T20:00:00Z</CreDtTm><Acct><Id><IBAN>NO9386011117947</IBAN></Id><Ccy>EUR</Ccy></Acct>'
	bank PRCD 50000.00
	bank CLBD 49037.50
	entry 1 600.00 $FIRST
	entry 2 350.00 $SECOND
	entry 3 12.50 NOTPROVIDED
	echo '</Stmt></BkToCstmrStmt></Document>'
} >bank.xml
channelledger reconcile bank.xml
see "/v1/statements?bank_account=NO9386011117947" >statements.json
STATEMENT=/v1/statements/$(jq -r '.data[0].id' statements.json)
expect "matched by their reference" 1 "$(jq -r '.data[0].matched' statements.json)"
expect "asset:bank" 49037.50 "$(balance asset:bank)"
expect "asset:bank_suspense" 362.50 "$(balance asset:bank_suspense)"

# A person confirms what the rules suggest of the short payment: the rest is owed again. And says what the third line was.

SUGGESTED=$(now $STATEMENT/suggestions | jq -c '{matches: [.data.suggested[] | {lines, rule, reason_code,
	to: [.to[] | {payable_id, payout_id, amount, short} | del(..|nulls)]}]}')
did tom treasury $STATEMENT/confirm "$SUGGESTED"
did fritz finance $STATEMENT/lines/3/resolve '{"account": "expense:bank_charges", "resolution": "the fee for October"}'
did tom treasury $STATEMENT/reconcile
expect "asset:bank_suspense" 0.00 "$(balance asset:bank_suspense)"
expect "asset:cash_clearing" 0.00 "$(balance asset:cash_clearing)"
expect "expense:bank_charges" 12.50 "$(balance expense:bank_charges)"
expect "liability:mdf_payable" -50.00 "$(balance liability:mdf_payable)"

# Every number is explained by its events: the lines of an account add up to its balance, and each names the event behind it.

explain() { # explain ACCOUNT
	see "/v1/books/accounts/$1" >account.json
	jq -r '.data.lines[] | "  \(.posted_on) \(.type) \(.amount.amount) \(.balance.amount)"' account.json
	expect "$1, of $(jq '.data.lines | length' account.json) lines" "$(balance $1)" "$(jq -r '.data.lines[-1].balance.amount' account.json)"
	jq -r '.data.lines[].stream' account.json | sort -u | while read -r stream; do see /v1/streams/$stream >/dev/null; done
}
for account in asset:bank asset:bank_suspense asset:cash_clearing liability:mdf_payable contra_revenue:mdf fund:available; do
	explain $account
done

# === 2026-11-02 The month is over. Nothing stands in the way of closing it.

channelledger close --check 2026-10
channelledger close 2026-10 | tee closed.txt
HASH=$(sed -n '$s/trial balance //p' closed.txt)
trial() { now "/v1/periods/2026-10/trial-balance.csv?version=1"; }
trial
expect "sha256sum" "$HASH" "$(trial | sha256sum | cut -d' ' -f1)"

# === 2027-10-04 A year later somebody finds that the budget was larger. The closed month doesn't change; the money stands where it
# belongs by either date.

did fritz finance /v1/mdf/budgets/$BUDGET/increase '{"amount": '"$(eur 500.00)"', "reason": "found in a drawer",
	"effective_at": "2026-10-30T09:00:00Z"}'
authority() { see "/v1/books/trial-balance?account=budget:authority&by=$1&to=$2" | jq -r '.data.accounts[0].closing.amount'; }
expect "budget:authority at the end of October, as closed" -10000.00 "$(authority posted 2026-10-31)"
expect "budget:authority at the end of October, as it was" -10500.00 "$(authority effective 2026-10-31)"
expect "budget:authority on 1 November, as closed" -10500.00 "$(authority posted 2026-11-01)"
expect "sha256sum" "$HASH" "$(trial | sha256sum | cut -d' ' -f1)"
