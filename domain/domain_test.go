package domain

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

type sizedV1 struct {
	Metres int `json:"metres"`
}

type sizedV2 struct {
	Centimetres int `json:"centimetres"`
}

func (sizedV1) EventType() string { return "thing.sized.v1" }
func (sizedV2) EventType() string { return "thing.sized.v2" }

func TestTypeOf(t *testing.T) {
	ty := TypeOf[sizedV2]()
	require.Equal(t, "thing.sized.v2", ty.Name)
	p := ty.New()
	require.NoError(t, json.Unmarshal([]byte(`{"centimetres":7}`), p))
	require.Equal(t, sizedV2{7}, ty.Value(p))
	another := ty.New()
	require.NotSame(t, p, another)
}

func TestUpcastReadsOldBytesAsTheNewEvent(t *testing.T) {
	ty := Upcast(func(old sizedV1) sizedV2 { return sizedV2{old.Metres * 100} })
	require.Equal(t, "thing.sized.v1", ty.Name)
	p := ty.New()
	require.NoError(t, json.Unmarshal([]byte(`{"metres":2}`), p))
	require.Equal(t, sizedV2{200}, ty.Value(p))
}
