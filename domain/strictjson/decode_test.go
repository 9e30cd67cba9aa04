package strictjson_test

import (
	"reflect"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/channelledger/channelledger/domain"
	"github.com/channelledger/channelledger/domain/strictjson"
)

type order struct {
	ID    uuid.UUID `json:"id"`
	Lines []line    `json:"lines"`
	Note  string    `json:"note,omitempty"`
}

type line struct {
	Product string       `json:"product"`
	Amount  domain.Money `json:"amount"`
}

const whole = `{"lines":[{"product":"router","amount":{"amount":"1.00","currency":"EUR"}}]}`

func decode(text string) (o order, note string, err error) {
	err = strictjson.Decode([]byte(text), reflect.ValueOf(&o).Elem(), strictjson.Exceptions{
		Extra:  map[string]reflect.Value{"remark": reflect.ValueOf(&note).Elem()},
		Hidden: map[string]string{"id": "is given by the path"},
	})
	return o, note, err
}

func TestDecodeReadsWhatIsThere(t *testing.T) {
	o, remark, err := decode(`{"remark":"beside",` + whole[1:])
	require.NoError(t, err)
	require.Equal(t, "beside", remark)
	require.Equal(t, []line{{"router", domain.Must(domain.NewMoney(100, "EUR"))}}, o.Lines)
}

func TestDecodeNamesTheFirstWrongField(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                             "is no JSON: unexpected end",
		whole + `{}`:                    "after top-level value",
		`{}`:                            "lines: is missing",
		`[]`:                            "want an object",
		`{"lines":{}}`:                  "lines: want a list",
		`{"lines":null}`:                "lines: want a list",
		`{"Lines":[]}`:                  "Lines: unknown field",
		`{"lines":[],"lines":[]}`:       "lines: is there twice",
		`{"id":"x","lines":[]}`:         "id: is given by the path",
		`{"lines":[{"product":7}]}`:     "lines[0].product: want a text, not number",
		`{"lines":[{"product":null}]}`:  "lines[0].product: must not be null: leave it out",
		`{"lines":[{"product":"x"}]}`:   "lines[0].amount: is missing",
		`{"lines":[{"amount":"1.00"}]}`: "lines[0].amount: ",
	} {
		_, _, err := decode(text)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, domain.KindInvalid, domain.AsRejection(err).Kind, text)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(whole)
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := decode(text); err != nil {
			require.NotNil(t, domain.AsRejection(err))
		}
	})
}
