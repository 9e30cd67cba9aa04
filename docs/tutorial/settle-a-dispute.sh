# Two partners and one customer, from the conflict to the last word: docs/tutorial/settle-a-dispute.md tells its story. The lines
# "# === DAY" say when the next part happens; a test of the program runs it with a clock of its own. It needs curl and jq, a ledger that
# is served (channelledger serve --data quarrel), and the API's address in L.

set -euo pipefail

# did WHO ROLES PATH [BODY]: gives a command; A is the answer, P where it stands in the log.
did() {
	A=$(curl -sS --fail-with-body -H "X-Actor: $1" -H "X-Roles: $2" ${PARTNER:+-H "X-Partner: $PARTNER"} \
		-H 'Content-Type: application/json' "$L$3" -d "${4:-{\}}") || { echo "$3: $A"; exit 1; }
	P=$(jq -r .as_of.position <<<"$A")
}
# refused RULE WHO ROLES PATH [BODY]: demands that a command is refused by a rule.
refused() {
	A=$(curl -sS -H "X-Actor: $2" -H "X-Roles: $3" ${PARTNER:+-H "X-Partner: $PARTNER"} \
		-H 'Content-Type: application/json' "$L$4" -d "${5:-{\}}")
	expect "refused" "$1" "$(jq -r .rule <<<"$A")"
	jq -r '"  " + .detail' <<<"$A"
}
# see PATH: what the API answers to the auditor, once everything that was done stands in it, and what followed from it.
see() { curl -sS --fail-with-body -G -H 'X-Actor: anna' -H 'X-Roles: auditor' --data-urlencode "wait_for=$P" "$L$1"; }
id() { jq -r .data.id <<<"$A"; }
# expect WHAT WANTED GOT
expect() {
	[ "$2" = "$3" ] || { echo "$1: want $2, got $3"; exit 1; }
	echo "$1: $3"
}
# stored TEXT: the hash of a document, once it is handed in.
stored() {
	printf '%s' "$1" | curl -sS --fail-with-body -H 'X-Actor: olga' -H 'X-Roles: partner_ops' \
		-H 'Content-Type: application/octet-stream' --data-binary @- "$L/v1/files" | jq -r .data.sha256
}
# becomes STATUS: waits until the reactors, one step after the other, brought the case there.
becomes() {
	for _ in $(seq 100); do
		see $CASE >case.json
		[ "$(jq -r .data.status case.json)" = "$1" ] && return
		sleep 0.1
	done
	echo "$CASE never becomes $1"
	exit 1
}
# event STREAM TYPE: the last one of the type, as a ruling cites it.
event() { see "/v1/streams/$1?limit=500" | jq -c --arg s "$1" --arg t "$2" '[.data[] | select(.type == $t)][-1] | {stream: $s, revision, event_id: .id}'; }

# === 2026-03-02 Two partners sell for us. Both know Tyrell.

onboarded() { # onboarded NAME: ID is the partner, SELLER its one seller
	did olga partner_ops /v1/partners '{"legal_name": "'"$1"'", "kind": "reseller", "country": "DE"}'
	ID=$(id)
	did otto partner_ops /v1/partners/$ID/approve
	did olga partner_ops /v1/partners/$ID/agreements '{"kind": "reseller", "valid_from": "2026-01-01", "document_sha256": "'$(stored "the agreement of $1")'"}'
	did olga partner_ops /v1/partners/$ID/onboard
	did olga partner_ops /v1/partners/$ID/sellers '{"name": "Sam Seller", "email": "sam@seller.example"}'
	SELLER=$(jq -r '.data.sellers[0].id' <<<"$A")
}
registered() { # registered WHO: DEAL is the partner's registration
	PARTNER=$ID did "$1" partner_seller /v1/deals '{"partner_id": "'$ID'", "seller_id": "'$SELLER'",
		"customer": {"name": "Tyrell GmbH", "domain": "tyrell.example", "country": "DE"},
		"lines": [{"product": "Core Router", "amount": {"amount": "18000.00", "currency": "EUR"}}]}'
	DEAL=$(id)
}
onboarded "Nordlicht Systems GmbH"
NORDLICHT=$ID
registered nils
FIRST=$DEAL
ACCOUNT=account-$(jq -r .data.account_id <<<"$A")
onboarded "Suedwind Handels AG"
SUEDWIND=$ID SUEDWIND_SELLER=$SELLER
registered sara
SECOND=$DEAL
did dora deal_desk /v1/deals/$FIRST/approve
refused conflict dora deal_desk /v1/deals/$SECOND/approve

# === 2026-03-03 The desk would rather have it decided than decide it. A case opens by itself, and holds the deal.

FINDING=$(see /v1/deals/$SECOND | jq -r '.data.findings[0].id')
did dora deal_desk /v1/deals/$SECOND/refer '{"finding_ids": ["'$FINDING'"], "reason": "Suedwind says that it brought the project about."}'
CASE=/v1/disputes/$(see "/v1/disputes?deal_id=$SECOND" | jq -r '.data[0].id')
see $CASE >case.json
expect "claimant" $SUEDWIND "$(jq -r .data.claimant.partner_id case.json)"
expect "respondent" $NORDLICHT "$(jq -r '.data.respondents[0].partner_id' case.json)"
expect "responses are due" 2026-03-11T00:00:00Z "$(jq -r .data.response_due case.json)"
expect "a ruling is due" 2026-03-25T00:00:00Z "$(jq -r .data.ruling_due case.json)"
refused finding_referred dora deal_desk /v1/deals/$SECOND/override '{"finding_ids": ["'$FINDING'"], "reason": "never mind"}'

# === 2026-03-04 Somebody hears it who had no hand in it. Both sides speak; one paper is for the adjudicator alone.

did olga partner_ops $CASE/acknowledge
refused adjudicator_excluded olga partner_ops $CASE/adjudicator '{"adjudicator": "dora"}'
did olga partner_ops $CASE/adjudicator '{"adjudicator": "jude"}'
PARTNER=$NORDLICHT did nora partner_admin $CASE/response '{"statement": "We registered first, and Tyrell asked us."}'
PARTNER=$SUEDWIND did susi partner_admin $CASE/evidence '{"name": "quote.pdf", "size": 10, "sha256": "'$(stored "the quote.")'",
	"visibility": "adjudicator", "sealing_reason": "It shows our prices."}'
PAPER=$(jq -r '.data.evidence[0].evidence_id' <<<"$A")
did jude adjudicator $CASE/evidence/$PAPER/seal '{"reason": "It does.", "summary": "A quote to Tyrell of 12 January, for the same routers."}'

# === 2026-03-12 The ruling, at once: the deal is the other's.

CITED=$(event $ACCOUNT deal.conflict_referred.v1)
verdict() { # verdict OUTCOME [REMEDIES]
	echo '{"outcome": "'$1'", "rationale": "'"$RATIONALE"'", "policy": "conflict@1", "cites": ['"$CITED"']'"${2:+, \"remedies\": [$2]}"'}'
}
RATIONALE="The quote is older than both registrations."
REASSIGN='{"kind": "reassign", "stream": "'$ACCOUNT'", "deal_id": "'$FIRST'", "partner_id": "'$SUEDWIND'", "seller_id": "'$SUEDWIND_SELLER'", "at_once": true}'
CITED_ALONE=$CITED CITED=$(event partner-$SUEDWIND partner.agreement_signed.v1 | jq -c '.revision += 1')
refused event_unknown jude adjudicator $CASE/ruling "$(verdict upheld "$REASSIGN")"
CITED=$CITED_ALONE
refused not_the_adjudicator jill adjudicator $CASE/ruling "$(verdict upheld "$REASSIGN")"
did jude adjudicator $CASE/ruling "$(verdict upheld "$REASSIGN")"
RULED=$P
expect "whose deal it is" $SUEDWIND "$(see /v1/deals/$FIRST | jq -r .data.partner_id)"
expect "an appeal may be filed until" 2026-03-28T00:00:00Z "$(see $CASE | jq -r .data.appeal_until)"

# === 2026-03-20 Nordlicht appeals. Another board hears it, sees that the quote was for another site, and overturns the ruling.

PARTNER=$NORDLICHT did nora partner_admin $CASE/appeal '{"grounds": "The quote was for the plant in Austria."}'
refused adjudicator_heard_before olga partner_ops $CASE/adjudicator '{"adjudicator": "jude"}'
did olga partner_ops $CASE/adjudicator '{"adjudicator": "jill"}'
RATIONALE="The quote names another site; here the order of registration decides."
did jill adjudicator $CASE/appeal/ruling "$(verdict denied)"
expect "whose deal it is" $NORDLICHT "$(see /v1/deals/$FIRST | jq -r .data.partner_id)"
becomes closed
expect "the case is" "closed, denied" "$(jq -r '.data.status + ", " + .data.outcome' case.json)"
expect "the remedy is" undone "$(jq -r '.data.remedies[0].status' case.json)"
refused dispute_closed olga partner_ops $CASE/acknowledge

# === 2026-03-23 The auditor replays it: as it stands, as it stood after the first ruling, and as each side may see it.

see "$CASE/timeline?limit=1000" | jq -r '.data.entries[] | select(.stream | startswith("dispute-")) | "  \(.recorded_at[:10]) \(.type)  \(.why // "")"'
expect "after the first ruling it was" "ruled, upheld" \
	"$(see "$CASE/timeline?limit=1000&known_at=$RULED" | jq -r '.data.state.status + ", " + .data.state.outcome')"
withheld() { see "$CASE/timeline?limit=1000&viewpoint=$1" | jq -r '.data.withheld.fields.sealed // 0'; }
expect "fields of the quote that Suedwind doesn't see" 0 "$(withheld $SUEDWIND)"
expect "fields of the quote that Nordlicht doesn't see" 5 "$(withheld $NORDLICHT)"
channelledger replay dispute "${CASE##*/}" >replay.txt
grep -q 'dispute.appeal_ruled.v1' replay.txt

# The rule is made clearer, because of this case; whoever asks for the rule's history finds it.

did olga partner_ops /v1/programs/default/policies '{"kind": "conflict", "because_of": ["'${CASE##*/}'"],
	"body": '"$(see "/v1/programs/default/policies/conflict/1" | jq -c .data.body)"'}'
see "/v1/disputes/history?group_by=rule" | jq '.data[] | {rule: .value, last, overturned, changed: [.changed[] | "\(.kind)@\(.version)"]}'
expect "which version it led to" 2 "$(see "/v1/disputes/history?group_by=rule" | jq -r '.data[0].changed[0].version')"
