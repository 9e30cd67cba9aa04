package payout_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/domaintest"
	"github.com/channelledger/channelledger/domain/payout"
)

func TestAPayoutFromOpeningToCompletion(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	c := open()
	s.wants(c, payout.Opened{PayoutID: id, Currency: "EUR", Debtor: c.Debtor, ExecutionOn: c.ExecutionOn})
	items := prepare().Items
	held := []payout.Held{{PayableID: payable("c"), PartnerID: south, Reason: payout.HeldPayeeChanged}}
	s.wants(payout.Prepare{Items: items, Held: held}, payout.Prepared{
		PayoutID: id, Items: items, Total: eur("100.00"), Withheld: eur("0.00"), Held: held,
	})
	s.wants(payout.Approve{Reason: "checked"}, payout.Approved{PayoutID: id, Total: eur("100.00"), Approval: "approval@1", Reason: "checked"})
	s.wants(send(), payout.Sent{PayoutID: id, Format: payout.Pain001, MessageID: payout.MessageID(id), SHA256: sha})
	require.Equal(t, items, s.state.Payments())
	require.True(t, s.state.Pays(south))
	s.wants(payout.Complete{}, payout.Completed{PayoutID: id})
	require.Equal(t, "checked", s.state.Approved.Reason)
	require.Equal(t, held, s.state.Held)
}

func TestIDsFitTheirFields(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^[0-9a-f]{32}$`, payout.MessageID(id))
	require.Equal(t, strings.ReplaceAll(payable("a").String(), "-", ""), payout.EndToEndID(payable("a")))
}

// TestEveryCommandInEveryState: what a command does in each state; an empty rule: it is taken.
func TestEveryCommandInEveryState(t *testing.T) {
	t.Parallel()
	const wrong = "wrong_status"
	commands := []payout.Command{
		open(), prepare(), payout.Approve{}, send(), payout.Complete{}, payout.Abandon{Reason: "not now"}, payout.GiveUp{},
	}
	for status, rules := range map[payout.Status][]string{
		"":                         {"", "payout_unknown", "payout_unknown", "payout_unknown", "payout_unknown", "payout_unknown", "payout_unknown"},
		payout.StatusOpen:          {wrong, "", wrong, wrong, wrong, "", ""},
		payout.StatusPrepared:      {wrong, wrong, "", wrong, wrong, "", ""},
		payout.StatusFirstApproved: {wrong, wrong, "maker_is_checker", wrong, wrong, "", ""},
		payout.StatusApproved:      {wrong, wrong, wrong, "", wrong, "", ""},
		payout.StatusSent:          {wrong, wrong, wrong, "", "", wrong, ""}, // the same file again
		payout.StatusCompleted:     {wrong, wrong, wrong, "", "", wrong, ""},
		payout.StatusAbandoned:     {wrong, wrong, wrong, wrong, wrong, wrong, ""},
	} {
		for i, c := range commands {
			o := at(t, status).when(c).Outcome()
			if rules[i] == "" {
				require.NoError(t, o.Err(), "%T while %s", c, status)
				continue
			}
			require.Error(t, o.Err(), "%T while %s", c, status)
			require.Equal(t, rules[i], domain.AsRejection(o.Err()).Rule, "%T while %s", c, status)
		}
	}
}

func TestWhatAnOpeningNeeds(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*payout.Open){
		"currency":           func(c *payout.Open) { c.Currency = "XYZ" },
		"filter.partner_ids": func(c *payout.Open) { c.Filter.PartnerIDs = []uuid.UUID{{}} },
		"filter.kinds":       func(c *payout.Open) { c.Filter.Kinds = slices.Repeat([]string{"x"}, 21) },
		"filter.kinds[0]":    func(c *payout.Open) { c.Filter.Kinds = []string{""} },
		"debtor.name":        func(c *payout.Open) { c.Debtor.Name = strings.Repeat("x", 71) },
		"debtor.iban":        func(c *payout.Open) { c.Debtor.IBAN = "DE89370400440532013001" },
		"debtor.bic":         func(c *payout.Open) { c.Debtor.BIC = "BANK" },
		"execution_on":       func(c *payout.Open) { c.ExecutionOn = today.AddDays(-1) },
	} {
		c := open()
		change(&c)
		newStory(t).refuses(c, invalid, "invalid_field", field)
	}
	c := open()
	c.ExecutionOn = domain.Date{}
	newStory(t).refuses(c, invalid, "invalid_field", "execution_on")
	c.ExecutionOn = today.AddDays(366)
	newStory(t).refuses(c, invalid, "invalid_field", "execution_on")
	c.ExecutionOn, c.Debtor.BIC = today, ""
	newStory(t).do(c)
}

func TestAFilterTakesWhatItNames(t *testing.T) {
	t.Parallel()
	require.True(t, payout.Filter{}.Takes(north, "rebate", today))
	f := payout.Filter{PartnerIDs: []uuid.UUID{north}, Kinds: []string{"rebate"}, DueUntil: today}
	require.True(t, f.Takes(north, "rebate", today))
	require.False(t, f.Takes(south, "rebate", today))
	require.False(t, f.Takes(north, "spiff", today))
	require.False(t, f.Takes(north, "rebate", today.AddDays(1)))
}

func TestWhatItemsMustBe(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*payout.Item){
		"items[1].payable_id":       func(i *payout.Item) { i.PayableID = uuid.Nil },
		"items[1].partner_id":       func(i *payout.Item) { i.PartnerID = uuid.Nil },
		"items[1].payee_id":         func(i *payout.Item) { i.PayeeID = uuid.Nil },
		"items[1].kind":             func(i *payout.Item) { i.Kind = "" },
		"items[1].remittance":       func(i *payout.Item) { i.Remittance = strings.Repeat("x", 141) },
		"items[1].amount":           func(i *payout.Item) { i.Amount = eur("0.00") },
		"items[1].paid":             func(i *payout.Item) { i.Paid = eur("40.01") },
		"items[1].withheld":         func(i *payout.Item) { i.Withheld = eur("0.01") },
		"items[1].withheld_percent": func(i *payout.Item) { i.Percent = rate("10") },
		"items[1].fx":               func(i *payout.Item) { i.FX = payout.FX{Rate: rate("1"), Source: "ECB"} },
	} {
		c := prepare()
		change(&c.Items[1])
		at(t, payout.StatusOpen).refuses(c, invalid, "invalid_field", field)
	}
	c := prepare()
	c.Items[1].PayableID = c.Items[0].PayableID
	at(t, payout.StatusOpen).refuses(c, invalid, "invalid_field", "items[1].payable_id")
	at(t, payout.StatusOpen).refuses(payout.Prepare{}, conflict, "nothing_to_pay", "items")
	at(t, payout.StatusOpen).refuses(payout.Prepare{Items: make([]payout.Item, 2001)}, invalid, "invalid_field", "items")
	at(t, payout.StatusOpen).refuses(payout.Prepare{Items: c.Items, Held: make([]payout.Held, 501)}, invalid, "invalid_field", "held")
	dollars := item("dollars", north, "0.01")
	dollars.Amount = money("40.00", "USD")
	at(t, payout.StatusOpen).refuses(payout.Prepare{Items: []payout.Item{dollars}}, invalid, "invalid_field", "items[0].amount")
}

func TestPaidAndWithheldAreTheAmountConverted(t *testing.T) {
	t.Parallel()
	terms := payout.Terms{
		Currency: "USD", Rates: []payout.ExchangeRate{{Currency: "EUR", Rate: rate("1.0837"), Source: "ECB"}},
		Withholding: []payout.Withholding{{PartnerID: north, Percent: rate("15.5")}},
	}
	for amount, want := range map[domain.Money][]domain.Money{
		money("100.01", "USD"): {money("84.51", "USD"), money("15.50", "USD")},
		eur("1234.56"):         {money("1130.52", "USD"), money("207.37", "USD")}, // of 1 337.89
	} {
		i := payout.Item{PartnerID: north, Amount: amount}
		require.NoError(t, terms.Pay(&i))
		require.Equal(t, want, []domain.Money{i.Paid, i.Withheld})
	}
	i := payout.Item{PartnerID: south, Amount: eur("1234.56")}
	require.NoError(t, terms.Pay(&i))
	require.Equal(t, money("1337.89", "USD"), i.Paid)
	require.True(t, terms.Takes("EUR"))
	require.False(t, terms.Takes("JPY"))
	i.Amount = money("5", "JPY")
	require.Equal(t, "amount", domain.AsRejection(terms.Pay(&i)).Field)
	terms.Rates[0].Rate = rate("0.0001")
	i.Amount = eur("0.01")
	require.Equal(t, "paid", domain.AsRejection(terms.Pay(&i)).Field)
}

func TestAPayoutOnTerms(t *testing.T) {
	t.Parallel()
	c := open()
	c.Rates = []payout.ExchangeRate{{Currency: "USD", Rate: rate("0.92"), Source: "ECB"}}
	c.Withholding = []payout.Withholding{{PartnerID: north, Percent: rate("10")}}
	s := newStory(t)
	s.do(c)
	dollars := item("a", north, "0.00")
	dollars.Amount = money("100.00", "USD")
	require.NoError(t, c.Terms().Pay(&dollars))
	s.do(payout.Prepare{Items: []payout.Item{dollars}})
	require.Equal(t, []domain.Money{eur("82.80"), eur("9.20")}, []domain.Money{s.state.Total, s.state.Withheld})
	for field, change := range map[string]func(*payout.Open){
		"rates[0].currency":      func(r *payout.Open) { r.Rates[0].Currency = "EUR" },
		"rates[1].currency":      func(r *payout.Open) { r.Rates = append(r.Rates, r.Rates[0]) },
		"rates[0].rate":          func(r *payout.Open) { r.Rates[0].Rate = domain.Rate{} },
		"rates[0].source":        func(r *payout.Open) { r.Rates[0].Source = "" },
		"withholding[0].percent": func(r *payout.Open) { r.Withholding[0].Percent = rate("100") },
		"withholding[1].partner_id": func(r *payout.Open) {
			r.Withholding = append(r.Withholding, r.Withholding[0])
		},
		"withholding": func(r *payout.Open) { r.Withholding = make([]payout.Withholding, 1001) },
	} {
		wrong := c
		wrong.Rates, wrong.Withholding = slices.Clone(c.Rates), slices.Clone(c.Withholding)
		change(&wrong)
		newStory(t).refuses(wrong, invalid, "invalid_field", field)
	}
}

func TestMakersDoNotCheck(t *testing.T) {
	t.Parallel()
	who := func(a domain.Actor) domaintest.Option { return domaintest.By(a) }
	s := at(t, payout.StatusPrepared)
	s.refuses(payout.Approve{}, forbidden, "maker_is_checker", "", who(opener))
	behalf := checker
	behalf.OnBehalfOf = opener.ID
	s.refuses(payout.Approve{}, forbidden, "maker_is_checker", "", who(behalf))
	s.refuses(payout.Approve{}, forbidden, "role", "", who(domaintest.Ops()))
	ofNorth := checker
	ofNorth.PartnerID = north
	s.refuses(payout.Approve{}, forbidden, "vendor_only", "", who(ofNorth))
	s.refuses(payout.Approve{}, forbidden, "people_only", "", who(domaintest.Scheduler()))
	s.do(payout.Approve{}, who(second))

	other := at(t, payout.StatusOpen) // opened by one, prepared by another: neither approves
	other.do(prepare(), who(second))
	other.refuses(payout.Approve{}, forbidden, "maker_is_checker", "", who(opener))
	other.refuses(payout.Approve{}, forbidden, "maker_is_checker", "", who(second))
	other.do(payout.Approve{})

	imported := newStory(t)
	importer := who(domaintest.Importer())
	imported.do(open(), importer)
	imported.do(prepare(), importer)
	imported.refuses(payout.Approve{}, invalid, "invalid_field", "reason", importer)
	imported.do(payout.Approve{Reason: "imported history"}, importer)
}

func TestAboveTheLimitTwoApprove(t *testing.T) {
	t.Parallel()
	s := at(t, payout.StatusPrepared)
	s.facts = limited(eur("99.99"))
	s.wants(payout.Approve{}, payout.FirstApproved{PayoutID: id, Total: eur("100.00"), Approval: "approval@1"})
	s.refuses(send(), conflict, "wrong_status", "")
	s.refuses(payout.Approve{}, forbidden, "maker_is_checker", "")
	s.refuses(payout.Approve{}, forbidden, "maker_is_checker", "", domaintest.By(opener))
	s.wants(payout.Approve{}, payout.Approved{PayoutID: id, Total: eur("100.00"), Approval: "approval@1"}, domaintest.By(second))

	exactly := at(t, payout.StatusPrepared)
	exactly.facts = limited(eur("100.00"))
	exactly.do(payout.Approve{})
	require.Equal(t, payout.StatusApproved, exactly.state.Status)
}

func TestWhatIsHeldAtSendingIsLeftOut(t *testing.T) {
	t.Parallel()
	s := at(t, payout.StatusApproved)
	held := payout.Held{PayableID: payable("b"), PartnerID: south, Reason: payout.HeldSuspended}
	s.facts.Held = []payout.Held{held}
	s.refuses(send(), conflict, "standing_changed", "")
	s.wants(send(held), payout.Sent{
		PayoutID: id, Format: payout.Pain001, MessageID: payout.MessageID(id), SHA256: sha, Held: []payout.Held{held},
	})
	require.Equal(t, []payout.Item{item("a", north, "60.00")}, s.state.Payments())

	none := at(t, payout.StatusApproved)
	all := []payout.Held{{PayableID: payable("a"), PartnerID: north, Reason: payout.HeldNoPayee}, held}
	none.facts.Held = all
	none.refuses(send(all...), conflict, "nothing_to_pay", "")
}

func TestWhatIsHeldIsNotPrepared(t *testing.T) {
	t.Parallel()
	s := at(t, payout.StatusOpen)
	s.facts.Held = []payout.Held{{PayableID: payable("b"), PartnerID: south, Reason: payout.HeldSuspended}}
	s.refuses(prepare(), conflict, "standing_changed", "items")
}

func TestAFileIsSentOnce(t *testing.T) {
	t.Parallel()
	s := at(t, payout.StatusApproved)
	s.refuses(payout.Send{Format: "mt101", SHA256: sha}, invalid, "invalid_field", "format")
	s.refuses(payout.Send{Format: payout.CSV, SHA256: "0A"}, invalid, "invalid_field", "sha256")
	s.do(send())
	require.Empty(t, s.do(send()), "the same file again")
	s.refuses(payout.Send{Format: payout.CSV, SHA256: sha}, conflict, "wrong_status", "")
}

func TestOnlyWhatIsLeftBehindIsGivenUp(t *testing.T) {
	t.Parallel()
	early, due := domaintest.At(domaintest.Epoch.Add(payout.PrepareWithin-1)), domaintest.At(domaintest.Epoch.Add(payout.PrepareWithin))
	s := at(t, payout.StatusOpen)
	require.Empty(t, s.do(payout.GiveUp{}, early))
	s.refuses(payout.GiveUp{}, forbidden, "reactor_only", "", due, domaintest.By(opener))
	s.wants(payout.GiveUp{}, payout.Abandoned{PayoutID: id, Reason: "it was not prepared in time"}, due)
	s.refuses(prepare(), conflict, "wrong_status", "", due)
	for _, status := range []payout.Status{payout.StatusPrepared, payout.StatusApproved, payout.StatusSent} {
		require.Empty(t, at(t, status).do(payout.GiveUp{}, due), "%s waits for people", status)
	}
}

func TestNothingTakesEffectBeforeWhatItNeeds(t *testing.T) {
	t.Parallel()
	late, importer := domaintest.At(domaintest.Epoch.AddDate(0, 0, 2)), domaintest.By(domaintest.Importer())
	before := domaintest.Effective(domaintest.Epoch.AddDate(0, 0, 1))
	s := newStory(t)
	for _, c := range []payout.Command{open(), prepare(), payout.Approve{Reason: "imported history"}, send()} {
		if _, opens := c.(payout.Open); !opens {
			s.refuses(c, conflict, "out_of_order", "effective_at", late, before, importer)
		}
		s.do(c, late, importer)
	}
	at(t, payout.StatusOpen).refuses(payout.Abandon{}, invalid, "invalid_field", "reason")
}
