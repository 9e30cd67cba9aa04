package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/channelledger/channelledger/domain"
)

// The examples of the IBAN registry.
func TestAdmitIBAN(t *testing.T) {
	t.Parallel()
	for _, iban := range []string{
		"DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300",
		"CH9300762011623852957", "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "AT611904300234573201",
		"gb29 nwbk 6016 1331 9268 19",
	} {
		require.NoError(t, domain.AdmitIBAN("account", domain.CompactIBAN(iban)), iban)
	}
}

func TestAdmitIBANRefuses(t *testing.T) {
	t.Parallel()
	for iban, why := range map[string]string{
		"":                            "want an IBAN",
		"DE8":                         "want an IBAN",
		"DE89 3704 0044 0532 0130 00": "without spaces",
		"de89370400440532013000":      "in capitals",
		"DE8937040044053201300":       "has 22 characters, not 21",
		"DE98370400440532013000":      "check digits",
		"DE89370400440532013001":      "check digits",
		"US89370400440532013000":      "no IBANs are known",
		"DE8937040044053201300Ü":      "want an IBAN",
		"1289370400440532013000":      "want an IBAN",
	} {
		err := domain.AdmitIBAN("account", iban)
		require.ErrorContains(t, err, why, iban)
		require.Equal(t, "account", domain.AsRejection(err).Field)
		require.NotContains(t, err.Error(), "37040044", "an error never holds the account")
	}
}

// MOD 97-10 finds each wrong character and each two that changed places.
func TestAnIBANsCheckDigitsFindSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := []byte("DE89370400440532013000")
		at := rapid.IntRange(4, len(digits)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "swapped") && at+1 < len(digits) && digits[at] != digits[at+1] {
			digits[at], digits[at+1] = digits[at+1], digits[at]
		} else {
			digits[at] = '0' + (digits[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "off")))%10
		}
		require.Error(t, domain.AdmitIBAN("account", string(digits)), string(digits))
	})
}

func TestAdmitBIC(t *testing.T) {
	t.Parallel()
	for _, bic := range []string{"DEUTDEFF", "DEUTDEFF500", "NEDSZAJJXXX", "E097AEXX"} {
		require.NoError(t, domain.AdmitBIC("bic", bic), bic)
	}
	for _, bic := range []string{"", "DEUTDEF", "DEUTDEFF5", "DEUT1EFF", "deutdeff", "DEUTDEFF50Ü", strings.Repeat("A", 12)} {
		require.Equal(t, "bic", domain.AsRejection(domain.AdmitBIC("bic", bic)).Field, bic)
	}
}
