package payment

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/channelledger/channelledger/domain"
)

// What ISO 20022 and the rulebook of SEPA credit transfers (EPC125-05, EPC132-08) allow, in characters and minor units.
const (
	maxName       = 70
	maxRemittance = 140
	maxID         = 35
	maxOther      = 34             // of an account number that is no IBAN
	maxSEPA       = 999_999_999_99 // cents
)

// sepaCountries are those whose accounts SEPA credit transfers reach (EPC409-09), by the first letters of their IBANs.
var sepaCountries = []string{
	"AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU", "IE", "IS", "IT",
	"LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
}

// writePain001 writes a customer credit transfer initiation with one payment instruction. Euros between accounts that SEPA
// reaches go as SEPA credit transfers, each bank bearing its own charges; where one of them isn't so, the whole batch goes as
// the bank sees fit, charges shared. Each payment is booked by itself, so that statements name it.
func writePain001(w io.Writer, b Batch) error {
	sum, err := b.total()
	if err != nil {
		return err
	}
	sepa := b.isSEPA()
	if err := b.check(sepa); err != nil {
		return err
	}
	doc := document{Namespace: "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
	count, debtor := len(b.Transfers), latin(b.Debtor.Name, maxName)
	doc.Initiation.Header = header{
		MessageID: b.MessageID, CreatedAt: b.CreatedAt.UTC().Format(time.RFC3339), Count: count, Sum: sum.Decimal(),
		Initiator: party{Name: debtor},
	}
	doc.Initiation.Payment = instruction{
		ID: b.MessageID, Method: "TRF", Count: count, Sum: sum.Decimal(), ExecutionOn: b.ExecutionOn.String(),
		Debtor: party{Name: debtor}, DebtorAccount: accountOf(b.Debtor.IBAN), DebtorBank: bankOf(b.Debtor.BIC), Charges: "SHAR",
	}
	if sepa {
		doc.Initiation.Payment.Type, doc.Initiation.Payment.Charges = &paymentType{ServiceLevel: "SEPA"}, "SLEV"
	}
	for _, t := range b.Transfers {
		doc.Initiation.Payment.Transfers = append(doc.Initiation.Payment.Transfers, t.inXML())
	}
	return encode(w, doc)
}

func encode(w io.Writer, doc document) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	to := xml.NewEncoder(w)
	to.Indent("", "  ")
	if err := to.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (b Batch) isSEPA() bool {
	reached := func(account string) bool {
		return domain.AdmitIBAN("", account) == nil && slices.Contains(sepaCountries, account[:2])
	}
	return b.Currency == "EUR" && reached(b.Debtor.IBAN) &&
		!slices.ContainsFunc(b.Transfers, func(t Transfer) bool { return !reached(t.Account) })
}

func (b Batch) check(sepa bool) error {
	if len(b.Transfers) == 0 || b.MessageID == "" || len(b.MessageID) > maxID {
		return domain.Invalid("message_id", "want 1 to %d characters, and at least one payment", maxID)
	}
	for i, t := range b.Transfers {
		path := fmt.Sprintf("items[%d]", i)
		switch {
		case t.Amount.Currency() != b.Currency:
			return domain.Invalid(path, "want %s", b.Currency)
		case sepa && t.Amount.Minor() > maxSEPA:
			return domain.Invalid(path, "a SEPA credit transfer moves at most EUR 999999999.99")
		case t.EndToEndID == "" || len(t.EndToEndID) > maxID:
			return domain.Invalid(path, "want an id of 1 to %d characters", maxID)
		case !writable(t.Account):
			return domain.Invalid(path, "want an account of 1 to %d letters, digits and signs that banks take", maxOther)
		}
	}
	return nil
}

// writable reports whether an account can be written as it is: one that had to be spelled otherwise would be another one.
func writable(account string) bool {
	return domain.AdmitIBAN("", account) == nil || account != "" && latin(account, maxOther) == account
}

func (t Transfer) inXML() transfer {
	x := transfer{
		ID:              paymentID{EndToEnd: t.EndToEndID},
		Amount:          amount{Instructed: instructed{Currency: t.Amount.Currency(), Value: t.Amount.Decimal()}},
		Creditor:        party{Name: latin(t.Name, maxName)},
		CreditorAccount: accountOf(t.Account),
		Remittance:      remittance{Text: latin(t.Remittance, maxRemittance)},
	}
	if t.BIC != "" {
		bank := bankOf(t.BIC)
		x.CreditorBank = &bank
	}
	return x
}

func accountOf(number string) account {
	if domain.AdmitIBAN("", number) == nil {
		return account{ID: accountID{IBAN: number}}
	}
	return account{ID: accountID{Other: &other{ID: number}}}
}

// bankOf names a bank. One whose BIC isn't known is found by the account: the rulebook's word for that is NOTPROVIDED.
func bankOf(bic string) bank {
	if bic == "" {
		return bank{Institution: institution{Other: &other{ID: "NOTPROVIDED"}}}
	}
	return bank{Institution: institution{BIC: bic}}
}
